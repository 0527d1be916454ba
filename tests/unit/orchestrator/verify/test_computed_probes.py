"""Probes, computed from the documents that the programs would deploy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from orchestrator.verify.answers import Found, Outcome, Question, Row
from orchestrator.verify.resources import resource_of
from orchestrator.verify.verification import Verifier, all_accounts
from tests.unit.landing_zone.fleets import SMALL, full_lock

POLICIES = """\
policies:
  deny-leaving: {file: starter/deny-leaving, root: true}
  region-lock: {file: starter/region-lock, units: [plat]}
  baseline: {file: starter/protect-baseline, root: true}
  tagged: {file: tagged.json, units: [core]}
"""
TAGGED = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Tagged",
        "Effect": "Deny",
        "Action": "ec2:CreateVolume",
        "Resource": "*",
        "Condition": {"Null": {"aws:RequestTag/owner": "true"}},
    },
}
PERIMETER = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Perimeter",
        "Effect": "Deny",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "${organization_id}"}},
    },
}


def _rows(folder: Path, *probes: str) -> Sequence[Row]:
    (folder / "tagged.json").write_text(json.dumps(TAGGED), encoding="utf-8")
    path = folder / "fleet.yaml"
    lines = "".join(f"  {probe}\n" for probe in probes)
    path.write_text(f"{SMALL}{POLICIES}probes:\n{lines}", encoding="utf-8")
    manifest = load_manifest(path)
    return Verifier(manifest, full_lock(manifest), all_accounts(manifest)).compute().probes


def test_the_policy_that_decides_is_named(tmp_path: Path) -> None:
    """An answer says which policy, at which level, by which statement."""
    leaving = "leaving: {actions: [organizations:LeaveOrganization], accounts: [prod], expect: deny, by: scp}"
    (row,) = _rows(tmp_path, leaving)
    assert (row.outcome, row.answer.decided) == (Outcome.OK, "scp: deny-leaving on the root, statement DenyLeaving")


def test_a_policy_reaches_the_accounts_below_its_target(tmp_path: Path) -> None:
    """A region is closed in the unit that the lock is over, and open beside it."""
    rows = _rows(tmp_path, "abroad: {actions: [ec2:RunInstances], accounts: ['*'], region: us-east-1, expect: deny}")
    assert {row.asked.account: row.outcome.value for row in rows} == {"audit": "differs", "prod": "ok", "dev": "ok"}


def test_global_services_are_seen_in_their_own_region(tmp_path: Path) -> None:
    """AWS sees calls of IAM in us-east-1: a lock to one region has to exempt them, and the shipped one does."""
    (row,) = _rows(tmp_path, "iam: {actions: [iam:ListRoles], accounts: [prod], expect: allow}")
    assert row.outcome is Outcome.OK


@pytest.mark.parametrize(
    ("role", "found", "by"),
    [
        pytest.param("OrganizationAccountAccessRole", Found.ALLOW, "identity", id="exempt"),
        pytest.param("Admin", Found.DENY, "scp", id="not exempt"),
        pytest.param("ReadOnly", Found.DENY, "scp", id="an SCP before its own policy"),
    ],
)
def test_who_tries_it(tmp_path: Path, role: str, found: Found, by: str) -> None:
    """A role is decided with its own policies and the exemptions that it has."""
    (row,) = _rows(
        tmp_path,
        f"trust: {{actions: [iam:UpdateAssumeRolePolicy], accounts: [prod], expect: deny, role: {role}, "
        "resource: 'arn:aws:iam::${account.id}:role/Admin'}",
    )
    assert (row.answer.found, row.answer.by) == (found, by)


def test_a_denial_by_another_kind_of_policy_differs(tmp_path: Path) -> None:
    """`by` is part of the answer: a role that merely lacks the right proves nothing of the organisation's policy."""
    (row,) = _rows(
        tmp_path, "users: {actions: [iam:CreateUser], accounts: [prod], expect: deny, by: scp, role: ReadOnly}"
    )
    assert (row.answer.by, row.outcome) == ("identity", Outcome.DIFFERS)


