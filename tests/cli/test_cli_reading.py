"""The commands that only read: validate, plan, status, explain, version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.cli.plan_tables import status_as_text
from orchestrator.stack_id import StackId
from orchestrator.status import FleetRecord, StackRecord
from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder
from tests.unit.orchestrator.fleets import FLEET


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder where nothing is deployed."""
    make_fleet_folder(tmp_path)
    return Terminal(tmp_path)


def test_validate_says_what_is_there(terminal: Terminal) -> None:
    """A valid fleet is told in numbers, as text and as JSON."""
    assert terminal.run("validate") == 0
    assert "3 accounts" in terminal.out.getvalue()
    terminal.out.truncate(0)
    terminal.out.seek(0)
    data = terminal.json("validate")
    assert (data["valid"], data["stacks"], data["not_created"]) == (True, 8, ["lab-one", "lab-two"])


def test_validate_tells_every_problem_with_its_place(terminal: Terminal) -> None:
    """An invalid manifest ends with 2 and lists each problem as file:line:column, in JSON as well."""
    broken = FLEET.replace("role: Admin\n    after", "role: Admn\n    aftr").replace("region: eu-west-1\n", "")
    (terminal.folder / "fleet.yaml").write_text(broken, encoding="utf-8")
    assert terminal.run("validate", "--format", "json") == 2
    problems = json.loads(terminal.out.getvalue())["problems"]
    assert len(problems) >= 3
    assert all("fleet.yaml:" in problem for problem in problems)
    assert "FY101" in terminal.err.getvalue()


def test_validate_misses_programs_that_are_not_there(terminal: Terminal) -> None:
    """A workload's missing program is a problem like any other: all at once, with its place and the nearest program."""
    (terminal.folder / "workloads" / "app" / "Pulumi.yaml").unlink()
    text = FLEET.replace("region: eu-west-1\n", "").replace(
        "  network:\n",
        "  netwrk:\n    accounts: [lab-one]\n    role: Admin\n  network:\n    folder: workloads/networks\n",
    )
    (terminal.folder / "fleet.yaml").write_text(text, encoding="utf-8")
    terminal.run("validate", "--format", "json")
    problems = json.loads(terminal.out.getvalue())["problems"]
    meant = '(did you mean "workloads/network"?)'
    assert [problem.split("fleet.yaml:")[1] for problem in problems] == [
        '1:1: the manifest lacks "region"',
        '25:3: the program of "app" is none: workloads/app has no Pulumi.yaml that names a project',
        f'30:3: the program of "netwrk" is not there: no folder workloads/netwrk {meant}',
        f'34:13: the program of "network" is not there: no folder workloads/networks {meant}',
    ]


@pytest.mark.parametrize("folder", ['"\\0"', "x" * 5000, "fleet.yaml"])
def test_a_folder_that_is_no_path_is_a_problem(terminal: Terminal, folder: str) -> None:
    """What no folder can be called is told as a program that is not there."""
    text = FLEET.replace("  network:\n", f"  network:\n    folder: {folder}\n")
    (terminal.folder / "fleet.yaml").write_text(text, encoding="utf-8")
    assert terminal.run("validate") == 2
    assert "FY101" in terminal.err.getvalue()


def test_a_missing_program_of_the_foundation_is_told(terminal: Terminal) -> None:
    """A program that no workload names has no place in the manifest: FY307 names its file."""
    (terminal.folder / "bootstrap" / "Pulumi.yaml").unlink()
    assert terminal.run("validate") == 2
    assert "FY307" in terminal.err.getvalue()


def test_the_manifest_is_found_upwards(terminal: Terminal) -> None:
    """Without --fleet the nearest fleet.yaml here or above is taken."""
    terminal.folder = terminal.folder / "workloads" / "network"
    assert terminal.run("plan") == 0


def test_no_manifest_anywhere_is_told(tmp_path: Path) -> None:
    """Where no fleet.yaml is found the command ends with 2 and names --fleet."""
    terminal = Terminal(tmp_path)
    assert terminal.run("plan") == 2
    assert "FY308" in terminal.err.getvalue()
    assert "--fleet" in terminal.err.getvalue()


def test_plan_lists_stacks_in_order(terminal: Terminal) -> None:
    """The plan has each stack with account, caller and what it rests on."""
    stacks = terminal.json("plan")["stacks"]
    assert isinstance(stacks, list)
    assert stacks[0]["id"] == "organization/root"
    network = next(stack for stack in stacks if stack["id"] == "network/lab-one")
    assert network == {
        "id": "network/lab-one",
        "account": "lab-one",
        "account_id": "",
        "unit": "lab",
        "caller": "management",
        "rests_on": ["bootstrap-subaccount/lab-one"],
    }


def test_plan_of_destroy_is_reversed(terminal: Terminal) -> None:
    """`plan --destroy` begins with what nothing rests on."""
    assert terminal.run("plan", "--destroy", "--unit", "lab") == 0
    lines = terminal.out.getvalue().splitlines()
    assert lines[1].startswith("app/lab-one/eu-north-1")
    assert lines[-1].startswith("bootstrap-subaccount/lab-one")


