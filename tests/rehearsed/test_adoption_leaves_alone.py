"""What adopting leaves alone: accounts being retired, folders of a dry run, states that were kept, ways of joining."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from landing_zone.manifest import load_manifest
from orchestrator.accounts.retirement.retired_file import Retirement, Step, write_retired
from rehearsal.twin.client import make_outside_account
from tests.rehearsed.test_adoption_on_twin import FIRST, Company
from tests.rehearsed.test_adoption_on_twin import company as company  # noqa: PLC0414  (a fixture, by its name)
from tests.support.twin_fixtures import Keys

WHEN = "2026-01-01T12:00:00+00:00"


def test_an_account_that_is_being_retired_is_left_alone(company: Company) -> None:
    """It waits for AWS's quota: discover tells it as what it is, nothing takes it back, and by its id it is refused."""
    leaving = company.account("leaving", company.ids["Platform"], stage="dev")
    retired = company.folder / "fleet.retired.yaml"
    write_retired(retired, (Retirement("leaving", leaving, done=dict.fromkeys(list(Step)[:3], WHEN)),))
    (found,) = (each for each in company.json("accounts", "discover")["differences"] if each["id"] == leaving)
    assert (found["kind"], found["manifest"]) == ("account_retired", "waits to be closed")
    plan = company.json("accounts", "adopt", "--all", "--dry-run")
    assert leaving not in plan["accounts"].values()
    assert plan["left_alone"]["retiring_accounts"] == {leaving: "leaving"}
    for word in (leaving, "leaving"):
        code, _, err = company.fleetyard("accounts", "adopt", word, "--yes")
        assert (code, "FY374: leaving is being retired" in err) == (2, True), err
    add = ("accounts", "add", "leaving", "--unit", "Platform", "--email", "l@old.example", "--id", leaving)
    code, _, err = company.fleetyard(*add, "--dry-run")
    assert (code, "FY360" in err) == (2, True), err
    retired.unlink()


def test_nothing_is_left_where_nothing_is_adopted(company: Company, tmp_path: Path) -> None:
    """A dry run in an empty clone writes nothing, nor does one that nobody confirmed, which is refused."""
    for program in ("organization", "bootstrap", "bootstrap-subaccount", "Pulumi.yaml"):
        (shutil.copy if program.endswith("yaml") else shutil.copytree)(company.folder / program, tmp_path / program)
    clone = replace(company, folder=tmp_path)
    before = sorted(tmp_path.iterdir())
    assert clone.json("accounts", "adopt", "--all", *FIRST, "--dry-run")["adopted"] is False
    assert [each for each in sorted(tmp_path.iterdir()) if each.name != ".fleetyard"] == before
    code, _, err = clone.fleetyard("accounts", "adopt", "--all", *FIRST)
    assert (code, "FY303" in err, "add --yes" in err) == (2, True, True), err
    assert [each for each in sorted(tmp_path.iterdir()) if each.name != ".fleetyard"] == before


def test_states_that_were_kept_are_spoken_of(company: Company) -> None:
    """An account that comes back after a release is not made a second time by an up without a word before."""
    company.account("comes back", company.ids["Platform"], stage="dev")
    kept = company.folder / "state" / ".fleetyard" / "released" / "comes-back"
    kept.mkdir(parents=True)
    code, _, err = company.fleetyard("accounts", "adopt", "comes back", "--dry-run")
    assert (code, str(kept) in err, "fleetyard pulumi stack import" in err) == (0, True, True), err


def test_an_invited_account_is_adopted_as_it_is(company: Company) -> None:
    """An account that joined by invitation, and has no role for the management account, is taken in without a write."""
    joined = make_outside_account(company.aws.run, "joined", "joined@elsewhere.example")
    target = {"Id": joined["account_id"], "Type": "ACCOUNT"}
    handshake = company.organizations.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    theirs = Keys(joined["access_key_id"], joined["secret_access_key"])
    company.aws.client("organizations", theirs).accept_handshake(HandshakeId=handshake)
    company.organizations.move_account(
        AccountId=joined["account_id"],
        SourceParentId=company.ids["root"],
        DestinationParentId=company.ids["Platform"],
    )
    before = company.writes()
    done = company.json("accounts", "adopt", "joined", "--yes")
    assert (done["adopted"], done["accounts"]) == (True, {"joined": joined["account_id"]})
    assert company.writes() == before
    assert load_manifest(company.folder / "fleet.yaml").account("joined").adopted
