"""Retiring an account on a twin: destroyed, quarantined, dropped, closed; cut short, held up by the quota, finished."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landing_zone.lock import load_lock
from landing_zone.manifest import load_manifest
from orchestrator import composition
from orchestrator.accounts.organization_acts import Act, perform_in_own_process
from orchestrator.accounts.retirement.retire import AwsSide, Retiring
from orchestrator.accounts.retirement.retire_fleet import Fleetwide
from orchestrator.accounts.retirement.retired_file import Step, load_retired, retired_path
from orchestrator.cli.app import run
from orchestrator.cli.world import World, real_world
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy
from orchestrator.workers.environment import caller_environment
from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import read_run_file
from tests.support.pocket_fleet import POCKET_FLEET

FLEET = POCKET_FLEET.replace("workloads:\n", "suspended_unit: suspended\nworkload_state: files\nworkloads:\n").replace(
    "    role: Admin\n    config", "    role: Admin\n    protected: true\n    config"
)
NAME = "plat-dev"


@dataclass(frozen=True)
class Office:
    """A deployed fleet, and commands in its folder."""

    stage: Stage
    fleet: Path
    run_file: Path

    @property
    def organizations(self) -> Any:
        """Organizations as the administrator."""
        return self.stage.access.client("organizations", self.stage.administrator)

    @property
    def retired(self) -> Path:
        """The file of retired accounts."""
        return retired_path(self.stage.workspace.lock_path)

    def fleetyard(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; returns its exit code, what it gave and what it said."""
        out, err = io.StringIO(), io.StringIO()
        real = real_world()
        world = World(
            env=self.stage.env,
            folder=self.fleet.parent,
            out=out,
            err=err,
            ask=None,
            choose_engine=real.choose_engine,
            open_tools=lambda _env, _engine, _concurrency: nullcontext(self.stage.driver.tools),
            rehearse=real.rehearse,
            read_bucket=real.read_bucket,
        )
        return run(arguments, world), out.getvalue(), err.getvalue()

    def suspended_unit(self) -> str:
        """Return the id of the suspended unit."""
        root = self.organizations.list_roots()["Roots"][0]["Id"]
        units = self.organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
        return next(str(each["Id"]) for each in units if each["Name"] == "suspended")

    def close(self, number: int) -> None:
        """Make and close accounts until the organisation's quota is used up."""
        for at in range(number):
            made = self.organizations.create_account(AccountName=f"old-{at}", Email=f"old-{at}@pocket.example")
            self.organizations.close_account(AccountId=made["CreateAccountStatus"]["AccountId"])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Deploy a small fleet on a twin of its own; one test retires plat-dev, the other leaves all as it is."""
    folder = tmp_path_factory.mktemp("office")
    fleet = folder / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, _ = deploy(stage)
        assert [each.error for each in results if each.error] == []
        yield Office(stage, fleet, folder / "twin.json")


class Killed(Exception):
    """The process ends here."""


def retiring_until_dropped(office: Office) -> Retiring:
    """Return what retires accounts as the command does, and is killed when it is to drop one."""
    stage = office.stage
    tools = stage.driver.tools
    fleetwide = Fleetwide(office.fleet, stage.workspace, tools, composition.forget_state, lambda: ())

    class Cut:
        def destroy(self, name: str) -> None:
            fleetwide.destroy(name)

        def left(self, name: str) -> tuple[str, ...]:
            return fleetwide.left(name)

        def quarantined(self, name: str) -> bool:
            return fleetwide.quarantined(name)

        def quarantine(self, name: str) -> None:
            fleetwide.quarantine(name)

        def note_move(self, account_id: str, unit_id: str) -> None:
            fleetwide.note_move(account_id, unit_id)

        def drop(self, _name: str, _account_id: str) -> None:
            raise Killed

    env = caller_environment(stage.env, "pocket-administrator", "eu-west-1")
    aws = AwsSide(
        lambda act: tools.call(perform_in_own_process, act).result(),
        lambda kind, account_id, parent: Act(env, kind, account_id, parent),
        office.suspended_unit,
    )
    return Retiring(office.retired, Cut(), aws, lambda _words: None)


def _the_organisation_runs_meanwhile(office: Office, account_id: str) -> None:
    """Between move and drop the manifest, AWS and the state have the account in one unit, before a refresh too."""
    code, out, err = office.fleetyard("up", "--yes", "--account", NAME)
    assert "being retired" in out, out + err
    code, out, err = office.fleetyard("preview", "--expect-no-changes", "--stack", "organization")
    assert code == 0, out + err  # manifest, AWS and state have it in the same unit
    code, out, err = office.fleetyard("up", "--yes", "--stack", "organization")
    assert code == 0, out + err
    code, out, err = office.fleetyard("refresh", "--stack", "organization")
    assert code == 0, out + err
    code, out, err = office.fleetyard("up", "--yes", "--stack", "organization")
    assert code == 0, out + err
    (parent,) = office.organizations.list_parents(ChildId=account_id)["Parents"]
    assert parent["Id"] == office.suspended_unit()


def _what_is_in_the_way_is_refused(office: Office) -> None:
    """While somebody works on a stack, and while one is left that the manifest has lost, nothing is begun."""
    kept = office.stage.workspace.state / ".pulumi"
    lock = kept / "locks" / "organization" / "network" / NAME / "11111111-2222-3333-4444-555555555555.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": 9, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-01-01"}))
    orphan = kept / "stacks" / "late" / f"{NAME}.json"
    orphan.parent.mkdir(parents=True)
    shutil.copy(kept / "stacks" / "network" / f"{NAME}.json", orphan)
    code, out, err = office.fleetyard("accounts", "retire", NAME, "--dry-run", "--format", "json")
    assert code == 2, err
    assert [each["stack"] for each in json.loads(out)["in_the_way"]] == [f"late/{NAME}", f"network/{NAME}"]
    code, _, err = office.fleetyard("accounts", "retire", NAME, "--confirm", NAME)
    assert (code, "FY378" in err, "nothing was destroyed" in err) == (2, True, True)
    assert not office.retired.exists()
    orphan.unlink()
    lock.unlink()


def test_an_account_is_retired_though_it_is_cut_short_and_the_quota_is_used_up(office: Office) -> None:
    """Looked at, begun, killed between two steps, resumed, held up by AWS's quota, and closed in the end."""
    account_id = load_lock(office.stage.workspace.lock_path).accounts[NAME]
    _what_is_in_the_way_is_refused(office)
    code, out, err = office.fleetyard("accounts", "retire", NAME, "--dry-run", "--format", "json")
    assert code == 0, err
    assert json.loads(out)["email"] == "dev@pocket.example"
    losses = {each["stack"]: each for each in json.loads(out)["stacks"]}
    assert losses[f"network/{NAME}"]["protected"]
    assert losses[f"network/{NAME}"]["resources"]["aws:ec2/vpc:Vpc"] == 1
    code, _, err = office.fleetyard("accounts", "retire", NAME, "--confirm", "plat-prod")
    assert (code, "is not the account's name" in err) == (2, True)
    assert not office.retired.exists()

    cut = retiring_until_dropped(office)
    cut.begin(NAME, account_id, "dev@pocket.example")
    with pytest.raises(Killed):
        cut.carry_on()
    (noted,) = load_retired(office.retired)
    assert (list(noted.done), noted.doing) == ([Step.DESTROY, Step.MOVE], Step.DROP)
    assert load_manifest(office.fleet).account(NAME).unit == "suspended"
    _the_organisation_runs_meanwhile(office, account_id)

    change_settings(read_run_file(office.run_file), quotas={"closings": 10, "closings_percent": 10})
    office.close(10)
    code, out, err = office.fleetyard("accounts", "retire", "--continue", "--format", "json")
    assert code == 0, err
    (waiting,) = json.loads(out)["accounts"]
    assert "exceeded close account quota" in waiting["said"]
    assert NAME not in {account.name for account in load_manifest(office.fleet).accounts}
    assert NAME not in load_lock(office.stage.workspace.lock_path).accounts
    assert office.organizations.describe_account(AccountId=account_id)["Account"]["Status"] == "ACTIVE"

    for at in range(110):  # the quota is a share of the members, once that is more
        office.organizations.create_account(AccountName=f"new-{at}", Email=f"new-{at}@pocket.example")
    code, out, err = office.fleetyard("accounts", "retire", NAME, "--format", "json")
    assert code == 0, err
    code, out, err = office.fleetyard("accounts", "retire", "--continue", "--format", "json")
    assert code == 0, err
    (closed,) = json.loads(out)["accounts"]
    assert closed["state"].startswith("closed, gone for good on ")
    assert office.organizations.describe_account(AccountId=account_id)["Account"]["Status"] == "SUSPENDED"
    code, out, err = office.fleetyard("preview", "--account", "core-root", "--account", "plat-prod")
    assert code == 0, out + err
    assert NAME not in out
    assert closed["final_date"] in office.fleetyard("accounts", "list")[1]
    code, out, err = office.fleetyard("up", "--yes", "--stack", "organization", "--format", "json")
    assert code == 0, out + err


def test_an_account_that_others_need_is_refused(office: Office) -> None:
    """The management account, one that a grant names, a delegated administrator: nothing is begun."""
    code, _, err = office.fleetyard("accounts", "retire", "core-root", "--confirm", "core-root")
    assert (code, "FY378" in err, "never closed" in err) == (2, True, True)
    code, _, err = office.fleetyard("accounts", "retire", "plat-prod", "--confirm", "plat-prod")
    assert (code, "FY360" in err, 'no account matches "plat-prod"' in err) == (2, True, True)
    account_id = load_lock(office.stage.workspace.lock_path).accounts["plat-prod"]
    office.organizations.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    administrator = {"AccountId": account_id, "ServicePrincipal": "guardduty.amazonaws.com"}
    office.organizations.register_delegated_administrator(**administrator)
    try:
        code, _, err = office.fleetyard("accounts", "retire", "plat-prod", "--confirm", "plat-prod")
    finally:
        office.organizations.deregister_delegated_administrator(**administrator)
        office.organizations.disable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    assert (code, "FY378" in err) == (2, True)
    assert "delegated administrator of guardduty.amazonaws.com" in err
    assert "plat-prod" not in {each.name for each in load_retired(office.retired)}
