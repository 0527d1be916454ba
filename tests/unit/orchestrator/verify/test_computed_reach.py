"""The reach matrix, computed from the documents that the programs would deploy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.manifest import load_manifest
from landing_zone.probes import Expect
from orchestrator.verify.answers import Answer, Found, How, Outcome, Pair
from orchestrator.verify.computed import Computing
from orchestrator.verify.documents import FleetDocuments
from orchestrator.verify.errors import NothingToVerify
from orchestrator.verify.verification import Verifier, all_accounts
from tests.unit.landing_zone.fleets import SMALL, full_lock, parsed, whole_sample


def _verifier(manifest: Manifest, lock: Lock | None = None) -> Verifier:
    return Verifier(manifest, full_lock(manifest) if lock is None else lock, all_accounts(manifest))


def test_the_sample_reaches_what_it_grants() -> None:
    """Every pair of the sample is as its manifest says: granted ones are allowed, all others denied."""
    found = _verifier(whole_sample()).compute()
    allowed = {(row.asked.caller, row.asked.account, row.asked.role) for row in found.reach if _allows(row.answer)}
    assert {row.outcome for row in found.reach} == {Outcome.OK}
    assert {pair for pair in allowed if pair[0] != "Fleet-Hub" and pair[2] != "Fleet-Hub"} == whole_sample().reach()


def _allows(answer: Answer) -> bool:
    return answer.found is Found.ALLOW


def test_the_hub_alone_reaches_its_spokes() -> None:
    """Who becomes the hub, its spokes and the organisation reader is part of the matrix."""
    rows = _verifier(whole_sample()).compute().reach
    spokes = {row.asked.caller for row in rows if row.asked.role == "Fleet-Spoke" and _allows(row.answer)}
    hubs = {row.asked.caller for row in rows if row.asked.role == "Fleet-Hub" and _allows(row.answer)}
    assert (spokes, hubs) == ({"Fleet-Hub"}, {"Management-Admin"})


def test_nothing_has_to_be_deployed() -> None:
    """Before the first `up`, ids that AWS has yet to give are stood in for: a manifest is verified in any pipeline."""
    found = _verifier(parsed(), Lock()).compute()
    assert {(row.outcome, row.answer.how) for row in found.reach} == {(Outcome.OK, How.COMPUTED)}


def test_the_management_account_has_no_role_to_reach() -> None:
    """No management role may become a member role of its own account."""
    rows = [row for row in _verifier(parsed()).compute().reach if row.asked.account == "root"]
    assert len(rows) == 4
    assert {row.answer.words for row in rows} == {"there is no role Admin in root", "there is no role ReadOnly in root"}


def test_suspended_accounts_are_left_alone() -> None:
    """As by every run; they are named, and without any other account there is nothing to verify."""
    manifest = parsed(SMALL.replace("stage: dev,", "stage: dev, suspended: true,"))
    found = _verifier(manifest).compute()
    assert found.suspended == ("dev",)
    assert "dev" not in {row.asked.account for row in found.reach}
    with pytest.raises(NothingToVerify, match="nothing to verify") as refused:
        Verifier(manifest, full_lock(manifest), frozenset({"dev"})).compute()
    assert refused.value.why == "suspended, left alone: dev"


def _computed(folder: Path, policy: dict[str, object], pair: Pair) -> Answer:
    """Return how a pair is decided under an RCP over everything."""
    statement = {"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Resource": "*", **policy}
    (folder / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}), encoding="utf-8")
    path = folder / "fleet.yaml"
    path.write_text(f"{SMALL}policies:\n  own: {{file: own.json, type: rcp, units: [plat]}}\n", encoding="utf-8")
    manifest = load_manifest(path)
    return Computing(FleetDocuments(manifest, full_lock(manifest))).pair(pair)


HOP = Pair("Management-Admin", "root", "prod", "Admin", Expect.ALLOW)


def test_an_rcp_denies_the_hop(tmp_path: Path) -> None:
    """The policies over the account that is entered decide too, and the answer names policy, level and statement."""
    answer = _computed(tmp_path, {"Action": "sts:AssumeRole"}, HOP)
    assert (answer.found, answer.decided) == (Found.DENY, "rcp: own on unit plat, statement Closed")


def test_an_rcp_that_asks_for_the_unknown(tmp_path: Path) -> None:
    """Where an address decides, the answer is not known: it is never taken for what was expected."""
    elsewhere = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    answer = _computed(tmp_path, {"Action": "sts:*", "Condition": elsewhere}, HOP)
    assert (answer.found, answer.words) == (Found.UNKNOWN, "it rests on aws:sourceip")


def test_a_boundary_takes_the_hop_away(tmp_path: Path) -> None:
    """A management role under a boundary that allows no hop to some account reaches none there."""
    narrow = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:iam::100000000003:role/*"}
    (tmp_path / "most.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": narrow}), encoding="utf-8")
    bounded = SMALL.replace("    state: write\n", "    state: write\n    permissions_boundary: most.json\n")
    (tmp_path / "fleet.yaml").write_text(bounded, encoding="utf-8")
    manifest = load_manifest(tmp_path / "fleet.yaml")
    lock = full_lock(manifest)
    assert lock.accounts["prod"] == "100000000003"
    differing = [row for row in _verifier(manifest, lock).compute().reach if row.outcome is not Outcome.OK]
    assert [(row.asked.caller, row.asked.account, row.answer.by) for row in differing] == [
        ("Management-Admin", "prod", "boundary")
    ]
