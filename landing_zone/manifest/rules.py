"""What must hold between the names of a manifest; each rule notes every place where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.limits import BUCKET_NAME, UNIT_DEPTH
from landing_zone.manifest.boundary_files import check_boundaries
from landing_zone.manifest.outline import AccountLine, Outline, SelectorLine, Text
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Place, Problems
from landing_zone.manifest.regions import known_regions
from landing_zone.manifest.rules_access import check_access
from landing_zone.manifest.rules_adoption import check_adoption
from landing_zone.manifest.rules_defaults import check_defaults
from landing_zone.manifest.rules_governance import check_governance
from landing_zone.manifest.rules_log_archive import check_log_archive
from landing_zone.manifest.rules_named_once import check_named_once
from landing_zone.manifest.rules_people import becoming, check_people, is_unreadable
from landing_zone.manifest.rules_probes import check_probe_names, read_probes
from landing_zone.manifest.rules_state_buckets import check_account_lists, check_state_buckets, names_nobody
from landing_zone.manifest.rules_suspended import check_suspended
from landing_zone.manifest.rules_tags import check_tags
from landing_zone.manifest.rules_targets import check_globs, is_told_of
from landing_zone.manifest.rules_trust import check_subjects
from landing_zone.manifest.rules_workloads import check_workloads
from landing_zone.manifest.selection import is_within
from landing_zone.manifest.text_types import REGION
from landing_zone.naming import state_bucket

OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe", "eusc-")
"""Regions outside the partition `aws`. Source: AWS General Reference, "AWS service endpoints"."""


_SELECTING = ("accounts", "stages", "units", "lists")
_WHICH = 'say which accounts: accounts, stages, units or lists (accounts: ["*"])'


def check_rules(outline: Outline, document: Document, problems: Problems) -> None:
    """Note everything that is wrong with the names of a manifest."""
    _check_fleet(outline, document, problems)
    _check_units(outline, document, problems)
    _check_roles(outline, document, problems)
    if outline.accounts is not None:
        _check_accounts(outline, outline.accounts, document, problems)
    named = becoming(document.values)
    unreadable = is_unreadable(document.values)
    for role in outline.management_roles:
        if role.name not in named and not (unreadable and role.trusted is None):
            _check_trust(role.trusted, role.path, document, problems)
        for grant in role.grants:
            _check_role_names(grant.roles, outline, document, problems)
            check_selector(grant.selector, outline, document, problems)
    check_defaults(outline, document, problems)
    check_tags(document, problems)
    check_account_lists(outline, document, problems)
    for bucket in outline.state_buckets:
        check_selector(bucket.selector, outline, document, problems)
    check_workloads(outline, document, problems)
    check_log_archive(outline, document, problems)
    check_governance(outline, document, problems)
    check_adoption(document, problems)
    check_access(outline, document, problems)
    for workload in outline.workloads:
        _check_role_names([workload.role] if workload.role else [], outline, document, problems)
        check_selector(workload.selector, outline, document, problems)
    check_regions(check_probe_names(outline, document, problems), document.value, problems)
    for probe in read_probes(document.values):
        check_selector(probe.selector, outline, document, problems)
    check_state_buckets(outline, document, problems)
    check_boundaries(outline, document, problems)
    check_people(outline, document, problems)
    check_named_once(outline, document, problems)


def _check_fleet(outline: Outline, document: Document, problems: Problems) -> None:
    organization, account_id, region = outline.organization, outline.management_account_id, outline.region
    if organization and account_id and region:
        bucket = state_bucket(organization.value, account_id.value, region.value)
        if len(bucket) > BUCKET_NAME:
            excess = len(bucket) - BUCKET_NAME
            problems.add(
                document.value(*organization.path),
                f"the state bucket's name {bucket} would have {len(bucket)} characters, AWS takes {BUCKET_NAME}; "
                f"shorten the organisation's name by {excess}",
            )
    workload_regions = [text for workload in outline.workloads for text in workload.regions]
    check_regions([region, *workload_regions] if region else workload_regions, document.value, problems)
    check_regions(outline.defaults.regions, document.key, problems)


def check_regions(regions: Iterable[Text], place_of: Callable[..., Place], problems: Problems) -> None:
    """Note regions that AWS does not have, or has in another partition; those of the wrong form are told as such."""
    known = known_regions()
    for text in regions:
        place = place_of(*text.path)
        if text.value.startswith(OTHER_PARTITIONS):
            problems.add(place, f"{text.value} belongs to another AWS partition; not supported")
        elif re.search(REGION, text.value) and text.value not in known:
            problems.add_unknown(place, "AWS has no region", text.value, known)


def _check_units(outline: Outline, document: Document, problems: Problems) -> None:
    for unit, path in outline.units:
        if unit.count("/") >= UNIT_DEPTH:
            problems.add(document.key(*path), f"unit {unit} is nested deeper than AWS takes: {UNIT_DEPTH} levels")


def _check_roles(outline: Outline, document: Document, problems: Problems) -> None:
    for name in outline.roles or ():
        if name.lower() == ACCOUNT_ACCESS_ROLE.lower() or name.startswith("AWSReservedSSO_"):
            problems.add(document.key("roles", name), f"the role name {name} is AWS's own")
    _check_case("roles", outline.roles or (), document, problems)
    _check_case("management_roles", [role.name for role in outline.management_roles], document, problems)


def _check_case(block: str, names: Iterable[str], document: Document, problems: Problems) -> None:
    """Note names that differ in case only. Source: IAM User Guide, "IAM and AWS STS quotas", name requirements."""
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(name.lower(), name)
        if other != name:
            problems.add(document.key(block, name), f"{other} and {name} are one name to AWS, which ignores case")


def _check_accounts(
    outline: Outline, accounts: tuple[AccountLine, ...], document: Document, problems: Problems
) -> None:
    _check_unique(accounts, lambda line: Text(line.name, line.path), "accounts are called", document, problems)
    _check_unique(accounts, lambda line: line.email, "accounts have the email", document, problems)
    _check_unique(accounts, lambda line: line.id, "accounts have the id", document, problems)
    managing = [line for line in accounts if line.management]
    if not managing:
        problems.add(
            document.key("units"), "no account is marked as the management account; add management: true to it"
        )
    for line in managing[1:]:
        problems.add(
            document.key(*line.path, "management"),
            f"two management accounts: {managing[0].name} and {line.name}; an organisation has one",
        )
    _check_management_id(outline, accounts, document, problems)
    check_suspended(accounts, document, problems)


def _check_management_id(
    outline: Outline, accounts: tuple[AccountLine, ...], document: Document, problems: Problems
) -> None:
    own = outline.management_account_id
    for line in accounts:
        if line.id is None or own is None:
            continue
        if line.management and line.id.value != own.value:
            problems.add(
                document.value(*line.id.path),
                f"the management account's id is {own.value} in management_account_id and {line.id.value} here",
            )
        if not line.management and line.id.value == own.value:
            problems.add(document.value(*line.id.path), f"{own.value} is the management account's id")


def _check_unique(
    accounts: Iterable[AccountLine],
    pick: Callable[[AccountLine], Text | None],
    what: str,
    document: Document,
    problems: Problems,
) -> None:
    first: dict[str, AccountLine] = {}
    for line in accounts:
        text = pick(line)
        if text is None:
            continue
        other = first.setdefault(text.value.lower(), line)
        if other is not line:
            names = f" ({other.name} and {line.name})" if other.name != line.name else ""
            place = document.value(*text.path) if names else document.key(*line.path)
            first_place = document.key(*other.path).seen_in(place)
            problems.add(place, f"two {what} {text.value}{names}; the first is in {first_place}")


def _check_trust(trusted: object, path: tuple[str | int, ...], document: Document, problems: Problems) -> None:
    written = document.values
    for key in (*path, "trusted"):
        written = written.get(key) if isinstance(written, Mapping) else None
    if written is not None and not isinstance(written, Mapping):
        return
    check_subjects(trusted, path, document, problems)
    given = trusted if isinstance(trusted, Mapping) else {}
    if not any(given.get(who) for who in ("users", "saml", "oidc", "identity_center")):
        who = "trusted.users, saml, oidc or identity_center, or name it in a group of people or in ci"
        problems.add(document.key(*path, "trusted"), f"nobody may become {path[-1]}: give {who}")


def _check_role_names(roles: Iterable[Text], outline: Outline, document: Document, problems: Problems) -> None:
    if outline.roles is None:
        return
    for role in roles:
        if role.value not in outline.roles:
            problems.add_unknown(document.value(*role.path), "no account offers a role", role.value, outline.roles)


def check_selector(selector: SelectorLine, outline: Outline, document: Document, problems: Problems) -> None:
    """Note globs, stages and units that match nothing, and a selector that leaves nothing."""
    if outline.accounts is None or not selector.readable:
        return
    if selector.selector.is_empty:
        if not is_told_of(_SELECTING, selector.path, document, problems):
            problems.add(document.key(*selector.path), _WHICH)
        return
    before = len(problems)
    _check_lists(selector, outline, document, problems)
    check_globs(selector.accounts, outline.accounts, document, problems, why=", which has no assumable roles")
    members = [line for line in outline.accounts if not line.management]
    stages = {line.stage for line in members if line.stage}
    for stage in selector.stages:
        if stage.value not in stages:
            problems.add_unknown(document.value(*stage.path), "no account has the stage", stage.value, stages)
    for unit in selector.units:
        if not any(is_within(line.unit, unit.value) for line in members):
            known = [path for path, _ in outline.units]
            problems.add_unknown(document.value(*unit.path), "no account stands in a unit", unit.value, known)
    # What is wrong with a list is told where the list stands.
    told = len(problems) > before or names_nobody(selector, outline)
    if not told and not any(selector.selector.fits(line) for line in members):
        problems.add(
            document.key(*selector.path), "no account fits all of accounts, stages, units and lists given here"
        )


def _check_lists(selector: SelectorLine, outline: Outline, document: Document, problems: Problems) -> None:
    for name in selector.lists:
        if name.value not in outline.account_lists:
            place = document.value(*name.path)
            problems.add_unknown(place, "there is no account list", name.value, outline.account_lists)
