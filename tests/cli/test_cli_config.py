"""The command that shows what the manifest says of an account."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line on a fleet that gives its accounts a tag from an imported file."""
    make_fleet_folder(tmp_path, f"imports: [mixins/*.yaml]\n{FLEET}")
    (tmp_path / "mixins").mkdir()
    (tmp_path / "mixins" / "all.yaml").write_text("defaults: {accounts: {tags: {owner: ops}}}\n", encoding="utf-8")
    return Terminal(tmp_path)


def test_config_show(terminal: Terminal) -> None:
    """Without --why each value stands in a line by its key."""
    assert terminal.run("config", "show", "lab-one") == 0
    assert "tags.owner: ops" in terminal.out.getvalue().splitlines()


def test_config_show_why(terminal: Terminal) -> None:
    """With --why the file, line and column that a value came from stand beside it."""
    assert terminal.run("config", "show", "lab-one", "--why") == 0
    (line,) = [line for line in terminal.out.getvalue().splitlines() if line.startswith("tags.owner: ops")]
    assert line.split()[-1].endswith("mixins/all.yaml:1:37")


def test_config_show_as_json(terminal: Terminal) -> None:
    """JSON has each value by its key, and its place with --why only."""
    plain = terminal.json("config", "show", "lab-one")["values"]
    assert {"key": "tags.owner", "value": "ops"} in plain
    terminal.out.truncate(0)
    terminal.out.seek(0)
    values = terminal.json("config", "show", "lab-one", "--why")["values"]
    (tag,) = [each for each in values if each["key"] == "tags.owner"]
    assert (tag["file"].rpartition("/")[2], tag["line"], tag["column"]) == ("all.yaml", 1, 37)
    assert (tag["won_over"], tag["entries"]) == ([], [])


def test_config_show_of_nobody(terminal: Terminal) -> None:
    """An account that is not there ends with 2 and the nearest name."""
    assert terminal.run("config", "show", "lab-oen") == 2
    assert 'FY103: no account is called lab-oen (did you mean "lab-one"?)' in terminal.err.getvalue()


def test_validate_tells_the_imported_file(terminal: Terminal) -> None:
    """Problems of an imported file end `validate` with 2, each with that file's name."""
    (terminal.folder / "mixins" / "all.yaml").write_text("defalts: {}\n", encoding="utf-8")
    assert terminal.run("validate") == 2
    assert 'mixins/all.yaml:1:1: unknown key "defalts" (did you mean "defaults"?)' in terminal.err.getvalue()
