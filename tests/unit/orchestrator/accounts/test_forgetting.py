"""A stack, or one resource of it, is forgotten: kept in a file first, refused while anything is under way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from orchestrator.accounts.forget_job import ForgetJob, Forgotten
from orchestrator.accounts.forgetting import forget, without_resource
from orchestrator.accounts.lost_accounts import ACCOUNT_TYPE
from tests.unit.orchestrator.fleets import a_job

ROOT = {"urn": "root", "type": "pulumi:pulumi:Stack"}
ACCOUNT = {"urn": "account", "type": ACCOUNT_TYPE, "id": "2", "parent": "root", "protect": True}
OTHER = {"urn": "other", "type": ACCOUNT_TYPE, "id": "3", "parent": "root"}
POLICY = {
    "urn": "attachment",
    "type": "aws:organizations/policyAttachment:PolicyAttachment",
    "dependencies": ["account", "other"],
    "propertyDependencies": {"targetId": ["account"], "policyId": None},
    "deletedWith": "account",
}
BELOW = {"urn": "below", "type": "a:b:C", "parent": "account"}
DEPLOYMENT: dict[str, Any] = {"manifest": {"time": "t"}, "resources": [ROOT, ACCOUNT, OTHER, POLICY, BELOW]}


class Pulumi(PulumiCommand):
    """A Pulumi with one stack, or none: answers an export, and keeps what else it was told."""

    def __init__(self, deployment: Mapping[str, Any] | None, failing: str = "") -> None:
        self.command = "pulumi"
        self.version = VersionInfo.parse("3.272.0")
        self.deployment = deployment
        self.told: list[list[str]] = []
        self.imported: dict[str, Any] = {}
        self._failing = failing

    def run(self, args: list[str], *_where: object, **_more: object) -> CommandResult:
        """Answer, or fail where it is to."""
        if self.deployment is None:
            raise create_command_error(CommandResult("", "error: no stack named 'lab-one' found", 6))
        if args[1] == "export":
            return CommandResult(json.dumps({"version": 3, "deployment": self.deployment}), "", 0)
        if args[1] == self._failing:
            raise create_command_error(CommandResult("", "error: the stack is currently locked by 1 lock(s)", 255))
        if args[1] == "import":
            self.imported = json.loads(Path(args[3]).read_text())
        self.told.append(args)
        return CommandResult("", "", 0)


@pytest.fixture
def job(tmp_path: Path) -> ForgetJob:
    """Return the job of a stack whose files lie in a folder of the test."""
    (tmp_path / "Pulumi.yaml").write_text("name: network\nruntime: python\n", encoding="utf-8")
    files = {"project_file": tmp_path / "Pulumi.yaml", "work_dir": tmp_path / "work", "settings_dir": tmp_path}
    return ForgetJob(replace(a_job(), **files), tmp_path / "kept" / "state.json")


def test_a_stack_is_kept_in_a_file_and_removed(job: ForgetJob) -> None:
    """The whole state lies in a private file, then the stack goes and its settings stay."""
    pulumi = Pulumi(DEPLOYMENT)
    result = forget(lambda _job: pulumi, job)
    assert (result.outcome, result.resources, result.kept) == (Forgotten.FORGOTTEN, 4, job.keep_in)
    assert json.loads(job.keep_in.read_text())["deployment"] == DEPLOYMENT
    assert job.keep_in.stat().st_mode & 0o777 == 0o600
    assert pulumi.told == [["stack", "rm", "lab-one", "--yes", "--force", "--preserve-config"]]


@pytest.mark.parametrize(("deployment", "outcome"), [(None, Forgotten.ABSENT), ({}, Forgotten.FORGOTTEN)])
def test_nothing_is_kept_of_nothing(job: ForgetJob, deployment: Mapping[str, Any] | None, outcome: Forgotten) -> None:
    """A stack that is gone counts as forgotten, one that holds nothing is removed without a file."""
    result = forget(lambda _job: Pulumi(deployment), job)
    assert (result.outcome, result.kept, job.keep_in.exists()) == (outcome, None, False)


def test_operations_under_way_are_refused(job: ForgetJob) -> None:
    """A state with pending operations stays, and the message says how to settle them."""
    pending = {**DEPLOYMENT, "pending_operations": [{"type": "creating", "resource": {"urn": "urn:x"}}]}
    pulumi = Pulumi(pending)
    for each in (job, replace(job, only=(ACCOUNT_TYPE, "2"))):
        result = forget(lambda _job: pulumi, each)
        assert result.error is not None
        assert (result.outcome, result.error.code) == (Forgotten.FAILED, "FY368")
        assert "creating of urn:x" in result.error.why
        assert "--clear-pending-creates" in result.error.hint
    assert pulumi.told == []


def test_what_pulumi_refuses_is_told(job: ForgetJob) -> None:
    """A stack that somebody else has locked meanwhile stays, with the engine's words."""
    result = forget(lambda _job: Pulumi(DEPLOYMENT, failing="rm"), job)
    assert result.error is not None
    assert "locked" in result.error.summary


