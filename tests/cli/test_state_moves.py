"""Moving one stack's state between files and a bucket of the twin, whole or cut short anywhere."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from orchestrator.composition import pulumi_command
from orchestrator.files.project_files import salt_of
from orchestrator.state.encryption import write_encryption
from orchestrator.state.move import move_in_own_process, move_stack
from orchestrator.state.move_job import MoveJob, MoveResult, Outcome, Step
from orchestrator.state.places import BackendName
from orchestrator.workers.pool import ChildDied, ForkPool
from tests.support.moving_stack import (
    DEPLOYMENT,
    HUNTER,
    OPEN_SESAME,
    Cut,
    MovingStack,
    cut_after,
    new_moving_stack,
    other,
)
from tests.support.twin_fixtures import RunningTwin, TwinAws
from tests.unit.engine_store.cloud_workbench import on_twin

FILES, BUCKET = BackendName.FILES, BackendName.BUCKET


@pytest.fixture
def stack(
    tmp_path: Path,
    running_twin: RunningTwin,
    aws: TwinAws,
    numbers: Iterator[int],
    monkeypatch: pytest.MonkeyPatch,
) -> MovingStack:
    """Return a stack that is not made yet, with two backends; this process acts as the twin's administrator."""
    command: PulumiCommand = on_twin()
    for name, value in running_twin.environment(aws.administrator).items():
        monkeypatch.setenv(name, value)
    return new_moving_stack(tmp_path, running_twin, aws, f"moves-{next(numbers)}", lambda: command)


@pytest.mark.parametrize("target", [FILES, BUCKET], ids=lambda name: name.value)
def test_a_state_arrives_whole(stack: MovingStack, target: BackendName) -> None:
    """After a move the other backend alone holds the stack, and the settings file opens it and its own secrets."""
    stack.make(other(target))
    result = stack.move(target)
    assert (result.outcome, result.resources, result.error) == (Outcome.MOVED, 1, None)
    stack.assert_whole(target)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("target", [FILES, BUCKET], ids=lambda name: name.value)
def test_a_move_cut_short_after_any_step_is_finished(stack: MovingStack, target: BackendName, step: Step) -> None:
    """Whichever step was the last, the settings still open, and the same move again leaves the stack whole."""
    stack.make(other(target))
    with pytest.raises(Cut):
        stack.move(target, cut_after(step))
    anywhere = other(target) if stack.export(other(target)) is not None else target
    assert stack.run(anywhere, "config", "get", "password", "--stack", "lab-one").strip() == HUNTER
    again = stack.move(target)
    assert again.error is None
    assert again.outcome is (Outcome.THERE if step is Step.REMOVED else Outcome.FINISHED)
    stack.assert_whole(target)


def move_and_die(argument: tuple[MoveJob, Step]) -> MoveResult:
    """Move a stack and be killed after a step."""
    job, step = argument
    os.environ.update(job.target.env)

    def reached(done: Step) -> None:
        if done is step:
            os.kill(os.getpid(), signal.SIGKILL)

    return move_stack(pulumi_command, job, reached)


@pytest.mark.parametrize("step", [Step.IMPORTED, Step.ENCRYPTED])
def test_a_killed_move_is_finished_by_the_same_command(stack: MovingStack, step: Step) -> None:
    """A process killed outright leaves a move that another process ends."""
    stack.make(FILES)
    with ForkPool(1) as pool:
        with pytest.raises(ChildDied, match="SIGKILL"):
            pool.submit(move_and_die, (stack.job(BUCKET), step)).result()
        result = pool.submit(move_in_own_process, pulumi_command, stack.job(BUCKET)).result()
    assert result.error is None
    stack.assert_whole(BUCKET)


def test_no_secret_is_written_in_the_clear(stack: MovingStack) -> None:
    """There and back again, no file that a move leaves or makes on its way holds a secret in the clear."""
    stack.make(FILES)
    seen: list[str] = []
    for target in (BUCKET, FILES):
        assert stack.move(target, lambda _step: seen.append(stack.on_disk())).error is None
    assert len(seen) == 2 * len(Step)
    assert not any(secret in text for text in seen for secret in (OPEN_SESAME, HUNTER))


