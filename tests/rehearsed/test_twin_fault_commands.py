"""`fleetyard twin faults` and `twin settings` against a running twin."""

from __future__ import annotations

import dataclasses
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from rehearsal.twin.client import change_settings, clear_faults
from tests.support.twin_fixtures import RunningTwin


@dataclass
class Shell:
    """A command line that has joined the tests' twin."""

    twin: RunningTwin
    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def run(self, *arguments: str) -> int:
        """Run one command and return its exit code."""
        env = {"FLEETYARD_TWIN_RUN_FILE": str(self.twin.run_file)}
        streams = {"out": self.out, "err": self.err}
        return run(arguments, dataclasses.replace(real_world(), env=env, folder=self.folder, ask=None, **streams))  # type: ignore[arg-type]

    def data(self, *arguments: str) -> Any:
        """Run one command that gives JSON, and return that."""
        self.out.seek(0)
        self.out.truncate()
        assert self.run(*arguments, "--format", "json") == 0, self.err.getvalue()
        return json.loads(self.out.getvalue())


@pytest.fixture
def shell(running_twin: RunningTwin, tmp_path: Path) -> Any:
    """Return the command line; no fault is left afterwards."""
    yield Shell(running_twin, tmp_path)
    clear_faults(running_twin.run)


def test_faults_are_added_listed_and_removed(shell: Shell) -> None:
    """Each fault has an id by which it is listed with its counters, and removed."""
    words = ["--service", "sts", "--operation", "Assume*", "--account", "000000000042", "--error", "throttling"]
    made = shell.data("twin", "faults", "add", *words, "--times", "2")["faults"][0]
    expected = {"error": "throttling", "service": "sts", "operation": "Assume*", "account": "000000000042", "times": 2}
    assert made == {"id": made["id"], "matched": 0, "hits": 0, **expected}
    assert shell.data("twin", "faults", "list")["faults"] == [made]
    assert shell.data("twin", "faults", "remove", made["id"])["removed"] == [made["id"]]
    assert shell.data("twin", "faults", "list")["faults"] == []


def test_all_faults_are_cleared(shell: Shell) -> None:
    """Clear takes every fault away and says which."""
    ids = [
        shell.data("twin", "faults", "add", "--latency-ms", "1", "--account", "000000000042")["faults"][0]["id"]
        for _ in range(2)
    ]
    assert shell.data("twin", "faults", "clear")["removed"] == ids


def test_people_read_what_a_fault_does(shell: Shell) -> None:
    """The list for people has one line per fault with its fields and what it struck."""
    shell.run("twin", "faults", "add", "--error", "unassumable-role", "--role", "Admin", "--account", "000000000042")
    assert "error=unassumable-role account=000000000042 role=Admin  (0 of 0 struck)" in shell.out.getvalue()


def test_a_bad_option_is_told_with_the_nearest_name(shell: Shell) -> None:
    """FY609 names the option and the nearest name that AWS has."""
    words = ["--service", "iam", "--operation", "CreateRoles", "--error", "throttling"]
    assert shell.run("twin", "faults", "add", *words) == 2
    assert "FY609: the fault was not taken" in shell.err.getvalue()
    assert "--operation: iam has no operation 'CreateRoles'; the nearest is CreateRole" in shell.err.getvalue()


FILE = """\
faults:
  - {service: sts, operation: AssumeRole, error: throttling, account: "000000000042", times: 3}
  - service: iam
    operation: Create*
    account: "000000000042"
    error: internal-error
"""


def test_a_file_holds_several_faults(shell: Shell) -> None:
    """All faults of a YAML file are ordered at once."""
    (shell.folder / "faults.yaml").write_text(FILE, encoding="utf-8")
    made = shell.data("twin", "faults", "add", "--file", "faults.yaml")["faults"]
    assert [(each["service"], each["error"]) for each in made] == [("sts", "throttling"), ("iam", "internal-error")]


BAD_FILE = """\
faults:
  - {service: sts, operation: AssumeRole, error: throttling}
  - service: iamm
    error: throttling
  - error: throttling
    times: often
    latency: 5
"""


