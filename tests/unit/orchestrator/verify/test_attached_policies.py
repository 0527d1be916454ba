"""Policies as they are attached in AWS, brought into levels over each account."""

from __future__ import annotations

import json

import pytest

from landing_zone.organization_policies import PolicyType
from orchestrator.verify.answers import Found
from orchestrator.verify.attached import Attached, AttachedPolicies
from orchestrator.verify.verification import Verifier, all_accounts
from tests.unit.landing_zone.fleets import full_lock, parsed

ROOT, PLAT, PROD, DEV = "r-ab12", "ou-ab12-aaaaaaaa", "100000000003", "100000000004"
PARENTS = {PLAT: ROOT, PROD: PLAT, DEV: PLAT, "100000000002": ROOT}
NAMES = {ROOT: "the root", PLAT: "unit plat", PROD: "account prod", DEV: "account dev", "100000000002": "account audit"}


def _policy(
    name: str, *targets: str, effect: str = "Allow", action: str = "*", kind: PolicyType = PolicyType.SCP
) -> Attached:
    statement = {"Sid": "Own", "Effect": effect, "Action": action, "Resource": "*"}
    if kind is PolicyType.RCP:
        statement["Principal"] = "*"
    return Attached(name, kind, json.dumps({"Version": "2012-10-17", "Statement": statement}), frozenset(targets))


FULL = _policy("FullAWSAccess", *NAMES)


def _attached(*policies: Attached, parents: dict[str, str] | None = None) -> AttachedPolicies:
    return AttachedPolicies(parents or PARENTS, NAMES, policies, "small-")


def test_levels_from_the_root_down() -> None:
    """An account is under what is attached to it, to the units it stands in, and to the root; ours by our names."""
    levels = _attached(FULL, _policy("small-lock", PLAT, effect="Deny")).over(PROD)
    assert [level.name for level in levels] == ["the root", "unit plat", "account prod"]
    assert [[each.policy.name for each in level.scps] for level in levels] == [
        ["FullAWSAccess on the root"],
        ["FullAWSAccess on unit plat", "lock on unit plat"],
        ["FullAWSAccess on account prod"],
    ]


def test_rcps_only_deny() -> None:
    """AWS's own RCP of full access, which every target has, is left out: it says nothing."""
    own = _policy("small-perimeter", ROOT, effect="Deny", action="s3:*", kind=PolicyType.RCP)
    levels = _attached(FULL, _policy("RCPFullAWSAccess", *NAMES, kind=PolicyType.RCP), own).over(DEV)
    assert [[each.policy.name for each in level.rcps] for level in levels] == [["perimeter on the root"], [], []]


def test_full_access_that_was_detached_locks_out() -> None:
    """A level that allows too little is seen, whoever made it so; hops from the management account are not bound."""
    manifest = parsed()
    few = _policy("few", PLAT, action="ec2:*")
    attached = _attached(_policy("FullAWSAccess", *(each for each in NAMES if each != PLAT)), few)
    found = Verifier(manifest, full_lock(manifest), all_accounts(manifest), attached=attached).compute()
    assert found.lockouts[0].startswith(
        "the SCPs of unit plat (few) allow too little: OrganizationAccountAccessRole in"
    )
    assert {row.answer.found for row in found.reach} == {Found.ALLOW, Found.DENY}
    assert found.exit_code == 1


def test_lockouts_of_the_accounts_asked_about() -> None:
    """Where accounts are selected, lockouts of others are left out."""
    manifest = parsed()
    attached = _attached(FULL, _policy("lock", PROD, DEV, effect="Deny", action="iam:*"))

    def told(*accounts: str) -> str:
        return " ".join(
            Verifier(manifest, full_lock(manifest), frozenset(accounts), attached=attached).compute().lockouts
        )

    assert [account in told("dev") for account in ("dev", "prod")] == [True, False]
    assert [account in told("audit") for account in ("dev", "prod")] == [False, False]


def test_an_account_that_is_not_there() -> None:
    """Which policies are over an account that AWS does not have is not known, and so is every answer about it."""
    manifest = parsed()
    parents = {child: parent for child, parent in PARENTS.items() if child != DEV}
    found = Verifier(
        manifest, full_lock(manifest), all_accounts(manifest), attached=_attached(FULL, parents=parents)
    ).compute()
    unknown = {row.asked.account for row in found.reach if row.answer.found is Found.UNKNOWN}
    assert unknown == {"dev"}


@pytest.mark.parametrize("action", ["not:an:action", "*x"])
def test_a_policy_that_aws_takes_and_we_do_not_understand(action: str) -> None:
    """Its content counts as not known; it is never left out."""
    (level, *_) = _attached(_policy("odd", ROOT, effect="Deny", action=action)).over(PROD)
    assert [each.opaque for each in level.scps] == [True]
