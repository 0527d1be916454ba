"""IAM: what an account has once, its alias and the password policy of its users.

Source: pulumi_aws 7.51.1 (`iam/account_*.py`), terraform-provider-aws `internal/service/iam/account_alias.go`,
`account_password_policy.go`; IAM API Reference, "CreateAccountAlias", "UpdateAccountPasswordPolicy".
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, WHOLE
from rehearsal.aws.operations import ID, operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import Change, ResourceType

_MISSING = ("NoSuchEntity",)


def _read_alias(call: Call) -> Any:
    found = call.aws.list_account_aliases()["AccountAliases"]
    return {"AccountAlias": found[0]} if found else None


ACCOUNT_ALIAS = ResourceType(
    type="aws:iam/accountAlias:AccountAlias",
    title="IAM Account Alias",
    service="iam",
    regional=False,
    # An account has one alias: AWS puts a new one in the place of the old, so that the new one can be made first.
    properties=(Property("accountAlias", required=True, replaces=True),),
    id="{accountAlias}",
    create=operation("create_account_alias", AccountAlias="accountAlias"),
    read=_read_alias,
    delete=operation("delete_account_alias", AccountAlias=ID),
    not_found=_MISSING,
    already_exists=("EntityAlreadyExists",),
)

_PASSWORD_RULES = (
    Property("allowUsersToChangePassword", FLAG, default=True),
    Property("hardExpiry", FLAG, computed=True),
    Property("maxPasswordAge", WHOLE, computed=True),
    Property("minimumPasswordLength", WHOLE, default=6),
    Property("passwordReusePrevention", WHOLE, computed=True),
    Property("requireLowercaseCharacters", FLAG, computed=True),
    Property("requireNumbers", FLAG, computed=True),
    Property("requireSymbols", FLAG, computed=True),
    Property("requireUppercaseCharacters", FLAG, computed=True),
)


def _put_password_policy(call: Call) -> None:
    # AWS takes the whole policy each time; what is false or zero is left out, which means the same.
    known = ((item.aws, call.known(item.name)) for item in _PASSWORD_RULES)
    call.aws.update_account_password_policy(**{name: value for name, value in known if value})


PASSWORD_POLICY = ResourceType(
    type="aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    title="IAM Account Password Policy",
    service="iam",
    regional=False,
    properties=(*_PASSWORD_RULES, output("expirePasswords", FLAG)),
    id=lambda _: "iam-account-password-policy",
    create=_put_password_policy,
    read=operation("get_account_password_policy", "PasswordPolicy"),
    changes=(Change(tuple(item.name for item in _PASSWORD_RULES), _put_password_policy),),
    delete=operation("delete_account_password_policy"),
    not_found=_MISSING,
)

TYPES = (ACCOUNT_ALIAS, PASSWORD_POLICY)