def test_two_different_states_are_both_left(stack: MovingStack) -> None:
    """Where both backends hold another state nothing is changed, and FY322 says how to look at each."""
    stack.make(FILES)
    with pytest.raises(Cut):
        stack.move(BUCKET, cut_after(Step.IMPORTED))
    stack.put(BUCKET, {"resources": DEPLOYMENT["resources"][:2]})
    before = (stack.export(FILES), stack.export(BUCKET), stack.settings.read_text(encoding="utf-8"))
    result = stack.move(BUCKET)
    assert result.error is not None
    assert (result.outcome, result.error.code, result.error.exit_code) == (Outcome.FAILED, "FY322", 1)
    assert [part.split(": ")[1].split(",")[0] for part in result.error.why.split("; ")] == ["1 resource", "0 resources"]
    assert all(words in result.error.hint for words in ("look files", "look bucket", "aside files", "aside bucket"))
    assert (stack.export(FILES), stack.export(BUCKET), stack.settings.read_text(encoding="utf-8")) == before


def test_pending_operations_are_not_moved(stack: MovingStack) -> None:
    """A state with pending operations stays where it is: FY323 names them and the commands that settle them."""
    stack.make(FILES)
    file = stack.folder / "state" / ".pulumi" / "stacks" / "network" / "lab-one.json"
    pending = '"pending_operations":[{"resource":{"urn":"urn:pulumi:lab-one::network::a:b:C::x"},"type":"creating"}]'
    text = file.read_text(encoding="utf-8")
    at = text.index('"resources":')
    file.write_text(f"{text[:at]}{pending},{text[at:]}", encoding="utf-8")
    result = stack.move(BUCKET)
    assert result.error is not None
    assert result.error.code == "FY323"
    assert "creating of urn:pulumi:lab-one::network::a:b:C::x" in result.error.why
    assert "fleetyard refresh --clear-pending-creates --stack network/lab-one" in result.error.hint
    assert stack.export(BUCKET) is None


def test_a_state_changed_on_the_way_is_not_removed(stack: MovingStack) -> None:
    """A source that somebody deployed to while it was moved is kept: FY325."""
    stack.make(FILES)

    def deploy(step: Step) -> None:
        if step is Step.HISTORY_COPIED:
            stack.put(FILES, {"resources": DEPLOYMENT["resources"][:2]})

    result = stack.move(BUCKET, deploy)
    assert result.error is not None
    assert (result.error.code, result.error.hint) == ("FY325", "fleetyard state migrate --stack network/lab-one")
    assert len(stack.opened(FILES)) == 2


def test_settings_changed_on_the_way_are_not_overwritten(stack: MovingStack) -> None:
    """An edit of the settings file during the move is kept: FY326; the same move again goes on with it."""
    stack.make(FILES)

    def edit(step: Step) -> None:
        if step is Step.ENCRYPTED:
            text = stack.settings.read_text(encoding="utf-8")
            stack.settings.write_text(f"{text}  network:size: large\n", encoding="utf-8")

    result = stack.move(BUCKET, edit)
    assert result.error is not None
    assert result.error.code == "FY326"
    assert stack.move(BUCKET).outcome is Outcome.FINISHED
    assert "network:size: large" in stack.settings.read_text(encoding="utf-8")
    stack.assert_whole(BUCKET)


def test_settings_half_changed_by_hand_are_opened_by_the_states_own_word(stack: MovingStack) -> None:
    """A file that names a new key over values of the old one is encrypted anew by what the state itself names."""
    stack.make(FILES)
    salt = salt_of(stack.settings)
    with pytest.raises(Cut):
        stack.move(BUCKET, cut_after(Step.ENCRYPTED))
    _, stored = stack.encryption(BUCKET)
    stack.run(BUCKET, "stack", "rm", "lab-one", "--yes", "--force", "--preserve-config")
    write_encryption(stack.settings, stored)
    result = stack.move(BUCKET)
    assert result.error is None
    assert salt
    assert salt not in stack.settings.read_text(encoding="utf-8")
    stack.assert_whole(BUCKET)


