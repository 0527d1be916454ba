"""The life of an account on the twin: added, deployed, left alone, closed by AWS, released, removed."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.lock import load_lock
from landing_zone.manifest import load_manifest
from orchestrator import composition
from orchestrator.accounts.editing.manifest_edits import ManifestEditor
from orchestrator.accounts.live import ask_accounts
from orchestrator.accounts.readiness import CLOSED
from orchestrator.accounts.release import AccountStates
from orchestrator.accounts.removal import Removal, refuse_removal, remove_account_everywhere
from orchestrator.cli.app import run
from orchestrator.cli.twin_variables import variables_for
from orchestrator.cli.world import World, real_world
from orchestrator.driver import Driver, RunOptions
from orchestrator.planning.selection import Selection
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy
from orchestrator.running.job import Operation, Reason, StackResult, StackStatus
from orchestrator.workers.environment import caller_environment
from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import read_run_file
from tests.support.pocket_fleet import POCKET_FLEET

ACCOUNT_ROLE = "OrganizationAccountAccessRole"


@dataclass(frozen=True)
class Fleet:
    """A deployed fleet, and a shell that has joined its twin."""

    stage: Stage
    run_file: Path

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Type one command; returns its exit code, its data, and what it said beside."""
        env = {**os.environ, **variables_for(self.run_file, None)}
        out, err = io.StringIO(), io.StringIO()
        world = real_world()
        parts: dict[str, Any] = {name: getattr(world, name) for name in World.__dataclass_fields__}
        changed = {"env": env, "folder": self.manifest.parent, "out": out, "err": err, "ask": None, "live": False}
        code = run(list(arguments), World(**{**parts, **changed, "given": []}))
        return code, out.getvalue(), err.getvalue()

    def done(self, *arguments: str) -> str:
        """Type one command that has to succeed, and return its data."""
        code, out, err = self.run(*arguments)
        assert code == 0, out + err
        return out

    def drive(self, operation: Operation, wait: float = 60.0, **selected: tuple[str, ...]) -> dict[str, StackResult]:
        """Run stacks by the manifest as it is now, and return each one's result by its id."""
        driver = Driver(load_manifest(self.manifest), self.stage.workspace, self.stage.driver.tools)
        self.stage.workspace.copy_in(driver.plan.stacks)
        report = driver.run_operation(operation, Selection(**selected), RunOptions(account_wait=wait))
        return {str(result.id): result for result in report.results}

    def up(self, **selected: tuple[str, ...]) -> dict[str, StackResult]:
        """Deploy stacks, all of which have to succeed."""
        results = self.drive(Operation.UP, **selected)
        assert {result.status for result in results.values()} == {StackStatus.SUCCEEDED}, results
        return results

    def states(self) -> AccountStates:
        """Return what forgets states, by the manifest as it is now."""
        manifest = load_manifest(self.manifest)
        return AccountStates(manifest, self.stage.workspace, self.stage.driver.tools, composition.forget_state)

    def aws_says(self, account_id: str) -> str:
        """Return AWS's word for an account, asked as the commands ask."""
        manifest = self.stage.manifest
        env = caller_environment(self.stage.driver.tools.env, manifest.callers.administrator, manifest.region)
        return self.stage.driver.tools.call(ask_accounts, env).result().states[account_id]

    def roles_of(self, account_id: str) -> set[str]:
        """Return the names of the roles that an account has in AWS."""
        access = self.stage.access
        role = f"arn:aws:iam::{account_id}:role/{ACCOUNT_ROLE}"
        iam = access.client("iam", access.assume(self.stage.administrator, role, "test"))
        return {role["RoleName"] for role in iam.list_roles()["Roles"]}

    @property
    def manifest(self) -> Path:
        """The manifest's file."""
        return self.stage.manifest.path

    @property
    def ids(self) -> dict[str, str]:
        """The ids in the lock."""
        return dict(load_lock(self.stage.workspace.lock_path).accounts)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Deploy a small fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("life")
    manifest = folder / "fleet.yaml"
    manifest.write_text(POCKET_FLEET, encoding="utf-8")
    with staged(RehearsalOptions(manifest, dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, _ = deploy(stage)
        assert [result.error for result in results if result.error] == []
        yield Fleet(stage, folder / "twin.json")


def test_an_account_lives_and_leaves(fleet: Fleet) -> None:
    """An account is waited for, deployed, skipped while suspended, kept when released, and forgotten in the end."""
    before = fleet.manifest.read_text()
    options = ("--email", "new@pocket.example", "--var", "cidr=10.3.0.0/16")
    fleet.done("accounts", "add", "plat-new", "--unit", "plat", *options)
    change_settings(read_run_file(fleet.run_file), account_tries=1)
    results = fleet.drive(Operation.UP, wait=0)
    assert results["organization/core-root"].resource_changes["create"] == 1
    early = results.pop("bootstrap-subaccount/plat-new").error
    assert early is not None
    assert (early.code, "AccessDenied" in early.why) == ("FY364", True)
    assert results.pop("network/plat-new").reason is Reason.DEPENDENCY_FAILED
    assert {result.status for result in results.values()} == {StackStatus.SUCCEEDED}, results
    fleet.up(accounts=("plat-new",))
    account_id = fleet.ids["plat-new"]
    shown = fleet.done("accounts", "show", "plat-new", "--live")
    assert f"plat-new ({account_id}) in plat: created" in shown
    assert "network/plat-new: deployed" in shown
    code, _, said = fleet.run("accounts", "remove", "plat-new", "--yes")
    assert (code, "FY367" in said, "network/plat-new" in said) == (2, True, True)

    fleet.done("accounts", "suspend", "plat-new")
    for operation in Operation:
        results = fleet.drive(operation, accounts=("plat-new",))
        assert {result.reason for result in results.values()} == {Reason.SUSPENDED}, results
    assert not fleet.up(stacks=("organization",))["organization/core-root"].changed
    fleet.done("accounts", "resume", "plat-new")
    assert not any(result.changed for result in fleet.up(accounts=("plat-new",)).values())

    # The workload leaves the account in the manifest, and its state stays in the bucket: released all the same.
    everywhere, elsewhere = 'accounts: ["plat-*"]', "accounts: [plat-prod]  # not elsewhere"
    fleet.manifest.write_text(fleet.manifest.read_text().replace(everywhere, elsewhere))
    code, _, said = fleet.run("accounts", "remove", "plat-new", "--yes")
    assert (code, "network/plat-new (not in the manifest any more)" in said) == (2, True)
    released = json.loads(fleet.done("accounts", "release", "plat-new", "--yes", "--format", "json"))
    kept = [json.loads(Path(stack["kept"]).read_text()) for stack in released["stacks"]]
    assert len(kept) == 2
    assert all(len(state["deployment"]["resources"]) > 1 for state in kept)
    assert {result.reason for result in fleet.drive(Operation.UP, accounts=("plat-new",)).values()} == {
        Reason.SUSPENDED
    }
    fleet.manifest.write_text(fleet.manifest.read_text().replace(elsewhere, everywhere))
    forgotten = fleet.states().look("plat-new")
    assert (forgotten.deployed, forgotten.unplanned, forgotten.hollow) == ((), (), ())

    fleet.done("accounts", "remove", "plat-new", "--yes")
    assert fleet.manifest.read_text() == before
    assert "plat-new" not in fleet.ids
    fleet.up(stacks=("organization", "bootstrap"))
    assert "plat-new" not in fleet.ids
    assert "Admin" in fleet.roles_of(account_id)
    assert fleet.aws_says(account_id) == "ACTIVE"


def test_a_closed_account_fails_alone(fleet: Fleet) -> None:
    """An account that AWS has closed fails with AWS's word for it, is never made again, and all others go on."""
    account_id = fleet.ids["plat-dev"]
    fleet.stage.access.client("organizations", fleet.stage.administrator).close_account(AccountId=account_id)
    assert fleet.aws_says(account_id) in CLOSED
    results = fleet.drive(Operation.UP)
    error = results.pop("bootstrap-subaccount/plat-dev").error
    assert error is not None
    assert (error.code, any(word in error.why for word in CLOSED), "AccessDenied" in error.why) == ("FY365", True, True)
    assert results.pop("network/plat-dev").reason is Reason.DEPENDENCY_FAILED
    assert {result.status for result in results.values()} == {StackStatus.SUCCEEDED}, results

    fleet.drive(Operation.REFRESH, stacks=("organization",))
    organization = fleet.up(stacks=("organization",))["organization/core-root"]
    assert organization.resource_changes.get("create") is None
    assert any("plat-dev" in words and "not made a second time" in words for words in organization.warnings)
    assert fleet.ids["plat-dev"] == account_id

    states, told = fleet.states(), list[object]()
    states.forget_stacks(states.look("plat-dev").deployed, told.append)
    refuse_removal(states.look("plat-dev"))
    editor = ManifestEditor(fleet.manifest)
    editor.remove("plat-dev")
    removal = Removal("plat-dev", account_id, states.look("plat-dev"), editor.finish())
    remove_account_everywhere(removal, states, fleet.stage.workspace.lock_path, told.append)
    assert len(told) == 2
    assert "plat-dev" not in fleet.manifest.read_text()
    assert not fleet.up(stacks=("organization",))["organization/core-root"].warnings


def test_one_joins_the_twin_though_the_manifest_has_a_problem(fleet: Fleet) -> None:
    """Whoever mends it needs the twin: they are the administrator then, and are told; a role is still refused."""
    whole = fleet.manifest.read_text()
    named = variables_for(fleet.run_file, None)
    said: list[str] = []
    fleet.manifest.write_text(whole + "surplus: 1\n")
    try:
        variables = variables_for(fleet.run_file, None, said.append)
        with pytest.raises(ManifestInvalid, match="surplus"):
            variables_for(fleet.run_file, "Management-Admin")
    finally:
        fleet.manifest.write_text(whole)
    assert variables.keys() == named.keys()
    assert [words.partition(":")[0] for words in said] == ["FY101"]
    same = ("AWS_ENDPOINT_URL", "FLEETYARD_REHEARSAL", "PULUMI_HOME", "AWS_CONFIG_FILE")
    assert {name: variables[name] for name in same} == {name: named[name] for name in same}
