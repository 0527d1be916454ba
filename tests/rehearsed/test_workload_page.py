"""docs/your-own-workload.md: its commands are typed as they stand, in a copy of this repository, on a twin.

In the copy a fleet of four accounts takes the sample's place, which saves most of the time and changes nothing of what
the page says. That the sample itself deploys is `make rehearse`'s to show.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.pocket_fleet import POCKET_FLEET
from tests.support.repository import ROOT, tracked_files

PAGE = (ROOT / "docs" / "your-own-workload.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(shell|text|yaml)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [text for kind, text in BLOCKS if kind == "shell"]
MARK = "--- block of the page ---"
SAMPLE = Path("examples", "acme", "fleet.yaml")
FLEET = POCKET_FLEET.replace(
    "      plat-dev: {", "      plat-staging: {email: staging@pocket.example}\n      plat-dev: {"
).replace('accounts: ["plat-*"]', "accounts: [plat-dev]")
LONGEST_S = 400
WORKLOAD = Path("workloads", "reports")

pytestmark = pytest.mark.timeout(LONGEST_S)


@dataclass(frozen=True)
class Walk:
    """What came of typing the page's commands: the exit code, and what was said after each block began."""

    folder: Path
    code: int
    said: tuple[str, ...]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Type all commands of the page in one shell, which stops at the first that fails."""
    folder = tmp_path_factory.mktemp("clone")
    for path in tracked_files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    (folder / SAMPLE).write_text(FLEET, encoding="utf-8")
    script = "set -eu -o pipefail\n" + "".join(f"echo '{MARK}'\n{block}" for block in COMMANDS)
    try:
        done = _shell(script, folder)
        yield Walk(folder, done.returncode, tuple(done.stdout.split(f"{MARK}\n")[1:]))
    finally:
        _shell("fleetyard twin stop", folder)


def _shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as somebody would who has the virtual environment active, and nothing of AWS or Pulumi set."""
    ours = ("AWS_", "PULUMI_", "FLEETYARD_", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )


def test_every_command_of_the_page_succeeds(walk: Walk) -> None:
    """Typed in their order, the page's commands end with 0, all of them."""
    assert (walk.code, len(walk.said)) == (0, len(COMMANDS)), "\n".join(walk.said)[-4000:]


def test_the_commands_say_what_the_page_shows(walk: Walk) -> None:
    """Each line that the page shows below commands is said by them, in that order; `…` stands for anything."""
    shown = {}
    for (kind, text), (below, answer) in pairwise(BLOCKS):
        if (kind, below) == ("shell", "text"):
            shown[COMMANDS.index(text)] = answer.splitlines()
    assert len(shown) == sum(kind == "text" for kind, _ in BLOCKS)
    for number, lines in shown.items():
        patterns = [".*?".join(re.escape(part) for part in line.split("…")) for line in lines]
        assert re.search(".*?".join(patterns), walk.said[number], re.DOTALL), walk.said[number]


def test_the_workload_was_in_three_accounts(walk: Walk) -> None:
    """The program was deployed in three accounts of their own, by what `status` said of them."""
    deployed = re.findall(r"^reports/\S+ +(\d{12}) +deployed ", "\n".join(walk.said), re.MULTILINE)
    assert len(set(deployed)) == 3


def test_the_manifest_holds_the_lines_shown(walk: Walk) -> None:
    """The manifest is the one it was copied from with the page's lines in it, nothing else changed."""
    (lines,) = (text for kind, text in BLOCKS if kind == "yaml")
    manifest = (walk.folder / "fleet.yaml").read_text(encoding="utf-8")
    assert lines in manifest
    assert manifest.replace(lines, "") == FLEET


def test_what_the_template_makes_passes_the_houses_checks(walk: Walk) -> None:
    """Program and test as they are made are formatted and free of findings."""
    made = [str(WORKLOAD), "tests/unit/programs/test_reports_program.py"]
    for check in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", *check, *made], cwd=walk.folder, capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stdout
