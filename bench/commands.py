"""How long a person waits: for a command, for the twin, and for one call to it."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import median_seconds, milliseconds, show
from bench.twin import administrators_client, new_folder, new_twin
from rehearsal.twin.client import change_settings

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = (["--help"], ["plan", "--fleet", "examples/acme/fleet.yaml"])
GATES = {"on": True, "off": False}
ROUNDS = 5
STARTS = 3
CALLS = 100


def show_commands() -> None:
    """Print what the commands and the twin take."""
    rows = [(" ".join(["fleetyard", *words]), _command_seconds(words)) for words in COMMANDS]
    starts, calls = zip(*(_twin_seconds() for _ in range(STARTS)), strict=True)
    rows.append(("twin: from start until healthy", statistics.median(starts)))
    rows += [(f"sts:GetCallerIdentity, gate {gate}", statistics.median(each[gate] for each in calls)) for gate in GATES]
    show(
        f"8. Start-up and the twin ({ROUNDS} rounds, {STARTS} twins, {CALLS} calls to each)",
        ["what", "wall"],
        [[what, milliseconds(seconds)] for what, seconds in rows],
    )


def _command_seconds(words: list[str]) -> float:
    command = [str(Path(sys.executable).with_name("fleetyard")), *words]
    return median_seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT), ROUNDS)


def _twin_seconds() -> tuple[float, dict[str, float]]:
    """Start a twin and end it; return what its start took, and a call by whether the gate is on."""
    started = time.perf_counter()
    with new_folder() as folder, new_twin(folder / "twin.json") as run:
        seconds = time.perf_counter() - started
        sts = administrators_client(run, "sts")
        calls = {}
        for name, gate in GATES.items():
            change_settings(run, gate=gate)
            sts.get_caller_identity()
            calls[name] = median_seconds(sts.get_caller_identity, CALLS)
    return seconds, calls
