"""Writes the first manifest of an organisation that was there before it. Pure: text out of an adoption's plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from landing_zone.errors import ManifestInvalid
from landing_zone.fleet import Callers, Manifest
from orchestrator.accounts.adoption.adoption import AdoptionPlan
from orchestrator.accounts.adoption.errors import FirstManifestIncomplete, NotAdoptable
from orchestrator.accounts.adoption.found import FoundOrganization
from orchestrator.accounts.editing.yaml_words import INDENT, WIDTH, make_entry, text_word

_NOTHING_WRITTEN = "anything: nothing was written"


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


def refuse_unwritable(error: ManifestInvalid, text: str, found: FoundOrganization, plan: AdoptionPlan) -> NoReturn:
    """Raise what is wrong with a first manifest in the words of AWS: there is no file yet whose lines could be named.

    Raises: NotAdoptable naming accounts and units; FirstManifestIncomplete where it is only the words that were given.
    """
    subjects, lines = _subjects(found, plan), text.splitlines()
    wrong = []
    for problem in error.problems:
        above = (line.strip().partition(": ")[0].rstrip(":") for line in reversed(lines[: problem.place.line]))
        wrong.append((next((subjects[key] for key in above if key in subjects), ""), problem.message))
    why = "; ".join(dict.fromkeys(f"{subject}: {message}" if subject else message for subject, message in wrong))
    named = [subject for subject in dict.fromkeys(subject for subject, _ in wrong) if subject]
    if not named:
        raise FirstManifestIncomplete(
            "what the first manifest is to say cannot be used",
            why=why,
            not_run=_NOTHING_WRITTEN,
            hint="give other words: fleetyard accounts adopt --help",
        ) from error
    raise NotAdoptable(
        "no manifest can say what AWS has",
        subject=", ".join(named),
        why=why,
        not_run=_NOTHING_WRITTEN,
        hint="change it in AWS, an account's name with aws account put-account-name --account-id ID --account-name "
        "NAME; then repeat the command",
    ) from error


def _subjects(found: FoundOrganization, plan: AdoptionPlan) -> Mapping[str, str]:
    """Return how each account and unit of a plan is called in AWS, by its key in the manifest's text."""
    ids = {path: f"unit {unit_id}" for path, unit_id in plan.imports.units.items()}
    words = {text_word(path.rpartition("/")[2]): ids.get(path, "the root") for path in plan.units}
    by_email = {account.email: account for account in found.accounts}
    for accounts in plan.accounts.values():
        for name, block in accounts.items():
            account = by_email[block["email"]]
            words[text_word(name)] = f'account {account.id} "{account.name}"'
    return words


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
