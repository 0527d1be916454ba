"""What the commands for accounts refuse, and what they say beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.lock import write_lock
from orchestrator.accounts.editing.manifest_edits import ManifestEditor
from orchestrator.accounts.errors import AccountNeeded
from orchestrator.accounts.removal import refuse_needed
from orchestrator.accounts.retirement.retired_file import Retirement, Step, retired_path, write_retired
from orchestrator.cli.app import run
from orchestrator.cli.world import World
from orchestrator.tools import Tools
from orchestrator.validation.fleet_rules import load_edited_checked
from tests.cli.fleet_folder import FakeRunner, Terminal, deploy_on_paper, make_fleet_folder, tools
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET, LOCK, small_fleet

WHEN = "2026-01-01T12:00:00+00:00"


def test_the_email_of_a_retired_account_is_not_given_again(tmp_path: Path) -> None:
    """The account is named with its final date, whatever the case of the email, and nothing is written."""
    make_fleet_folder(tmp_path)
    old = Retirement("lab-old", "900000000009", "Old@small.example", done=dict.fromkeys(Step, WHEN), closed=WHEN)
    write_retired(retired_path(tmp_path / "fleet.lock.yaml"), (old,))
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "add", "lab-new", "--unit", "lab", "--email", "old@small.example") == 2
    said = terminal.err.getvalue()
    assert "FY360: old@small.example is the email of lab-old (900000000009), which is retired" in said
    assert "2026-04-01" in said
    assert (tmp_path / "fleet.yaml").read_text() == FLEET
    assert terminal.run("accounts", "add", "lab-new", "--unit", "lab", "--email", "new@small.example") == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("zones", "it is no KEY=VALUE"),
        ("zones={a", "its value begins as JSON and is none"),
        ('zones=["a"', "its value begins as JSON and is none"),
    ],
)
def test_a_variable_that_is_half_written_is_refused(tmp_path: Path, given: str, why: str) -> None:
    """What begins as JSON and is none is not taken for text; the form is told."""
    make_fleet_folder(tmp_path)
    terminal = Terminal(tmp_path)
    words = ("add", "lab-new", "--unit", "lab", "--email", "new@small.example", "--var", given)
    assert terminal.run("accounts", *words) == 2
    said = terminal.err.getvalue()
    assert why in said
    assert "next: --var KEY=VALUE, each key once" in said
    assert (tmp_path / "fleet.yaml").read_text() == FLEET


@pytest.mark.parametrize("command", ["release", "remove"])
def test_what_is_interrupted_says_how_it_goes_on(tmp_path: Path, command: str) -> None:
    """Ctrl-C while states are forgotten names the command that goes on."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path, *(["network/lab-two"] if command == "release" else []))

    def interrupted(_fn: object, _argument: object) -> Future[Any]:
        raise KeyboardInterrupt

    @contextmanager
    def opened(*_asked: object) -> Iterator[Tools]:
        yield replace(tools(FakeRunner()), call=interrupted)

    terminal = Terminal(tmp_path)
    world = World(
        env={},
        folder=tmp_path,
        out=terminal.out,
        err=terminal.err,
        ask=None,
        choose_engine=terminal._choose,
        open_tools=opened,
        rehearse=terminal.rehearse,
        read_bucket=terminal.read_bucket,
    )
    assert run(("accounts", command, "lab-two", "--yes"), world) == 130
    assert f"To go on: fleetyard accounts {command} lab-two" in terminal.err.getvalue()


def test_the_management_account_is_never_removed(tmp_path: Path) -> None:
    """It is refused as such, whatever is deployed in it; no destroy is proposed."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path, "bootstrap/root")
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "remove", "root", "--yes") == 2
    said = terminal.err.getvalue()
    assert "FY383: root is the management account, which is never removed" in said
    assert "destroy" not in said


@pytest.mark.parametrize("words", [("remove", "lab-two", "--yes"), ("retire", "lab-two")])
def test_an_account_that_the_state_alone_knows_is_not_called_unmade(tmp_path: Path, words: tuple[str, ...]) -> None:
    """AWS has made it, whatever the lock says: it stays in the manifest, and what writes its id down is told."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path)
    write_lock(tmp_path / "fleet.lock.yaml", replace(LOCK, accounts={"lab-one": ACCOUNTS["lab-one"]}))
    kind = "aws:organizations/account:Account"
    made = {"type": kind, "urn": f"urn:pulumi:root::org::{kind}::lab-two", "id": ACCOUNTS["lab-two"]}
    file = tmp_path / "state" / ".pulumi" / "stacks" / "org" / "root.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [made]}}}), encoding="utf-8")
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", *words) == 2
    said = terminal.err.getvalue()
    assert f"FY385: AWS has made lab-two, and fleet.lock.yaml does not know it [{ACCOUNTS['lab-two']}]" in said
    assert "next: fleetyard up --stack organization" in said
    assert (tmp_path / "fleet.yaml").read_text() == FLEET


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("log_archive: lab-one", "it keeps the organisation's logs (log_archive)"),
        (
            "trusted_services: [sso.amazonaws.com]\ndelegated_administrators: {sso.amazonaws.com: lab-one}",
            "it administers sso.amazonaws.com",
        ),
    ],
)
def test_a_needed_account_is_not_removed(line: str, words: str) -> None:
    """Who needs it is named; an account that nobody needs, or that the manifest has no more, is not refused."""
    manifest = small_fleet(f"{FLEET}{line}\n")
    with pytest.raises(AccountNeeded) as refused:
        refuse_needed(manifest, "lab-one")
    assert words in refused.value.why
    refuse_needed(manifest, "lab-two")
    refuse_needed(manifest, "gone")