def test_every_problem_of_a_file_is_told_with_its_line(shell: Shell) -> None:
    """A file with mistakes orders nothing and tells each with file, line and column."""
    path = shell.folder / "faults.yaml"
    path.write_text(BAD_FILE, encoding="utf-8")
    assert shell.run("twin", "faults", "add", "--file", "faults.yaml", "--format", "json") == 2
    problems = json.loads(shell.out.getvalue())["error"]["problems"]
    starts = [f"{path}:{at}" for at in ("3:5: service", "7:5: latency", "6:5: times")]
    assert [problem.startswith(start) for problem, start in zip(problems, starts, strict=True)] == [True] * 3
    assert shell.data("twin", "faults", "list")["faults"] == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("faults: [", "1:10", "expected"),
        ("fault:\n  - {error: throttling}\n", "1:1", "nearest is faults"),
        ("faults: {}\n", "1:1", "must be a list"),
        ("[]\n", "1:1", "no faults"),
        ("- {error: throttling,\n   error: timeout}\n", "2:4", "given twice"),
        ("- {error: throttling,\n   error: timeout, times: 0}\n", "2:20", "whole number"),
    ],
)
def test_a_file_that_is_none_is_told_with_its_line(shell: Shell, text: str, place: str, words: str) -> None:
    """What is no list of faults, or says a field twice, is refused with its place."""
    path = shell.folder / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    assert shell.run("twin", "faults", "add", "--file", "faults.yaml") == 2
    assert f"{path}:{place}" in shell.err.getvalue()
    assert words in shell.err.getvalue()


def test_a_missing_file_is_told(shell: Shell) -> None:
    """A file that cannot be read is no fault of the program's."""
    assert shell.run("twin", "faults", "add", "--file", "none.yaml") == 2
    assert "none.yaml: No such file or directory" in shell.err.getvalue()


def test_a_file_goes_with_no_other_option(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Options beside --file are refused, since the file has whole faults."""
    assert shell.run("twin", "faults", "add", "--file", "faults.yaml", "--times", "2") == 2
    assert "so --times cannot be given with it" in capsys.readouterr().err


def test_an_unknown_id_is_told_with_those_there_are(shell: Shell) -> None:
    """Removing what is not there names what is."""
    made = shell.data("twin", "faults", "add", "--latency-ms", "1", "--account", "000000000042")["faults"][0]["id"]
    assert shell.run("twin", "faults", "remove", "fault-none") == 5
    assert f"there are: {made}" in shell.err.getvalue()


def test_settings_are_shown_and_changed(shell: Shell) -> None:
    """Settings of the running twin are changed by name, and shown without the issuers' keys."""
    try:
        found = shell.data("twin", "settings", "rate_limits=aws", "latency_ms=1")
        assert (found["rate_limits"], found["latency_ms"], "issuers" in found) == ("aws", 1, False)
        assert shell.data("twin", "settings") == found
    finally:
        change_settings(shell.twin.run, rate_limits="off", latency_ms=0)


def test_one_quota_is_changed_beside_others(shell: Shell) -> None:
    """A quota is changed by its name, and those changed before stay."""
    try:
        shell.data("twin", "settings", "quotas.unit_depth=3")
        assert shell.data("twin", "settings", "quotas.tags=40")["quotas"] == {"unit_depth": 3, "tags": 40}
    finally:
        change_settings(shell.twin.run, quotas={})


@pytest.mark.parametrize("change", ["rate_limits=fast", "speed=1", "latency_ms=-1", "latency_ms"])
def test_an_impossible_setting_is_refused(shell: Shell, change: str) -> None:
    """A setting that is unknown or has an impossible value changes nothing."""
    before = shell.data("twin", "settings")
    assert shell.run("twin", "settings", change) == 2
    assert shell.data("twin", "settings") == before


def test_a_mistyped_setting_is_told_with_the_nearest_name(shell: Shell) -> None:
    """FY607 names the setting that is most alike."""
    assert shell.run("twin", "settings", "rate_limit=aws") == 2
    assert "FY607" in shell.err.getvalue()
    assert "there is no setting 'rate_limit'; the nearest is rate_limits" in shell.err.getvalue()


def test_without_a_twin_there_is_nothing_to_disturb(tmp_path: Path, running_twin: RunningTwin) -> None:
    """Every command asks the twin of its run file only, and says where none is."""
    gone = RunningTwin(running_twin.run, tmp_path / "gone.json")
    for words in (["faults", "list"], ["faults", "clear"], ["settings"]):
        shell = Shell(gone, tmp_path)
        assert shell.run("twin", *words) == 5
        assert "FY605" in shell.err.getvalue()
