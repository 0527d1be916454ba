"""Pulumi by hand and the driver take turns on the same stacks; on the real CLI too where `pulumi` is on PATH."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from landing_zone.lock import load_lock
from orchestrator import composition
from orchestrator.by_hand import HandTools, Invocation
from orchestrator.cli.app import run
from orchestrator.cli.twin_variables import variables_for
from orchestrator.cli.world import World, real_world
from orchestrator.planning.plan import StackKind
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import Stage, deploy
from orchestrator.running.job import EngineKind, Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backends
from tests.support.pocket_fleet import POCKET_FLEET

NETWORK, SUBACCOUNT = StackId("network", "plat-dev"), StackId("bootstrap-subaccount", "plat-dev")
FOLDERS = {NETWORK: "workloads/network", SUBACCOUNT: "bootstrap-subaccount"}
WHO = {NETWORK: None, SUBACCOUNT: "admin"}


@dataclass(frozen=True)
class Fleet:
    """A deployed fleet, and both ways of running its stacks."""

    stage: Stage
    engine: EngineKind
    run_file: Path

    def drive(self, operation: Operation, stack: StackId) -> StackResult:
        """Let the driver run a stack."""
        (result,) = self.stage.driver.run(operation, (stack,))
        assert result.status is StackStatus.SUCCEEDED, result.error
        return result

    def by_hand(self, stack: StackId, *arguments: str, principal: str | None) -> tuple[int, str]:
        """Run Pulumi in the program's folder as a principal; returns its exit code and what it said."""
        env = {**os.environ, **variables_for(self.run_file, principal)}
        folder = self.stage.workspace.root / FOLDERS[stack]
        if self.engine is EngineKind.EMBEDDED:
            out = io.StringIO()
            code = run(["pulumi", *arguments, "--stack", stack.stack_name], World(**_parts(env, folder, out)))
            return code, out.getvalue()
        command = self._invocation(arguments, folder, env)
        typed = ["pulumi", *command.arguments, "--stack", stack.stack_name, "--non-interactive"]
        path = os.pathsep.join([str(composition.PLUGIN_FOLDER), env["PATH"]])
        done = subprocess.run(
            typed, cwd=command.folder, env={**command.env, "PATH": path}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def _invocation(self, arguments: tuple[str, ...], folder: Path, env: dict[str, str]) -> Invocation:
        manifest, workspace = self.stage.manifest, self.stage.workspace
        backends = Backends(manifest, workspace, composition.bucket_options(env))
        lock = load_lock(workspace.lock_path)
        return HandTools(manifest, workspace, self.stage.driver.plan, lock, backends).invocation(arguments, folder, env)


def _parts(env: dict[str, str], folder: Path, out: io.StringIO) -> dict[str, object]:
    world = real_world()
    parts = {name: getattr(world, name) for name in World.__dataclass_fields__}
    return {**parts, "env": env, "folder": folder, "out": out, "err": out, "ask": None, "live": False}


@pytest.fixture(scope="module", params=list(EngineKind))
def fleet(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Deploy a small fleet on a twin of its own, by one engine."""
    engine = EngineKind(request.param)
    if engine is EngineKind.PULUMI and shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi CLI is not on PATH")
    folder = tmp_path_factory.mktemp("hand")
    manifest = folder / "fleet.yaml"
    manifest.write_text(POCKET_FLEET, encoding="utf-8")
    run_file = folder / "twin.json"
    with staged(RehearsalOptions(manifest, dict(os.environ), engine=engine, run_file=run_file)) as stage:
        results, _ = deploy(stage)
        assert [result.error for result in results if result.error] == []
        assert {planned.kind for planned in stage.driver.plan.stacks} >= {StackKind.WORKLOAD, StackKind.SUBACCOUNT}
        yield Fleet(stage, engine, run_file)


@pytest.mark.parametrize("stack", FOLDERS, ids=str)
def test_the_driver_and_a_person_see_the_same(fleet: Fleet, stack: StackId) -> None:
    """Driver up, up by hand, driver preview, up by hand, driver up: nothing changes anywhere."""
    assert not fleet.drive(Operation.UP, stack).changed
    for operation in (Operation.PREVIEW, Operation.UP):
        code, said = fleet.by_hand(stack, "up", "--yes", "--skip-preview", principal=WHO[stack])
        assert (code, "unchanged" in said) == (0, True), said
        assert not any(word in said for word in (" created", " updated", " deleted", " replaced")), said
        assert not fleet.drive(operation, stack).changed


def test_a_foundation_stack_is_denied_to_the_management_role(fleet: Fleet) -> None:
    """`bootstrap-subaccount` by hand as Management-Admin is refused by AWS, and nothing is changed."""
    code, said = fleet.by_hand(SUBACCOUNT, "up", "--yes", principal="Management-Admin")
    assert code != 0
    assert "is not authorized to perform: sts:AssumeRole" in said
    if fleet.engine is EngineKind.EMBEDDED:
        assert "bootstrap-subaccount is run by the administrator caller, and you are Management-Admin" in said
        assert "fleetyard twin env --as admin" in said
    assert not fleet.drive(Operation.PREVIEW, SUBACCOUNT).changed


def test_config_changed_by_hand_is_noticed_and_put_back(fleet: Fleet) -> None:
    """After `config set` by hand the driver's preview says which key; its up puts the manifest's value back."""
    code, said = fleet.by_hand(NETWORK, "config", "set", "fleetyard:account", "plat-prod", principal=None)
    assert code == 0, said
    seen = fleet.drive(Operation.PREVIEW, NETWORK)
    assert "config changed by hand: fleetyard:account; up would put back what the manifest says" in seen.warnings
    assert not seen.changed
    done = fleet.drive(Operation.UP, NETWORK)
    assert "config changed by hand: fleetyard:account; put back what the manifest says" in done.warnings
    assert not any("by hand" in warning for warning in fleet.drive(Operation.PREVIEW, NETWORK).warnings)


def test_a_whole_life_by_hand(fleet: Fleet) -> None:
    """destroy, stack rm, stack init, up: by hand as by the driver, which then sees no change."""
    lines = (
        ("destroy", "--yes", "--skip-preview"),
        ("stack", "rm", "--yes", "--preserve-config"),
    )
    for line in lines:
        code, said = fleet.by_hand(NETWORK, *line, principal=None)
        assert code == 0, said
    assert fleet.drive(Operation.UP, NETWORK).resource_changes["create"] > 0
    for line in (
        ("refresh", "--yes", "--skip-preview"),
        ("stack", "history"),
        ("stack", "export"),
        ("stack", "output"),
    ):
        code, said = fleet.by_hand(NETWORK, *line, principal=None)
        assert code == 0, said
    assert not fleet.drive(Operation.PREVIEW, NETWORK).changed
