"""What must hold for accounts' settings once their layers are merged: aliases, budgets, contacts, quotas, regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from landing_zone.limits import BUDGET_EMAILS, BUDGET_NOTIFICATIONS
from landing_zone.manifest.build_settings import BlockReader
from landing_zone.manifest.outline import AccountLine, Outline, Text
from landing_zone.manifest.parts import Part, document_of
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Place, Problems
from landing_zone.manifest.rules import check_regions
from landing_zone.manifest.rules_aliases import AliasRules, named
from landing_zone.manifest.settings_blocks import BudgetBlock, ContactsBlock, QuotaBlock
from landing_zone.manifest.settings_layers import QUOTAS, SETTINGS, SettingsParts


def check_settings(
    parts: SettingsParts, reader: BlockReader, outline: Outline, document: Document, problems: Problems
) -> None:
    """Note what is wrong with settings and quotas; what accounts share is looked at and told once."""
    aliases = AliasRules(outline, document, problems)
    regions: dict[Place, str] = {}
    for shared in _shared(parts, SETTINGS, outline, document):
        if (block := reader.settings(shared.part)) is not None:
            for name, budget in block.budgets.items():
                _check_budget(name, budget, shared, problems)
            _check_contacts(block.contacts, shared, problems)
            regions |= shared.regions((SETTINGS, "regions"), block.regions)
            aliases.add(block.alias, shared.accounts, shared.document.value(SETTINGS, "alias"))
    for shared in _shared(parts, QUOTAS, outline, document):
        quotas = reader.quotas(shared.part)
        _check_quotas(quotas, outline.region.value if outline.region else "", shared, problems)
        for name, quota in quotas.items():
            regions |= shared.regions((QUOTAS, name, "regions"), quota.regions)
    aliases.finish()
    given = list(regions.items())
    texts = [Text(region, (at,)) for at, (_, region) in enumerate(given)]
    check_regions(texts, lambda at: given[at][0], problems)


@dataclass(frozen=True, slots=True)
class _Shared:
    """A merged block, the places of what is in it, and the accounts that have it."""

    part: Part
    document: Document
    accounts: list[AccountLine] = field(default_factory=list)

    @property
    def names(self) -> str:
        """The accounts, in a few words."""
        return named([account.name for account in self.accounts])

    def regions(self, path: Path, given: Sequence[str]) -> dict[Place, str]:
        """Return the regions of a list by their place."""
        return {self.document.value(*path, at): region for at, region in enumerate(given)}


def _shared(parts: SettingsParts, name: str, outline: Outline, document: Document) -> Iterator[_Shared]:
    found: dict[int, _Shared] = {}
    for line in outline.accounts or ():
        if (part := parts.get(line.name, {}).get(name)) is not None:
            if id(part) not in found:
                found[id(part)] = _Shared(part, document_of(Part(parts={name: part}), document.file))
            found[id(part)].accounts.append(line)
    yield from found.values()


def _check_budget(name: str, budget: BudgetBlock, shared: _Shared, problems: Problems) -> None:
    if not budget.enabled:
        return
    path: Path = (SETTINGS, "budgets", name)
    where = shared.document
    lacking = [key for key in ("limit_usd", "emails") if not getattr(budget, key)]
    lacking += [] if budget.actual or budget.forecast else ["actual or forecast"]
    if lacking:
        problems.add(where.key(*path), f"budget {name} of {shared.names} lacks {', '.join(lacking)}")
    members = [account.name for account in shared.accounts if not account.management]
    if budget.whole_organization and members:
        what = f"a member account sees its own costs only, and this is set in {named(members)}"
        problems.add(where.value(*path, "whole_organization"), what)
    for key, values in (("actual", budget.actual), ("forecast", budget.forecast), ("emails", budget.emails)):
        for at, value in enumerate(values):
            if value in values[:at]:
                problems.add(where.value(*path, key, at), f"budget {name} has {value} in {key} twice")
    if len(budget.emails) > BUDGET_EMAILS:
        what = f"budget {name} tells {len(budget.emails)} addresses, AWS {BUDGET_EMAILS} at most"
        problems.add(where.key(*path, "emails"), what)
    if (count := len(budget.actual) + len(budget.forecast)) > BUDGET_NOTIFICATIONS:
        what = f"budget {name} has {count} thresholds, actual and forecast together; AWS takes {BUDGET_NOTIFICATIONS}"
        problems.add(where.key(*path), what)


def _check_contacts(block: ContactsBlock | None, shared: _Shared, problems: Problems) -> None:
    for kind in ContactsBlock.model_fields if block else ():
        contact = getattr(block, kind)
        if contact is not None and contact.enabled:
            lacking = [key for key in ("name", "title", "email", "phone") if not getattr(contact, key)]
            if lacking:
                what = f"the {kind} contact of {shared.names} lacks {', '.join(lacking)}; AWS wants all four"
                problems.add(shared.document.key(SETTINGS, "contacts", kind), what)


def _check_quotas(quotas: Mapping[str, QuotaBlock], home: str, shared: _Shared, problems: Problems) -> None:
    first: dict[tuple[str, str, str], str] = {}
    for name, quota in quotas.items():
        if not quota.enabled:
            continue
        lacking = [key for key in ("service", "quota", "value") if not getattr(quota, key)]
        if lacking:
            problems.add(
                shared.document.key(QUOTAS, name), f"quota {name} of {shared.names} lacks {', '.join(lacking)}"
            )
            continue
        for region in quota.regions or [home]:
            other = first.setdefault((quota.service, quota.quota, region), name)
            if other != name:
                what = f"{other} and {name} ask for one quota, {quota.service} {quota.quota}"
                problems.add(shared.document.key(QUOTAS, name), what)