def test_settings_that_name_another_key_are_settled_after_the_move(stack: MovingStack) -> None:
    """A moved stack whose settings file was put back to its old form is opened by its state's own word again."""
    stack.make(FILES)
    stack.run(FILES, "config", "rm", "password", "--stack", "lab-one")
    old = stack.settings.read_text(encoding="utf-8")
    assert stack.move(BUCKET).outcome is Outcome.MOVED
    stack.settings.write_text(old, encoding="utf-8")
    assert stack.move(BUCKET).outcome is Outcome.SETTLED
    said, stored = stack.encryption(BUCKET)
    assert said == stored
    assert stack.move(BUCKET).outcome is Outcome.THERE


def test_history_and_tags_go_along(stack: MovingStack) -> None:
    """What was done to a stack is told of it in its new backend, and is gone from the old one."""
    stack.make(FILES)
    stack.run(FILES, "stack", "tag", "set", "owner", "team-red", "--stack", "lab-one")
    folder = stack.folder / "state" / ".pulumi" / "history" / "network" / "lab-one"
    folder.mkdir(parents=True)
    entry = {"kind": "update", "startTime": 1, "endTime": 2, "message": "first", "result": "succeeded"}
    text = json.dumps({**entry, "environment": {}, "config": {}, "resourceChanges": {}})
    (folder / "lab-one-1.history.json").write_text(text, encoding="utf-8")
    assert stack.move(BUCKET).history == 2
    assert stack.run(BUCKET, "stack", "tag", "get", "owner", "--stack", "lab-one").strip() == "team-red"
    assert '"message": "first"' in stack.run(BUCKET, "stack", "history", "--json", "--stack", "lab-one")
    assert not list(folder.glob("*"))


def test_a_stack_without_a_state_has_nothing_to_move(stack: MovingStack) -> None:
    """Where neither backend has the stack it is absent, and none is made."""
    assert stack.move(BUCKET).outcome is Outcome.ABSENT
    assert stack.export(BUCKET) is None


def test_a_stack_made_and_never_deployed_moves(stack: MovingStack) -> None:
    """A stack without resources is moved with its settings."""
    stack.run(FILES, "stack", "init", "lab-one", "--no-select")
    stack.run(FILES, "config", "set", "--secret", "password", HUNTER, "--stack", "lab-one")
    assert stack.move(BUCKET).outcome is Outcome.MOVED
    assert stack.export(FILES) is None
    assert stack.run(BUCKET, "config", "get", "password", "--stack", "lab-one").strip() == HUNTER


def test_a_lock_taken_on_the_way_stops_the_move(stack: MovingStack) -> None:
    """A source that a run has locked meanwhile is not removed: FY402 says to wait, and who looks at old locks."""
    stack.make(FILES)
    lock = stack.folder / "state/.pulumi/locks/organization/network/lab-one/11111111-2222-3333-4444-555555555555.json"
    held = {"pid": 7, "username": "ada", "hostname": "elsewhere", "timestamp": "2026-11-21T12:00:00Z"}

    def take(step: Step) -> None:
        if step is Step.HISTORY_COPIED:
            lock.parent.mkdir(parents=True, exist_ok=True)
            lock.write_text(json.dumps(held), encoding="utf-8")

    result = stack.move(BUCKET, take)
    assert result.error is not None
    assert result.error.code == "FY402"
    assert result.error.hint.endswith("fleetyard state doctor --stack network/lab-one")
    lock.unlink()
    assert stack.move(BUCKET).outcome is Outcome.FINISHED
    stack.assert_whole(BUCKET)


def test_a_wrong_passphrase_moves_nothing(stack: MovingStack) -> None:
    """Secrets that the passphrase does not open stop the move before the source is touched: FY404."""
    stack.make(FILES)
    before = stack.export(FILES)
    for job in stack.jobs.values():
        dict.__setitem__(job.env, "PULUMI_CONFIG_PASSPHRASE", "barley")  # type: ignore[arg-type]
    result = stack.move(BUCKET)
    assert result.error is not None
    assert (result.error.code, result.error.exit_code) == ("FY404", 3)
    assert result.error.hint.endswith("fleetyard state migrate --stack network/lab-one")
    assert stack.export(FILES) == before
