"""Opens the gate of a rehearsal's twin for a while, so that a request passes unauthorised."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.files.workspace import Workspace


@contextmanager
def gate_off(workspace: Workspace) -> Iterator[None]:
    """Let the twin pass every request; its run file is the one in the rehearsal's folder."""
    _set_gate(workspace, on=False)
    try:
        yield
    finally:
        _set_gate(workspace, on=True)


def _set_gate(workspace: Workspace, *, on: bool) -> None:
    run = json.loads((workspace.state.parents[1] / "twin.json").read_text(encoding="utf-8"))
    request = urllib.request.Request(
        f"{run['endpoint']}/_fleetyard/settings",
        data=json.dumps({"gate": on}).encode(),
        headers={"X-Fleetyard-Token": run["token"], "Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
