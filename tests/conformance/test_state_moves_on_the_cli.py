"""The real CLI moves a stack's state between files and S3 as the embedded engine does, and finishes what it began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from orchestrator.state.move_job import Outcome, Step
from orchestrator.state.places import BackendName
from tests.support.moving_stack import Cut, MovingStack, cut_after, new_moving_stack, other
from tests.support.twin_fixtures import RunningTwin, TwinAws
from tests.unit.engine_store.cloud_workbench import on_twin
from tests.unit.engine_store.workbench import real

pytestmark = pytest.mark.real_engine
FILES, BUCKET = BackendName.FILES, BackendName.BUCKET


@pytest.fixture
def stack(
    tmp_path: Path, running_twin: RunningTwin, aws: TwinAws, numbers: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> MovingStack:
    """Return a stack that the real CLI moves; this process acts as the twin's administrator."""
    for name, value in running_twin.environment(aws.administrator).items():
        monkeypatch.setenv(name, value)
    command = real()
    return new_moving_stack(tmp_path, running_twin, aws, f"cli-moves-{next(numbers)}", lambda: command)


def by(stack: MovingStack, command: PulumiCommand) -> MovingStack:
    """Return the same stack under another engine."""
    return replace(stack, make_command=lambda: command)


def test_the_cli_moves_there_and_back(stack: MovingStack) -> None:
    """Each way the stack arrives whole, and either engine opens its secrets."""
    stack.make(FILES)
    for target in (BUCKET, FILES):
        result = stack.move(target)
        assert (result.outcome, result.error) == (Outcome.MOVED, None)
        stack.assert_whole(target)
        by(stack, on_twin()).assert_whole(target)


@pytest.mark.parametrize("step", [Step.INITIALISED, Step.IMPORTED, Step.ENCRYPTED, Step.SETTINGS_WRITTEN])
@pytest.mark.parametrize("target", [FILES, BUCKET], ids=lambda name: name.value)
def test_the_other_engine_finishes_a_move(stack: MovingStack, target: BackendName, step: Step) -> None:
    """What the CLI began the embedded engine ends, cut short after any step that changes something."""
    stack.make(other(target))
    with pytest.raises(Cut):
        stack.move(target, cut_after(step))
    assert by(stack, on_twin()).move(target).outcome is Outcome.FINISHED
    stack.assert_whole(target)


@pytest.mark.parametrize("target", [FILES, BUCKET], ids=lambda name: name.value)
def test_the_cli_finishes_a_move(stack: MovingStack, target: BackendName) -> None:
    """What the embedded engine began the CLI ends, the settings file being the last thing that was missing."""
    stack.make(other(target))
    with pytest.raises(Cut):
        by(stack, on_twin()).move(target, cut_after(Step.ENCRYPTED))
    assert stack.move(target).outcome is Outcome.FINISHED
    stack.assert_whole(target)


def test_a_stack_made_by_the_cli_and_never_deployed_moves(stack: MovingStack) -> None:
    """The CLI's empty stack, which has no deployment at all, is moved with its settings."""
    stack.run(FILES, "stack", "init", "lab-one", "--no-select")
    stack.run(FILES, "config", "set", "--secret", "password", "hunter2", "--stack", "lab-one")
    assert stack.move(BUCKET).outcome is Outcome.MOVED
    assert stack.export(FILES) is None
    assert stack.run(BUCKET, "config", "get", "password", "--stack", "lab-one").strip() == "hunter2"
    assert stack.move(FILES).outcome is Outcome.MOVED
    assert stack.run(FILES, "config", "get", "password", "--stack", "lab-one").strip() == "hunter2"
