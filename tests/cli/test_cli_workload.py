"""The command `workload new`: what it makes, what it adds to the manifest, and when it writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.workers.environment import REHEARSAL_VARIABLE
from tests.cli.fleet_folder import Terminal, make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET

HARNESS = Path("tests", "unit", "programs", "program_under_mocks.py")
TEST = Path("tests", "unit", "programs", "test_month_end_program.py")
WITHOUT, WORKLOADS = FLEET[: FLEET.index("workloads:")], FLEET[FLEET.index("workloads:") :]
ODD = FLEET.replace("role: Admin\n    after", "role:   Admin   # why\n    after")
ENTRY = '  month-end:\n    accounts: ["lab-*"]\n    role: Admin\n'


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder that has what a workload's test is run with."""
    make_fleet_folder(tmp_path)
    (tmp_path / HARNESS).parent.mkdir(parents=True)
    (tmp_path / HARNESS).touch()
    return Terminal(tmp_path)


def written(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest(terminal: Terminal) -> str:
    """Return the manifest's text with its line endings."""
    return (terminal.folder / "fleet.yaml").read_bytes().decode()


def test_folder_and_test_are_made_and_the_lines_printed(terminal: Terminal) -> None:
    """Without a word of accounts the manifest stays as it is, and its lines to add are the command's data."""
    before = written(terminal.folder)
    assert terminal.run("workload", "new", "month-end") == 0
    after = written(terminal.folder)
    new = {"workloads/month-end/Pulumi.yaml", "workloads/month-end/__main__.py", str(TEST)}
    assert after.keys() - before.keys() == new
    assert {name: after[name] for name in before} == before
    assert b"name: month-end\n" in after["workloads/month-end/Pulumi.yaml"]
    assert b"$name" not in b"".join(after[name] for name in new)
    assert terminal.out.getvalue() == '  month-end:\n    accounts: ["*"]\n    role: Admin\n'


def test_what_to_type_next_is_told(terminal: Terminal) -> None:
    """The next steps are told: the test, and the rehearsal of that manifest."""
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*", "--fleet", "fleet.yaml") == 0
    told = terminal.err.getvalue()
    assert f"python -m pytest -q {TEST}" in told
    assert "fleetyard rehearse --fleet fleet.yaml" in told


def test_whoever_has_joined_a_rehearsal_deploys_there(terminal: Terminal) -> None:
    """In a shell that has joined a kept rehearsal the last step is `up` of the new workload, on that twin."""
    terminal.env = {REHEARSAL_VARIABLE: str(terminal.folder / ".fleetyard" / "rehearsal")}
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*") == 0
    assert terminal.err.getvalue().endswith("fleetyard up --stack 'month-end/*'\n")


def test_json_has_files_entry_and_next_steps(terminal: Terminal) -> None:
    """Standard output holds one object with the keys that are relied on."""
    data = terminal.json("workload", "new", "month-end", "--account", "lab-*")
    folder = terminal.folder
    assert data == {
        "name": "month-end",
        "folder": str(folder / "workloads" / "month-end"),
        "test": str(folder / TEST),
        "fleet": str(folder / "fleet.yaml"),
        "entry": ENTRY.removesuffix("\n"),
        "next": ["edit workloads/month-end/__main__.py", f"python -m pytest -q {TEST}", "fleetyard rehearse"],
    }


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        pytest.param(FLEET, FLEET + ENTRY, id="at the end"),
        pytest.param(FLEET.removesuffix("\n"), FLEET + ENTRY, id="no line ending at the end"),
        pytest.param(
            FLEET + "    # of network\n\n# about nothing\n",
            FLEET + "    # of network\n" + ENTRY + "\n# about nothing\n",
            id="comments",
        ),
        pytest.param(
            ODD.replace("\n", "\r\n"),
            (ODD + ENTRY).replace("\n", "\r\n"),
            id="Windows line endings and odd spaces",
        ),
        pytest.param(
            WORKLOADS + "\n" + WITHOUT,
            WORKLOADS + ENTRY + "\n" + WITHOUT,
            id="other keys below",
        ),
        pytest.param(
            WITHOUT,
            WITHOUT + "\nworkloads:\n" + ENTRY,
            id="no workloads yet",
        ),
        pytest.param("\ufeff" + FLEET, "\ufeff" + FLEET + ENTRY, id="a byte order mark"),
        pytest.param(
            WITHOUT + 'workloads:\n      network:\n        accounts: ["lab-*"]\n        role: Admin\n',
            WITHOUT + 'workloads:\n      network:\n        accounts: ["lab-*"]\n        role: Admin\n'
            '      month-end:\n        accounts: ["lab-*"]\n        role: Admin\n',
            id="deeper indentation",
        ),
    ],
)
def test_the_entry_is_added_and_no_other_line_changes(terminal: Terminal, text: str, changed: str) -> None:
    """The entry stands last among the workloads, as deep as they; every other byte of the manifest is as it was."""
    (terminal.folder / "fleet.yaml").write_bytes(text.encode())
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*") == 0, terminal.err.getvalue()
    assert manifest(terminal) == changed
    assert terminal.run("validate") == 0