def test_status_tells_deployed_from_absent(terminal: Terminal) -> None:
    """The status has a word for each stack, and names stacks that the manifest no longer has."""
    deploy_on_paper(terminal.folder, "org/root", "network/lab-one", "network/gone")
    (terminal.folder / "state" / ".pulumi" / "stacks" / "org" / "root.json").write_text("{", encoding="utf-8")
    data = terminal.json("status")
    stacks = data["stacks"]
    assert isinstance(stacks, list)
    words = {stack["id"]: stack["state"] for stack in stacks}
    assert (words["network/lab-one"], words["network/lab-two"], words["organization/root"]) == (
        "deployed",
        "absent",
        "unreadable",
    )
    assert data["unplanned"] == [{"project": "network", "stack": "gone"}]


def test_status_points_from_damaged_states_to_the_doctor(terminal: Terminal) -> None:
    """Below the table each state that cannot be read is named, with the command that says what to do."""
    deploy_on_paper(terminal.folder, "org/root", "network/lab-one")
    stacks = terminal.folder / "state" / ".pulumi" / "stacks"
    (stacks / "org" / "root.json").write_text("{", encoding="utf-8")
    assert terminal.run("status") == 0
    assert terminal.out.getvalue().splitlines()[-1] == (
        "cannot be read: the state of organization/root; what is wrong, and what to do: "
        "fleetyard state doctor --stack organization/root"
    )
    (stacks / "network" / "lab-one.json").write_text("{", encoding="utf-8")
    assert terminal.run("status") == 0
    assert terminal.out.getvalue().rstrip().endswith("fleetyard state doctor")


def test_status_points_from_unknown_states_to_the_doctor() -> None:
    """What AWS said of a bucket that could not be read is told once, with the command that looks further."""
    refused = [StackRecord(StackId("network", stack), "", None, "AccessDenied: no") for stack in ("lab-one", "lab-two")]
    lines = status_as_text(FleetRecord(tuple(refused), ()), {}).splitlines()
    assert lines[3:] == ["the state of workloads could not be read: AccessDenied: no; next: fleetyard state doctor"]


def test_status_names_locks_and_interrupted_steps(terminal: Terminal) -> None:
    """A held lock shows who holds it; pending operations without a lock show the next command."""
    deploy_on_paper(terminal.folder, "network/lab-one", "network/lab-two")
    pulumi = terminal.folder / "state" / ".pulumi"
    lock = pulumi / "locks" / "organization" / "network" / "lab-one" / "x.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": 7, "username": "ann", "hostname": "box", "timestamp": "now"}), encoding="utf-8")
    broken = {"version": 3, "checkpoint": {"latest": {"resources": [], "pending_operations": [{"type": "creating"}]}}}
    (pulumi / "stacks" / "network" / "lab-two.json").write_text(json.dumps(broken), encoding="utf-8")
    assert terminal.run("status") == 0
    assert "network/lab-one is locked by ann@box, pid 7" in terminal.out.getvalue()
    assert "fleetyard refresh --clear-pending-creates --stack network/lab-two" in terminal.out.getvalue()


def test_status_tells_the_last_operation(terminal: Terminal) -> None:
    """The newest entry of the stack's history is shown."""
    deploy_on_paper(terminal.folder, "network/lab-one")
    history = terminal.folder / "state" / ".pulumi" / "history" / "network" / "lab-one"
    history.mkdir(parents=True)
    for at, kind in ((100, "update"), (200, "refresh")):
        entry = {"kind": kind, "result": "succeeded", "endTime": at}
        (history / f"lab-one-{at}.history.json").write_text(json.dumps(entry), encoding="utf-8")
    assert terminal.run("status", "--stack", "network/lab-one") == 0
    assert "refresh succeeded  1970-01-01 00:03:20 UTC" in terminal.out.getvalue()


def test_explain_prints_an_errors_entry(terminal: Terminal) -> None:
    """`explain CODE` says what an error means; an unknown code ends with 2."""
    assert terminal.run("explain", "FY305") == 0
    assert "Still needed by others" in terminal.out.getvalue()
    assert terminal.run("explain", "FY3333") == 2


def test_explain_and_version_are_data_too(terminal: Terminal) -> None:
    """Both commands write one JSON object if asked to."""
    entry = terminal.json("explain", "fy305")
    assert (entry["code"], entry["title"], entry["exit_code"]) == ("FY305", "Still needed by others", 2)
    assert str(entry["text"]).startswith("A selected stack may not be destroyed")
    assert set(Terminal(terminal.folder).json("version")) >= {"fleetyard", "pulumi", "moto"}


def test_version_names_what_it_rests_on(terminal: Terminal) -> None:
    """The version of Fleetyard and of Pulumi's SDK is shown."""
    assert terminal.run("version") == 0
    assert "pulumi 3." in terminal.out.getvalue()
