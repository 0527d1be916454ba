"""What AWS has otherwise than the manifest is told by an adoption, though a preview from the state does not show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.fleet import Callers
from landing_zone.lock import Lock
from landing_zone.manifest import parse_manifest
from orchestrator.accounts.adoption.adopt import Adopted, draft_first
from orchestrator.accounts.adoption.adoption import AdoptionPlan, plan_adoption
from orchestrator.accounts.adoption.errors import FirstManifestIncomplete, NotAdoptable
from orchestrator.accounts.adoption.first_manifest import FirstWords, empty_manifest
from orchestrator.accounts.adoption.found import FoundOrganization, FoundUnit
from orchestrator.accounts.adoption.report import adopted_as_json, adopted_as_text
from orchestrator.accounts.discovery import Kind, changed_by_hand
from tests.unit.orchestrator.fleets import FLEET, LOCK, small_fleet
from tests.unit.orchestrator.organizations import CORE, LAB, ROOT_ID, SMALL, account

ADOPTED = small_fleet(
    FLEET.replace("lab-one: {", "lab-one: {adopted: true, ").replace(
        "      deep:\n", "      deep:\n        adopted: true\n"
    )
)
AS_WRITTEN = replace(
    SMALL,
    accounts=(
        account("200000000002", "lab-one", "one@small.example", LAB, tags={"team": "red"}),
        *SMALL.accounts[1:],
    ),
)


def _with_first(found: FoundOrganization, **changes: object) -> FoundOrganization:
    first, *others = found.accounts
    return replace(found, accounts=(replace(first, **changes), *others))  # type: ignore[arg-type]


def test_what_is_as_written_is_no_difference() -> None:
    """Tags count for what was adopted alone: the others have Fleetyard's own beside theirs."""
    assert changed_by_hand(ADOPTED, LOCK, AS_WRITTEN) == ()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"parent_id": CORE}, Kind.ACCOUNT_IN_ANOTHER_UNIT),
        ({"name": "Lab One"}, Kind.NAME_DIFFERS),
        ({"email": "other@small.example"}, Kind.EMAIL_DIFFERS),
        ({"tags": {"team": "red", "cost": "1"}}, Kind.TAGS_DIFFER),
    ],
)
def test_what_was_changed_by_hand_is_named(changes: dict[str, object], kind: Kind) -> None:
    """An account that was moved, renamed or tagged, or has another email, is named with refresh as the next step."""
    (difference,) = changed_by_hand(ADOPTED, LOCK, _with_first(AS_WRITTEN, **changes))
    assert (difference.kind, difference.subject, difference.id) == (kind, "lab-one", "200000000002")
    text = adopted_as_text(
        SMALL, AdoptionPlan(plan_adoption(ADOPTED, LOCK, SMALL).imports), Adopted(1), "", 1, [difference]
    )
    assert "a preview is clean" not in text
    assert f"lab-one: {kind.value}: {difference.aws} in AWS, {difference.manifest} in the manifest" in text
    assert "next: fleetyard refresh --stack 'organization/*'" in text


def test_tags_of_an_adopted_unit_count() -> None:
    """As those of an account do."""
    units = tuple(replace(unit, tags={"a": "b"}) for unit in SMALL.units)
    (difference,) = changed_by_hand(ADOPTED, LOCK, replace(AS_WRITTEN, units=units))
    assert (difference.subject, difference.aws, difference.manifest) == ("lab/deep", "a=b", "none")


def test_an_account_that_is_only_recorded_is_left_out() -> None:
    """The program neither moves nor names an account that has an id of its own, so refresh would show nothing."""
    manifest = small_fleet(FLEET.replace("lab-one: {", 'lab-one: {id: "200000000002", '))
    assert changed_by_hand(manifest, Lock(), _with_first(SMALL, parent_id=CORE)) == ()


def test_without_differences_a_preview_is_clean() -> None:
    """The claim is made where it is true, and data say which differences there are."""
    plan = plan_adoption(ADOPTED, LOCK, SMALL)
    assert "and a preview is clean." in adopted_as_text(SMALL, plan, Adopted(1), "", 1)
    moved = changed_by_hand(ADOPTED, LOCK, _with_first(AS_WRITTEN, parent_id=CORE))
    assert adopted_as_json(SMALL, plan, Adopted(1), 1, moved)["differences"] == [
        {
            "kind": "account_in_another_unit",
            "subject": "lab-one",
            "id": "200000000002",
            "aws": "core",
            "manifest": "lab",
        }
    ]


def _draft(found: FoundOrganization, organization: str = "small") -> None:
    path, words = Path("fleet.yaml"), FirstWords(organization, "eu-west-1", Callers("adm", "man"))
    draft_first(path, words, found, plan_adoption(empty_manifest(path, words), Lock(), found))


def test_an_account_that_no_manifest_can_name_is_named_itself() -> None:
    """Id and name in AWS tell which it is; a file that does not exist is not spoken of."""
    strange = account("400000000004", "lögs", "l@small.example", LAB)
    with pytest.raises(NotAdoptable) as refused:
        _draft(replace(SMALL, accounts=(*SMALL.accounts, strange)))
    assert refused.value.subject == 'account 400000000004 "lögs"'
    assert "lögs" in refused.value.why
    assert "fleet.yaml" not in str(refused.value)
    unit = FoundUnit("ou-ab12-strange0", ("ünit",), ROOT_ID, {"a": "ü" * 300})
    with pytest.raises(NotAdoptable, match="ou-ab12-strange0"):
        _draft(replace(SMALL, units=(*SMALL.units, unit)))


def test_words_that_no_manifest_may_have_are_the_commands() -> None:
    """What was given with the command is told as that."""
    with pytest.raises(FirstManifestIncomplete) as refused:
        _draft(SMALL, organization="Not A Name")
    assert "fleet.yaml" not in str(refused.value)
    assert isinstance(refused.value.__cause__, ManifestInvalid)
    assert parse_manifest(FLEET, Path("fleet.yaml")).organization == "small"
