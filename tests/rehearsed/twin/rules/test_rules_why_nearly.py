"""`fleetyard twin why` tells which Allow came nearest, which condition failed, and leaves Fleetyard's own looks out."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.cli.app import run
from orchestrator.cli.world import real_world
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.unasked_session import unasked_session
from rehearsal.twin.client import last_denials, note_rehearsal_over
from rehearsal.twin.run_file import RUN_FILE_VARIABLE
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, RunningTwin, TwinAws, document, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
EVERY = EVERYTHING["Statement"][0]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
ADMINISTRATOR = f"arn:aws:iam::{MANAGEMENT}:user/administrator"


@pytest.fixture
def why(running_twin: RunningTwin) -> Callable[..., str]:
    """Return what types `twin why` and gives what it writes, the words to a person included."""

    def ask(*arguments: str) -> str:
        out = io.StringIO()
        env = {RUN_FILE_VARIABLE: str(running_twin.run_file)}
        world = dataclasses.replace(real_world(), env=env, out=out, err=out, ask=None, live=False)
        assert run(("twin", "why", *arguments), world) == 0, out.getvalue()
        return out.getvalue()

    return ask


def nearest(aws: TwinAws) -> dict[str, Any]:
    """Return the nearest statement of the step that decided the last refusal."""
    (step,) = (each for each in last_denials(aws.run, 1)[0]["chain"] if each["decided"])
    found: dict[str, Any] = step["nearest"][0]
    return found


@pytest.mark.parametrize(
    ("condition", "more", "words"),
    [
        pytest.param(
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {},
            "Bool aws:MultiFactorAuthPresent true: the request has none",
            id="a-user-without-MFA",
        ),
        pytest.param(
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/other"}},
            {},
            f"ArnLike aws:PrincipalArn arn:aws:iam::*:user/other: the request has {ADMINISTRATOR}",
            id="another-principal",
        ),
        pytest.param(
            {"StringEquals": {"sts:ExternalId": "hush-1"}},
            {"ExternalId": "wrong-1"},
            "StringEquals sts:ExternalId: the request has one that differs (values are not shown)",
            id="a-wrong-external-id",
        ),
        pytest.param(
            {"StringEquals": {"sts:ExternalId": "hush-1"}},
            {},
            "StringEquals sts:ExternalId: the request has none",
            id="no-external-id",
        ),
    ],
)
def test_a_trusts_failed_condition_is_told(
    aws: TwinAws,
    new_role: NewRole,
    why: Callable[..., str],
    condition: dict[str, Any],
    more: dict[str, str],
    words: str,
) -> None:
    """The statement, operator, key and wanted value of a trust's condition are told beside what the request had.

    Source: IAM User Guide, "Troubleshoot IAM roles": I can't assume a role (conditions of the trust must be met).
    """
    arn = new_role(MANAGEMENT, trusting(ROOT, Sid="People", Condition=condition))
    with refused("AccessDenied"):
        aws.assume(arn, **more)
    told = why("--limit", "1")
    assert f"      nearest: statement 1 'People' of {arn} would allow it, but:\n        {words}\n" in told
    assert f"The conditions of statement 1 'People' in the trust policy of {arn} would have to hold." in told
    assert "hush-1" not in told
    assert "wrong-1" not in told


def test_external_ids_are_not_kept(aws: TwinAws, new_role: NewRole) -> None:
    """Neither the external id that a trust names nor the one that was given is in what the twin keeps of a refusal.

    Source: IAM User Guide, "Access to AWS accounts owned by third parties": who knows the external id.
    """
    statements = json.loads(trusting(ROOT))["Statement"]
    hidden = {"Condition": {"StringNotEquals": {"sts:ExternalId": "hush-2"}}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", **hidden}
    arn = new_role(MANAGEMENT, document(*statements, deny))
    with refused("AccessDenied"):
        aws.assume(arn, ExternalId="wrong-2")
    kept = json.dumps(last_denials(aws.run, 1))
    assert "explicit deny: trust policy" in kept
    assert "hush-2" not in kept
    assert "wrong-2" not in kept


def test_a_resource_that_is_not_meant_is_told(aws: TwinAws, new_user: NewUser, why: Callable[..., str]) -> None:
    """An Allow for the action on other resources is told by its number and Sid, with what it is on and what was asked.

    Source: IAM User Guide, "IAM JSON policy elements: Resource".
    """
    network = f"arn:aws:iam::{MANAGEMENT}:role/network-*"
    statements = ({**EVERY, "Action": "s3:*"}, {**EVERY, "Sid": "Network", "Action": "iam:*", "Resource": network})
    _, keys = new_user(document(*statements))
    with refused("AccessDenied"):
        aws.client("iam", keys).get_role(RoleName="other")
    told = why("--limit", "1")
    assert "      nearest: statement 2 'Network' of inline would allow it, but:\n" in told
    assert f"        it is on {network}; asked was arn:aws:iam::{MANAGEMENT}:role/other\n" in told


def test_the_nearest_has_the_fewest_misses(aws: TwinAws, new_user: NewUser) -> None:
    """Of several Allows the one whose resource fits and whose fewest conditions fail is nearest.

    Source: IAM User Guide, "Conditions with multiple context keys or values": all conditions must be met.
    """
    elsewhere = {**EVERY, "Sid": "Elsewhere", "Resource": f"arn:aws:iam::{MANAGEMENT}:user/x"}
    tag, region = {"aws:PrincipalTag/team": "a"}, {"aws:RequestedRegion": "eu-west-1"}
    two = {**EVERY, "Sid": "Two", "Condition": {"StringEquals": {**tag, **region}}}
    one = {**EVERY, "Sid": "One", "Condition": {"StringEquals": tag, "Null": {"aws:TokenIssueTime": "true"}}}
    _, keys = new_user(document(elsewhere, two, one))
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()
    found = nearest(aws)
    assert (found["statement"], found["number"]) == ("One", 3)
    (unfit,) = found["unfit"]
    assert (unfit["operator"], unfit["key"]) == ("StringEquals", "aws:PrincipalTag/team")
    assert (unfit["wanted"], unfit["had"]) == (["a"], [])


def test_a_boundary_tells_its_nearest(aws: TwinAws, new_user: NewUser) -> None:
    """A permissions boundary, like every other kind of policy, tells its Allow that came nearest.

    Source: IAM User Guide, "Permissions boundaries for IAM entities".
    """
    name, keys = new_user(document(EVERY))
    iam = aws.client("iam")
    europe = {**EVERY, "Sid": "Europe", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    boundary = iam.create_policy(PolicyName=f"of-{name}", PolicyDocument=document(europe))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()
    assert (nearest(aws)["policy"], nearest(aws)["statement"]) == (boundary, "Europe")


def test_a_denys_conditions_are_told(aws: TwinAws, new_user: NewUser, why: Callable[..., str]) -> None:
    """Of a Deny that applied each condition is told beside what the request had.

    Source: IAM User Guide, "AWS: Denies access to AWS based on the requested Region".
    """
    deny = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}
    _, keys = new_user(
        document(EVERY, {**deny, "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}})
    )
    with refused("AccessDeniedException"):
        aws.client("kms", keys).list_keys()
    told = why("--limit", "1")
    condition = "StringNotEquals aws:RequestedRegion eu-west-1: the request has us-east-1"
    assert f"      its conditions hold:\n        {condition}\n" in told
    assert "statement 2 of inline would have to leave this request out" in told


def test_an_objects_policy_is_its_buckets(aws: TwinAws, account: str, why: Callable[..., str]) -> None:
    """Of an object the bucket's policy is told, which alone can let another account in.

    Source: Amazon S3 User Guide, "Bucket owner granting cross-account bucket permissions".
    """
    bucket, owner = f"why-{account}", aws.client("s3", aws.into(account))
    owner.create_bucket(Bucket=bucket)
    owner.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    with refused("AccessDenied"):
        aws.client("s3").get_object(Bucket=bucket, Key="a/b")
    arn = f"arn:aws:s3:::{bucket}"
    assert f"  The policy of {arn} would have to let {ADMINISTRATOR} s3:GetObject on {arn}/a/b." in why("--limit", "1")


def test_whom_a_trust_names_is_told(aws: TwinAws, account: str, new_role: NewRole, why: Callable[..., str]) -> None:
    """A trust that names others tells whom, and who asked.

    Source: IAM User Guide, "AWS JSON policy elements: Principal".
    """
    arn = new_role(account, trusting(account))
    with refused("AccessDenied"):
        aws.assume(arn)
    assert f"        it names {account}; the caller is {ADMINISTRATOR}\n" in why("--limit", "1")


def test_fleetyards_own_looks_are_left_out(
    aws: TwinAws, running_twin: RunningTwin, new_user: NewUser, why: Callable[..., str]
) -> None:
    """What Fleetyard's own checks were refused is left out and counted; `--own` tells it."""
    name, keys = new_user()
    mine = ("--principal", f"*:user/{name}")
    with refused("AccessDenied"):
        aws.client("iam", keys).list_users()
    looking = Access(running_twin.run.endpoint, running_twin.run.region, look=True)
    with refused("AccessDenied"):
        looking.client("iam", Credentials(keys.access_key_id, keys.secret_access_key)).list_roles()
    told = why(*mine, "--limit", "1")
    assert "iam:ListUsers" in told
    assert "iam:ListRoles" not in told
    assert "Left out: 1 of Fleetyard's own looks (--own tells them too)." in told
    assert "iam:ListRoles" in why(*mine, "--limit", "1", "--own")


