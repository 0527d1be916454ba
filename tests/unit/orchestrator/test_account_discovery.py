"""What discover tells: the differences between a manifest and an organisation, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.manifest import parse_manifest
from orchestrator.accounts.adoption.errors import (
    AccountNotThere,
    NotAdoptable,
    NotManagementAccount,
    OrganizationUnreadable,
)
from orchestrator.accounts.adoption.found import FoundOrganization, FoundUnit, Reading, ReadingKind
from orchestrator.accounts.discovery import Kind, discover
from orchestrator.accounts.discovery_report import discovery_as_json, discovery_as_text
from orchestrator.accounts.reading import account_meant, organization_of, refuse_unadoptable
from tests.unit.orchestrator.fleets import FLEET, LOCK, MANAGEMENT_ID, small_fleet
from tests.unit.orchestrator.organizations import CORE, LAB, ROOT_ID, SMALL, account


def told(found: FoundOrganization, manifest: Manifest | None = None, lock: Lock = LOCK) -> set[tuple[Kind, str]]:
    """Return kind and subject of every difference."""
    return {(each.kind, each.subject) for each in discover(manifest or small_fleet(), lock, found).differences}


def test_a_fleet_that_is_as_it_says_has_no_difference() -> None:
    """Where the management account stands and what it is called is nobody's business."""
    found = discover(small_fleet(), LOCK, SMALL)
    assert found.differences == ()
    assert discovery_as_text(found).endswith("read with 12 calls; no difference")


def test_what_the_manifest_does_not_have_is_told() -> None:
    """An account, a unit, and an account that was closed, each by its name and id in AWS."""
    more = replace(
        SMALL,
        units=(*SMALL.units, FoundUnit("ou-ab12-new00000", ("lab", "new"), LAB)),
        accounts=(
            *SMALL.accounts,
            account("400000000004", "new one", "new@small.example", LAB),
            account("500000000005", "old", "old@small.example", status="SUSPENDED"),
        ),
    )
    assert told(more) == {
        (Kind.ACCOUNT_NOT_IN_MANIFEST, "new one"),
        (Kind.ACCOUNT_CLOSED, "old"),
        (Kind.UNIT_NOT_IN_MANIFEST, "lab/new"),
    }
    table = discovery_as_text(discover(small_fleet(), LOCK, more))
    assert "400000000004" in table
    assert "lab, new@small.example, ACTIVE" in table


def test_what_aws_does_not_have_is_told() -> None:
    """An account that has left, one that is not made yet, a unit that is gone."""
    less = replace(SMALL, units=SMALL.units[:2], accounts=SMALL.accounts[2:])
    lock = replace(LOCK, accounts={name: each for name, each in LOCK.accounts.items() if name != "lab-two"})
    assert told(less, lock=lock) == {
        (Kind.ACCOUNT_NOT_IN_AWS, "lab-one"),
        (Kind.ACCOUNT_NOT_CREATED, "lab-two"),
        (Kind.UNIT_NOT_IN_AWS, "lab/deep"),
    }


def test_what_differs_is_told() -> None:
    """Email, name, unit and state of an account that both know by its id."""
    one = account("200000000002", "Lab One", "other@small.example", CORE, status="PENDING_CLOSURE")
    found = discover(small_fleet(), LOCK, replace(SMALL, accounts=(one, *SMALL.accounts[1:])))
    assert {(each.kind, each.aws, each.manifest) for each in found.differences} == {
        (Kind.EMAIL_DIFFERS, "other@small.example", "one@small.example"),
        (Kind.NAME_DIFFERS, "Lab One", "lab-one"),
        (Kind.ACCOUNT_IN_ANOTHER_UNIT, "core", "lab"),
        (Kind.ACCOUNT_CLOSED, "PENDING_CLOSURE", "lab"),
    }
    fields = discovery_as_json(found)
    assert fields["organization_id"] == SMALL.id


