"""The step before an `up` in which people only lose access, so that nothing new is made while they still have it.

Pulumi creates and changes before it deletes, so in one run a person who left would keep their access until all else is
done. Where somebody leaves or leaves a group, `up` therefore runs twice: first with the config of the last run, in
which they are gone and nothing else differs, then with the new one. Source: Pulumi, "How Pulumi works", creation and
deletion order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from landing_zone.naming import CONFIG_NAMESPACE
from orchestrator.files.config_digest import DIGEST_KEY

_PEOPLE = f"{CONFIG_NAMESPACE}:people"
_LAST_RESORT = f"{CONFIG_NAMESPACE}:last_resort"


def losing_access(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the config values of a run in which people only lose access: the keys that differ from the last run's.

    Empty where nobody loses any, or where that is all that happens. `before` is the stack's config as the last run left
    it, `after` what it is to be.
    """
    first: dict[str, str] = {}
    for key, lessened in ((_PEOPLE, _without_leavers), (_LAST_RESORT, _without_last_leavers)):
        was = _block(before.get(key))
        will_be = lessened(was, _block(after.get(key)))
        if was and will_be != was:
            first[key] = json.dumps(will_be, separators=(",", ":"), sort_keys=True)
    same = all(_block(first.get(key, before.get(key))) == _block(after.get(key)) for key in (_PEOPLE, _LAST_RESORT))
    return {} if same and _others(before) == _others(after) else first


def _others(config: Mapping[str, str]) -> dict[str, str]:
    """Return what else a stack's config says, without the digest, which goes with all of it."""
    left_out = {_PEOPLE, _LAST_RESORT, DIGEST_KEY}
    return {key: text for key, text in config.items() if key.startswith(f"{CONFIG_NAMESPACE}:") and key not in left_out}


def _without_leavers(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the people as they were, without those who are gone and without the groups that people left.

    Somebody in none of their groups any more stays a user: one who is deleted and made anew has no password, no MFA
    device and no key.
    """
    users, staying = _block_of(before, "users"), _block_of(after, "users")
    groups, kept = _block_of(before, "groups"), _block_of(after, "groups")
    left = {
        name: {**user, "groups": [each for each in user.get("groups", []) if each in staying[name].get("groups", [])]}
        for name, user in users.items()
        if name in staying
    }
    roles = {
        name: {
            **group,
            **{
                kind: [each for each in group.get(kind, []) if each in kept[name].get(kind, [])]
                for kind in ("management_roles", "managed_policies")
            },
        }
        if name in kept
        else group
        for name, group in groups.items()
    }
    return {**before, "users": left, "groups": roles}


def _without_last_leavers(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    staying = after.get("users", [])
    return {**before, "users": [user for user in before.get("users", []) if user in staying]}


def _block(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:  # changed by hand: the run itself says what is wrong with it
        return {}
    return found if isinstance(found, dict) else {}


def _block_of(block: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = block.get(key)
    return found if isinstance(found, dict) else {}
