"""The house keeps its own rules: sizes, names, imports, project files, tests that say what they check."""

from __future__ import annotations

import ast
import re

import pytest
import yaml
from importlinter.cli import lint_imports

from tests.support.repository import PACKAGES, PROGRAMS, ROOT, tracked_files

LONGEST_FILE = 500
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc"}


def test_import_contracts_hold() -> None:
    """Imports go one way, as import-linter's contracts in pyproject.toml state them."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_no_source_file_is_too_long() -> None:
    """A source file has one job and therefore an end: 400 lines are wanted, 500 allowed."""
    lengths = {path.relative_to(ROOT): path.read_text(encoding="utf-8").count("\n") for path in tracked_files("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_drawer_for_odds_and_ends() -> None:
    """A file's name says what is inside, so none is called utils, helpers or common."""
    assert [path for path in tracked_files("*.py") if path.stem in DRAWERS or path.parent.name in DRAWERS] == []


def test_every_program_is_a_pulumi_project_that_denies_default_providers() -> None:
    """Each program folder has a project file, and every project file denies default providers."""
    folders = [ROOT, *(ROOT / name for name in PROGRAMS if name != "organization")]
    folders += [path for path in (ROOT / "workloads").iterdir() if path.is_dir() and not path.name.startswith("_")]
    for folder in folders:
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
        assert project["config"]["pulumi:disable-default-providers"] == {"value": ["*"]}, folder


def test_programs_import_neither_driver_nor_rehearsal() -> None:
    """A program's own imports are landing_zone, Pulumi and the standard library."""
    programs = tracked_files(*(f"{name}/*.py" for name in (*PROGRAMS, "workloads")))
    assert programs
    for path in programs:
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in _imported_names(node)
        }
        assert not imported & {"orchestrator", "rehearsal", "iam_decision"}, path


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_heavy_command_line_libraries_stay_in_their_rooms() -> None:
    """Typer and rich are imported only in orchestrator/cli, moto only in rehearsal/twin."""
    homes = {"typer": "orchestrator/cli", "rich": "orchestrator/cli", "moto": "rehearsal/twin"}
    strays = []
    for path in tracked_files(*(f"{package}/*.py" for package in PACKAGES)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _imported_names(node):
                home = homes.get(name.split(".")[0])
                if home and not path.is_relative_to(ROOT / home):
                    strays.append((str(path.relative_to(ROOT)), name))
    assert strays == []


def test_every_test_says_its_rule() -> None:
    """Every test function has a docstring: the rule that it checks."""
    silent = [
        f"{path.name}::{node.name}"
        for path in tracked_files("tests/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_doubles_are_passed_in() -> None:
    """No test patches code from outside: doubles are arguments."""
    forbidden = re.compile(r"mock\.patch|monkeypatch\.setattr|from unittest import mock")
    here = "test_house_rules.py"
    assert [p for p in tracked_files("tests/*.py") if p.name != here and forbidden.search(p.read_text("utf-8"))] == []


def test_every_skip_names_its_reason() -> None:
    """A skipped or expected-to-fail test carries a reason beside it."""
    marker = re.compile(r"(pytest\.skip\(\s*\)|mark\.skip\b(?!if)(?!\(reason)|mark\.xfail\b(?!\()|xfail\(\s*\))")
    here = "test_house_rules.py"
    assert [p for p in tracked_files("tests/*.py") if p.name != here and marker.search(p.read_text("utf-8"))] == []


@pytest.mark.parametrize("heading", ["## Context", "## Decision", "## Consequences"])
def test_every_decision_record_has_its_parts(heading: str) -> None:
    """Each ADR tells context, decision and consequences."""
    assert [p.name for p in tracked_files("docs/adr/*.md") if heading not in p.read_text("utf-8")] == []
