"""`validate` judges policies of the organisation as AWS would, and what they would lock out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET


def _validate(folder: Path, statement: dict[str, str]) -> tuple[int, str]:
    """Return how `validate` ends, and what it says, of a fleet with one policy over everything."""
    make_fleet_folder(folder, f"{FLEET}policies:\n  own: {{file: own.json, root: true}}\n")
    (folder / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}), encoding="utf-8")
    terminal = Terminal(folder)
    return terminal.run("validate"), terminal.out.getvalue() + terminal.err.getvalue()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param(
            {"Effect": "Deny", "Action": "s3", "Resource": "*"},
            ("FY101", "own.json:1:27: SCP own: Actions/Conditions must be prefaced by a vendor"),
            id="grammar",
        ),
        pytest.param(
            {"Sid": "Closed", "Effect": "Deny", "Action": "*", "Resource": "*"},
            ("FY140", "own (own.json), statement Closed: OrganizationAccountAccessRole in lab-one", "allow_lockout"),
            id="lockout",
        ),
    ],
)
def test_validate_refuses_what_would_harm(tmp_path: Path, statement: dict[str, str], words: tuple[str, ...]) -> None:
    """A policy that AWS would refuse, or that locks Fleetyard out, ends with 2, its place and the way out."""
    code, said = _validate(tmp_path, statement)
    assert code == 2
    assert [each for each in words if each not in said] == []


@pytest.mark.parametrize("command", ["preview", "up", "refresh", "plan"])
def test_nothing_runs_under_a_lockout(tmp_path: Path, command: str) -> None:
    """What `validate` refuses is refused before any stack is run or previewed, in the same words."""
    make_fleet_folder(tmp_path, f"{FLEET}policies:\n  own: {{file: own.json, root: true}}\n")
    deny = {"Sid": "Closed", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    (tmp_path / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": deny}), encoding="utf-8")
    terminal = Terminal(tmp_path)
    assert terminal.run(command) == 2
    said = terminal.err.getvalue()
    assert "own (own.json), statement Closed: OrganizationAccountAccessRole in lab-one and 1 more could not do" in said
    assert terminal.runner.ran == []


def test_validate_takes_a_sound_policy(tmp_path: Path) -> None:
    """A policy that denies one thing is let through."""
    code, said = _validate(tmp_path, {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"})
    assert (code, "is valid" in said) == (0, True)
