"""What there is to say of accounts, put together from manifest, lock and, if AWS was asked, its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from landing_zone.fleet import Account, Manifest
from landing_zone.lock import Lock
from landing_zone.manifest.origins import Origin
from orchestrator.accounts.live import LiveAccounts
from orchestrator.accounts.readiness import CLOSED
from orchestrator.accounts.who_becomes import people_of
from orchestrator.planning.plan import Plan
from orchestrator.status import StackRecord

MANIFEST_ONLY = "in the manifest only"
LOCK_ONLY = "in the lock only"
CREATED = "created"
SUSPENDED = "suspended"
NOT_IN_AWS = "not in the organisation"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account of the manifest or the lock. `aws` is AWS's own word for its state, empty if it was not asked."""

    name: str
    id: str
    state: str
    unit: str = ""
    stage: str = ""
    email: str = ""
    management: bool = False
    stacks: int = 0
    aws: str = ""


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role of the account: the management roles that may assume it, and permission sets that may directly."""

    name: str
    granted_to: tuple[str, ...]
    permission_sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountView:
    """Everything of one account. `people` says of each management role that reaches it who may become that."""

    line: AccountLine
    roles: tuple[RoleLine, ...]
    people: Mapping[str, str]
    stacks: tuple[StackRecord, ...]
    origins: tuple[Origin, ...]


def account_lines(
    manifest: Manifest, lock: Lock, plan: Plan, live: LiveAccounts | None = None
) -> tuple[AccountLine, ...]:
    """Return every account in the manifest's order, then those that only the lock has; `live` is AWS's answer."""
    counts: dict[str, int] = {}
    for planned in plan.stacks:
        counts[planned.account.name] = counts.get(planned.account.name, 0) + 1
    states = live.states if live and not live.refused else None
    lines = [_line(account, lock, counts.get(account.name, 0), states) for account in manifest.accounts]
    known = {account.name for account in manifest.accounts}
    for name, account_id in lock.accounts.items():
        if name not in known:
            lines.append(
                AccountLine(name, account_id, _state(LOCK_ONLY, account_id, states), aws=_aws(account_id, states))
            )
    return tuple(lines)


def account_view(
    manifest: Manifest, line: AccountLine, stacks: Sequence[StackRecord], origins: Sequence[Origin]
) -> AccountView:
    """Return everything of an account of the manifest."""
    roles = tuple(RoleLine(each.role.name, each.allowed, each.permission_sets) for each in manifest.roles_in(line.name))
    reaching = dict.fromkeys(role for each in roles for role in each.granted_to)
    people = {name: people_of(manifest.management_roles[name], manifest.people) for name in reaching}
    return AccountView(line, roles, people, tuple(stacks), tuple(origins))


def line_as_json(line: AccountLine) -> dict[str, Any]:
    """Return an account as a JSON object."""
    fields: dict[str, Any] = {
        "name": line.name,
        "id": line.id,
        "unit": line.unit,
        "stage": line.stage,
        "email": line.email,
        "management": line.management,
        "state": line.state,
        "stacks": line.stacks,
    }
    return fields | ({"aws_state": line.aws} if line.aws else {})


def view_as_json(view: AccountView) -> dict[str, Any]:
    """Return everything of an account as a JSON object."""
    return {
        **line_as_json(view.line),
        "roles": [
            {"name": role.name, "granted_to": list(role.granted_to), "permission_sets": list(role.permission_sets)}
            for role in view.roles
        ],
        "people": dict(view.people),
        "stacks": [{"id": str(stack.id), "state": stack.word} for stack in view.stacks],
        "values": [
            {"key": each.key, "value": each.value, "file": each.place.file, "line": each.place.line}
            for each in view.origins
        ],
    }


def _line(account: Account, lock: Lock, stacks: int, states: Mapping[str, str] | None) -> AccountLine:
    account_id = lock.accounts.get(account.name, "")
    known = SUSPENDED if account.suspended else CREATED if account_id else MANIFEST_ONLY
    return AccountLine(
        name=account.name,
        id=account_id,
        state=_state(known, account_id, states),
        unit=account.unit,
        stage=account.stage,
        email=account.email,
        management=account.management,
        stacks=stacks,
        aws=_aws(account_id, states),
    )


def _aws(account_id: str, states: Mapping[str, str] | None) -> str:
    if states is None or not account_id:
        return ""
    return states.get(account_id, NOT_IN_AWS)


def _state(known: str, account_id: str, states: Mapping[str, str] | None) -> str:
    """Return the state for people, with what AWS says where that is another thing."""
    word = _aws(account_id, states)
    if word in CLOSED:
        return f"{known}; closed in AWS ({word})" if known in {SUSPENDED, LOCK_ONLY} else f"closed ({word})"
    return f"{known}; {word}" if word and word != "ACTIVE" else known
