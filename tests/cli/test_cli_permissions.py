"""What the command line says of a manifest's own permissions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET

DOCUMENT = """\
Version: "2012-10-17"
Statement:
  - Effect: Allow
    Action: iam:PutRolePolicy
    Resource: "*"
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in the folder of a fleet whose Admin has permissions of one's own beside AWS's."""
    old = "Admin: {managed_policies: [AdministratorAccess]}"
    assert old in FLEET
    text = FLEET.replace(old, "Admin: {managed_policies: [AdministratorAccess], permissions: [own]}")
    make_fleet_folder(tmp_path, text + "permissions: {own: {file: own.yaml}}\n")
    (tmp_path / "own.yaml").write_text(DOCUMENT, encoding="utf-8")
    return Terminal(tmp_path)


WARNING = "own.yaml:3:5: permissions own: with iam:PutRolePolicy on every resource it can give itself any right"


def test_a_warning_refuses_nothing(terminal: Terminal) -> None:
    """A warning is told on standard error; the fleet is valid all the same."""
    assert terminal.run("validate") == 0
    assert "warning: " in terminal.err.getvalue()
    assert WARNING in terminal.err.getvalue()
    assert "warning:" not in terminal.out.getvalue()


def test_a_warning_in_json(terminal: Terminal) -> None:
    """A warning is with the data, which says that the fleet is valid."""
    data = terminal.json("validate")
    assert data["valid"]
    assert [warning.rpartition("/")[2].endswith(WARNING) for warning in data["warnings"]] == [True]


@pytest.mark.parametrize("command", [("validate",), ("plan",)])
def test_an_error_refuses_the_manifest(terminal: Terminal, command: tuple[str, ...]) -> None:
    """A mistyped action ends every command that reads the manifest with 2, at its line in its file."""
    (terminal.folder / "own.yaml").write_text(DOCUMENT.replace("PutRole", "PutRol"), encoding="utf-8")
    assert terminal.run(*command) == 2
    assert 'own.yaml:4:13: AWS has no action "iam:PutRolPolicy"' in terminal.err.getvalue()


def test_a_managed_policy_that_aws_does_not_have(terminal: Terminal) -> None:
    """A mistyped name of AWS's own policy refuses the manifest as well."""
    fleet = terminal.folder / "fleet.yaml"
    fleet.write_text(fleet.read_text(encoding="utf-8").replace("AdministratorAccess", "AdminstratorAccess"), "utf-8")
    assert terminal.run("validate") == 2
    assert 'AWS has no managed policy "AdminstratorAccess"' in terminal.err.getvalue()


def test_json_problems(terminal: Terminal) -> None:
    """A problem in a file of permissions is among the others in JSON."""
    (terminal.folder / "own.yaml").write_text(DOCUMENT.replace("Allow", "Alow"), encoding="utf-8")
    terminal.run("validate", "--format", "json")
    (problem,) = json.loads(terminal.out.getvalue())["problems"]
    assert problem.endswith("own.yaml:3:5: permissions own: Invalid effect: Alow")
