"""What must hold for trusted services, delegated administrators and the suspended unit."""

from __future__ import annotations

from collections.abc import Mapping

from landing_zone.manifest.governance_lines import GovernanceLines
from landing_zone.manifest.outline import Outline, Text
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Place, Problems, nearest
from landing_zone.manifest.rules_policies import check_policies
from landing_zone.manifest.rules_starters import check_starters
from landing_zone.manifest.selection import is_within, select

_CLOUDTRAIL = "cloudtrail.amazonaws.com"


def check_governance(outline: Outline, document: Document, problems: Problems) -> None:
    """Note everything that is wrong with how the organisation is governed, but for the grammar of its policies."""
    lines = outline.governance or GovernanceLines()
    check_policies(outline, document, problems)
    check_starters(outline, document, problems)
    _check_services(lines, document, problems)
    _check_delegations(lines, outline, document, problems)
    _check_suspended(lines, outline, document, problems)


def _check_services(lines: GovernanceLines, document: Document, problems: Problems) -> None:
    seen: set[str] = set()
    for service in lines.trusted_services:
        if service.value in seen:
            problems.add(document.value(*service.path), f"{service.value} stands here twice")
        seen.add(service.value)


def _check_delegations(lines: GovernanceLines, outline: Outline, document: Document, problems: Problems) -> None:
    """Source: AWS Organizations API Reference, RegisterDelegatedAdministrator, reasons of ConstraintViolation."""
    trusted = {service.value for service in lines.trusted_services}
    members = [account.name for account in outline.accounts or () if not account.management]
    for each in lines.delegations:
        service, account = each.service.value, each.account.value
        if service == _CLOUDTRAIL and outline.log_archive:
            words = f"{service} is delegated to {outline.log_archive.value} by log_archive; leave it out here"
            problems.add(document.key(*each.service.path), words)
        elif service not in trusted:
            place = document.key(*each.service.path)
            words = f"{service} is not trusted: add it to trusted_services, or AWS refuses to delegate it"
            problems.add(place, words + _one_like_it(service, lines, document, place))
        if outline.accounts is None or account in members:
            continue
        place = document.value(*each.account.path)
        if any(line.name == account for line in outline.accounts):
            problems.add(place, f"{account} is the management account; a service is delegated to a member account")
        else:
            problems.add_unknown(place, "no account is called", account, members)


def _one_like_it(service: str, lines: GovernanceLines, document: Document, place: Place) -> str:
    """Return where a trusted service stands that is called much like this one: either may be mistyped."""
    near = nearest(service, [text.value for text in lines.trusted_services])
    # Two services are as much alike by their common ending alone.
    if not near or not nearest(service.partition(".")[0], [near.partition(".")[0]]):
        return ""
    there = next(document.value(*text.path) for text in lines.trusted_services if text.value == near)
    return f"; is it {near} there ({there.seen_in(place)}), mistyped?"


def _check_suspended(lines: GovernanceLines, outline: Outline, document: Document, problems: Problems) -> None:
    unit = lines.suspended_unit
    if unit is None:
        return
    needed = _needed_accounts(outline, document)
    for account in outline.accounts or ():
        if not is_within(account.unit, unit.value):
            continue
        place = document.key(*account.path)
        if account.management:
            problems.add(place, f"{account.name} is the management account, which can't be suspended")
        elif account.name in needed:
            problems.add(place, f"{account.name} {needed[account.name]}, and in {unit.value} nothing can be done")
    _check_workloads_left(unit, outline, document, problems)
    for each in lines.delegations:
        accounts = [line for line in outline.accounts or () if line.name == each.account.value]
        if any(is_within(line.unit, unit.value) for line in accounts):
            words = f"{each.account.value} is in {unit.value}, where nothing can be done"
            problems.add(document.value(*each.account.path), words)


def _needed_accounts(outline: Outline, document: Document) -> Mapping[str, str]:
    """Return what accounts are there for without which the fleet does not work, by name."""
    people = document.values.get("people")
    holder = people.get("account") if isinstance(people, Mapping) else None
    hub = outline.access.hub if outline.access else None
    needed = {holder: "holds the people"} if isinstance(holder, str) else {}
    if hub is not None and hub.account is not None:
        needed[hub.account.value] = "is the hub"
    if outline.log_archive:
        needed[outline.log_archive.value] = "keeps the organisation's logs"
    return needed


def _check_workloads_left(unit: Text, outline: Outline, document: Document, problems: Problems) -> None:
    """Note workloads that would run nowhere any more; one that has other accounts just leaves these alone."""
    for workload in outline.workloads:
        targets = select(outline.accounts or (), workload.selector.selector)
        if targets and all(is_within(account.unit, unit.value) for account in targets):
            names = ", ".join(account.name for account in targets)
            words = f"{workload.name} would run nowhere: {names} {'are' if len(targets) > 1 else 'is'} in {unit.value}"
            problems.add(document.key(*workload.path), f"{words}, the suspended unit, where nothing can be done")
