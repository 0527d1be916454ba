"""What IAM operations ask for: the entity they name, with its path.

Source: Service Authorization Reference, "AWS Identity and Access Management (IAM)"; IAM User Guide, "Tags for IAM
resources" (who makes something with tags needs the right to tag as well).
"""

from __future__ import annotations

from typing import Any

from rehearsal.twin.actions.demand import Asked, Demand, account_in
from rehearsal.twin.actions.request_tags import request_tags
from rehearsal.twin.callers.callers import CallerKind

# Operations of a user on itself may leave the user's name out.
OWN_USER = frozenset(
    {
        "ChangePassword",
        "CreateAccessKey",
        "DeleteAccessKey",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSigningCertificates",
        "ListSSHPublicKeys",
        "UpdateAccessKey",
    }
)
_NEW = {"CreateRole": ("role", "RoleName"), "CreateUser": ("user", "UserName"), "CreateGroup": ("group", "GroupName")}
_ARN_PARAMETERS = ("PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "SerialNumber")
_WHOLE_ACCOUNT = "*"
_TAGGED = {
    "CreateInstanceProfile": "iam:TagInstanceProfile",
    "CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
    "CreatePolicy": "iam:TagPolicy",
    "CreateRole": "iam:TagRole",
    "CreateSAMLProvider": "iam:TagSAMLProvider",
    "CreateUser": "iam:TagUser",
    "CreateVirtualMFADevice": "iam:TagMFADevice",
}
# The actions that a boundary can be a condition of. Source: Service Authorization Reference, "iam:PermissionsBoundary".
_BY_BOUNDARY = frozenset(
    f"{verb}{entity}{what}"
    for entity in ("Role", "User")
    for verb, what in (
        ("Attach", "Policy"),
        ("Create", ""),
        ("Delete", "PermissionsBoundary"),
        ("Delete", "Policy"),
        ("Detach", "Policy"),
        ("Put", "PermissionsBoundary"),
        ("Put", "Policy"),
    )
) | {"DeleteRole", "GetRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"}
_OF_A_ROLE = "ListInstanceProfilesForRole"


def iam_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an IAM request asks for, and iam:PassRole where it hands a role on."""
    operation = asked.operation
    name = operation.text("RoleName")
    role = asked.state.role(asked.caller.account_id, name) if name and operation.name not in _NEW else None
    resource = _resource(asked, role)
    demands = [Demand(f"iam:{operation.name}", resource, context=_context(asked, role))]
    if operation.name in _TAGGED and request_tags(operation).given:
        demands.append(Demand(_TAGGED[operation.name], resource))
    if operation.name == "AddRoleToInstanceProfile":
        demands.append(pass_role(asked, _role_arn(asked, role), "ec2.amazonaws.com"))
    return tuple(demands)


def pass_role(asked: Asked, role_arn: str, service: str) -> Demand:
    """Return the right to hand a role to an AWS service."""
    context: dict[str, str | list[str]] = {"iam:PassedToService": service}
    return Demand("iam:PassRole", role_arn, account_in(role_arn) or asked.caller.account_id, context=context)


def _resource(asked: Asked, role: Any | None) -> str:
    operation = asked.operation
    if operation.name in _NEW:
        kind, parameter = _NEW[operation.name]
        return _arn(asked, kind, operation.text("Path") or "/", operation.text(parameter))
    if operation.name == "CreatePolicy":
        return _arn(asked, "policy", operation.text("Path") or "/", operation.text("PolicyName"))
    if operation.name in ("CreateInstanceProfile", "CreateVirtualMFADevice"):
        kind, parameter = (
            ("mfa", "VirtualMFADeviceName") if "MFA" in operation.name else ("instance-profile", "InstanceProfileName")
        )
        return _arn(asked, kind, operation.text("Path") or "/", operation.text(parameter))
    return _named_entity(asked, role)


def _named_entity(asked: Asked, role: Any | None) -> str:
    operation = asked.operation
    if operation.text("RoleName") and ("InstanceProfile" not in operation.name or operation.name == _OF_A_ROLE):
        return _role_arn(asked, role)
    if operation.text("GroupName"):
        return _group_arn(asked, operation.text("GroupName"))
    if operation.name in OWN_USER and not operation.text("UserName") and asked.caller.kind is CallerKind.ROOT:
        return asked.caller.arn
    if operation.text("UserName") or operation.name in OWN_USER:
        return _user_arn(asked, operation.text("UserName") or asked.caller.name)
    if operation.text("InstanceProfileName"):
        return _instance_profile_arn(asked, operation.text("InstanceProfileName"))
    named = (operation.text(parameter) for parameter in _ARN_PARAMETERS)
    return next((arn for arn in named if arn.startswith("arn:")), "") or _new_provider(asked)


def _new_provider(asked: Asked) -> str:
    operation = asked.operation
    resource = {
        "CreateSAMLProvider": f"saml-provider/{operation.text('Name')}",
        "CreateOpenIDConnectProvider": f"oidc-provider/{operation.text('Url').partition('://')[2]}",
        "CreateServiceLinkedRole": f"role/aws-service-role/{operation.text('AWSServiceName')}/AWSServiceRoleFor*",
    }.get(operation.name)
    return asked.arn("iam", resource, region=False) if resource else _WHOLE_ACCOUNT


def _role_arn(asked: Asked, role: Any | None) -> str:
    return str(role.arn) if role is not None else _arn(asked, "role", "/", asked.operation.text("RoleName"))


def _user_arn(asked: Asked, name: str) -> str:
    user = asked.state.user(asked.caller.account_id, name)
    return str(user.arn) if user is not None else _arn(asked, "user", "/", name)


def _group_arn(asked: Asked, name: str) -> str:
    iam = asked.state.iam(asked.caller.account_id)
    group = iam.groups.get(name) if iam else None
    return str(group.arn) if group is not None else _arn(asked, "group", "/", name)


def _instance_profile_arn(asked: Asked, name: str) -> str:
    iam = asked.state.iam(asked.caller.account_id)
    profiles = list(iam.instance_profiles.values()) if iam else []
    found = next((str(profile.arn) for profile in profiles if profile.name == name), "")
    return found or _arn(asked, "instance-profile", "/", name)


def roles_of_instance_profile(asked: Asked, named: str) -> list[str]:
    """Return the ARNs of the roles in one of the caller's account's instance profiles, named by name or ARN."""
    iam = asked.state.iam(asked.caller.account_id)
    profiles = list(iam.instance_profiles.values()) if iam else []
    found = next((profile for profile in profiles if named in (profile.arn, profile.name)), None)
    return [str(role.arn) for role in list(found.roles)] if found is not None else []


def _arn(asked: Asked, kind: str, path: str, name: str) -> str:
    return asked.arn("iam", f"{kind}{path if path.startswith('/') else '/'}{name}", region=False)


def _context(asked: Asked, role: Any | None) -> dict[str, str | list[str]]:
    operation = asked.operation
    context: dict[str, str | list[str]] = {}
    if operation.text("PolicyArn") and operation.name.startswith(("Attach", "Detach")):
        context["iam:PolicyARN"] = operation.text("PolicyArn")
    if operation.name in _BY_BOUNDARY and (boundary := _boundary(asked, role)):
        context["iam:PermissionsBoundary"] = boundary
    if operation.name == "CreateServiceLinkedRole":
        context["iam:AWSServiceName"] = operation.text("AWSServiceName")
    if policy := operation.text("OrganizationsPolicyId"):
        context["iam:OrganizationsPolicyId"] = policy
    if service := operation.text("ServiceName"):
        context["iam:ServiceSpecificCredentialServiceName"] = service
    if days := operation.text("CredentialAgeDays"):
        context["iam:ServiceSpecificCredentialAgeDays"] = days
    return context


def _boundary(asked: Asked, role: Any | None) -> str:
    """Return the boundary that a request sets, else the one its role or user has."""
    operation = asked.operation
    if given := operation.text("PermissionsBoundary"):
        return given
    name = operation.text("UserName")
    entity = asked.state.user(asked.caller.account_id, name) if name and role is None else role
    return str(getattr(entity, "permissions_boundary_arn", None) or "")
