"""What must hold for policies: their names, targets, variables, number and size. Their grammar is judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from landing_zone.identifiers import role_arn
from landing_zone.limits import RCP_DOCUMENT, RCPS_PER_TARGET, SCP_DOCUMENT, SCPS_PER_TARGET, compact
from landing_zone.manifest.governance_lines import GovernanceLines, PolicyLine
from landing_zone.manifest.outline import Outline, Text
from landing_zone.manifest.policy_files import VARS, PolicyFile
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules_targets import check_globs, is_told_of
from landing_zone.manifest.selection import matching
from landing_zone.organization_policies import RESERVED_NAMES, PolicyType, filled, is_iams_own
from landing_zone.sizes.policies import LONGEST_ORGANIZATION_ID
from landing_zone.substitution import account_in, references, unclosed

FLEET_FIELDS = ("organization", "organization_id", "region", "management_account_id", "member_role_arns")
"""What every policy's `${...}` may name; beside them `accounts.NAME.id` and `vars.NAME`."""

_ANY_ACCOUNT_ID = "0" * 12
_UNREADABLE = {"organization": "organization", "region": "us-east-1", "management_account_id": _ANY_ACCOUNT_ID}
_LONGEST = {PolicyType.SCP: SCP_DOCUMENT, PolicyType.RCP: RCP_DOCUMENT}
_MOST = {PolicyType.SCP: SCPS_PER_TARGET, PolicyType.RCP: RCPS_PER_TARGET}


def check_policies(outline: Outline, document: Document, problems: Problems) -> None:
    """Note everything that is wrong with the policies of a manifest, but for their grammar."""
    lines = outline.governance or GovernanceLines()
    for line in lines.policies:
        if line.name in RESERVED_NAMES and not line.own:
            problems.add(document.key(*line.path), f'"{line.name}" is the name of a policy that Fleetyard makes itself')
        _check_targets(line, lines, outline, document, problems)
        before = len(problems)
        _check_variables(line, outline, document, problems)
        if len(problems) == before:
            _check_size(line, outline, document, problems)
    _check_number(lines, outline, document, problems)


def _check_targets(
    line: PolicyLine, lines: GovernanceLines, outline: Outline, document: Document, problems: Problems
) -> None:
    targets = ("root", "units", "accounts")
    if not (line.root or line.units or line.accounts or is_told_of(targets, line.path, document, problems)):
        problems.add(document.key(*line.path), "say what it is attached to: root: true, units or accounts")
    units = known_units(lines, outline)
    for unit in line.units:
        if not line.own and unit.value not in units:
            problems.add_unknown(document.value(*unit.path), "no unit is called", unit.value, units)
        elif _stands_for_root(unit.value, document):
            problems.add(document.value(*unit.path), f"{unit.value} stands for the root; write root: true in its place")
    if outline.accounts is not None:
        check_globs(line.accounts, outline.accounts, document, problems, why=", over which AWS applies no policy")


def _stands_for_root(unit: str, document: Document) -> bool:
    block = document.values["units"].get(unit) if isinstance(document.values.get("units"), Mapping) else None
    return isinstance(block, Mapping) and block.get("root") is True


def known_units(lines: GovernanceLines, outline: Outline) -> tuple[str, ...]:
    """Return the paths of all units, that of the suspended ones included."""
    suspended = (lines.suspended_unit.value,) if lines.suspended_unit else ()
    return tuple(dict.fromkeys((*(path for path, _ in outline.units), *suspended)))


def variables(line: PolicyLine, found: PolicyFile) -> dict[str, Any]:
    """Return the values of a policy's variables: the manifest's over the file's own."""
    return {**found.defaults, **line.vars}


def known_values(line: PolicyLine, found: PolicyFile, outline: Outline) -> dict[str, Any]:
    """Return what the manifest knows of a policy's `${...}`, by name; ids that AWS gives are not among it."""
    fleet: dict[str, Any] = {
        # One that can't be read is told where it stands; the policy is judged as if it were there.
        name: text.value if text is not None else _UNREADABLE[name]
        for name, text in (
            ("organization", outline.organization),
            ("region", outline.region),
            ("management_account_id", outline.management_account_id),
        )
    }
    fleet["member_role_arns"] = [role_arn("*", role) for role in (*(outline.roles or ()), *_hub_roles(outline))]
    for account in outline.accounts or ():
        own = outline.management_account_id if account.management else account.id
        if own is not None:
            fleet[f"accounts.{account.name}.id"] = own.value
    own_vars = filled({"vars": variables(line, found)}, fleet)["vars"]
    return {**fleet, **{f"vars.{name}": value for name, value in own_vars.items()}}


def _hub_roles(outline: Outline) -> tuple[str, ...]:
    """Return the roles of hub and spokes, which are made in member accounts beside those of `roles`."""
    hub = outline.access.hub if outline.access else None
    return tuple(role.value for role in (hub.role, hub.spoke_role) if role is not None) if hub else ()


