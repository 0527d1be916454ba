"""Writes the first manifest of an organisation that was there before it. Pure: text out of an adoption's plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landing_zone.fleet import Callers, Manifest
from orchestrator.accounts.adoption import AdoptionPlan
from orchestrator.accounts.found import FoundOrganization
from orchestrator.accounts.yaml_words import INDENT, WIDTH, make_entry, text_word


@dataclass(frozen=True, slots=True)
class FirstWords:
    """What AWS does not know of a fleet: its short name, home region, and the profiles that run its stacks."""

    organization: str
    region: str
    callers: Callers


def empty_manifest(path: Path, words: FirstWords) -> Manifest:
    """Return a manifest that names no unit and no account, for planning what it is to have."""
    return Manifest(
        path=path,
        organization=words.organization,
        region=words.region,
        callers=words.callers,
        units=(),
        accounts=(),
        roles={},
        management_roles={},
        workloads={},
    )


def first_manifest(words: FirstWords, found: FoundOrganization, plan: AdoptionPlan) -> str:
    """Return the text of a manifest with everything that a plan adopts."""
    return "\n".join([*_head(words, found), *_top(plan), *_units(plan)]) + "\n"


def _head(words: FirstWords, found: FoundOrganization) -> Iterator[str]:
    yield f"# {found.id} as it was when `fleetyard accounts adopt` wrote it down. Every key: docs/manifest.md."
    yield f"organization: {text_word(words.organization)}"
    yield f'management_account_id: "{found.management_account_id}"'
    yield f"region: {text_word(words.region)}"
    yield ""
    yield "callers:                       # profiles of your AWS config that run the stacks"
    yield f"  administrator: {text_word(words.callers.administrator)}"
    yield f"  management: {text_word(words.callers.management)}"
    yield ""
    yield "roles: {}                      # what member accounts offer, such as Admin: {managed_policies: [...]}"
    yield "management_roles: {}           # what people become in the management account; see docs/access.md"


def _top(plan: AdoptionPlan) -> Iterator[str]:
    if plan.top:
        yield ""
    for key, value in plan.top.items():
        yield from make_entry(key, value).block


def _units(plan: AdoptionPlan) -> Iterator[str]:
    yield ""
    if plan.stageless:
        yield "# An account's `stage:` is left out where no tag `stage` says it; names are no reason to guess."
    yield "units:"
    yield from unit_lines(nested_units(plan), INDENT)


def nested_units(plan: AdoptionPlan) -> dict[str, Any]:
    """Return the units as the manifest nests them."""
    top: dict[str, Any] = {}
    for path in sorted({*plan.units, *plan.accounts}, key=lambda path: path.split("/")):
        block: dict[str, Any] = {"units": top}
        for name in path.split("/"):
            block = block.setdefault("units", {}).setdefault(name, {})
        block |= plan.units.get(path, {})
        if plan.accounts.get(path):
            block["accounts"] = dict(plan.accounts[path])
    return top


def unit_lines(units: Mapping[str, Any], indent: int) -> Iterator[str]:
    """Yield the lines of units as the manifest nests them, with a line for each account where it fits."""
    before, inner = " " * indent, " " * (indent + INDENT)
    for name, block in units.items():
        if not block:
            yield f"{before}{text_word(name)}: {{}}"
            continue
        yield f"{before}{text_word(name)}:"
        for key, value in block.items():
            if key not in {"accounts", "units"}:
                yield from (f"{inner}{line}" for line in make_entry(key, value).block)
        if block.get("accounts"):
            yield f"{inner}accounts:"
            yield from _accounts(block["accounts"], indent + 2 * INDENT)
        if block.get("units"):
            yield f"{inner}units:"
            yield from unit_lines(block["units"], indent + 2 * INDENT)


def _accounts(accounts: Mapping[str, Any], indent: int) -> Iterator[str]:
    for name, block in accounts.items():
        entry = make_entry(name, block)
        if indent + len(entry.flow) > WIDTH:
            entry = make_entry(name, block, in_braces=False)
        yield from (" " * indent + line for line in entry.block)
