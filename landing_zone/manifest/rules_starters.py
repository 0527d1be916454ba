"""What the variables of shipped policies must hold: regions that there are, ARNs, account ids.

AWS takes a policy that names a region, role or account which nobody has, and applies it: the whole account is closed,
or nobody is let through. For a policy of one's own only its author knows what its variables are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from landing_zone.manifest.governance_lines import GovernanceLines, PolicyLine
from landing_zone.manifest.outline import Outline
from landing_zone.manifest.policy_files import STARTER
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Place, Problems
from landing_zone.manifest.regions import known_regions

_ARN = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:([0-9]{12}|[^:\s]*[*?][^:\s]*|[^:\s]*\$\{[^:\s]*|aws|):\S+")
"""An ARN or a pattern of ARNs. Source: IAM User Guide, "IAM identifiers", and its condition operators for ARNs."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")

Check = Callable[[object, Place, Problems], None]


def check_starters(outline: Outline, document: Document, problems: Problems) -> None:
    """Note values of shipped policies' variables that are no list, empty, or not what the variable is for."""
    for line in (outline.governance or GovernanceLines()).policies:
        if line.file is not None and line.file.value.startswith(STARTER):
            _check_vars(line, document, problems)


def _check_vars(line: PolicyLine, document: Document, problems: Problems) -> None:
    for name, value in line.vars.items():
        check = _CHECKS.get(name)
        if check is None:
            continue
        path: Path = (*line.path, "vars", name)
        if isinstance(value, str) and _is_reference(value):
            continue
        if not isinstance(value, list):
            problems.add(document.value(*path), f"{name} is a list: {name}: [{_EXAMPLES[name]}]")
        elif not value and name not in _MAY_BE_EMPTY:
            problems.add(document.value(*path), f"{name} is empty: leave it out, or give {name}: [{_EXAMPLES[name]}]")
        else:
            for entry, place in _entries(value, path, document):
                check(entry, place, problems)


def _entries(values: list[object], path: Path, document: Document) -> Iterator[tuple[object, Place]]:
    """Yield the entries that are no `${...}`: what that becomes is checked elsewhere."""
    for at, entry in enumerate(values):
        if not (isinstance(entry, str) and _is_reference(entry)):
            yield entry, document.value(*path, at)


def _is_reference(text: str) -> bool:
    return text.startswith("${") and text.endswith("}")


def _region(value: object, place: Place, problems: Problems) -> None:
    known = known_regions()
    if value not in known:
        problems.add_unknown(place, "the partition aws has no region", str(value), known)


def _arn(value: object, place: Place, problems: Problems) -> None:
    if not isinstance(value, str) or not _ARN.fullmatch(value):
        problems.add(place, f'"{value}" is no ARN, nor a pattern of ARNs such as {_ROLES}')


def _account_id(value: object, place: Place, problems: Problems) -> None:
    if not isinstance(value, str) or not _ACCOUNT_ID.fullmatch(value):
        problems.add(place, f'"{value}" is no account id: twelve digits in quotes, such as {_ACCOUNT}')


_ROLES = "arn:aws:iam::*:role/Auditor"
_ACCOUNT = '"123456789012"'
_CHECKS: Mapping[str, Check] = {
    "regions": _region,
    "exempt": _arn,
    "more_roles": _arn,
    "trusted_accounts": _account_id,
}
_EXAMPLES = {
    "regions": "eu-west-1",
    "exempt": f'"{_ROLES}"',
    "more_roles": f'"{_ROLES}"',
    "trusted_accounts": _ACCOUNT,
}
_MAY_BE_EMPTY = frozenset({"more_roles"})
"""It is part of a longer list; the others are a condition's values, of which there has to be one."""
