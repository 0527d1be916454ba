"""A rehearsal leaves suspended accounts alone, says so, and does not fail for what it cannot try without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.rehearse.report import RehearsalReport, summary
from orchestrator.rehearse.run import RehearsalOptions, run_rehearsal
from tests.support.pocket_fleet import POCKET_FLEET

ALONE = """\
organization: pocket
management_account_id: "100000000009"
region: eu-west-1
callers: {administrator: pocket-administrator, management: pocket-management}
roles:
  Admin: {managed_policies: [AdministratorAccess]}
management_roles:
  Management-Admin: {trusted: {users: [ops], mfa: true}, state: write, grants: []}
units:
  plat: {accounts: {core-root: {email: root@pocket.example, management: true}}}
"""


ALL_SUSPENDED = POCKET_FLEET.replace("plat-prod: {", "plat-prod: {suspended: true, ").replace(
    "plat-dev: {", "plat-dev: {suspended: true, "
)


def _rehearsed(folder: Path, text: str) -> RehearsalReport:
    fleet = folder / "fleet.yaml"
    fleet.write_text(text, encoding="utf-8")
    return run_rehearsal(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json"))


def test_suspended_accounts_are_left_alone_and_named(tmp_path: Path) -> None:
    """With one account left the rehearsal passes, and the proof that needs two is told as not tried."""
    text = POCKET_FLEET.replace("plat-dev: {", "plat-dev: {suspended: true, ")
    report = _rehearsed(tmp_path, text)
    words = summary(report)
    assert report.passed, words
    assert "suspended in the manifest, left alone: plat-dev" in words
    assert [proof.name for proof in report.proofs if not proof.tried] == [
        "wrong account refused before anything is touched"
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ALL_SUSPENDED, "every member account is suspended"),
        (ALONE, "the fleet has no member account"),
    ],
    ids=["all suspended", "no members"],
)
def test_without_any_member_account_the_rest_is_proven(tmp_path: Path, text: str, why: str) -> None:
    """What is claimed of member accounts is told as not tried, and why; the management account is proven as ever."""
    report = _rehearsed(tmp_path, text)
    assert report.passed, summary(report)
    held = {proof.name for proof in report.proofs if proof.word == "holds"}
    assert held == {
        "preview after deployment shows no change",
        "management account refused throughout",
        "user alone refused",
        "second up changes nothing",
    }
    idle = {proof.name: proof.detail for proof in report.proofs if not proof.tried}
    net = idle.pop("without that net IAM denies it", "")
    assert set(idle.values()) == {f"nothing to try: {why}"}
    assert net == ("nothing to try: every account that workloads run in is suspended" if "workloads" in text else "")
