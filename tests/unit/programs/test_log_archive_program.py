"""The log archive: what its program makes, and what its documents let through, put before AWS's rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide, parse_policy
from landing_zone.documents.log_archive import ArchiveNames, log_archive_guard, log_bucket_policy, log_key_policy
from landing_zone.stack_config import for_workload
from tests.unit.landing_zone.fleets import ORGANIZATION_ID, full_lock, sample
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran, run_program

MANAGEMENT, ACCOUNT = "100000000001", "100000000002"
NAMES = ArchiveNames("acme", MANAGEMENT, ACCOUNT, "eu-west-1")
BUCKET = f"arn:aws:s3:::acme-logs-{ACCOUNT}-eu-west-1"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/acme-organization"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LOGS = f"{BUCKET}/AWSLogs/{ORGANIZATION_ID}/{ACCOUNT}/CloudTrail/log.json.gz"
FULL_CONTROL = {"s3:x-amz-acl": "bucket-owner-full-control"}
CLOUDTRAIL = Principal(PrincipalKind.SERVICE, "", "cloudtrail.amazonaws.com")


def _role(name: str) -> Principal:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/somebody"
    return Principal(PrincipalKind.ROLE_SESSION, ACCOUNT, session, role_arn=f"arn:aws:iam::{ACCOUNT}:role/{name}")


ADMIN, KEEPER = _role("Admin"), _role("OrganizationAccountAccessRole")
ROOT = Principal(PrincipalKind.ROOT, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root")


def _may(who: Principal, action: str, on: str, document: dict[str, Any] | None = None, **context: str) -> bool:
    """Tell whether someone with full rights may do this, under the archive's SCP and a resource's own policy."""
    kind = ResourceKind.KEY if action.startswith("kms:") else ResourceKind.BUCKET
    everything = parse_policy(EVERYTHING, "everything", kind=PolicyKind.IDENTITY)
    full = parse_policy(EVERYTHING, "FullAWSAccess", kind=PolicyKind.SCP)
    guard = parse_policy(log_archive_guard("acme", ACCOUNT), "guard", kind=PolicyKind.SCP)
    service = who.kind is PrincipalKind.SERVICE
    policies = Policies(
        identity=() if service or who.kind is PrincipalKind.ROOT else (everything,),
        scp_levels=None if service else ((full, guard),),
        resource=parse_policy(document, "resource", kind=PolicyKind.RESOURCE) if document else None,
        resource_account=ACCOUNT,
        resource_kind=kind if document else ResourceKind.OTHER,
    )
    return decide(Request(who, action, on, {"aws:SecureTransport": "true", **context}), policies).allowed


def _changed(**config: object) -> Ran:
    made = for_workload(sample(), full_lock(sample()), "log-archive", "core-audit")
    changed = made.model_copy(update={"values": {**made.values, **config}})
    return run_program("workloads/log-archive", changed, project="log-archive", stack="core-audit")


def test_one_trail_of_everything() -> None:
    """The trail is the organisation's, of every region, validated, encrypted by the archive's key."""
    assert deployed.log_archive().only("aws:cloudtrail/trail:Trail").inputs == {
        "name": "acme-organization",
        "s3BucketName": f"acme-logs-{ACCOUNT}-eu-west-1",
        "kmsKeyId": "arn:aws:kms:eu-west-1:000000000000:key/k-1",
        "isOrganizationTrail": True,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
    }


def test_logs_are_kept_for_a_year() -> None:
    """No log can be deleted for a year unless told otherwise; its bucket has a lock from the beginning."""
    ran = deployed.log_archive()
    lock = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    assert ran.only(lock).inputs["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 365}}
    assert ran.only("aws:s3/bucket:Bucket").inputs["objectLockEnabled"] is True
    told = _changed(retention_mode="COMPLIANCE", retention_days=7).only(lock)
    assert told.inputs["rule"] == {"defaultRetention": {"mode": "COMPLIANCE", "days": 7}}


def test_locked_it_is_protected_from_pulumi_too() -> None:
    """Each resource is protected, and the bucket is not emptied by its deletion; unlocked neither holds."""
    locked, unlocked = deployed.log_archive(), _changed(locked=False)
    assert {found.protect for found in locked.aws} == {True}
    assert {found.protect for found in unlocked.aws} == {False}
    assert locked.only("aws:s3/bucket:Bucket").inputs["forceDestroy"] is False
    assert unlocked.only("aws:s3/bucket:Bucket").inputs["forceDestroy"] is True


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"retention_days": 0}, "retention_days: Input should be greater than or equal to 1"),
        ({"retention_mode": "governance"}, "retention_mode: Input should be 'GOVERNANCE' or 'COMPLIANCE'"),
        ({"retention": 3}, "retention: unknown key .did you mean .retention_mode"),
    ],
)
def test_config_that_does_not_fit(config: dict[str, object], why: str) -> None:
    """Wrong values of the manifest are refused before anything is made."""
    with pytest.raises(pulumi.RunError, match=why):
        _changed(**config)


Documents = Callable[[], dict[str, Any]]
LOCKED_BUCKET: Documents = lambda: log_bucket_policy(NAMES, ORGANIZATION_ID, locked=True)  # noqa: E731
OPEN_BUCKET: Documents = lambda: log_bucket_policy(NAMES, ORGANIZATION_ID, locked=False)  # noqa: E731
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k-1"


def test_cloudtrail_writes_for_this_trail_only() -> None:
    """CloudTrail delivers this trail's logs, of any account; for another account's trail it is not let in."""
    ours, theirs = {"aws:SourceArn": TRAIL}, {"aws:SourceArn": TRAIL.replace(MANAGEMENT, "999999999999")}
    bucket, key = LOCKED_BUCKET(), log_key_policy(NAMES, locked=True)
    for source, expected in ((ours, True), (theirs, False)):
        assert _may(CLOUDTRAIL, "s3:PutObject", LOGS, bucket, **FULL_CONTROL, **source) is expected
        assert _may(CLOUDTRAIL, "s3:GetBucketAcl", BUCKET, bucket, **source) is expected
        context = {"kms:EncryptionContext:aws:cloudtrail:arn": source["aws:SourceArn"], **source}
        assert _may(CLOUDTRAIL, "kms:GenerateDataKey", KEY, key, **context) is expected
        assert _may(CLOUDTRAIL, "kms:DescribeKey", KEY, key, **context) is expected


def test_nobody_writes_logs_by_hand() -> None:
    """Neither Admin nor the keeper can forge a log, locked or not."""
    for document in (LOCKED_BUCKET(), OPEN_BUCKET()):
        assert not any(_may(who, "s3:PutObject", LOGS, document) for who in (ADMIN, KEEPER))


@pytest.mark.parametrize("action", ["s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"])
def test_only_the_keeper_loosens_the_bucket(action: str) -> None:
    """The bucket's policy denies Admin what it lets the keeper do; unlocked, the account's own policies decide."""
    assert [_may(who, action, BUCKET, LOCKED_BUCKET()) for who in (ADMIN, KEEPER)] == [False, True]
    assert _may(ADMIN, action, BUCKET, OPEN_BUCKET())


def test_reading_is_left_to_the_accounts_policies() -> None:
    """Whoever may read there reads the archive, by TLS."""
    assert _may(ADMIN, "s3:GetObject", LOGS, LOCKED_BUCKET())
    assert _may(ADMIN, "kms:Decrypt", KEY, log_key_policy(NAMES, locked=True))
    assert not _may(ADMIN, "s3:GetObject", LOGS, LOCKED_BUCKET(), **{"aws:SecureTransport": "false"})


def test_the_root_user_has_no_way_in() -> None:
    """S3 lets an account's root user delete any bucket policy; the SCP does not, nor anything else."""
    assert not _may(ROOT, "s3:DeleteBucketPolicy", BUCKET, LOCKED_BUCKET())
    assert not _may(ROOT, "cloudtrail:StopLogging", TRAIL)
    assert not _may(ROOT, "account:CloseAccount", "*")


def test_the_trail_is_the_keepers_to_stop() -> None:
    """The SCP denies Admin what would blind the trail, lets it do what making one takes, and lets the keeper."""
    assert [_may(who, "cloudtrail:StopLogging", TRAIL) for who in (ADMIN, KEEPER)] == [False, True]
    assert all(_may(ADMIN, f"cloudtrail:{name}", TRAIL) for name in ("CreateTrail", "StartLogging", "AddTags"))
    assert _may(ADMIN, "cloudtrail:StopLogging", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/own")


def test_nobody_becomes_the_keeper_from_inside() -> None:
    """The keeper can't be changed, deleted or assumed by the account's own principals; other roles can."""
    keeper = f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole"
    for action in ("iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:PutRolePolicy", "sts:AssumeRole"):
        assert not _may(ADMIN, action, keeper)
        assert _may(ADMIN, action, keeper.replace("OrganizationAccountAccessRole", "other"))
    assert _may(ADMIN, "iam:GetRole", keeper)


def test_the_guard_fits_into_an_scp() -> None:
    """The SCP is within AWS's 10,240 characters, whatever the names."""
    longest = log_archive_guard("o" * 32, ACCOUNT)
    assert len(json.dumps(longest, separators=(",", ":"))) < 10240