def test_a_dry_run_of_remove_shows_all_that_would_go(tmp_path: Path) -> None:
    """Manifest lines, empty states, the account's resource and the line of the lock; nothing is touched."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path)
    state = tmp_path / "state" / ".pulumi" / "stacks" / "network" / "lab-two.json"
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": []}}}))
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "remove", "lab-two", "--dry-run") == 0
    account_id = ACCOUNTS["lab-two"]
    assert terminal.out.getvalue().splitlines()[-3:] == [
        "would remove the empty state of network/lab-two",
        f"would take the resource Account lab-two ({account_id}) out of the organisation's state",
        f"would take the line lab-two: {account_id} out of fleet.lock.yaml",
    ]
    assert state.exists()
    assert (tmp_path / "fleet.yaml").read_text() == FLEET


def test_removing_claims_nothing_of_aws(tmp_path: Path) -> None:
    """Nobody asked AWS whether the account is open, so the question does not say that it stays open."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path)
    terminal = Terminal(tmp_path, answers=["something else"])
    assert terminal.run("accounts", "remove", "lab-two") == 2
    assert "which stays in AWS as it is" in terminal.asked[0]
    assert "open" not in terminal.asked[0]


@pytest.mark.parametrize("words", [("discover",), ("adopt", "lab-one"), ("list",), ("show", "lab-one")])
def test_without_a_manifest_the_way_to_a_first_one_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    """In an empty folder the next step is to adopt the organisation (FY308)."""
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", *words) == 2
    said = terminal.err.getvalue()
    assert "FY308" in said
    assert "fleetyard accounts adopt --all --organization NAME --region REGION" in said


def _with_vault(folder: Path) -> str:
    """Write a fleet whose unit `vault` has no account yet, and a policy under which Fleetyard could not work in one."""
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}
    (folder / "closed.json").write_text(json.dumps(policy))
    text = FLEET.replace(
        "\nunits:\n", "\npolicies: {closed: {file: closed.json, units: [vault]}}\nunits:\n  vault: {}\n"
    )
    make_fleet_folder(folder, text)
    return text


def test_an_edit_holds_before_every_rule_of_a_run(tmp_path: Path) -> None:
    """What the next command would refuse is refused before anything is written, with the same reason."""
    text = _with_vault(tmp_path)
    terminal = Terminal(tmp_path)
    assert terminal.run("validate") == 0
    assert terminal.run("accounts", "add", "lab-new", "--unit", "vault", "--email", "new@small.example") == 2
    said = terminal.err.getvalue()
    assert "FY360: policies would lock Fleetyard out" in said
    assert "closed (closed.json)" in said
    assert "in lab-new" in said
    assert (tmp_path / "fleet.yaml").read_text() == text


def test_a_manifest_with_a_problem_is_not_edited(tmp_path: Path) -> None:
    """What was wrong before the edit is told as the manifest's own, where it stands, and nothing is written."""
    text = FLEET.replace("AdministratorAccess", "AdministratorAcces")
    make_fleet_folder(tmp_path, text)
    with pytest.raises(ManifestInvalid, match=r'AWS has no managed policy "AdministratorAcces"'):
        ManifestEditor(tmp_path / "fleet.yaml", load_edited_checked)
    terminal = Terminal(tmp_path)
    for command in (("suspend", "lab-one"), ("add", "lab-new", "--unit", "lab", "--email", "new@small.example")):
        assert terminal.run("accounts", *command) == 2
    assert terminal.err.getvalue().count("FY101") == 2
    assert (tmp_path / "fleet.yaml").read_text() == text


def test_a_release_of_what_the_lock_alone_knows_changes_no_manifest(tmp_path: Path) -> None:
    """An account that left the manifest by hand is forgotten too; without anything there it says so."""
    make_fleet_folder(tmp_path)
    lock = tmp_path / "fleet.lock.yaml"
    write_lock(lock, replace(LOCK, accounts={**ACCOUNTS, "gone": "400000000004"}))
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "release", "gone", "--dry-run") == 0
    assert "there is nothing of gone to forget" in terminal.out.getvalue()
    deploy_on_paper(tmp_path, "late/gone")
    write_lock(lock, replace(LOCK, accounts={**ACCOUNTS, "gone": "400000000004"}))
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "release", "gone", "--dry-run") == 0
    assert "would forget late/gone" in terminal.out.getvalue()