def test_units_stages_and_role_are_written(terminal: Terminal) -> None:
    """Every selector given is in the entry, and the role; a text that YAML reads otherwise is quoted."""
    text = (
        FLEET.replace("lab-one: {", "lab-one: {stage: on, ")
        .replace(
            "Admin: {managed_policies: [AdministratorAccess]}",
            "Admin: {managed_policies: [AdministratorAccess]}\n  Ops: {managed_policies: [AdministratorAccess]}",
        )
        .replace("{roles: [Admin]", "{roles: [Admin, Ops]")
    )
    (terminal.folder / "fleet.yaml").write_text(text, encoding="utf-8")
    asked = ("--unit", "lab", "--stage", "on", "--account", "lab-one", "--account", "lab-two", "--role", "Ops")
    assert terminal.run("workload", "new", "true", *asked) == 0, terminal.err.getvalue()
    assert manifest(terminal) == text + (
        '  "true":\n    accounts: [lab-one, lab-two]\n    stages: ["on"]\n    units: [lab]\n    role: Ops\n'
    )


@pytest.mark.parametrize("name", ["Reports", "9lives", "a_b", "a/b", "..", "", "-x-", "a" * 101, "bootstrap", "org"])
def test_a_bad_name_is_refused(terminal: Terminal, name: str) -> None:
    """A name that no folder, project or key can have is FY340, and nothing is written."""
    before = written(terminal.folder)
    assert terminal.run("workload", "new", "--account", "lab-*", "--", name) == 2
    assert "FY340" in terminal.err.getvalue()
    assert written(terminal.folder) == before


@pytest.mark.parametrize("taken", ["workloads/month-end/notes.txt", "workloads/month-end", str(TEST)])
def test_what_exists_is_not_overwritten(terminal: Terminal, taken: str) -> None:
    """A folder or test of that name, even a file in the folder's place, is FY341, and nothing is written."""
    (terminal.folder / taken).parent.mkdir(exist_ok=True)
    (terminal.folder / taken).write_text("mine", encoding="utf-8")
    before = written(terminal.folder)
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*") == 2
    assert "FY341" in terminal.err.getvalue()
    assert written(terminal.folder) == before


def test_an_entry_that_exists_is_not_written_twice(terminal: Terminal) -> None:
    """A workload the manifest has already gets no second entry (FY341), but may get the folder it lacks."""
    text = FLEET + ENTRY
    (terminal.folder / "fleet.yaml").write_text(text, encoding="utf-8")
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*") == 2
    assert "FY341" in terminal.err.getvalue()
    assert terminal.run("workload", "new", "month-end") == 0
    assert (terminal.folder / "workloads" / "month-end" / "__main__.py").is_file()
    assert manifest(terminal) == text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--account", "lba-*"), 'no account matches "lba-*"'),
        (("--account", "lab-*", "--role", "Admn"), 'no account offers a role "Admn" (did you mean "Admin"?)'),
        (("--unit", "labs"), '"labs"'),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(terminal: Terminal, asked: tuple[str, ...], words: str) -> None:
    """An entry with which the manifest would not be valid is FY342 in the manifest's own words; nothing is written."""
    before = written(terminal.folder)
    assert terminal.run("workload", "new", "month-end", *asked) == 2
    assert "FY342" in terminal.err.getvalue()
    assert words in terminal.err.getvalue()
    assert written(terminal.folder) == before


