"""The mistakes shipped for people to try are the mistakes they say they are."""

from __future__ import annotations

import json

from landing_zone.manifest import load_manifest
from landing_zone.stack_config import for_workload
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleets import full_lock
from tests.unit.programs.program_under_mocks import Ran, run_program

MISTAKES = ROOT / "examples" / "mistakes"


def _run(mistake: str) -> Ran:
    manifest = load_manifest(MISTAKES / mistake / "fleet.yaml")
    workload = manifest.workloads[mistake]
    assert workload.folder == MISTAKES / mistake
    assert workload.accounts == ("dev",)
    config = for_workload(manifest, full_lock(manifest), mistake, "dev")
    return run_program(MISTAKES / mistake, config, project=mistake, stack="dev")


def test_the_forgotten_provider() -> None:
    """The program makes a provider, and its bucket does not use it."""
    ran = _run("forgotten-provider")
    assert ran.only("pulumi:providers:aws")
    assert ran.only("aws:s3/bucket:Bucket").provider == ""


def test_the_wrong_account() -> None:
    """The provider assumes a role of another account than the one it allows."""
    inputs = _run("wrong-account").only("pulumi:providers:aws").inputs
    (assumed,) = json.loads(inputs["assumeRoles"])
    assert json.loads(inputs["allowedAccountIds"]) == ["200000000002"]
    assert assumed["roleArn"] == "arn:aws:iam::200000000003:role/Admin"
