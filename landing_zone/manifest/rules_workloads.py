"""What must hold for workloads: their names, order, references, and that someone can deploy them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from landing_zone.fleet import StateRights
from landing_zone.manifest.outline import AccountLine, Outline, WorkloadLine
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Place, Problems
from landing_zone.manifest.rules_state_buckets import bucket_of_accounts, names_nobody
from landing_zone.manifest.selection import select
from landing_zone.naming import FOUNDATION_PROJECTS, ORGANIZATION_PROGRAM, session_name_excess, stack_name
from landing_zone.state_buckets import DEFAULT_BUCKET
from landing_zone.substitution import ACCOUNT_FIELDS, ACCOUNTS, FLEET_FIELDS, account_in, references, unclosed

_RESERVED = (*FOUNDATION_PROJECTS, ORGANIZATION_PROGRAM)


def check_workloads(outline: Outline, document: Document, problems: Problems) -> None:
    """Note everything that is wrong with the workloads' own names and references."""
    names = [workload.name for workload in outline.workloads]
    reaching = _reached_by_writers(outline)
    for workload in outline.workloads:
        if workload.name in _RESERVED:
            problems.add(document.key(*workload.path), f'"{workload.name}" is the name of a program of the foundation')
        for other in workload.after:
            if other.value not in names:
                problems.add_unknown(document.value(*other.path), "no workload is called", other.value, names)
        _check_session_names(workload, outline, document, problems)
        _check_braces(workload, document, problems)
        _check_references(workload, outline, document, problems)
        _check_account_map(workload, document, problems)
        if reaching is not None:
            _check_role_reachable(workload, outline, reaching, document, problems)
    for cycle in find_cycles({w.name: tuple(text.value for text in w.after) for w in outline.workloads}):
        problems.add(
            document.key("workloads", cycle[0], "after"), f"workloads wait for each other: {' -> '.join(cycle)}"
        )


def _targets(workload: WorkloadLine, outline: Outline) -> tuple[AccountLine, ...]:
    return select(outline.accounts or (), workload.selector.selector)


def _check_session_names(workload: WorkloadLine, outline: Outline, document: Document, problems: Problems) -> None:
    for region in workload.regions:
        for account in _targets(workload, outline):
            stack = stack_name(account.name, region.value)
            if excess := session_name_excess(stack):
                problems.add(
                    document.value(*region.path),
                    f"the role session name of stack {stack} would be {excess} characters longer than AWS takes; "
                    f"shorten the account's name",
                )


def _check_braces(workload: WorkloadLine, document: Document, problems: Problems) -> None:
    for beginning, path in unclosed(workload.config, (*workload.path, "config")):
        problems.add(document.value(*path), f'"{beginning}" lacks its closing brace; write $${{ for a plain ${{')


def _check_references(workload: WorkloadLine, outline: Outline, document: Document, problems: Problems) -> None:
    if outline.accounts is None:
        return
    names = [account.name for account in outline.accounts]
    targets = _targets(workload, outline)
    for reference, path in references(workload.config, (*workload.path, "config")):
        place = document.value(*path)
        other = account_in(reference)
        if other:
            if other not in names:
                problems.add_unknown(place, f"${{{reference}}}: no account is called", other, names)
        elif reference.startswith("vars."):
            _check_variable(reference, targets, _regions(workload, outline), problems, place)
        elif reference not in (*ACCOUNT_FIELDS, *FLEET_FIELDS, ACCOUNTS):
            variables = {f"vars.{name}" for name in _variables(targets, _regions(workload, outline))}
            known = (*ACCOUNT_FIELDS, *FLEET_FIELDS, ACCOUNTS, *sorted(variables), "accounts.NAME.id")
            problems.add_unknown(place, "nothing is called", f"${{{reference}}}", [f"${{{name}}}" for name in known])
        elif reference == "account.stage":
            for account in targets:
                if not account.stage:
                    problems.add(place, f"${{account.stage}}: account {account.name} has no stage")


def _check_account_map(workload: WorkloadLine, document: Document, problems: Problems) -> None:
    for reference, path in references(workload.config):
        if reference == ACCOUNTS and _text_at(workload.config, path) != f"${{{ACCOUNTS}}}":
            place = document.value(*workload.path, "config", *path)
            problems.add(place, f"${{{ACCOUNTS}}} is the account map; it can't stand inside a longer text")


def _text_at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _regions(workload: WorkloadLine, outline: Outline) -> tuple[str, ...]:
    """Return the regions that the workload's stacks are in."""
    return tuple(text.value for text in workload.regions) or (outline.region.value if outline.region else "",)


def _variables(accounts: tuple[AccountLine, ...], regions: tuple[str, ...]) -> set[str]:
    return {variable for account in accounts for region in regions for variable in account.vars_in(region)}


def _check_variable(
    reference: str, targets: tuple[AccountLine, ...], regions: tuple[str, ...], problems: Problems, place: Place
) -> None:
    name = reference.removeprefix("vars.")
    lacking = [line.name for line in targets if any(name not in line.vars_in(region) for region in regions)]
    if lacking:
        what = f"${{{reference}}}: {', '.join(lacking)} {'have' if len(lacking) > 1 else 'has'} no variable"
        problems.add_unknown(place, what, name, _variables(targets, regions) - {name})


def _reached_by_writers(outline: Outline) -> frozenset[tuple[str, str]] | None:
    """Return (account, role) of every grant to a management role that may write the state of that account's stacks.

    None while a name, a list or a right in the grants is wrong: what would follow from that is not worth telling.
    """
    granted = {role.value for line in outline.management_roles for grant in line.grants for role in grant.roles}
    rights = {line.state for line in outline.management_roles}
    if outline.roles is None or not granted <= set(outline.roles) or not rights <= set(StateRights):
        return None
    selectors = [grant.selector for line in outline.management_roles for grant in line.grants]
    if any(not selector.readable or names_nobody(selector, outline) for selector in selectors):
        return None
    bucket_of = bucket_of_accounts(outline)
    return frozenset(
        (account.name, role.value)
        for management_role in outline.management_roles
        for grant in management_role.grants
        for account in select(outline.accounts or (), grant.selector.selector)
        if management_role.rights(bucket_of.get(account.name, DEFAULT_BUCKET)) == StateRights.WRITE
        for role in grant.roles
    )


def _check_role_reachable(
    workload: WorkloadLine,
    outline: Outline,
    reaching: frozenset[tuple[str, str]],
    document: Document,
    problems: Problems,
) -> None:
    role = workload.role
    if role is None or outline.roles is None or role.value not in outline.roles:
        return
    lacking = [account.name for account in _targets(workload, outline) if (account.name, role.value) not in reaching]
    if lacking:
        problems.add(
            document.value(*role.path),
            f"nobody with state: write is granted {role.value} in {', '.join(lacking)}, so {workload.name} "
            "can't be deployed there",
        )


def find_cycles(after: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Return closed paths of names that wait for each other, each name waiting for the next; none if there are none.

    A path begins at the one of its names that comes first in the mapping. Names that are no key are ignored.
    """
    order = list(after)
    graph = {name: {other for other in others if other in after} for name, others in after.items()}
    cycles: list[tuple[str, ...]] = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring = list(reversed(error.args[1]))[:-1]
            start = ring.index(min(ring, key=order.index))
            ring = [*ring[start:], *ring[:start]]
            cycles.append((*ring, ring[0]))
            graph[ring[-1]].discard(ring[0])
        else:
            return cycles
