"""Sessions of botocore made from hooks that were looked at once behave as botocore's own."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import botocore.handlers
import botocore.session

from rehearsal.botocore_sessions import new_session
from tests.support.repository import ROOT

_COUNTING = """
from collections import Counter
import botocore.loaders
read = Counter()
plain = botocore.loaders.JSONFileLoader.load_file
def counted(self, path):
    read[path] += 1
    return plain(self, path)
botocore.loaders.JSONFileLoader.load_file = counted
from rehearsal.twin.emulator.lookups import share_models
share_models()
share_models()
import boto3
regions = [boto3.Session().get_available_regions("kms") for _ in range(3)]
models = [count for path, count in read.items() if path.endswith("service-2")]
print(models, regions[0] == regions[2], "eu-west-1" in regions[1])
"""


def _handlers(session: Any, event: str) -> list[Any]:
    emitter = session.get_component("event_emitter")
    return list(emitter._emitter._handlers.prefix_search(emitter._alias_event_name(event)))


def test_the_usual_handlers_are_there() -> None:
    """Every event that botocore has handlers for has the same ones, in the same order."""
    ours, usual = new_session(), botocore.session.Session()
    events = sorted({str(entry[0]) for entry in botocore.handlers.BUILTIN_HANDLERS})
    assert all(_handlers(usual, event) for event in events)
    assert [_handlers(ours, event) for event in events] == [_handlers(usual, event) for event in events]


def test_what_is_registered_stays_with_its_session() -> None:
    """A handler of one session is not called for another."""
    heard: list[str] = []
    first, second = new_session(), new_session()
    first.register("ours.event", lambda **_: heard.append("first"))
    for session in (first, second, new_session()):
        session.get_component("event_emitter").emit("ours.event")
    assert heard == ["first"]


def test_a_twins_sessions_read_each_model_once() -> None:
    """However many sessions moto makes, botocore's model of a service is read from disk one time."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNTING], check=False, capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert (done.stdout.strip(), done.stderr) == ("[1] True True", "")
