"""Accounts for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from landing_zone.manifest.origins import Origin
from orchestrator.accounts.overview import AccountLine, AccountView
from orchestrator.cli.plan_tables import NEVER, as_table


def accounts_as_text(lines: Sequence[AccountLine], refused: str) -> str:
    """Return accounts as a table; `refused` are AWS's words if it was asked and told nothing."""
    heads = ("account", "id", "unit", "stage", "state", "stacks")
    rows = [
        (line.name, line.id or NEVER, line.unit or NEVER, line.stage or NEVER, _state(line), str(line.stacks))
        for line in lines
    ]
    last = [f"AWS was asked and did not tell: {refused}"] if refused else []
    return "\n".join([as_table(heads, rows), *last])


def account_as_text(view: AccountView, refused: str) -> str:
    """Return everything of an account, part by part."""
    return "\n".join(_parts(view, refused))


def _parts(view: AccountView, refused: str) -> Iterator[str]:
    line = view.line
    stage = f", stage {line.stage}" if line.stage else ""
    yield f"{line.name} ({line.id or 'no id yet'}) in {line.unit}{stage}: {_state(line)}"
    if refused:
        yield f"AWS was asked and did not tell: {refused}"
    yield ""
    yield "roles in it, and who is granted them"
    for role in view.roles:
        direct = f"; directly: {', '.join(role.permission_sets)}" if role.permission_sets else ""
        yield f"  {role.name}: {', '.join(role.granted_to)}{direct}"
    if not view.roles:
        yield "  none: nobody is granted any"
    if view.people:
        yield ""
        yield "who may become those"
        yield from (f"  {role}: {people}" for role, people in view.people.items())
    yield ""
    yield "stacks"
    yield from (f"  {stack.id}: {stack.word}" for stack in view.stacks)
    yield ""
    yield "values, and where they are written"
    width = max((len(text) for text in map(_value, view.origins)), default=0)
    yield from (f"  {_value(origin):<{width}}  {origin.place}" for origin in view.origins)


def _value(origin: Origin) -> str:
    written = origin.value if isinstance(origin.value, str) else json.dumps(origin.value, ensure_ascii=False)
    return f"{origin.key}: {written}"


def _state(line: AccountLine) -> str:
    return f"{line.state}, management account" if line.management else line.state
