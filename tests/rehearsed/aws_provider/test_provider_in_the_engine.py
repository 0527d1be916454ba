"""The provider and the embedded engine together, in one process as in a rehearsal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsed.aws_provider.engine_run import TRUST
from tests.rehearsed.aws_provider.world import World
from tests.support.repository import ROOT
from tests.support.twin_fixtures import RunningTwin, TwinAws


@pytest.fixture(scope="module")
def steps(
    running_twin: RunningTwin, aws: TwinAws, world: World, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """Run the stack through its life and return what each step reported."""
    tags = [{"Key": "org", "Value": "acme"}]
    aws.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument=TRUST, Tags=tags)
    folder = str(tmp_path_factory.mktemp("engine"))
    answer = subprocess.run(
        [sys.executable, "-m", "tests.rehearsed.aws_provider.engine_run", folder, world.root()],
        env={**os.environ, **running_twin.environment(aws.administrator)},
        cwd=Path(ROOT),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return {step["step"]: step for step in map(json.loads, answer.stdout.splitlines())}


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        pytest.param("preview", {"create": 5}, id="a preview creates nothing and says what it would"),
        pytest.param("create", {"create": 5}, id="an update creates what the preview said"),
        pytest.param("again", {"same": 5}, id="a second update changes nothing"),
        pytest.param("refresh", {"same": 5}, id="a refresh of untouched resources changes nothing"),
        pytest.param("replace", {"replace": 2, "same": 3}, id="a replacing property replaces, dependents too"),
        pytest.param("import", {"import": 1, "same": 5}, id="an import takes a resource over as it is"),
        pytest.param("completed", {"update": 1, "same": 6}, id="a half-made resource is completed, not made again"),
        pytest.param("at rest", {"same": 7}, id="afterwards nothing is left to do"),
    ],
)
def test_each_step_changes_what_it_says(steps: dict[str, dict[str, Any]], step: str, changes: dict[str, int]) -> None:
    """Each step of a stack's life makes the changes it is there for, and no others."""
    found = {name: count for name, count in steps[step]["changes"].items() if count}
    assert found == changes


def test_a_half_made_resource_is_reported_with_awss_words(steps: dict[str, dict[str, Any]]) -> None:
    """The failed step names the resource and quotes AWS."""
    assert "creating Organizations Account" in steps["incomplete"]["error"]
    assert "MoveAccount" in steps["incomplete"]["error"]


def test_everything_is_destroyed(steps: dict[str, dict[str, Any]]) -> None:
    """Destroying the stack deletes all that it holds."""
    assert steps["destroy"]["changes"] == {"delete": 7}