def test_an_account_that_was_moved_is_noted_in_its_unit(job: ForgetJob) -> None:
    """Inputs and outputs of the account alone say the new unit, and the state as it was is kept."""
    moved = {**ACCOUNT, "inputs": {"parentId": "ou-old", "name": "x"}, "outputs": {"parentId": "ou-old", "id": "2"}}
    other = {**OTHER, "inputs": {"parentId": "ou-old"}}
    before = {**DEPLOYMENT, "resources": [ROOT, moved, other]}
    pulumi = Pulumi(before)
    noting = replace(job, only=(ACCOUNT_TYPE, "2"), parent="ou-new")
    result = forget(lambda _job: pulumi, noting)
    assert (result.outcome, result.resources) == (Forgotten.NOTED, 1)
    after = {**moved, "inputs": {"parentId": "ou-new", "name": "x"}, "outputs": {"parentId": "ou-new", "id": "2"}}
    assert pulumi.imported["deployment"] == {**before, "resources": [ROOT, after, other]}
    assert json.loads(job.keep_in.read_text())["deployment"] == before
    again = Pulumi(pulumi.imported["deployment"])
    assert forget(lambda _job: again, noting).outcome is Forgotten.ABSENT
    assert again.told == []


@pytest.mark.parametrize("deployment", [None, {}, DEPLOYMENT])
def test_where_no_unit_is_noted_none_is_written(job: ForgetJob, deployment: Mapping[str, Any] | None) -> None:
    """Without a state, or with an account that the program did not make, there is nothing to do."""
    pulumi = Pulumi(deployment)
    result = forget(lambda _job: pulumi, replace(job, only=(ACCOUNT_TYPE, "9"), parent="ou-new"))
    assert (result.outcome, pulumi.told) == (Forgotten.ABSENT, [])


def test_one_resource_is_forgotten_and_the_rest_stays(job: ForgetJob) -> None:
    """The account and what lies below it leave the state; what depended on it stays, without naming it."""
    pulumi = Pulumi(DEPLOYMENT)
    result = forget(lambda _job: pulumi, replace(job, only=(ACCOUNT_TYPE, "2")))
    independent = {**POLICY, "dependencies": ["other"], "propertyDependencies": {"targetId": [], "policyId": []}}
    del independent["deletedWith"]
    assert (result.outcome, result.resources) == (Forgotten.FORGOTTEN, 2)
    assert pulumi.imported["deployment"]["resources"] == [ROOT, OTHER, independent]
    assert json.loads(job.keep_in.read_text())["deployment"] == DEPLOYMENT
    assert not list(job.stack.work_dir.glob("forgetting*"))


def test_a_resource_that_is_not_there_is_forgotten_already(job: ForgetJob) -> None:
    """Without such a resource the state is left as it is."""
    pulumi = Pulumi(DEPLOYMENT)
    assert forget(lambda _job: pulumi, replace(job, only=(ACCOUNT_TYPE, "9"))).outcome is Forgotten.ABSENT
    assert pulumi.told == []
    assert without_resource({}, ACCOUNT_TYPE, "2") == ({"resources": []}, 0)
