"""A rehearsal whose workloads nobody could run is refused before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import NobodyRehearses
from orchestrator.rehearse.run import RehearsalOptions, run_rehearsal
from tests.support.pocket_fleet import POCKET_FLEET

USERS = "trusted: {users: [ops], mfa: true}\n    state: write"
EMPTY_GROUP = "people: {groups: {Operators: {management_roles: [Management-Admin]}}}\n"


def test_a_group_without_people_is_refused(tmp_path: Path) -> None:
    """Where only a group that nobody is in may become the role, the message says whom to name."""
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(POCKET_FLEET.replace(USERS, "state: write", 1) + EMPTY_GROUP, encoding="utf-8")
    with pytest.raises(NobodyRehearses) as raised:
        run_rehearsal(RehearsalOptions(fleet=fleet, run_file=tmp_path / "twin.json", env={}))
    assert "Management-Admin, which runs the workloads" in str(raised.value)
    assert raised.value.hint.endswith("management_roles.Management-Admin.trusted")
    assert [each.name for each in tmp_path.iterdir()] == ["fleet.yaml"]