@pytest.mark.parametrize(
    "workloads",
    [
        "workloads: {network: {accounts: ['lab-*'], role: Admin}}\n",
        "workloads: {}\n",
        "workloads:\n  network: &x {accounts: ['lab-*'], role: Admin}\n...\n# the end\n",
    ],
)
def test_a_manifest_without_a_place_for_it_is_left_alone(terminal: Terminal, workloads: str) -> None:
    """Where workloads are not written as one entry per line nothing is written (FY343), or the entry fits after all."""
    text = WITHOUT + workloads
    (terminal.folder / "fleet.yaml").write_text(text, encoding="utf-8")
    before = written(terminal.folder)
    code = terminal.run("workload", "new", "month-end", "--account", "lab-*")
    if "{network" in workloads or "{}" in workloads:
        assert (code, written(terminal.folder)) == (2, before)
        assert "FY343" in terminal.err.getvalue()
        assert "fleetyard workload new month-end" in terminal.err.getvalue()
    else:
        assert code == 0
        assert manifest(terminal) == text.replace("...", ENTRY + "...")


def test_a_manifest_with_problems_comes_first(terminal: Terminal) -> None:
    """A manifest that is not valid is told as always, and nothing is written."""
    (terminal.folder / "fleet.yaml").write_text(FLEET.replace("region: eu-west-1\n", ""), encoding="utf-8")
    before = written(terminal.folder)
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*") == 2
    assert "FY101" in terminal.err.getvalue()
    assert written(terminal.folder) == before


def test_a_manifest_that_cannot_be_replaced_loses_nothing(terminal: Terminal) -> None:
    """When the last of the files cannot be written, those made before it are taken back (FY312)."""
    longest = f"{'f' * 250}.yaml"  # no file beside it can have a longer name, as the one has that is to replace it
    (terminal.folder / "fleet.yaml").rename(terminal.folder / longest)
    before = written(terminal.folder)
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*", "--fleet", longest) == 2
    assert "FY312" in terminal.err.getvalue()
    assert written(terminal.folder) == before


def test_no_role_is_guessed_among_several(terminal: Terminal) -> None:
    """Where the manifest has no Admin and several roles, one has to be named (FY311); a single one is meant."""
    one = (
        FLEET.replace("Admin: {m", "Ops: {m")
        .replace("role: Admin", "role: Ops")
        .replace("roles: [Admin]", "roles: [Ops]")
    )
    (terminal.folder / "fleet.yaml").write_text(one, encoding="utf-8")
    assert terminal.run("workload", "new", "first", "--account", "lab-*") == 0
    assert manifest(terminal).endswith("role: Ops\n")
    several = one.replace("  Ops: {m", "  View: {managed_policies: [ReadOnlyAccess]}\n  Ops: {m")
    (terminal.folder / "fleet.yaml").write_text(several, encoding="utf-8")
    assert terminal.run("workload", "new", "second", "--account", "lab-*") == 2
    assert "FY311" in terminal.err.getvalue()
    assert "Ops" in terminal.err.getvalue()
    assert not (terminal.folder / "workloads" / "second").exists()


def test_no_manifest_is_needed_for_the_folder_alone(terminal: Terminal) -> None:
    """Without a manifest the folder is made all the same; to name accounts one is needed (FY308)."""
    (terminal.folder / "fleet.yaml").unlink()
    assert terminal.run("workload", "new", "month-end", "--account", "lab-*") == 2
    assert "FY308" in terminal.err.getvalue()
    assert terminal.run("workload", "new", "month-end") == 0
    assert (terminal.folder / "workloads" / "month-end" / "Pulumi.yaml").is_file()


def test_a_repository_without_our_tests_gets_none(terminal: Terminal) -> None:
    """Where there is nothing to run the test with, none is made, and that is said."""
    (terminal.folder / HARNESS).unlink()
    assert terminal.run("workload", "new", "month-end") == 0
    assert "Made no test" in terminal.err.getvalue()
    assert not (terminal.folder / TEST).exists()
