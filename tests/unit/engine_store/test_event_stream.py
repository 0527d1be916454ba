"""The event stream: numbered, stamped, and never in a deployment's way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rehearsal.engine.event_log import EventStream


class Recorder:
    """A transport that keeps what it is sent, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed = 0
        self.fails = fails

    def send(self, text: str) -> None:
        """Keep one event."""
        if self.fails:
            raise OSError("gone")
        self.sent.append(json.loads(text))

    def close(self) -> None:
        """Count."""
        self.closed += 1
        if self.fails:
            raise TimeoutError("no reply")


def ignore(_event: Mapping[str, Any]) -> None:
    """Listen to nothing."""


def test_events_are_numbered_and_stamped_and_end_with_cancel() -> None:
    """Each event gets a sequence and a time; the last one is the cancel event, and then the stream is closed."""
    transport, warnings = Recorder(), list[str]()
    stream = EventStream(transport, ignore, warnings.append)
    stream.emit({"preludeEvent": {"config": {}}})
    stream.finish()
    assert [(event["sequence"], list(event)[2]) for event in transport.sent] == [
        (0, "preludeEvent"),
        (1, "cancelEvent"),
    ]
    assert all(event["timestamp"] > 1_500_000_000 for event in transport.sent)
    assert (transport.closed, warnings) == (1, [])


def test_a_transport_that_fails_is_told_once_and_left_out() -> None:
    """The other side's trouble does not reach the deployment."""
    warnings = list[str]()
    stream = EventStream(Recorder(fails=True), ignore, warnings.append)
    for _ in range(3):
        stream.emit({"stdoutEvent": {}})
    stream.finish()
    assert len(warnings) == 1
    assert "gone" in warnings[0]


def test_a_listener_that_fails_is_told_once_and_left_out() -> None:
    """A fault in display does not reach the deployment either, and events still go out."""
    warnings, transport = list[str](), Recorder()

    def fail(_event: Mapping[str, Any]) -> None:
        raise KeyError("x")

    stream = EventStream(transport, fail, warnings.append)
    stream.emit({"stdoutEvent": {}})
    stream.emit({"stdoutEvent": {}})
    assert (len(warnings), len(transport.sent)) == (1, 2)


def test_a_missing_reply_is_told() -> None:
    """When the other side does not confirm the end, that is a warning, no failure."""

    class Mute(Recorder):
        """Takes events and never confirms."""

        def close(self) -> None:
            """Wait in vain."""
            raise TimeoutError("no reply within 30 s")

    warnings = list[str]()
    EventStream(Mute(), ignore, warnings.append).finish()
    assert "no reply within 30 s" in warnings[0]