def stood_in(outline: Outline) -> dict[str, str]:
    """Return texts of the greatest length for ids that AWS gives later, by name."""
    ids = {f"accounts.{account.name}.id": _ANY_ACCOUNT_ID for account in outline.accounts or ()}
    return {"organization_id": LONGEST_ORGANIZATION_ID, **ids}


def _check_variables(line: PolicyLine, outline: Outline, document: Document, problems: Problems) -> None:
    found = line.found
    if found is None:
        return
    values = variables(line, found)
    used = {name.removeprefix("vars.") for name, _ in references(found.template) if name.startswith("vars.")}
    for name in line.vars:
        if name not in used:
            place = document.key(*line.path, "vars", name)
            problems.add_unknown(place, "the policy has no variable", name, used - set(line.vars))
    for name in sorted(used - set(values)):
        shown = line.file.value if line.file else line.name
        problems.add(document.key(*line.path), f"{shown} needs a value: vars: {{{name}: ...}}")
    known = {*FLEET_FIELDS, *(f"vars.{name}" for name in used)}
    _check_references(found.template, found.document, known, (), outline, problems)
    _check_references(found.defaults, found.document, set(FLEET_FIELDS), (VARS,), outline, problems)
    _check_references(line.vars, document, set(FLEET_FIELDS), (*line.path, "vars"), outline, problems)
    for name, path in _inside_texts(found.template):
        value = known_values(line, found, outline).get(name)
        if value is not None and not isinstance(value, str | int):
            problems.add(
                found.document.value(*path), f"${{{name}}} is no single text; it can't stand inside another one"
            )


def _check_references(
    value: Mapping[str, Any],
    document: Document,
    known: set[str],
    above: tuple[str | int, ...],
    outline: Outline,
    problems: Problems,
) -> None:
    names = [account.name for account in outline.accounts or ()]
    for beginning, path in unclosed(value, above):
        problems.add(document.value(*path), f'"{beginning}" lacks its closing brace')
    for reference, path in references(value, above):
        place = document.value(*path)
        other = account_in(reference)
        if is_iams_own(reference) or reference in known:
            continue
        if other:
            if outline.accounts is not None and other not in names:
                problems.add_unknown(place, f"${{{reference}}}: no account is called", other, names)
        else:
            nearby = [f"${{{name}}}" for name in (*sorted(known), "accounts.NAME.id")]
            problems.add_unknown(place, "nothing is called", f"${{{reference}}}", nearby)


def _inside_texts(template: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield the references that are part of a longer text."""
    for reference, path in references(template):
        value: Any = template
        for part in path:
            value = value[part]
        if value != "${" + reference + "}":
            yield reference, path


def _check_size(line: PolicyLine, outline: Outline, document: Document, problems: Problems) -> None:
    if line.found is None:
        return
    size = len(compact(rendered(line, line.found, outline)))
    most = _LONGEST[line.type]
    if size > most:
        problems.add(
            document.key(*line.path),
            f"the policy has {size:,} characters with its variables filled in and without white space, "
            f"AWS takes {most:,}",
        )


def rendered(line: PolicyLine, found: PolicyFile, outline: Outline) -> dict[str, Any]:
    """Return the policy as AWS would get it, ids that AWS gives later stood in for."""
    return filled(found.template, {**stood_in(outline), **known_values(line, found, outline)})


def _check_number(lines: GovernanceLines, outline: Outline, document: Document, problems: Problems) -> None:
    """Note the policy that is one too many on a target; AWS's own policy of full access stands on each."""
    attached: dict[tuple[PolicyType, str], list[str]] = {}
    if outline.log_archive:
        attached[PolicyType.SCP, f"account {outline.log_archive.value}"] = [RESERVED_NAMES[0]]
    for line in lines.policies:
        for target in _targets(line, outline):
            on_it = attached.setdefault((line.type, target), [])
            on_it.append(line.name)
            if len(on_it) == (most := _MOST[line.type]):
                problems.add(
                    document.key(*line.path),
                    f"{target} has {most + 1} {line.type.words} with this one, AWS takes "
                    f"{most}: its own of full access, {', '.join(on_it)}",
                )


def _targets(line: PolicyLine, outline: Outline) -> tuple[str, ...]:
    members = [account.name for account in outline.accounts or () if not account.management]
    return (
        *(["the root"] if line.root else []),
        *dict.fromkeys(f"unit {unit.value}" for unit in line.units),
        *(f"account {name}" for name in meant(members, line.accounts)),
    )


def meant(members: Iterable[str], globs: Iterable[Text]) -> tuple[str, ...]:
    """Return the members that one of the globs matches, in their own order."""
    return tuple(name for name in members if any(matching([name], glob.value) for glob in globs))
