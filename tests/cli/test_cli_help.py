"""Help: complete, current in docs/cli.md, and quick because it imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.cli_pages import PAGE, command_paths, help_of, render_page
from tests.support.repository import ROOT

COMMANDS = [" ".join(words) for words in command_paths()]
HEAVY = ("pulumi", "pulumi_aws", "boto3", "botocore", "grpc", "moto", "rich.console", "ruamel.yaml", "psutil")


def test_every_command_is_there() -> None:
    """The commands are those that users rely on."""
    assert set(COMMANDS) >= {
        *(
            "rehearse",
            "validate",
            "plan",
            "preview",
            "up",
            "refresh",
            "destroy",
            "status",
            "pulumi",
            "explain",
            "version",
        ),
        *("twin start", "twin stop", "twin env", "twin status"),
    }


def test_the_page_of_commands_is_current() -> None:
    """docs/cli.md is what the commands' help says; `python -m tests.cli.cli_pages` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == render_page()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_begins_with_one_short_line_and_ends_with_an_example(command: str) -> None:
    """A command's help has a first line under 70 characters, says what it changes, and shows an example."""
    lines = help_of(tuple(command.split())).splitlines()
    first = lines[2].strip()
    assert len(first) < 70
    assert first.endswith(".")
    assert any(line.strip().startswith("Example: ") and "fleetyard " in line for line in lines)
    told = " ".join(line.strip() for line in lines)
    assert any(
        word in told
        for word in (
            "Changes nothing",
            "nothing;",
            "Reads ",
            "Touches no AWS",
            "Creates, changes",
            "Changes what",
            "undone",
        )
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_help(command: str) -> None:
    """No option is listed without words beside it."""
    page = help_of(tuple(command.split())).split("Options:\n", 1)[1]
    bare = [line for line in page.splitlines() if line.strip().startswith("-") and len(line.split("  ")) < 3]
    assert [line for line in bare if line.strip() == line.strip().split(" ")[0]] == []


def test_help_imports_nothing_heavy() -> None:
    """Showing help loads neither Pulumi nor boto3 nor anything else that takes long."""
    script = (
        "import sys\n"
        "from orchestrator.cli.app import run\n"
        "from orchestrator.cli.world import real_world\n"
        "run(['up', '--help'], real_world())\n"
        f"print('heavy:', sorted(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "heavy: []"
