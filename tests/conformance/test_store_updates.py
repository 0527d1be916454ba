"""Preview, up, refresh, destroy around a deployment of the test's own: order, records, locks, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rehearsal.engine.errors import StateNotWrittenError
from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, Snapshot
from rehearsal.engine.update import (
    Collaborators,
    StepOp,
    UpdateKind,
    UpdateOutcome,
    UpdateRequest,
    UpdateResult,
)
from rehearsal.engine.values import Secret
from rehearsal.errors import RehearsalError
from tests.unit.engine_store.workbench import Bench, embedded, new_bench, nothing_to_do

UP = ("up", "--yes", "--skip-preview", "--stack", "dev")
ROOT = ResourceState(
    "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev",
    "pulumi:pulumi:Stack",
    custom=False,
    outputs={"n": 1, "s": Secret("hidden")},
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a project with a stack `dev`."""
    bench = new_bench(tmp_path, embedded(nothing_to_do))
    bench.ok("stack", "init", "dev")
    return bench


def making_a_resource(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
    """Stand in for a deployment that makes the root resource, recording before and after."""
    if request.dry_run:
        return UpdateOutcome(UpdateResult.SUCCEEDED, request.snapshot, {StepOp.CREATE: 1})
    before = Snapshot(request.snapshot.resources, (PendingOperation(ROOT, PendingKind.CREATING),))
    collaborators.journal.record(before)
    after = Snapshot((ROOT,))
    collaborators.journal.record(after)
    return UpdateOutcome(UpdateResult.SUCCEEDED, after, {StepOp.CREATE: 1}, dict(ROOT.outputs))


def ending(result: UpdateResult, error: str, *, program: bool = False) -> Callable[..., UpdateOutcome]:
    """Return a deployment that ends in a certain way."""

    def run(request: UpdateRequest, _collaborators: Collaborators) -> UpdateOutcome:
        return UpdateOutcome(result, request.snapshot, {StepOp.SAME: 1}, error=error, program_error=program)

    return run


def latest_history(bench: Bench) -> dict[str, Any]:
    """Return the latest history entry."""
    found: dict[str, Any] = json.loads(bench.ok("stack", "history", "--json", "--stack", "dev"))[0]
    return found


def locks(bench: Bench) -> list[Path]:
    """Return the lock files there are."""
    return [path for path in (bench.state / "locks").rglob("*") if path.is_file()]


def test_a_deployment_is_told_everything(bench: Bench) -> None:
    """A request holds project, stack, state, configuration in clear, options and environment."""
    seen: list[UpdateRequest] = []

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        seen.append(request)
        return nothing_to_do(request, collaborators)

    bench.ok("config", "set", "--secret", "a", "s", "--stack", "dev")
    options = ("--parallel", "3", "--refresh", "--continue-on-error", "--client=127.0.0.1:1", "--message", "m")
    bench.with_command(embedded(run)).ok(*UP, *options)
    (request,) = seen
    assert (request.kind, request.dry_run, request.stack) == (UpdateKind.UPDATE, False, "dev")
    assert (request.project.name, request.project.root, request.client) == ("demo", bench.project, "127.0.0.1:1")
    assert (request.config["demo:a"].plaintext, request.config["demo:a"].secret) == ("s", True)
    assert (request.options.parallel, request.options.refresh, request.options.continue_on_error) == (3, True, True)
    assert (request.env["PULUMI_CONFIG_PASSPHRASE"], request.env["PULUMI_AUTOMATION_API"]) == ("x", "true")
    assert latest_history(bench)["message"] == "m"


def test_an_update_leaves_state_history_and_backup(bench: Bench) -> None:
    """After an update the state holds the resource, the entry counts it, a backup lies by, and no lock is left."""
    ran = bench.with_command(embedded(making_a_resource)).run(*UP)
    assert (ran.code, ran.stderr) == (0, "")
    assert json.loads(bench.ok("stack", "output", "--json", "--stack", "dev")) == {"n": 1, "s": "[secret]"}
    assert b"hidden" not in b"".join(bench.files().values())
    entry = latest_history(bench)
    assert (entry["kind"], entry["result"], entry["resourceChanges"]) == ("update", "succeeded", {"create": 1})
    assert len(list((bench.state / "backups/demo/dev").iterdir())) == 1
    assert locks(bench) == []


def test_the_last_state_is_written_even_if_nothing_was_recorded(bench: Bench) -> None:
    """What a deployment returns is what is in the file afterwards; after a dry run the file is as it was."""

    def run(_request: UpdateRequest, _collaborators: Collaborators) -> UpdateOutcome:
        return UpdateOutcome(UpdateResult.SUCCEEDED, Snapshot((ROOT,)))

    bench.with_command(embedded(run)).ok(*UP)
    assert json.loads(bench.ok("stack", "output", "--json", "--stack", "dev"))["n"] == 1


def test_a_preview_changes_no_file(bench: Bench) -> None:
    """Neither a preview nor a preview of refresh or destroy writes anything, nor takes a lock."""
    before = bench.files()
    previews = bench.with_command(embedded(making_a_resource))
    for command in (("preview",), ("refresh", "--preview-only"), ("destroy", "--preview-only")):
        previews.ok(*command, "--stack", "dev")
    assert bench.files() == before


def test_a_preview_runs_while_the_stack_is_locked(bench: Bench) -> None:
    """A held lock stops an update in the SDK's words, and no preview."""

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        other = bench.with_command(embedded(nothing_to_do))
        assert other.run("preview", "--stack", "dev").code == 0
        refused = other.run(*UP)
        assert (refused.error, f"(pid {os.getpid()})" in refused.stderr) == ("ConcurrentUpdateError", True)
        return nothing_to_do(request, collaborators)

    bench.with_command(embedded(run)).ok(*UP)
    assert locks(bench) == []


def test_the_guard_comes_before_everything(bench: Bench) -> None:
    """What the guard refuses is not begun; it sees the whole environment."""
    seen: list[Mapping[str, str]] = []

    def guard(env: Mapping[str, str]) -> None:
        seen.append(env)
        raise RehearsalError("this is no twin of ours")

    before = bench.files()
    guarded = bench.with_command(embedded(making_a_resource, guard))
    for command in (("preview",), ("up", "--yes"), ("refresh", "--yes"), ("destroy", "--yes")):
        ran = guarded.run(*command, "--stack", "dev", env={"AWS_ENDPOINT_URL": "http://somewhere"})
        assert (ran.code, "this is no twin of ours" in ran.stderr) == (1, True)
    assert [env["AWS_ENDPOINT_URL"] for env in seen] == ["http://somewhere"] * 4
    assert bench.files() == before
    guarded.ok("stack", "ls", "--json")


def test_yes_alone_previews_first(bench: Bench) -> None:
    """Without --skip-preview a dry run comes first, and an update is not begun if it fails."""
    runs: list[bool] = []

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        runs.append(request.dry_run)
        return nothing_to_do(request, collaborators)

    bench.with_command(embedded(run)).ok("up", "--yes", "--stack", "dev")
    assert runs == [True, False]
    failing = bench.with_command(embedded(ending(UpdateResult.FAILED, "no")))
    assert failing.run("up", "--yes", "--stack", "dev").code == 1
    assert json.loads(bench.ok("stack", "history", "--json", "--stack", "dev"))[1:] == []


def test_a_failed_update_is_in_the_history(bench: Bench) -> None:
    """FY517: a failure is told on standard error, and recorded with what it did."""
    ran = bench.with_command(embedded(ending(UpdateResult.FAILED, "aws: access denied"))).run(*UP)
    assert (ran.code, ran.error) == (1, "CommandError")
    assert "FY517: up failed: aws: access denied" in ran.stderr
    assert (latest_history(bench)["result"], latest_history(bench)["resourceChanges"]) == ("failed", {"same": 1})


def test_a_programs_error_is_told_by_the_sdks_marker(bench: Bench) -> None:
    """An inline program that raised is recognised by the SDK; its traceback is not on standard error."""
    error = 'boom\nTraceback (most recent call last):\n  File "x", line 1, in y\nValueError: boom'
    ran = bench.with_command(embedded(ending(UpdateResult.FAILED, error, program=True))).run(
        *UP, "--client=127.0.0.1:1"
    )
    assert (ran.error, "Traceback" in ran.stderr) == ("InlineSourceRuntimeError", False)
    assert "up failed: boom ValueError: boom" in ran.stderr
    assert "python inline source runtime error: boom" in ran.stdout


@pytest.mark.parametrize(
    "words",
    [
        "no stack named 'x' found",
        "stack role already exists",
        "[409] Conflict: Another update is currently in progress.",
    ],
)
def test_a_providers_words_are_not_taken_for_the_stacks(bench: Bench, words: str) -> None:
    """A resource's error that reads like a missing or existing stack is no such error to the SDK."""
    ran = bench.with_command(embedded(ending(UpdateResult.FAILED, words))).run(*UP)
    assert (ran.error, words in ran.stdout) == ("CommandError", True)


def test_changes_where_none_are_expected(bench: Bench) -> None:
    """FY516: --expect-no-changes ends with code 7 in a preview and after an update, and passes when nothing changed."""
    making = bench.with_command(embedded(making_a_resource))
    for command in (("preview",), UP[:3]):
        ran = making.run(*command, "--stack", "dev", "--expect-no-changes")
        assert (ran.code, "FY516" in ran.stderr) == (7, True)
    assert latest_history(bench)["result"] == "succeeded"
    bench.ok(*UP, "--expect-no-changes")


def test_an_error_of_the_engine_leaves_no_lock(bench: Bench) -> None:
    """When a deployment ends by an exception, what was recorded stays, the entry says failed, the lock is gone."""

    def run(_request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        collaborators.journal.record(Snapshot((ROOT,)))
        raise StateNotWrittenError("disk full")

    ran = bench.with_command(embedded(run)).run(*UP)
    assert (ran.code, "FY507: disk full" in ran.stderr) == (1, True)
    assert json.loads(bench.ok("stack", "output", "--json", "--stack", "dev"))["n"] == 1
    assert (latest_history(bench)["result"], locks(bench)) == ("failed", [])


def interrupt_main() -> None:
    """Send this process what Ctrl-C sends."""
    os.kill(os.getpid(), signal.SIGINT)


def test_one_interruption_lets_steps_in_hand_finish(bench: Bench) -> None:
    """FY518: after Ctrl-C the deployment is told, finishes, and is recorded; the command ends with code 8."""

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        interrupt_main()
        assert request.cancelled.wait(10)
        collaborators.journal.record(Snapshot((ROOT,)))
        return UpdateOutcome(UpdateResult.CANCELLED, Snapshot((ROOT,)), {StepOp.CREATE: 1}, error="cancelled")

    ran = bench.with_command(embedded(run)).run(*UP)
    assert (ran.code, "FY518" in ran.stderr, "steps in hand are being finished" in ran.stderr) == (8, True, True)
    assert json.loads(bench.ok("stack", "output", "--json", "--stack", "dev"))["n"] == 1
    assert (latest_history(bench)["result"], locks(bench)) == ("failed", [])


def test_two_interruptions_do_not_wait_and_still_unlock(bench: Bench) -> None:
    """After a second Ctrl-C the command ends at once; what hangs on can no longer write."""
    left, refused = threading.Event(), list[str]()
    done = threading.Event()

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        collaborators.journal.record(Snapshot((), (PendingOperation(ROOT, PendingKind.CREATING),)))
        interrupt_main()
        assert request.cancelled.wait(10)
        interrupt_main()
        assert left.wait(10)
        try:
            collaborators.journal.record(Snapshot((ROOT,)))
        except StateNotWrittenError as error:
            refused.append(str(error))
        done.set()
        return UpdateOutcome(UpdateResult.CANCELLED, request.snapshot)

    ran = bench.with_command(embedded(run)).run(*UP)
    left.set()
    assert done.wait(10)
    assert (ran.code, "cancelled with steps in hand" in ran.stderr, locks(bench)) == (8, True, [])
    assert len(refused) == 1
    state = json.loads(bench.checkpoint.read_bytes())["checkpoint"]["latest"]
    assert [operation["type"] for operation in state["pending_operations"]] == ["creating"]
    assert "resources" not in state


def test_events_go_to_a_file_as_they_come(bench: Bench) -> None:
    """With --event-log FILE each event is a line, numbered, the cancel event last."""
    bench.ok(*UP, "--event-log", str(bench.root / "events"))
    events = [json.loads(line) for line in (bench.root / "events").read_text(encoding="utf-8").splitlines()]
    kinds = [next(name for name in event if name.endswith("Event")) for event in events]
    assert (kinds, [event["sequence"] for event in events]) == (
        ["preludeEvent", "summaryEvent", "cancelEvent"],
        [0, 1, 2],
    )


def test_other_stacks_outputs_are_readable(bench: Bench) -> None:
    """A deployment reads outputs of another stack, secrets marked; a missing one is told."""
    bench.with_command(embedded(making_a_resource)).ok(*UP)
    bench.ok("stack", "init", "other")
    read: list[object] = []

    def run(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
        read.extend(collaborators.stack_outputs(name) for name in ("dev", "organization/demo/dev"))
        with pytest.raises(RehearsalError, match="no stack named 'nope' found"):
            collaborators.stack_outputs("nope")
        return nothing_to_do(request, collaborators)

    bench.with_command(embedded(run)).ok("up", "--yes", "--skip-preview", "--stack", "other")
    assert read == [{"n": 1, "s": Secret("hidden")}] * 2


def test_state_is_sealed_under_the_stack_files_salt(bench: Bench) -> None:
    """A stack file without a salt takes the checkpoint's; under another salt the next update encrypts anew."""
    bench.with_command(embedded(making_a_resource)).ok(*UP)
    before = bench.checkpoint.read_bytes()
    salt = bench.stack_file.read_text(encoding="utf-8")
    bench.stack_file.unlink()
    bench.ok(*UP)
    assert bench.stack_file.read_text(encoding="utf-8") == salt
    assert (
        json.loads(bench.checkpoint.read_bytes())["checkpoint"]["latest"]["resources"]
        == (json.loads(before)["checkpoint"]["latest"]["resources"])
    )
    bench.ok("stack", "init", "lender")
    lent = (bench.project / "Pulumi.lender.yaml").read_text(encoding="utf-8")
    assert lent != salt
    bench.stack_file.write_text(lent, encoding="utf-8")
    bench.ok(*UP)
    shown = json.loads(bench.ok("stack", "output", "--json", "--show-secrets", "--stack", "dev"))
    assert shown == {"n": 1, "s": "hidden"}
    provider = json.loads(bench.checkpoint.read_bytes())["checkpoint"]["latest"]["secrets_providers"]
    assert f"encryptionsalt: {provider['state']['salt']}\n" == lent


def test_configuration_is_restored_from_the_last_update(bench: Bench) -> None:
    """`config refresh` writes what the last update used; the other file is kept beside it."""
    bench.ok("config", "set-all", "--plaintext", "a=0123", "--secret", "b=s", "--stack", "dev")
    bench.ok("config", "set", "--path", "o.k", "true", "--stack", "dev")
    bench.ok(*UP)
    used = json.loads(bench.ok("config", "--json", "--show-secrets", "--stack", "dev"))
    bench.ok("config", "rm-all", "a", "b", "o", "--stack", "dev")
    bench.ok("config", "refresh", "--stack", "dev")
    assert json.loads(bench.ok("config", "--json", "--show-secrets", "--stack", "dev")) == used
    assert (bench.project / "Pulumi.dev.yaml.bak").exists()


def test_what_was_printed_is_handed_on_line_by_line(bench: Bench) -> None:
    """Callbacks get what is in the result, and one that fails does no harm."""
    out: list[str] = []

    def fail(_line: str) -> None:
        raise ValueError("no")

    done = bench.command.run(list(UP), str(bench.project), bench.env, out.append, fail)
    assert "\n".join(out) == done.stdout
    assert out[0] == "Updating (dev):"


ENDLESS = """
import sys
from pathlib import Path
from rehearsal.engine.state import ResourceState, Snapshot
from tests.unit.engine_store.workbench import Bench, embedded

def run(request, collaborators):
    count = 0
    while True:
        count += 1
        states = tuple(
            ResourceState(f"urn:pulumi:dev::demo::t:i:T::{n}", "t:i:T", custom=False, outputs={"x": "y" * 999})
            for n in range(count % 40)
        )
        collaborators.journal.record(Snapshot(states))
        if count == 40:
            print("under way", flush=True)

Bench(Path(sys.argv[1]), embedded(run)).run("up", "--yes", "--skip-preview", "--stack", "dev")
"""


def test_a_killed_update_leaves_a_sound_state_and_holds_nobody_up(bench: Bench) -> None:
    """After kill -9 in the middle of writes the state is whole, and the next update breaks the dead one's lock."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", ENDLESS, str(bench.root)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "under way\n"
        child.kill()
    resources = json.loads(bench.ok("stack", "export", "--stack", "dev"))["deployment"].get("resources", [])
    assert len(resources) < 40
    assert len(locks(bench)) == 1
    ran = bench.run(*UP)
    assert (ran.code, f"broke a stale lock of process {child.pid}" in ran.stderr, locks(bench)) == (0, True, [])
