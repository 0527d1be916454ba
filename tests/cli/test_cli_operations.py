"""The commands that run stacks: what they run, print and end with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.running.job import Reason, StackErrorInfo, StackJob, StackResult, StackStatus
from tests.cli.fleet_folder import (
    FakeRunner,
    Terminal,
    deploy_on_paper,
    make_fleet_folder,
    no_management_caller,
    succeed,
)

DEPLOYED = (
    "org/root",
    "bootstrap/root",
    "bootstrap-subaccount/lab-one",
    "bootstrap-subaccount/lab-two",
    "network/lab-one",
    "network/lab-two",
)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a command line in a fleet folder where nothing is deployed."""
    make_fleet_folder(tmp_path)
    return Terminal(tmp_path)


def fail(job: StackJob) -> StackResult:
    """Fail each stack."""
    error = StackErrorInfo("FY401", f"update of {job.id} failed", "AccessDenied", "correct it")
    return StackResult(job.id, job.account_id, StackStatus.FAILED, Reason.FAILED, error=error)


def test_up_prints_one_json_object_with_the_stacks(terminal: Terminal) -> None:
    """With --format json standard output holds one object whose `stacks` have the keys that are relied on."""
    data = terminal.json("up")
    stacks = data["stacks"]
    assert isinstance(stacks, list)
    assert {"id", "account_id", "result", "resource_changes", "seconds"} <= set(stacks[0])
    assert {stack["result"] for stack in stacks} == {"succeeded"}


def test_progress_goes_to_standard_error(terminal: Terminal) -> None:
    """What is said while a run goes on is not among the data."""
    terminal.run("up", "--format", "json")
    json.loads(terminal.out.getvalue())
    assert "succeeded organization/root: 1 create (0.1 s), 7 left" in terminal.err.getvalue()


def test_text_shows_a_table(terminal: Terminal) -> None:
    """Without --format a person reads a line per stack and a verdict."""
    assert terminal.run("up") == 0
    assert "succeeded  organization/root" in terminal.out.getvalue()
    assert terminal.out.getvalue().rstrip().splitlines()[-1].startswith("up: 8 changed")


@pytest.mark.parametrize(
    ("arguments", "ran"),
    [
        (("--account", "lab-two"), ["bootstrap-subaccount/lab-two", "network/lab-two"]),
        (("--unit", "lab/deep", "--exclude", "network"), ["bootstrap-subaccount/lab-two"]),
        (("--tag", "team=red", "--stack", "network"), ["network/lab-one"]),
        (("--stack", "bootstrap/*", "--stack", "org/*"), ["organization/root", "bootstrap/root"]),
    ],
)
def test_selection_is_the_same_for_every_command(
    terminal: Terminal, arguments: tuple[str, ...], ran: list[str]
) -> None:
    """The selectors narrow down what runs; repeated ones add up."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    assert terminal.run("up", *arguments) == 0
    assert terminal.runner.ran == ran
    terminal.runner.jobs.clear()
    assert terminal.run("preview", *arguments) == 0
    assert terminal.runner.ran == ran


def test_a_failed_stack_ends_with_1(terminal: Terminal) -> None:
    """An up with a failed stack ends with exit code 1 and tells the next command."""
    terminal.runner = FakeRunner(fail)
    assert terminal.run("up") == 1
    assert "next: correct it" in terminal.out.getvalue()


def test_unexpected_changes_end_with_4(terminal: Terminal) -> None:
    """A preview with --expect-no-changes ends with 4 where something would change, and with 0 where nothing would."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    assert terminal.run("preview", "--expect-no-changes", "--stack", "network") == 4
    told = terminal.err.getvalue()
    assert "FY410" in told
    assert "next: wanted: fleetyard up --stack network/lab-one --stack network/lab-two; " in told
    assert "not wanted: fleetyard refresh --preview" in told
    terminal.runner = FakeRunner(lambda job: replace(succeed(job), resource_changes={"same": 3}))
    assert terminal.run("preview", "--expect-no-changes", "--stack", "network") == 0


def test_a_missing_caller_is_reported_as_skipped(terminal: Terminal) -> None:
    """A run without the management caller does its half and lists the rest as skipped, with the reason."""
    terminal.identify = no_management_caller
    data = terminal.json("up")
    stacks = data["stacks"]
    assert isinstance(stacks, list)
    skipped = {stack["id"]: stack["reason"] for stack in stacks if stack["result"] == "skipped"}
    assert skipped == dict.fromkeys(
        ("network/lab-one", "network/lab-two", "app/lab-one/eu-west-1", "app/lab-one/eu-north-1"), "caller_missing"
    )


