"""Makes a workload's files: all of them, or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from pydantic import TypeAdapter, ValidationError

from landing_zone.fleet import Manifest
from landing_zone.manifest.text_types import WorkloadName
from landing_zone.naming import FOUNDATION_PROJECTS, ORGANIZATION_PROGRAM
from landing_zone.whole_files import replace_whole
from orchestrator.new_workload.entry import Entry, with_entry
from orchestrator.new_workload.errors import BadWorkloadName, WorkloadExists

WORKLOADS = "workloads"
_TEMPLATES = ("Pulumi.yaml", "__main__.py")
_TEST_TEMPLATE = "test_program.py"
_TESTS = Path("tests", "unit", "programs")
_HARNESS = "program_under_mocks.py"
"""What the test is written with; a repository without it gets no test."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written. `test` and `fleet` are None where no test and no entry was."""

    folder: Path
    test: Path | None
    fleet: Path | None


def refuse_name(name: str) -> None:
    """Raise BadWorkloadName unless a workload can have this name."""
    try:
        TypeAdapter(WorkloadName).validate_python(name)
    except ValidationError as error:
        raise _bad_name(name, "names are up to 100 lower-case letters, digits and hyphens, a letter first") from error
    if name in (*FOUNDATION_PROJECTS, ORGANIZATION_PROGRAM):
        raise _bad_name(name, "a program of the foundation is called so")


def make_workload(root: Path, entry: Entry, manifest: Manifest | None) -> Made:
    """Write the workload's folder and test, and its entry in the manifest if it says in which accounts.

    `root` is the repository; `manifest` may be None if the entry says nothing of accounts.
    Raises: BadWorkloadName, WorkloadExists, WorkloadUnfit, ManifestNotBlock; OSError if files can't be written. After
    any of these everything is as before.
    """
    refuse_name(entry.name)
    folder, test = root / WORKLOADS / entry.name, _test_file(root, entry.name)
    _refuse_existing(entry, manifest, folder, test)
    text = _text_of(manifest.path) if manifest and entry.selects else ""
    changed = with_entry(text, manifest, entry) if manifest and entry.selects else ""
    with ExitStack() as undo:
        _write_folder(folder, entry.name, undo.callback)
        if test is not None:
            undo.callback(test.unlink, missing_ok=True)
            test.write_text(_filled(_TEST_TEMPLATE, entry.name), encoding="utf-8")
        if manifest and changed:
            replace_whole(manifest.path.resolve(), changed.encode("utf-8"))
        undo.pop_all()
    return Made(folder, test, manifest.path if manifest and changed else None)


def _refuse_existing(entry: Entry, manifest: Manifest | None, folder: Path, test: Path | None) -> None:
    for path in filter(None, (folder, test)):
        if path.exists() or path.is_symlink():
            raise _exists(entry.name, str(path), "go on with what is there, or: fleetyard workload new ANOTHER-NAME")
    if manifest and entry.selects and entry.name in manifest.workloads:
        hint = f"leave out --account, --unit and --stage to make only its folder: fleetyard workload new {entry.name}"
        raise _exists(entry.name, f"{manifest.path}: {WORKLOADS}.{entry.name}", hint)


def _test_file(root: Path, name: str) -> Path | None:
    """Return where the test goes; None in a repository without the means to run it."""
    tests = root / _TESTS
    return tests / f"test_{name.replace('-', '_')}_program.py" if (tests / _HARNESS).is_file() else None


def _write_folder(folder: Path, name: str, undo: Callable[..., object]) -> None:
    if not folder.parent.exists():
        folder.parent.mkdir()
        undo(shutil.rmtree, folder.parent, ignore_errors=True)
    folder.mkdir()
    undo(shutil.rmtree, folder, ignore_errors=True)
    for template in _TEMPLATES:
        (folder / template).write_text(_filled(template, name), encoding="utf-8")


def _filled(template: str, name: str) -> str:
    text = resources.files(__package__).joinpath("template", f"{template}.template").read_text(encoding="utf-8")
    return Template(text).substitute(name=name)


def _text_of(path: Path) -> str:
    """Return a file's text with its line endings as they are."""
    return path.read_bytes().decode("utf-8")


def _bad_name(name: str, why: str) -> BadWorkloadName:
    hint = "fleetyard workload new reports, with a name of your own"
    return BadWorkloadName(f'a workload cannot be called "{name}"', why=why, not_run="nothing was written", hint=hint)


def _exists(name: str, where: str, hint: str) -> WorkloadExists:
    return WorkloadExists(
        f"there is a workload {name} already", subject=where, not_run="nothing was written", hint=hint
    )
