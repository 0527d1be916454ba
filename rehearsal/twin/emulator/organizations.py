"""What is changed in moto's Organizations: attachments, limits and types of policies, delegated administrators.

moto's modules have no types and are changed here, hence `Any` for them. Source: AWS Organizations API Reference, the
errors of each operation, and the User Guide's "Quotas and service limits".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

_LARGEST = 5120
"""Characters of an SCP or RCP, white space included."""

_MOST_ATTACHED = 5
_LIMITED = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
_OF_AWS = {"SERVICE_CONTROL_POLICY": "p-FullAWSAccess", "RESOURCE_CONTROL_POLICY": "p-RCPFullAWSAccess"}


def make_policies_like_aws(organizations: Any) -> None:  # noqa: ANN401
    """Change moto's module of Organizations' models."""
    backend = organizations.OrganizationsBackend
    error = organizations.RESTError
    _check_documents(backend, error)
    _check_attaching(backend, error)
    _check_detaching(backend, error)
    _switch_types(backend)
    _take_units_off(backend, error)
    _check_delegation(backend, error)


def _before(backend: Any, name: str, check: Callable[..., None]) -> None:  # noqa: ANN401
    """Let `check` look at a call's parameters before moto carries it out."""
    plain = getattr(backend, name)

    @wraps(plain)
    def checked(self: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - moto's own signature
        check(self, **kwargs)
        return plain(self, **kwargs)

    setattr(backend, name, checked)


def _violation(error: Any, reason: str, words: str) -> Any:  # noqa: ANN401
    return error("ConstraintViolationException", f"{reason}: {words}")


def _check_documents(backend: Any, error: Any) -> None:  # noqa: ANN401
    """Refuse a document that is too large, and a name that another policy has: moto looks at names of new ones only."""

    def check(self: Any, **kwargs: Any) -> None:  # noqa: ANN401
        policy_id = kwargs.get("PolicyId")
        kind = self.get_policy_by_id(policy_id).type if policy_id else kwargs.get("Type")
        if kind in _LIMITED and len(kwargs.get("Content") or "") > _LARGEST:
            words = "You have exceeded the maximum size of a policy of this type."
            raise _violation(error, "POLICY_CONTENT_LIMIT_EXCEEDED", words)
        name = kwargs.get("Name")
        if policy_id and any(other.name == name and other.id != policy_id for other in self.policies):
            raise error("DuplicatePolicyException", "A policy with the same name already exists.")

    _before(backend, "create_policy", check)
    _before(backend, "update_policy", check)


def _target(backend: Any, target_id: str) -> Any | None:  # noqa: ANN401
    """Return the root, unit or account of an id."""
    return next((each for each in (*backend.ou, *backend.accounts) if each.id == target_id), None)


def _is_enabled(backend: Any, kind: str) -> bool:  # noqa: ANN401
    root = next(unit for unit in backend.ou if unit.id == backend.org.root_id)
    return any(each["Type"] == kind for each in root.policy_types)


def _check_attaching(backend: Any, error: Any) -> None:  # noqa: ANN401
    """Refuse what moto passes over: a type that is not enabled, a second attachment, one too many."""

    def check(self: Any, **kwargs: Any) -> None:  # noqa: ANN401
        policy, target = self.get_policy_by_id(kwargs["PolicyId"]), _target(self, kwargs["TargetId"])
        if target is None or (policy.aws_managed and policy not in target.attached_policies):
            return  # moto refuses the one; it attaches AWS's own by this call, when a unit or account is made
        if not _is_enabled(self, policy.type):
            raise error(
                "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."
            )
        if policy in target.attached_policies:
            raise error(
                "DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target."
            )
        of_type = [each for each in target.attached_policies if each.type == policy.type]
        if policy.type in _LIMITED and len(of_type) >= _MOST_ATTACHED:
            words = "You have attached the maximum number of policies of this type to the target."
            raise _violation(error, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", words)

    _before(backend, "attach_policy", check)


def _check_detaching(backend: Any, error: Any) -> None:  # noqa: ANN401
    """Refuse what moto passes over: what is not attached, the last SCP of a target, AWS's own RCP."""

    def check(self: Any, **kwargs: Any) -> None:  # noqa: ANN401
        policy, target = self.get_policy_by_id(kwargs["PolicyId"]), _target(self, kwargs["TargetId"])
        if target is None:
            return
        if policy not in target.attached_policies:
            raise error("PolicyNotAttachedException", "The policy isn't attached to the specified target.")
        of_type = [each for each in target.attached_policies if each.type == policy.type]
        last = policy.type == _LIMITED[0] and len(of_type) == 1
        if last or policy.id == _OF_AWS["RESOURCE_CONTROL_POLICY"]:
            words = "You have to keep the minimum number of policies of this type attached to the target."
            raise _violation(error, "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", words)

    _before(backend, "detach_policy", check)


def _switch_types(backend: Any) -> None:  # noqa: ANN401
    """Detach everything of a type that is disabled but AWS's own, which is there again once it is enabled."""
    disable = backend.disable_policy_type

    @wraps(disable)
    def disable_policy_type(self: Any, **kwargs: str) -> Any:  # noqa: ANN401 - moto's own signature
        answer = disable(self, **kwargs)
        own = _OF_AWS.get(kwargs["PolicyType"])
        for policy in [each for each in self.policies if each.type == kwargs["PolicyType"] and each.id != own]:
            for target in list(policy.attachments):
                target.attached_policies.remove(policy)
            policy.attachments.clear()
        return answer

    backend.disable_policy_type = disable_policy_type


def _take_units_off(backend: Any, error: Any) -> None:  # noqa: ANN401
    """Refuse to delete a unit that holds something; otherwise its policies are attached to it no more."""

    def check(self: Any, **kwargs: Any) -> None:  # noqa: ANN401
        unit = self.get_organizational_unit_by_id(kwargs["OrganizationalUnitId"])
        if any(each.parent_id == unit.id for each in (*self.ou, *self.accounts)):
            words = "The specified OU is not empty. Move all accounts to another root or to other OUs."
            raise error("OrganizationalUnitNotEmptyException", words)
        for policy in unit.attached_policies:
            policy.attachments.remove(unit)
        unit.attached_policies.clear()

    _before(backend, "delete_organizational_unit", check)


def _check_delegation(backend: Any, error: Any) -> None:  # noqa: ANN401
    """Refuse to delegate a service that is not trusted, or to a closed account."""

    def check(self: Any, **kwargs: Any) -> None:  # noqa: ANN401
        account = next((each for each in self.accounts if each.id == kwargs["AccountId"]), None)
        if account is None or account.id == self.account_id:
            return  # moto says so
        if account.status != "ACTIVE":
            words = "You cannot register a suspended account as a delegated administrator."
            raise _violation(error, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", words)
        if not any(each["ServicePrincipal"] == kwargs["ServicePrincipal"] for each in self.services):
            words = (
                "You attempted to register a delegated administrator before you enabled service access. "
                "Call the EnableAWSServiceAccess API first."
            )
            raise _violation(error, "SERVICE_ACCESS_NOT_ENABLED", words)

    _before(backend, "register_delegated_administrator", check)
