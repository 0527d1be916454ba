"""The commands around the twin, where the files of a rehearsal lie whose twin is gone."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from orchestrator.files.workspace import rehearsal
from orchestrator.rehearse import keepsake
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.people import Person
from tests.cli.fleet_folder import make_fleet_folder


@dataclass
class Shell:
    """A command line in a fleet folder that has joined nothing."""

    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def run(self, *arguments: str) -> int:
        """Run one command and return its exit code."""
        world = dataclasses.replace(
            real_world(), env={}, folder=self.folder, out=self.out, err=self.err, ask=None, live=False
        )
        return run(arguments, world)

    def leave_rehearsal(self, *users: str) -> Path:
        """Write the files of a kept rehearsal whose people no twin knows."""
        directory = self.folder / ".fleetyard" / "rehearsal"
        rehearsal(self.folder / "fleet.yaml", directory)
        people = tuple(
            Person(user, Credentials("AKIAGONEGONEGONEGONE", "gone"), f"arn:aws:iam::1:mfa/{user}", "MFA2" * 8)
            for user in users
        )
        keepsake.save(directory, keepsake.Keepsake(people, "sesame"))
        return directory


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Start a twin by command where a rehearsal had been left, and end it."""
    folder = tmp_path_factory.mktemp("left")
    make_fleet_folder(folder)
    shell = Shell(folder)
    shell.leave_rehearsal("ops")
    assert shell.run("twin", "start") == 0, shell.err.getvalue()
    yield folder
    assert shell.run("twin", "stop") == 0, shell.err.getvalue()


def test_a_new_twin_inherits_no_rehearsal(folder: Path) -> None:
    """What a rehearsal left whose twin is gone is removed, so the empty twin is joined as its administrator."""
    shell = Shell(folder)
    assert shell.run("twin", "env") == 0, shell.err.getvalue()
    assert "FLEETYARD_REHEARSAL" not in shell.out.getvalue()
    assert "export AWS_ACCESS_KEY_ID=" in shell.out.getvalue()


@pytest.mark.parametrize(
    ("user", "code", "exit_code"),
    [pytest.param("ops", "FY309", 2, id="unknown to the twin"), pytest.param("bob", "FY346", 3, id="not trusted")],
)
def test_a_refused_sign_in_is_an_error_of_its_own(folder: Path, user: str, code: str, exit_code: int) -> None:
    """People that the twin does not know, or that the manifest does not trust, are no bug of ours."""
    shell = Shell(folder)
    left = shell.leave_rehearsal(user)
    try:
        assert shell.run("twin", "env") == exit_code, shell.err.getvalue()
    finally:
        for file in (left / "rehearsal.json", left / keepsake.FILE_NAME):
            file.unlink()
    told = shell.err.getvalue()
    assert f"{code}: " in told
    assert "next: fleetyard twin stop, then: fleetyard rehearse --keep" in told
