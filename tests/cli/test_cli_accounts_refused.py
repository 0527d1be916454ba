"""What the commands for accounts refuse, and what they say beforehand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from orchestrator.accounts.editing.manifest_edits import ManifestEditor
from orchestrator.accounts.errors import AccountNeeded
from orchestrator.accounts.removal import refuse_needed
from orchestrator.accounts.retirement.retired_file import Retirement, Step, retired_path, write_retired
from orchestrator.validation.fleet_rules import load_edited_checked
from tests.cli.fleet_folder import Terminal, deploy_on_paper, make_fleet_folder
from tests.unit.orchestrator.fleets import ACCOUNTS, FLEET, small_fleet

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


def test_the_management_account_is_never_removed(tmp_path: Path) -> None:
    """It is refused as such, whatever is deployed in it; no destroy is proposed."""
    make_fleet_folder(tmp_path)
    deploy_on_paper(tmp_path, "bootstrap/root")
    terminal = Terminal(tmp_path)
    assert terminal.run("accounts", "remove", "root", "--yes") == 2
    said = terminal.err.getvalue()
    assert "FY383: root is the management account, which is never removed" in said
    assert "destroy" not in said


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