@pytest.mark.parametrize(
    ("context", "outcome"),
    [
        pytest.param("", Outcome.UNKNOWN, id="not given"),
        pytest.param(", context: {'aws:RequestTag/owner': platform}", Outcome.OK, id="given"),
    ],
)
def test_the_context_of_a_call(tmp_path: Path, context: str, outcome: Outcome) -> None:
    """What a policy asks for and the probe does not give is not known; given, it is decided."""
    (row,) = _rows(tmp_path, f"tag: {{actions: [ec2:CreateVolume], accounts: [audit], expect: allow{context}}}")
    assert row.outcome is outcome


def test_a_resource_of_the_kind_that_the_action_takes() -> None:
    """A probe without a resource means one that nothing has; an action that takes none is asked for all of them."""
    assert (
        resource_of("iam:DeleteRole", "200000000002", "eu-west-1") == "arn:aws:iam::200000000002:role/fleetyard-probe"
    )
    assert resource_of("ec2:DescribeVpcs", "200000000002", "eu-west-1") == "*"
    assert resource_of("ssm:PutParameter", "200000000002", "eu-west-1").startswith(
        "arn:aws:ssm:eu-west-1:200000000002:"
    )


def test_values_of_the_account_are_filled_in(tmp_path: Path) -> None:
    """Each account's own id stands in the resource."""
    rows = _rows(
        tmp_path,
        "own: {actions: [iam:GetRole], accounts: [prod, dev], expect: allow, "
        "resource: 'arn:aws:iam::${account.id}:role/${account.name}-${accounts.audit.id}'}",
    )
    asked = [row.asked for row in rows]
    assert [each.resource for each in asked if isinstance(each, Question)] == [
        "arn:aws:iam::100000000003:role/prod-100000000002",
        "arn:aws:iam::100000000004:role/dev-100000000002",
    ]


def test_a_resource_of_another_account(tmp_path: Path) -> None:
    """Its own policy has to allow the call too, so that is not known; a denial on the caller's side is."""
    queue = "resource: 'arn:aws:sqs:eu-west-1:${accounts.audit.id}:q'"
    (allowed,) = _rows(tmp_path, f"other: {{actions: [sqs:SendMessage], accounts: [prod], expect: allow, {queue}}}")
    assert (allowed.answer.found, allowed.answer.decided) == (Found.UNKNOWN, "")
    assert allowed.answer.words == "it rests on the policy of the resource, which is in account 100000000002"
    abroad = f"expect: deny, by: scp, region: us-east-1, {queue}"
    (denied,) = _rows(tmp_path, f"other: {{actions: [sqs:SendMessage], accounts: [prod], {abroad}}}")
    assert denied.outcome is Outcome.OK


def test_a_denial_by_the_resource_is_not_computed(tmp_path: Path) -> None:
    """What a resource's own policy says is in no document here: it is not known, and does not differ."""
    (row,) = _rows(tmp_path, "own: {actions: [sqs:SendMessage], accounts: [prod], expect: deny, by: resource}")
    assert row.outcome is Outcome.UNKNOWN
    assert row.answer.words.startswith("it rests on the resource's policy")


@pytest.mark.parametrize(
    ("owner", "context", "found"),
    [
        pytest.param("999999999999", "", Found.UNKNOWN, id="of an organisation that is not known"),
        pytest.param("999999999999", "aws:ResourceOrgID: o-elsewhere1", Found.DENY, id="of another one"),
        pytest.param("${account.id}", "", Found.ALLOW, id="of the fleet's own"),
    ],
)
def test_whose_the_resource_is(tmp_path: Path, owner: str, context: str, found: Found) -> None:
    """The account in an ARN is the resource's; of which organisation it is, is known of the fleet's accounts alone."""
    (tmp_path / "perimeter.json").write_text(json.dumps(PERIMETER), encoding="utf-8")
    path = tmp_path / "fleet.yaml"
    probe = f"actions: [sqs:SendMessage], accounts: [prod], resource: 'arn:aws:sqs:eu-west-1:{owner}:q', expect: deny"
    policy = "policies:\n  perimeter: {file: perimeter.json, root: true}\n"
    path.write_text(f"{SMALL}{policy}probes:\n  own: {{{probe}, context: {{{context}}}}}\n", encoding="utf-8")
    manifest = load_manifest(path)
    (row,) = Verifier(manifest, full_lock(manifest), all_accounts(manifest)).compute().probes
    assert row.answer.found is found
