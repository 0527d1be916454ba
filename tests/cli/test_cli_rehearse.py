"""The command `rehearse`, with the rehearsal itself in other hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.rehearse.report import RehearsalReport
from orchestrator.rehearse.run import RehearsalOptions
from orchestrator.running.job import EngineKind, Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.cli.fleet_folder import Terminal, make_fleet_folder

DEPLOYED = StackResult(
    StackId("network", "lab-one"), "200000000002", StackStatus.SUCCEEDED, resource_changes={"create": 3}, seconds=0.5
)


class Rehearsal:
    """Keeps what was asked for and returns a report whose only proof holds, or not."""

    def __init__(self, *, holds: bool = True) -> None:
        self.asked: list[RehearsalOptions] = []
        self._holds = holds

    def __call__(self, options: RehearsalOptions) -> RehearsalReport:
        """Rehearse."""
        self.asked.append(options)
        options.say("Proving it on the twin")
        for observer in options.observers:
            observer.started(Operation.UP, [DEPLOYED.id])
            observer.ended(DEPLOYED)
        proof = Proof("reach matrix", passed=self._holds, detail="99 pairs asked of STS")
        return RehearsalReport((DEPLOYED,), (proof,), {"twin": 1.0}, kept=options.keep)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder."""
    make_fleet_folder(tmp_path)
    return Terminal(tmp_path, rehearse=Rehearsal())


def test_json_has_stacks_and_proofs(terminal: Terminal) -> None:
    """Standard output holds one object with the keys that are relied on; what is said goes to standard error."""
    data = terminal.json("rehearse")
    assert data["stacks"] == [
        {
            "id": "network/lab-one",
            "account_id": "200000000002",
            "result": "succeeded",
            "resource_changes": {"create": 3},
            "seconds": 0.5,
        }
    ]
    assert data["proofs"] == [{"name": "reach matrix", "passed": True, "detail": "99 pairs asked of STS"}]
    assert "Proving it on the twin" in terminal.err.getvalue()


def test_a_proof_that_does_not_hold_ends_with_1(terminal: Terminal) -> None:
    """The exit code is the report's."""
    assert terminal.run("rehearse") == 0
    terminal.rehearse = Rehearsal(holds=False)
    assert terminal.run("rehearse") == 1
    assert "reach matrix" in terminal.out.getvalue()


def test_options_reach_the_rehearsal(terminal: Terminal) -> None:
    """What was typed is what the rehearsal is asked for; kept, it says how to join and end the twin."""
    rehearsal = Rehearsal()
    terminal.rehearse = rehearsal
    assert terminal.run("rehearse", "--keep", "--latency-ms", "20", "--engine", "pulumi", "--concurrency", "3") == 0
    (options,) = rehearsal.asked
    assert (options.keep, options.latency_ms, options.engine, options.concurrency) == (True, 20, EngineKind.PULUMI, 3)
    assert options.fleet == terminal.folder / "fleet.yaml"
    assert "fleetyard twin stop" in terminal.err.getvalue()


def test_stacks_that_succeed_are_told_on_request_only(terminal: Terminal) -> None:
    """A person reads one line per phase; --verbose adds each stack."""
    terminal.run("rehearse")
    assert terminal.err.getvalue() == "Proving it on the twin\n"
    terminal.run("rehearse", "--verbose")
    assert "succeeded network/lab-one: 3 create (0.5 s)" in terminal.err.getvalue()