def test_without_the_cli_against_aws_nothing_runs(terminal: Terminal) -> None:
    """Where the real CLI is needed and missing, the command ends with 5 and says how to install it."""
    terminal.engine = None
    assert terminal.run("preview") == 5
    assert "FY420" in terminal.err.getvalue()
    assert terminal.runner.jobs == []


def test_refresh_can_be_previewed(terminal: Terminal) -> None:
    """`refresh --preview` asks workers for a dry refresh of what is deployed."""
    deploy_on_paper(terminal.folder, "network/lab-one")
    assert terminal.run("refresh", "--preview", "--stack", "network") == 0
    assert [(str(job.id), job.operation.value) for job in terminal.runner.jobs] == [
        ("network/lab-one", "preview-refresh")
    ]


def test_destroy_without_a_terminal_demands_yes(terminal: Terminal) -> None:
    """Nobody to ask and no --yes: nothing is destroyed, exit code 2, and the message says which flag."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    assert terminal.run("destroy", "--stack", "network") == 2
    assert "FY303" in terminal.err.getvalue()
    assert "--yes" in terminal.err.getvalue()
    assert terminal.runner.jobs == []
    assert terminal.run("destroy", "--stack", "network", "--yes") == 0
    assert terminal.runner.ran == ["network/lab-two", "network/lab-one"]


def test_destroy_asks_on_a_terminal(terminal: Terminal) -> None:
    """A no on a terminal destroys nothing; a yes goes on; the question names what would go."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    terminal.answers = ["n"]
    assert terminal.run("destroy", "--stack", "network") == 2
    assert "FY304" in terminal.err.getvalue()
    assert "network/lab-one" in terminal.asked[0]
    assert terminal.runner.jobs == []
    terminal.answers = ["y"]
    assert terminal.run("destroy", "--stack", "network") == 0


def test_destroying_the_foundation_takes_the_accounts_name(terminal: Terminal) -> None:
    """--yes is not enough for the foundation: the management account's name has to be typed, or given."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    assert terminal.run("destroy", "--include-foundation", "--yes") == 2
    assert terminal.run("destroy", "--include-foundation", "--confirm", "lab-one") == 2
    assert terminal.runner.jobs == []
    assert terminal.run("destroy", "--include-foundation", "--confirm", "root") == 0
    assert terminal.runner.ran[-1] == "organization/root"


def test_the_name_can_be_typed(terminal: Terminal) -> None:
    """On a terminal the name is asked for."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    terminal.answers = ["root"]
    assert terminal.run("destroy", "--include-foundation") == 0
    assert terminal.runner.ran[-1] == "organization/root"


def test_destroy_lists_what_it_keeps(terminal: Terminal) -> None:
    """Organization and bootstrap are among the results as skipped, reason protected."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    stacks = terminal.json("destroy", "--yes")["stacks"]
    assert isinstance(stacks, list)
    assert [stack["id"] for stack in stacks if stack.get("reason") == "protected"] == [
        "bootstrap/root",
        "organization/root",
    ]


def test_destroy_preview_destroys_nothing(terminal: Terminal) -> None:
    """`destroy --preview` needs no confirmation and asks workers for a dry run."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    assert terminal.run("destroy", "--preview", "--stack", "network") == 0
    assert {job.operation.value for job in terminal.runner.jobs} == {"preview-destroy"}


def test_up_asks_on_a_terminal_only(terminal: Terminal) -> None:
    """A person is asked before a deployment unless they said --yes; a pipeline is not."""
    terminal.answers = ["no"]
    assert terminal.run("up") == 2
    assert terminal.runner.jobs == []
    terminal.answers = []
    assert terminal.run("up", "--yes", "--stack", "organization") == 0


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({}, "in AWS (management account 100000000001)"),
        (
            {"FLEETYARD_TWIN_RUN_FILE": "/x/twin.json", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "on the twin at http://127.0.0.1:9 (management account 100000000001; not in AWS)",
        ),
        ({"AWS_ENDPOINT_URL": "https://aws.proxy"}, "at https://aws.proxy (management account 100000000001)"),
    ],
)
@pytest.mark.parametrize("command", [["up"], ["destroy"], ["destroy", "--include-foundation"]])
def test_a_question_says_where_it_would_happen(
    terminal: Terminal, env: dict[str, str], place: str, command: list[str]
) -> None:
    """Whoever is asked reads whether this is AWS or a twin, and which organisation's account it is about."""
    deploy_on_paper(terminal.folder, *DEPLOYED)
    terminal.env.update(env)
    terminal.answers = ["no"]
    assert terminal.run(*command) == 2
    assert place in terminal.asked[0]
