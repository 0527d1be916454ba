"""What IAM refuses to delete while it is used, to name twice, or to touch at all, and moto does not.

moto's modules have no types and are changed here, hence `Any` for them.
Sources: IAM API Reference, "DeletePolicy", "DeleteGroup", "DeleteVirtualMFADevice", "CreateServiceLinkedRole"; IAM User
Guide, "IAM and AWS STS quotas" (names are unique in an account whatever their case), "Create a service-linked role".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first
from rehearsal.twin.emulator.service_linked_roles import SERVICE_ROLE_PATH, role_name_of

_Names = Callable[[Any], Iterable[str]]
_ATTACHED = "Cannot delete a policy attached to entities."
_VERSIONS = (
    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
    "The default version is deleted with the policy."
)
_TAKEN = "Service role name {} has been taken in this account, please try a different suffix."
_PROTECTED = "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS"
_ON_ROLES = (
    "attach_role_policy",
    "delete_role",
    "delete_role_permissions_boundary",
    "delete_role_policy",
    "detach_role_policy",
    "put_role_permissions_boundary",
    "put_role_policy",
    "update_assume_role_policy",
    "update_role",
)
_NAMED: tuple[tuple[str, str, str, _Names], ...] = (
    ("create_role", "RoleName", "Role with name {} already exists.", lambda iam: _names(iam.roles.values())),
    ("create_user", "UserName", "User with name {} already exists.", lambda iam: iam.users),
    ("create_group", "GroupName", "Group with name {} already exists.", lambda iam: iam.groups),
    (
        "create_instance_profile",
        "InstanceProfileName",
        "Instance Profile {} already exists.",
        lambda iam: iam.instance_profiles,
    ),
    (
        "create_policy",
        "PolicyName",
        "A policy called {} already exists. Duplicate names are not allowed.",
        lambda iam: _names(one for one in iam.managed_policies.values() if ":iam::aws:" not in one.arn),
    ),
    ("create_saml_provider", "Name", "SAMLProvider with name {} already exists.", lambda iam: iam.saml_providers),
    (
        "create_open_id_connect_provider",
        "Url",
        "Provider with url {} already exists.",
        lambda iam: (f"https://{arn.partition('/')[2]}" for arn in iam.open_id_providers),
    ),
)
"""Operations that name something new: the parameter, the refusal, and the names that are taken."""


def refuse_conflicts(iam: Any) -> None:
    """Change moto's package: deletions, names, service-linked roles and boundaries."""
    response, errors = iam.responses.IamResponse, iam.exceptions

    class UnmodifiableEntity(errors.IAMException):  # type: ignore[misc, name-defined]
        code = "UnmodifiableEntity"

    check_first(response, "delete_policy", partial(_keep_used_policies, errors.DeleteConflictException))
    check_first(response, "delete_group", partial(_keep_used_groups, errors.DeleteConflictException))
    check_first(response, "delete_virtual_mfa_device", partial(_keep_used_devices, errors.DeleteConflictException))
    # moto says itself that there is none
    check_first(
        response, "delete_saml_provider", lambda call: call.backend.get_saml_provider(call.text("SAMLProviderArn"))
    )
    for operation, parameter, words, names in _NAMED:
        check_first(
            response, operation, partial(_keep_names_apart, errors.EntityAlreadyExists, parameter, words, names)
        )
    for operation in ("create_role", "put_role_permissions_boundary"):
        check_first(response, operation, partial(_know_boundary, errors.NotFoundException))
    for operation in _ON_ROLES:
        check_first(response, operation, partial(_protect, UnmodifiableEntity))
    _name_service_linked_roles(iam.models)


def _keep_used_policies(conflict: Any, call: Call) -> None:
    arn, iam = call.text("PolicyArn"), call.backend
    policy = iam.managed_policies.get(arn)
    entities = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    if any(arn in one.managed_policies or getattr(one, "permissions_boundary_arn", None) == arn for one in entities):
        raise conflict(_ATTACHED)
    if policy is not None and len(policy.versions) > 1:
        raise conflict(_VERSIONS)


def _keep_used_groups(conflict: Any, call: Call) -> None:
    group = call.backend.groups.get(call.text("GroupName"))
    if group is None:
        return
    first = {
        "remove users from group": group.users,
        "detach all policies": group.managed_policies,
        "delete policies": group.policies,
    }
    if held := next((words for words, found in first.items() if found), ""):
        raise conflict(f"Cannot delete entity, must {held} first.")


def _keep_used_devices(conflict: Any, call: Call) -> None:
    serial = call.text("SerialNumber")
    if any(serial in user.mfa_devices for user in call.backend.users.values()):
        raise conflict("MFA VirtualDevice in use. Must deactivate first.")


def _keep_names_apart(exists: Any, parameter: str, words: str, names: _Names, call: Call) -> None:
    name = call.text(parameter)
    if any(taken.lower() == name.lower() for taken in names(call.backend)):
        raise exists(words.format(name))


def _names(entities: Iterable[Any]) -> Iterable[str]:
    return (str(one.name) for one in entities)


def _know_boundary(not_found: Any, call: Call) -> None:
    """Moto takes any ARN of a policy for a role's boundary; AWS one of a policy that there is."""
    arn, iam = call.text("PermissionsBoundary"), call.backend
    if arn and iam.policy_arn_regex.match(arn) and arn not in iam.managed_policies:
        raise not_found(f"Policy {arn} does not exist or is not attachable.")


def _protect(unmodifiable: Any, call: Call) -> None:
    name = call.text("RoleName")
    role = next((one for one in call.backend.roles.values() if one.name == name), None)
    if role is not None and role.path.startswith(SERVICE_ROLE_PATH):
        raise unmodifiable(_PROTECTED.format(name))


def _name_service_linked_roles(iam: Any) -> None:
    """Moto makes a role's name of its service's; AWS names many otherwise."""
    backend = iam.IAMBackend
    plain = backend.create_service_linked_role

    @wraps(plain)
    def create_service_linked_role(self: Any, service_name: str, description: str, suffix: str) -> Any:
        known = role_name_of(service_name)
        name = f"{known}_{suffix}" if suffix else known
        if known and name in _names(self.roles.values()):
            raise iam.InvalidInput(_TAKEN.format(name))
        role = plain(self, service_name, description, suffix)
        role.name = name if known else role.name
        return role

    backend.create_service_linked_role = create_service_linked_role
