"""What is kept of one operation's engine events."""

from __future__ import annotations

from pulumi.automation.events import EngineEvent

from orchestrator.running.job import StackEvent
from orchestrator.workers.stack_events import EventCollector
from tests.unit.orchestrator.fleets import STACK

TYPE = "aws:iam/role:Role"
URN = f"urn:pulumi:lab-one::network::{TYPE}::Admin"


def step(op: str, **more: object) -> dict[str, object]:
    """Return a step's metadata as Pulumi sends it."""
    return {"metadata": {"op": op, "urn": URN, "type": TYPE, "provider": "", **more}}


def collect(*events: dict[str, object]) -> tuple[EventCollector, list[StackEvent]]:
    """Feed events in Pulumi's JSON to a collector."""
    heard: list[StackEvent] = []
    collector = EventCollector(STACK, heard.append)
    for number, event in enumerate(events):
        collector(EngineEvent.from_json({"sequence": number, "timestamp": 0, **event}))
    return collector, heard


def test_counts_are_the_summarys() -> None:
    """Resources are counted as Pulumi counts them, in its words."""
    collector, _ = collect({"summaryEvent": {"resourceChanges": {"same": 3, "create": 2}, "durationSeconds": 1}})
    assert collector.counts == {"same": 3, "create": 2}


def test_a_change_is_noted_once_with_what_differs() -> None:
    """A resource's begin and end make one change, with the paths that differ."""
    diff = {"maxSessionDuration": {"diffKind": "update", "inputDiff": False}}
    collector, _ = collect(
        {"resourcePreEvent": step("update", detailedDiff=diff)}, {"resOutputsEvent": step("update", detailedDiff=diff)}
    )
    (change,) = collector.changes
    assert (change.op, change.type, change.name, change.diffs) == ("update", TYPE, "Admin", ("maxSessionDuration",))


def test_the_three_steps_of_a_replacement_are_one_change() -> None:
    """To a reader a replaced resource is replaced, not created, replaced and deleted."""
    collector, _ = collect(
        *({"resourcePreEvent": step(op)} for op in ("create-replacement", "replace", "delete-replaced"))
    )
    assert [change.op for change in collector.changes] == ["replace"]


def test_what_stays_the_same_is_no_change() -> None:
    """Steps that change nothing are shown while they happen and not listed afterwards."""
    collector, heard = collect({"resourcePreEvent": step("same")}, {"resOutputsEvent": step("same")})
    assert collector.changes == ()
    assert [(event.name, event.done) for event in heard] == [("Admin", False), ("Admin", True)]


def test_a_refresh_tells_what_it_found_with_the_result() -> None:
    """A refresh step's outcome says whether the resource differs."""
    collector, _ = collect({"resourcePreEvent": step("refresh")}, {"resOutputsEvent": step("update", diffs=["tags"])})
    assert [(change.op, change.diffs) for change in collector.changes] == [("update", ("tags",))]


def test_errors_and_warnings_are_kept_apart() -> None:
    """Errors keep their resource, warnings their text; everything else is left out."""
    messages = [("error", "no"), ("warning", "careful"), ("info", "hello")]
    collector, _ = collect(
        *({"diagnosticEvent": {"severity": s, "message": m, "color": "never", "urn": URN}} for s, m in messages)
    )
    assert collector.errors == [(URN, "no")]
    assert collector.warnings == ["careful"]


def test_a_failed_step_names_its_resource() -> None:
    """The URN of a resource whose step failed is kept."""
    collector, _ = collect({"resOpFailedEvent": {**step("create"), "status": 0, "steps": 1}})
    assert collector.failed == [URN]


def test_a_plugin_found_on_path_is_no_warning() -> None:
    """The real CLI's remark on a plugin that PATH leads to, as every rehearsal's does, is left out."""
    text = "using pulumi-resource-aws from $PATH at /x/pulumi-resource-aws"
    collector, _ = collect(
        {"diagnosticEvent": {"message": text, "color": "never", "severity": "warning"}},
        {"diagnosticEvent": {"message": "something else", "color": "never", "severity": "warning"}},
    )
    assert collector.warnings == ["something else"]