def test_a_name_of_aws_and_the_root_are_as_the_manifest_says() -> None:
    """With `aws_name` and a unit for the root, an account in no unit differs in nothing."""
    text = FLEET.replace(
        "    accounts:\n      lab-one: {email", '    accounts:\n      lab-one: {aws_name: "Lab 1", email'
    )
    text = text.replace(
        "units:\n  core:\n    accounts:\n      root:", "units:\n  core:\n    root: true\n    accounts:\n      root:"
    )
    text = text.replace("  lab:\n", "  other: {}\n  lab:\n", 1)
    manifest = parse_manifest(text, small_fleet().path)
    one = account("200000000002", "Lab 1", "one@small.example", LAB)
    found = replace(SMALL, units=SMALL.units[1:], accounts=(one, *SMALL.accounts[1:]))
    assert told(found, manifest) == {(Kind.UNIT_NOT_IN_AWS, "other")}


def test_an_account_known_by_its_email_only_is_not_adopted() -> None:
    """Without an id in lock or manifest the email says which account is meant, whatever its case."""
    one = account("200000000002", "lab-one", "ONE@small.example", LAB)
    found = replace(SMALL, accounts=(one, *SMALL.accounts[1:]))
    lock = replace(LOCK, accounts={name: each for name, each in LOCK.accounts.items() if name != "lab-one"})
    assert told(found, lock=lock) == {(Kind.ACCOUNT_NOT_ADOPTED, "lab-one")}


def test_only_the_management_account_that_is_meant_is_read() -> None:
    """A member, another organisation's management account, and a refusal are each told apart."""
    member = Reading(ReadingKind.NOT_MANAGEMENT, account="200000000002", arn="arn", words="its management account is 1")
    with pytest.raises(NotManagementAccount, match=r"FY371.*\n.*its management account is 1"):
        organization_of(member, "adm", "")
    with pytest.raises(NotManagementAccount, match="not to the management account"):
        organization_of(Reading(ReadingKind.FOUND, SMALL, "900000000009", "arn"), "adm", MANAGEMENT_ID)
    with pytest.raises(OrganizationUnreadable, match=r"FY370.*\n.*AccessDenied"):
        organization_of(Reading(ReadingKind.REFUSED, words="AccessDenied"), "adm", MANAGEMENT_ID)
    with pytest.raises(OrganizationUnreadable, match="has no organisation"):
        organization_of(Reading(ReadingKind.NO_ORGANIZATION, account=MANAGEMENT_ID), "adm", MANAGEMENT_ID)
    assert organization_of(Reading(ReadingKind.FOUND, SMALL, MANAGEMENT_ID), "adm", MANAGEMENT_ID) is SMALL


def test_an_account_is_meant_by_id_or_by_a_name_that_is_its_own() -> None:
    """By AWS's name, by the manifest's, by id; a name of two and a stranger are refused."""
    twice = replace(SMALL, accounts=(*SMALL.accounts, account("400000000004", "lab-two", "x@small.example")))
    assert account_meant("lab-one", twice, small_fleet(), LOCK).id == "200000000002"
    assert account_meant("root", twice, small_fleet(), LOCK).id == MANAGEMENT_ID
    assert account_meant("400000000004", twice, small_fleet(), LOCK).email == "x@small.example"
    with pytest.raises(AccountNotThere, match="several accounts are called lab-two"):
        account_meant("lab-two", twice, small_fleet(), LOCK)
    with pytest.raises(AccountNotThere, match=r"FY372.*\n(.*\n)*.*Id=999999999999"):
        account_meant("999999999999", twice, small_fleet(), LOCK)


def test_what_no_program_can_look_after_is_not_adopted() -> None:
    """A closed account, the management account alone, an organisation with consolidated billing only."""
    closed = account("400000000004", "old", "old@small.example", ROOT_ID, status="SUSPENDED")
    for found, only in (
        (SMALL, closed),
        (SMALL, SMALL.accounts[2]),
        (replace(SMALL, feature_set="CONSOLIDATED_BILLING"), None),
    ):
        with pytest.raises(NotAdoptable, match="FY374"):
            refuse_unadoptable(found, only)
    refuse_unadoptable(SMALL, SMALL.accounts[0])
