"""Plans and records of stacks, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from landing_zone.lock import Lock
from orchestrator.planning.plan import Plan, PlannedStack
from orchestrator.stack_id import StackId
from orchestrator.state.state_files import StackState
from orchestrator.status import FleetRecord, StackRecord

NEVER = "-"
_DOCTOR = "fleetyard state doctor"
SHOWN_IDS = 2
"""Stack ids listed in a cell of a table; more are counted."""


Retiring = Mapping[str, str]
"""How far each account is that is on its way out, by name; by name and id where the manifest does not have it."""


def plan_as_json(plan: Plan, shown: Sequence[PlannedStack], lock: Lock, retiring: Retiring) -> dict[str, object]:
    """Return the stacks in their order as a JSON object."""
    return {
        "stacks": [
            {
                "id": str(planned.id),
                "account": planned.account.name,
                "account_id": lock.accounts.get(planned.account.name, ""),
                "unit": planned.account.unit,
                "caller": planned.caller.value,
                "rests_on": [str(below) for below in sorted(plan.rests_on[planned.id])],
                **_left_alone_as_json(planned.account.name, retiring, suspended=planned.account.suspended),
            }
            for planned in shown
        ],
        "retiring": dict(retiring),
    }


def plan_as_text(plan: Plan, shown: Sequence[PlannedStack], lock: Lock, retiring: Retiring) -> str:
    """Return the stacks in their order as a table, and below it the accounts that runs leave alone."""
    rows = [
        (
            str(planned.id),
            lock.accounts.get(planned.account.name, "not created"),
            planned.account.unit,
            planned.caller.value,
            _ids(sorted(plan.rests_on[planned.id])),
        )
        for planned in shown
    ]
    last = _left_alone(((planned.account.name, planned.account.suspended) for planned in shown), retiring)
    return "\n".join([as_table(("stack", "account", "unit", "caller", "rests on"), rows), *last])


def status_as_json(record: FleetRecord, retiring: Retiring) -> dict[str, object]:
    """Return what is on record as a JSON object."""
    return {
        "stacks": [
            {
                "id": str(stack.id),
                "account_id": stack.account_id,
                "state": stack.word,
                **_left_alone_as_json(stack.id.account, retiring, suspended=stack.suspended),
                **_state_as_json(stack.state),
            }
            for stack in record.stacks
        ],
        "unplanned": [{"project": project, "stack": stack} for project, stack in record.unplanned],
        "retiring": dict(retiring),
    }


def status_as_text(record: FleetRecord, retiring: Retiring) -> str:
    """Return what is on record as a table, and below it what needs a look."""
    rows = [_status_row(stack) for stack in record.stacks]
    lines = [as_table(("stack", "account", "state", "resources", "last operation", "when"), rows)]
    for stack in record.stacks:
        locks = stack.state.locks if stack.state else ()
        lines += [f"{stack.id} is locked by {k.user}@{k.host}, pid {k.pid}, since {k.since} ({k.key})" for k in locks]
        if stack.state and stack.state.pending and not stack.state.locks:
            lines.append(
                f"{stack.id} was interrupted in {stack.state.pending} steps; delete what AWS made of them, or take it "
                f"over by `import_` in the program, then: "
                f"fleetyard refresh --clear-pending-creates --stack {stack.id}"
            )
    lines += _left_alone(((stack.id.account, stack.suspended) for stack in record.stacks), retiring)
    unread = dict.fromkeys(stack.unknown for stack in record.stacks if stack.unknown)
    lines += [f"the state of workloads could not be read: {words}; next: {_DOCTOR}" for words in unread]
    damaged = [stack.id for stack in record.stacks if stack.word == "unreadable"]
    if damaged:
        only = f" --stack {damaged[0]}" if len(damaged) == 1 else ""
        lines.append(f"cannot be read: the state of {_ids(damaged)}; what is wrong, and what to do: {_DOCTOR}{only}")
    lines += [f"in the state but not in the manifest: {project} {stack}" for project, stack in record.unplanned]
    return "\n".join(lines)


def _left_alone(accounts: Iterable[tuple[str, bool]], retiring: Retiring) -> Iterator[str]:
    """Yield lines about the accounts that runs leave alone, given as names and whether each is suspended."""
    shown = dict(accounts)
    suspended = [name for name, is_suspended in shown.items() if is_suspended and name not in retiring]
    if suspended:
        yield f"suspended in the manifest, left alone by runs: {', '.join(suspended)}"
    for name, state in retiring.items():
        yield f"{'left alone by runs' if name in shown else 'on its way out'}: {name}, {state}"


def _left_alone_as_json(name: str, retiring: Retiring, *, suspended: bool) -> dict[str, object]:
    fields: dict[str, object] = {"suspended": True} if suspended else {}
    return fields | ({"retiring": retiring[name]} if name in retiring else {})


def _status_row(stack: StackRecord) -> tuple[str, ...]:
    state = stack.state
    last = f"{state.last_operation} {state.last_result}" if state and state.last_operation else NEVER
    return (
        str(stack.id),
        stack.account_id or "not created",
        stack.word,
        str(state.resources) if state else NEVER,
        last,
        _time(state.last_time) if state else NEVER,
    )


def _state_as_json(state: StackState | None) -> dict[str, object]:
    if state is None:
        return {}
    return {
        "resources": state.resources,
        "pending": state.pending,
        "last_operation": state.last_operation,
        "last_result": state.last_result,
        "last_time": state.last_time,
        "locks": [{"user": k.user, "host": k.host, "pid": k.pid, "since": k.since} for k in state.locks],
    }


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d %H:%M:%S} UTC" if seconds else NEVER


def _ids(stacks: Sequence[StackId]) -> str:
    more = f" and {len(stacks) - SHOWN_IDS} more" if len(stacks) > SHOWN_IDS else ""
    return ", ".join(map(str, stacks[:SHOWN_IDS])) + more


def as_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under their heads, in columns."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heads, *rows)]
    return "\n".join(line.rstrip() for line in lines)
