"""Tags of IAM's users, roles and policies: how many there may be, and that those of users and roles know no case.

moto's modules have no types and are changed here, hence `Any` for them.
Source: IAM User Guide, "Tags for IAM resources" (case sensitivity), "IAM and AWS STS quotas".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first
from rehearsal.twin.emulator.resource_tags import tags_of

_MOST = 50
_ARNS = {"user": "UserName", "role": "RoleName", "policy": "PolicyArn"}


def hold_tags_to_rules(iam: Any) -> None:
    """Change moto's package: what is tagged too often is refused, a key in another case is the same key."""
    response, errors = iam.responses.IamResponse, iam.exceptions
    check_first(response, "create_user", lambda call: _refuse_doubles(errors.DuplicateTags, _keys(call)))
    for kind in _ARNS:
        check_first(response, f"tag_{kind}", partial(_tag, errors, kind))


def _tag(errors: Any, kind: str, call: Call) -> None:
    entity, keys = _entity(call, kind), _keys(call)
    if entity is None:
        return  # moto says that there is none
    held = tags_of(entity.arn)
    replaced: set[str] = set()
    if kind != "policy":
        _refuse_doubles(errors.DuplicateTags, keys)
        replaced = _in_another_case(held, keys)
    if len((set(held) | set(keys)) - replaced) > _MOST:
        raise errors.LimitExceededException(f"Cannot exceed quota for TagsPer{kind.capitalize()}: {_MOST}")
    if replaced and kind == "user":
        call.backend.tagger.untag_resource_using_names(entity.arn, sorted(replaced))
    elif replaced:
        entity.tags = [tag for tag in entity.tags if tag["Key"] not in replaced]


def _keys(call: Call) -> list[str]:
    return [str(tag["Key"]) for tag in call.param("Tags") or ()]


def _refuse_doubles(double: Any, keys: list[str]) -> None:
    if len({key.lower() for key in keys}) < len(keys):
        raise double()


def _in_another_case(held: Mapping[str, str], keys: list[str]) -> set[str]:
    given = {key.lower(): key for key in keys}
    return {key for key in held if given.get(key.lower(), key) != key}


def _entity(call: Call, kind: str) -> Any | None:
    backend, name = call.backend, call.text(_ARNS[kind])
    if kind == "user":
        return backend.users.get(name)
    if kind == "policy":
        return backend.managed_policies.get(name)
    return next((role for role in backend.roles.values() if role.name == name), None)
