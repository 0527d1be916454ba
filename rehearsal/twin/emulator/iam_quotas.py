"""IAM's quotas that moto does not count: sizes of policies without white space, attached policies, groups of a user.

moto's modules have no types and are changed here, hence `Any` for them. They are the quotas of an account that has
asked for no higher ones.
Source: IAM User Guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

from functools import partial
from typing import Any

from iam_decision import SIZE_LIMITS, DocumentKind, measure
from rehearsal.twin.emulator.checks import Call, check_first

_INLINE = {
    "Role": DocumentKind.INLINE_ROLE_POLICIES,
    "User": DocumentKind.INLINE_USER_POLICIES,
    "Group": DocumentKind.INLINE_GROUP_POLICIES,
}
_DOCUMENTS = (
    ("create_policy", "PolicyDocument", "PolicySize", DocumentKind.MANAGED_POLICY),
    ("create_policy_version", "PolicyDocument", "PolicySize", DocumentKind.MANAGED_POLICY),
    ("create_role", "AssumeRolePolicyDocument", "ACLSizePerRole", DocumentKind.TRUST_POLICY),
    ("update_assume_role_policy", "PolicyDocument", "ACLSizePerRole", DocumentKind.TRUST_POLICY),
)
_ATTACHED = _GROUPS_OF_A_USER = 10


def count_quotas(iam: Any) -> None:
    """Change moto's package: what exceeds a quota is refused."""
    response, exceeded = iam.responses.IamResponse, iam.exceptions.LimitExceededException
    for kind, documents in _INLINE.items():
        limit = SIZE_LIMITS[documents].maximum
        check_first(response, f"put_{kind.lower()}_policy", partial(_inline, exceeded, kind, limit))
        check_first(response, f"attach_{kind.lower()}_policy", partial(_attached, exceeded, kind))
    for operation, parameter, words, document in _DOCUMENTS:
        limit = SIZE_LIMITS[document].maximum
        check_first(response, operation, partial(_document, exceeded, parameter, f"{words}: {limit}", limit))
    check_first(response, "add_user_to_group", partial(_groups, exceeded))


def _inline(exceeded: Any, kind: str, limit: int, call: Call) -> None:
    name, policy = call.text(f"{kind}Name"), call.text("PolicyName")
    entity = _entity(call, kind)
    held: dict[str, Any] = entity.policies if entity is not None else {}
    others = (str(text) for other, text in held.items() if other != policy)
    if sum(map(measure, (call.text("PolicyDocument"), *others))) > limit:
        raise exceeded(f"Maximum policy size of {limit} bytes exceeded for {kind.lower()} {name}")


def _attached(exceeded: Any, kind: str, call: Call) -> None:
    entity = _entity(call, kind)
    held = entity.managed_policies if entity is not None else {}
    if len(held) >= _ATTACHED and call.text("PolicyArn") not in held:
        raise exceeded(f"Cannot exceed quota for PoliciesPer{kind}: {_ATTACHED}")


def _document(exceeded: Any, parameter: str, words: str, limit: int, call: Call) -> None:
    if measure(call.text(parameter)) > limit:
        raise exceeded(f"Cannot exceed quota for {words}")


def _groups(exceeded: Any, call: Call) -> None:
    name = call.text("UserName")
    groups = [group.name for group in call.backend.groups.values() if any(user.name == name for user in group.users)]
    if len(groups) >= _GROUPS_OF_A_USER and call.text("GroupName") not in groups:
        raise exceeded(f"Cannot exceed quota for GroupsPerUser: {_GROUPS_OF_A_USER}")


def _entity(call: Call, kind: str) -> Any | None:
    """Return whom a request names; None where there is nobody, which moto says itself."""
    entities = getattr(call.backend, f"{kind.lower()}s").values()
    name = call.text(f"{kind}Name")
    return next((one for one in entities if one.name == name), None)
