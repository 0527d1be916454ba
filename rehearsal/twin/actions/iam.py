"""What IAM operations ask for: the entity they name, with its path.

Source: Service Authorization Reference, "AWS Identity and Access Management (IAM)".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand

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
_OF_A_ROLE = "ListInstanceProfilesForRole"


def iam_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what an IAM request asks for, and iam:PassRole where it hands a role on."""
    operation = asked.operation
    demand = Demand(f"iam:{operation.name}", _resource(asked), context=_context(asked))
    if operation.name == "AddRoleToInstanceProfile":
        return demand, pass_role(asked, _role_arn(asked, operation.text("RoleName")), "ec2.amazonaws.com")
    return (demand,)


def pass_role(asked: Asked, role_arn: str, service: str) -> Demand:
    """Return the right to hand a role to an AWS service."""
    context: dict[str, str | list[str]] = {"iam:PassedToService": service}
    return Demand("iam:PassRole", role_arn, asked.caller.account_id, context=context)


def _resource(asked: Asked) -> str:
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
    return _named_entity(asked)


def _named_entity(asked: Asked) -> str:
    operation = asked.operation
    if operation.text("RoleName") and ("InstanceProfile" not in operation.name or operation.name == _OF_A_ROLE):
        return _role_arn(asked, operation.text("RoleName"))
    if operation.text("GroupName"):
        return _group_arn(asked, operation.text("GroupName"))
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


def _role_arn(asked: Asked, name: str) -> str:
    role = asked.state.role(asked.caller.account_id, name)
    return str(role.arn) if role is not None else _arn(asked, "role", "/", name)


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


def _arn(asked: Asked, kind: str, path: str, name: str) -> str:
    return asked.arn("iam", f"{kind}{path if path.startswith('/') else '/'}{name}", region=False)


def _context(asked: Asked) -> dict[str, str | list[str]]:
    operation = asked.operation
    context: dict[str, str | list[str]] = {}
    if operation.text("PolicyArn") and operation.name.startswith(("Attach", "Detach")):
        context["iam:PolicyARN"] = operation.text("PolicyArn")
    if operation.text("PermissionsBoundary"):
        context["iam:PermissionsBoundary"] = operation.text("PermissionsBoundary")
    if operation.name == "CreateServiceLinkedRole":
        context["iam:AWSServiceName"] = operation.text("AWSServiceName")
    return context