def test_a_rehearsals_refusals_are_left_out(aws: TwinAws, new_user: NewUser, why: Callable[..., str]) -> None:
    """What was refused before a kept rehearsal was over is left out; what comes after it is told."""
    name, keys = new_user()
    mine = ("--principal", f"*:user/{name}")
    with refused("AccessDenied"):
        aws.client("iam", keys).list_users()
    assert note_rehearsal_over(aws.run) >= 1
    told = why(*mine)
    assert told.startswith("The twin has refused nothing of that kind.")
    assert "Left out: 1 of the rehearsal and its proofs" in told
    with refused("AccessDenied"):
        aws.client("iam", keys).list_roles()
    told = why(*mine)
    assert "iam:ListRoles" in told
    assert "iam:ListUsers" not in told


@pytest.mark.parametrize(("look", "own"), [(True, "look"), (False, "")])
def test_the_driver_says_what_is_a_look(
    running_twin: RunningTwin, new_user: NewUser, monkeypatch: pytest.MonkeyPatch, *, look: bool, own: str
) -> None:
    """A session of the driver's is a look unless it acts, by the User-Agent of its requests."""
    _, keys = new_user()
    for name, value in running_twin.environment(keys).items():
        monkeypatch.setenv(name, value)
    with refused("AccessDenied"):
        unasked_session(look=look).client("iam").list_users()
    assert last_denials(running_twin.run, 1)[0]["own"] == own
