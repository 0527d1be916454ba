"""Which stacks a command means. The same options everywhere, the same meaning everywhere."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from landing_zone.naming import ORGANIZATION_PROJECT
from orchestrator.errors import BadSelector, NothingSelected
from orchestrator.planning.plan import Plan, PlannedStack, StackKind


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for. Nothing given means every stack.

    A stack must fit every kind of selector that is given, by any entry of its kind, and no entry of `exclude`.
    `stacks` and `exclude` are globs of `program/account[/region]`; one without a slash means the program, in `exclude`
    the account as well.
    """

    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether nothing narrows it."""
        return not (self.accounts or self.units or self.tags or self.stacks or self.exclude)

    def fits(self, stack: PlannedStack) -> bool:
        """Return whether a stack is meant."""
        account = stack.account
        return (
            _any_or_none(self.accounts, lambda glob: fnmatchcase(account.name, glob))
            and _any_or_none(self.units, lambda unit: _within(account.unit, unit))
            and _any_or_none(self.tags, lambda tag: _tagged(account.tags, *_pair(tag)))
            and _any_or_none(self.stacks, lambda glob: _fits_stack(stack, glob))
            and not any(_fits_stack(stack, glob) or fnmatchcase(account.name, glob) for glob in self.exclude)
        )


def select(plan: Plan, selection: Selection) -> tuple[PlannedStack, ...]:
    """Return the selected stacks in the plan's order.

    Raises: BadSelector for one that is malformed, NothingSelected with the nearest names when none fits.
    """
    for tag in selection.tags:
        _pair(tag)
    selected = tuple(stack for stack in plan.stacks if selection.fits(stack))
    if not selected:
        raise NothingSelected(
            "no stack matches the selection",
            subject=_spoken(selection),
            why=_nearest(plan, selection),
            not_run="any stack",
            hint="fleetyard plan",
        )
    return selected


def _any_or_none(entries: tuple[str, ...], fits: Callable[[str], bool]) -> bool:
    return not entries or any(fits(entry) for entry in entries)


def _within(unit: str, above: str) -> bool:
    above = above.strip("/")
    return unit == above or unit.startswith(f"{above}/")


def _fits_stack(stack: PlannedStack, glob: str) -> bool:
    if "/" not in glob:
        return any(fnmatchcase(program, glob) for program in _programs(stack))
    _, _, rest = str(stack.id).partition("/")
    return any(fnmatchcase(f"{program}/{rest}", glob) for program in _programs(stack))


def _programs(stack: PlannedStack) -> tuple[str, ...]:
    """Return the names a program goes by: the organisation's has another one as Pulumi project."""
    if stack.kind is StackKind.ORGANIZATION:
        return (stack.id.program, ORGANIZATION_PROJECT)
    return (stack.id.program,)


def _tagged(tags: Mapping[str, str], key: str, value: str) -> bool:
    return key in tags and fnmatchcase(tags[key], value)


def _pair(tag: str) -> tuple[str, str]:
    key, equals, value = tag.partition("=")
    if not (key and equals):
        raise BadSelector(f"--tag {tag} has no value", not_run="any stack", hint="--tag KEY=VALUE")
    return key, value


def _spoken(selection: Selection) -> str:
    options = {
        "--account": selection.accounts,
        "--unit": selection.units,
        "--tag": selection.tags,
        "--stack": selection.stacks,
        "--exclude": selection.exclude,
    }
    return " ".join(f"{option} {value}" for option, values in options.items() for value in values)


def _nearest(plan: Plan, selection: Selection) -> str:
    """Say of each selector that fits no stack by itself what comes near; else that only their combination fits none."""
    lines = []
    for entry, alone, names in _selectors(plan, selection):
        if not any(alone.fits(stack) for stack in plan.stacks):
            near = difflib.get_close_matches(entry, sorted(set(names)), n=3, cutoff=0.4)
            lines.append(f"{entry} fits nothing" + (f"; near: {', '.join(near)}" if near else ""))
    return "; ".join(lines) or "each selector fits some stack, but no stack fits all of them"


def _selectors(plan: Plan, selection: Selection) -> Iterator[tuple[str, Selection, Iterable[str]]]:
    """Yield each selector, a selection of it alone, and the names it could have meant."""
    for glob in selection.accounts:
        yield glob, Selection(accounts=(glob,)), (stack.account.name for stack in plan.stacks)
    for unit in selection.units:
        yield unit, Selection(units=(unit,)), (stack.account.unit for stack in plan.stacks)
    for tag in selection.tags:
        tags = (f"{key}={value}" for stack in plan.stacks for key, value in stack.account.tags.items())
        yield tag, Selection(tags=(tag,)), tags
    for glob in selection.stacks:
        names = (str(stack.id) if "/" in glob else stack.id.program for stack in plan.stacks)
        yield glob, Selection(stacks=(glob,)), names
