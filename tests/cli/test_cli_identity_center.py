"""`profiles write` for people of Identity Center."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET

CENTER = FLEET.replace("trusted: {users: [ops]}", "trusted: {identity_center: {permission_sets: [Admins]}}")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder whose people come from Identity Center."""
    make_fleet_folder(tmp_path, CENTER)
    deploy_on_paper(tmp_path)
    return Terminal(tmp_path, env={"HOME": str(tmp_path)})


def test_profiles_rest_on_the_permission_sets_own(terminal: Terminal) -> None:
    """The management role's profile assumes it from the set's, and a profile that is missing is told how to make."""
    assert terminal.run("profiles", "write", "--permission-set", "Admins=sso") == 0
    written = (terminal.folder / ".aws" / "config").read_text(encoding="utf-8")
    assert "[profile small-management]\nrole_arn = arn:aws:iam::100000000001:role/Management-Admin\n" in written
    assert "source_profile = sso\n" in written
    assert "mfa_serial" not in written
    assert "aws configure sso --profile sso" in terminal.err.getvalue()


@pytest.mark.parametrize("given", ["Readers=sso", "Admins", "Admins="])
def test_a_set_that_nobody_trusts_is_no_way_in(terminal: Terminal, given: str) -> None:
    """An option that leads nowhere is FY311 and names the sets that are trusted."""
    assert terminal.run("profiles", "write", "--permission-set", given) == 2
    assert "FY311" in terminal.err.getvalue()
    assert "the manifest trusts Admins" in terminal.err.getvalue()
    assert not (terminal.folder / ".aws").exists()


def test_without_a_way_in_the_option_is_named(terminal: Terminal) -> None:
    """Somebody who gives nothing is told of the three ways."""
    assert terminal.run("profiles", "write") == 2
    assert "--permission-set SET=PROFILE" in terminal.err.getvalue()
