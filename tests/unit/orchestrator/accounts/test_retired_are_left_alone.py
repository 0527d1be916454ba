"""Accounts that are retired, or on their way out, are not taken back into the fleet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.accounts.adoption.adopt import Adopted, mending
from orchestrator.accounts.adoption.adoption import plan_adoption
from orchestrator.accounts.adoption.errors import NotAdoptable
from orchestrator.accounts.adoption.report import adopted_as_json, adopted_as_text
from orchestrator.accounts.discovery import Kind, discover
from orchestrator.accounts.errors import EditRefused
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE
from orchestrator.accounts.reading import refuse_retired
from orchestrator.accounts.retirement.retired_file import Retirement, Step
from orchestrator.accounts.retirement.retired_lines import refuse_retired_id
from orchestrator.running.job import ResourceChange
from tests.unit.orchestrator.fleets import LOCK, small_fleet
from tests.unit.orchestrator.organizations import LAB, SMALL, account

WHEN = "2026-01-01T12:00:00+00:00"
OLD, NEW = "900000000009", "400000000004"
WAITING = Retirement("lab-old", OLD, done=dict.fromkeys(list(Step)[:3], WHEN))
CLOSED = replace(WAITING, done=dict.fromkeys(Step, WHEN), closed=WHEN)
FOUND = replace(
    SMALL,
    accounts=(
        *SMALL.accounts,
        account(OLD, "lab-old", "old@small.example", LAB),
        account(NEW, "new", "new@small.example", LAB),
    ),
)


def test_adopting_all_leaves_them_alone_and_says_so() -> None:
    """What waits to be closed is named, and every other account is taken in; without the file it would be too."""
    plan = plan_adoption(small_fleet(), LOCK, FOUND, retired=(WAITING,))
    assert list(plan.imports.accounts.values()) == [NEW]
    assert [each.id for each in plan.retiring] == [OLD]
    assert OLD in plan_adoption(small_fleet(), LOCK, FOUND).imports.accounts.values()
    done = Adopted(1)
    assert f"being retired (fleet.retired.yaml): lab-old ({OLD}: waits to be closed)" in adopted_as_text(
        FOUND, plan, done, "", 1
    )
    left = adopted_as_json(FOUND, plan, done, 1)["left_alone"]
    assert isinstance(left, dict)
    assert left["retiring_accounts"] == {OLD: "lab-old"}


def test_one_that_is_closed_is_called_so() -> None:
    """Nothing retires it any more, whichever command is asked; one that AWS is still closing is being retired."""
    plan = plan_adoption(small_fleet(), LOCK, FOUND, retired=(CLOSED,))
    assert f"as they are closed (fleet.retired.yaml): lab-old ({OLD}: closed" in adopted_as_text(
        FOUND, plan, Adopted(1), "", 1
    )
    (told,) = (each for each in discover(small_fleet(), LOCK, FOUND, (CLOSED,)).differences if each.id == OLD)
    assert (told.kind, told.manifest) == (Kind.ACCOUNT_CLOSED, CLOSED.word)
    with pytest.raises(NotAdoptable, match="FY374: lab-old is closed"):
        refuse_retired(OLD, (CLOSED,))
    with pytest.raises(EditRefused, match=f"{OLD} is lab-old, which is closed"):
        refuse_retired_id((CLOSED,), OLD)
    with pytest.raises(NotAdoptable, match="FY374: lab-old is being retired"):
        refuse_retired(OLD, (replace(CLOSED, closed=""),))


def test_where_there_is_nothing_to_adopt_nothing_is_said_to_be_written() -> None:
    """Neither the manifest's lines nor the state changed; what is left alone is told all the same."""
    plan = plan_adoption(small_fleet(), LOCK, FOUND, retired=(CLOSED,))
    text = adopted_as_text(FOUND, plan, Adopted(), "", 0)
    assert text.startswith("Nothing to adopt from ")
    assert "Written" not in text
    assert "lab-old" in text
    assert "Written: fleet.yaml" in adopted_as_text(FOUND, plan, Adopted(0, (Path("fleet.yaml"),)), "+ a: {}", 0)


def test_what_aws_does_not_have_any_more_is_not_told() -> None:
    """An account that is gone is nobody to leave alone."""
    assert plan_adoption(small_fleet(), LOCK, SMALL, retired=(WAITING,)).retiring == ()


def test_one_of_them_is_refused_by_name() -> None:
    """How far it is is told, and how it is kept after all; others are not refused."""
    with pytest.raises(NotAdoptable, match="FY374: lab-old is being retired") as refused:
        refuse_retired(OLD, (WAITING,))
    assert refused.value.why == "waits to be closed"
    assert "fleetyard accounts retire --continue; to keep the account" in refused.value.hint
    refuse_retired(NEW, (WAITING,))


def test_discover_tells_them_as_what_they_are() -> None:
    """Not as accounts that the manifest lacks, closed or not."""
    closed = replace(FOUND.accounts[-2], status="SUSPENDED")
    for there in (FOUND, replace(FOUND, accounts=(*SMALL.accounts, closed))):
        found = discover(small_fleet(), LOCK, there, (WAITING,)).differences
        (told,) = (each for each in found if each.id == OLD)
        assert (told.kind, told.subject, told.manifest) == (Kind.ACCOUNT_RETIRED, "lab-old", "waits to be closed")


@pytest.mark.parametrize(
    ("by_email", "step"),
    [
        ({"lab-one": "2"}, "fleetyard accounts adopt 2"),
        ({"lab-one": "2", "lab-two": "3"}, "fleetyard accounts adopt --"),
    ],
)
def test_an_account_that_would_be_made_and_is_there_is_adopted_first(by_email: dict[str, str], step: str) -> None:
    """No up is proposed, which would ask AWS for another account with its email; several are adopted together."""
    change = ResourceChange(f"urn:pulumi:root::org::{ACCOUNT_TYPE}::lab-one", ACCOUNT_TYPE, "create")
    assert mending([change], by_email).startswith(step)
    assert "fleetyard up" not in mending([change], by_email)
    assert "fleetyard up" in mending([change], {})


def test_an_account_is_not_added_with_the_id_of_one() -> None:
    """It is named, and nothing is written; an account without an id, or with another one, is not refused."""
    with pytest.raises(EditRefused, match=f"{OLD} is lab-old, which is being retired"):
        refuse_retired_id((WAITING,), OLD)
    refuse_retired_id((WAITING,), "")
    refuse_retired_id((WAITING,), NEW)
