"""The log archive on a twin: deployed by a management role, and out of reach of its own account's Admin afterwards.

One small fleet is deployed once for all that is only tried; what takes the archive down has a fleet of its own.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orchestrator.rehearse.access import Credentials, error_code
from orchestrator.rehearse.proofs.clean_destroy import prove_destroy_is_clean
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import deploy, scene_of
from orchestrator.running.job import Operation, Reason, StackStatus
from orchestrator.stack_id import StackId
from tests.support.pocket_fleet import POCKET_FLEET
from tests.support.twin_gate import gate_off

ARCHIVE = StackId("log-archive", "core-audit")
FLEET = POCKET_FLEET.replace(
    "      plat-prod:", "      core-audit: {email: audit@pocket.example}\n      plat-prod:"
).replace(
    "workloads:\n",
    """log_archive: core-audit
workloads:
  log-archive:
    accounts: [core-audit]
    role: Admin
    protected: true
    config: {organization_id: "${organization_id}", management_account_id: "${management_account_id}"}
""",
)
DENIED = {"AccessDenied", "AccessDeniedException"}


@dataclass(frozen=True)
class Archive:
    """A deployed archive, and who may try something on it."""

    scene: Scene
    outputs: dict[str, Any]

    @property
    def account_id(self) -> str:
        """The archive's account."""
        return self.scene.lock.accounts["core-audit"]

    @property
    def admin(self) -> Credentials:
        """Admin of the archive's account, as a person who became Management-Admin gets there."""
        arn = f"arn:aws:iam::{self.account_id}:role/Admin"
        return self.scene.access.assume(self.scene.management_roles["Management-Admin"], arn, "tries")

    @property
    def keeper(self) -> Credentials:
        """OrganizationAccountAccessRole, as the management account's administrator gets there."""
        return self.scene.administrator_of("core-audit")

    def client(self, service: str, who: Credentials) -> Any:
        """Return a client of a service in the archive's account."""
        return self.scene.access.client(service, who)

    @property
    def guard(self) -> tuple[str, str]:
        """The id and the document of the SCP over the archive's account."""
        organizations = self.client("organizations", self.scene.administrator)
        found = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        policy_id = next(str(policy["Id"]) for policy in found if policy["Name"] == "pocket-log-archive-guard")
        return policy_id, str(organizations.describe_policy(PolicyId=policy_id)["Policy"]["Content"])

    def put_log(self, key: str) -> str:
        """Put a log into the bucket as CloudTrail would, and return its version."""
        with gate_off(self.scene.workspace):
            s3 = self.client("s3", self.admin)
            return str(s3.put_object(Bucket=self.outputs["bucket"], Key=key, Body=b"{}")["VersionId"])


@contextmanager
def deployed(folder: Path) -> Iterator[Archive]:
    """Deploy the fleet on a twin of its own."""
    fleet = folder / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, before = deploy(stage)
        assert [r.error for r in results if r.error] == []
        outputs = next(result.outputs for result in results if result.id == ARCHIVE)
        yield Archive(scene_of(stage, before), dict(outputs))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive that no test changes."""
    with deployed(tmp_path_factory.mktemp("archive")) as found:
        yield found


@pytest.fixture
def own_archive(tmp_path: Path) -> Iterator[Archive]:
    """Return an archive of this test's own."""
    with deployed(tmp_path) as found:
        yield found


Act = Callable[[Archive, Credentials], object]


def _s3(operation: str, **parameters: object) -> Act:
    return lambda a, who: getattr(a.client("s3", who), operation)(Bucket=a.outputs["bucket"], **parameters)


def _kms(operation: str, **parameters: object) -> Act:
    return lambda a, who: getattr(a.client("kms", who), operation)(KeyId=a.outputs["key_arn"], **parameters)


def _trail(operation: str, **parameters: object) -> Act:
    name = "TrailName" if operation.startswith("put_") else "Name"
    return lambda a, who: getattr(a.client("cloudtrail", who), operation)(
        **{name: a.outputs["trail_arn"], **parameters}
    )


def _keeper(operation: str, **parameters: object) -> Act:
    return lambda a, who: getattr(a.client("iam", who), operation)(
        RoleName="OrganizationAccountAccessRole", **parameters
    )


def _delete_version(a: Archive, who: Credentials, *, bypass: bool = False, many: bool = False) -> object:
    key = f"AWSLogs/{datetime.now(UTC).timestamp()}"
    version = a.put_log(key)
    more = {"BypassGovernanceRetention": True} if bypass else {}
    s3, bucket = a.client("s3", who), a.outputs["bucket"]
    if many:
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key, "VersionId": version}]}, **more)
        for error in answer.get("Errors", ()):  # S3 answers 200 and tells what stayed
            raise ClientError({"Error": error}, "DeleteObjects")
        return answer
    return s3.delete_object(Bucket=bucket, Key=key, VersionId=version, **more)


def _cut_retention(a: Archive, who: Credentials) -> object:
    version = a.put_log("AWSLogs/short")
    until = datetime.now(UTC) + timedelta(minutes=1)
    return a.client("s3", who).put_object_retention(
        Bucket=a.outputs["bucket"],
        Key="AWSLogs/short",
        VersionId=version,
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
        BypassGovernanceRetention=True,
    )


EVERYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"},
    }
)
EXPIRE = {"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
UNLOCKED = {"ObjectLockEnabled": "Enabled"}
PLAIN = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
SELECTORS = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]

LOOSENING = {
    "delete the bucket": _s3("delete_bucket"),
    "delete a log": _s3("delete_object", Key="AWSLogs/any"),
    "delete a log's version": _delete_version,
    "delete a version past governance": lambda a, who: _delete_version(a, who, bypass=True),
    "delete many versions past governance": lambda a, who: _delete_version(a, who, bypass=True, many=True),
    "cut a log's retention": _cut_retention,
    "write a log": _s3("put_object", Key="AWSLogs/forged", Body=b"{}"),
    "let logs expire": _s3("put_bucket_lifecycle_configuration", LifecycleConfiguration=EXPIRE),
    "change the bucket's policy": _s3("put_bucket_policy", Policy=EVERYBODY),
    "delete the bucket's policy": _s3("delete_bucket_policy"),
    "stop versions": _s3("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
    "take the lock off": _s3("put_object_lock_configuration", ObjectLockConfiguration=UNLOCKED),
    "make the bucket public": _s3("delete_public_access_block"),
    "encrypt with another key": _s3("put_bucket_encryption", ServerSideEncryptionConfiguration=PLAIN),
    "let readers pay": _s3("put_bucket_request_payment", RequestPaymentConfiguration={"Payer": "Requester"}),
    "disable the key": _kms("disable_key"),
    "delete the key": _kms("schedule_key_deletion", PendingWindowInDays=7),
    "stop the key's rotation": _kms("disable_key_rotation"),
    "change the key's policy": _kms("put_key_policy", PolicyName="default", Policy=EVERYBODY),
    "stop the trail": _trail("stop_logging"),
    "delete the trail": _trail("delete_trail"),
    "send the trail elsewhere": _trail("update_trail", IsMultiRegionTrail=False),
    "log less": _trail("put_event_selectors", EventSelectors=SELECTORS),
    "trust oneself in the keeper": _keeper("update_assume_role_policy", PolicyDocument=EVERYBODY),
    "delete the keeper": _keeper("delete_role"),
    "leave the organisation": lambda a, who: a.client("organizations", who).leave_organization(),
}


@pytest.mark.parametrize("act", list(LOOSENING.values()), ids=list(LOOSENING))
def test_the_accounts_own_admin_is_denied(archive: Archive, act: Act) -> None:
    """Admin of the archive's account, which may do everything else there, can neither delete, empty nor blind it."""
    with pytest.raises(ClientError) as refused:
        act(archive, archive.admin)
    assert error_code(refused.value) in DENIED


def test_the_admin_can_do_other_things(archive: Archive) -> None:
    """The same Admin makes and deletes a bucket of its own, and reads the archive: it is the archive that is closed."""
    s3 = archive.client("s3", archive.admin)
    s3.create_bucket(Bucket="own-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_bucket(Bucket="own-bucket")
    archive.put_log("AWSLogs/read")
    assert s3.get_object(Bucket=archive.outputs["bucket"], Key="AWSLogs/read")["Body"].read() == b"{}"


@contextmanager
def _bucket_open(archive: Archive) -> Iterator[None]:
    s3, bucket = archive.client("s3", archive.keeper), archive.outputs["bucket"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.put_bucket_policy(Bucket=bucket, Policy=_without(policy, "NobodyLoosens"))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@contextmanager
def _key_open(archive: Archive) -> Iterator[None]:
    kms, key = archive.client("kms", archive.keeper), archive.outputs["key_arn"]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_without(policy, "NobodyLoosens"))
    try:
        yield
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


@contextmanager
def _guard_open(archive: Archive, statement: str) -> Iterator[None]:
    organizations = archive.client("organizations", archive.scene.administrator)
    policy_id, content = archive.guard
    organizations.update_policy(PolicyId=policy_id, Content=_without(content, statement))
    try:
        yield
    finally:
        organizations.update_policy(PolicyId=policy_id, Content=content)


def _without(policy: str, statement: str) -> str:
    document = json.loads(policy)
    left = [found for found in document["Statement"] if found["Sid"] != statement]
    assert len(left) == len(document["Statement"]) - 1
    return json.dumps({**document, "Statement": left})


def _stop_and_start(archive: Archive) -> None:
    cloudtrail, trail = archive.client("cloudtrail", archive.admin), archive.outputs["trail_arn"]
    cloudtrail.stop_logging(Name=trail)
    cloudtrail.start_logging(Name=trail)


def _disable_and_enable(archive: Archive) -> None:
    kms, key = archive.client("kms", archive.admin), archive.outputs["key_arn"]
    kms.disable_key(KeyId=key)
    kms.enable_key(KeyId=key)


@pytest.mark.parametrize(
    ("without", "act"),
    [
        pytest.param(_bucket_open, lambda a: _delete_version(a, a.admin, bypass=True), id="bucket policy"),
        pytest.param(_key_open, _disable_and_enable, id="key policy"),
        pytest.param(lambda a: _guard_open(a, "KeepTheTrail"), _stop_and_start, id="SCP on the trail"),
        pytest.param(
            lambda a: _guard_open(a, "KeepTheKeeper"),
            lambda a: _keeper("tag_role", Tags=[{"Key": "a", "Value": "b"}])(a, a.admin),
            id="SCP on the keeper",
        ),
    ],
)
def test_every_lock_is_needed(
    archive: Archive, without: Callable[[Archive], Any], act: Callable[[Archive], object]
) -> None:
    """Without that one statement Admin succeeds at what it is there to stop."""
    with pytest.raises(ClientError):
        act(archive)
    with without(archive):
        act(archive)


def test_the_trail_belongs_to_the_management_account(archive: Archive) -> None:
    """Made from core-audit, the trail is the management account's, logs every account and region, and is on."""
    management = archive.scene.manifest.management_account.id
    arn = archive.outputs["trail_arn"]
    assert arn == f"arn:aws:cloudtrail:eu-west-1:{management}:trail/pocket-organization"
    cloudtrail = archive.client("cloudtrail", archive.scene.administrator)
    trail = cloudtrail.get_trail(Name="pocket-organization")["Trail"]
    assert (trail["IsOrganizationTrail"], trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (True,) * 3
    assert (trail["S3BucketName"], trail["KmsKeyId"]) == (archive.outputs["bucket"], archive.outputs["key_arn"])
    assert cloudtrail.get_trail_status(Name=arn)["IsLogging"] is True


def test_deploying_again_as_admin_works(archive: Archive) -> None:
    """The stack that is locked can still be previewed, refreshed and applied by the role that can't loosen it."""
    for operation in (Operation.PREVIEW, Operation.REFRESH, Operation.UP):
        (result,) = archive.scene.driver.run(operation, (ARCHIVE,))
        assert (result.status, result.changed) == (StackStatus.SUCCEEDED, False), operation


def test_destroy_keeps_it_and_what_it_rests_on(archive: Archive) -> None:
    """A destroy of everything lists the archive and its account's roles as kept, and touches neither."""
    stacks = (StackId("bootstrap-subaccount", "core-audit"), ARCHIVE)
    results = archive.scene.driver.run(Operation.DESTROY, stacks)
    assert {result.id: result.reason for result in results} == dict.fromkeys(stacks, Reason.PROTECTED)


def test_the_stack_itself_refuses_to_be_destroyed(archive: Archive) -> None:
    """Asked for all the same, Pulumi refuses: every resource is protected."""
    result = archive.scene.driver.run_job(archive.scene.driver.job(Operation.DESTROY, ARCHIVE))
    assert result.status is StackStatus.FAILED
    assert result.error is not None
    assert "protected" in result.error.summary


def test_unlocking_by_config_alone_is_denied(own_archive: Archive) -> None:
    """`locked: false` applied by a management role is denied by AWS, which is told; only the administrator unlocks."""
    result = own_archive.scene.driver.run_job(_unlocked_job(own_archive, Operation.UP))
    assert result.status is StackStatus.FAILED
    s3 = own_archive.client("s3", own_archive.keeper)
    assert "NobodyLoosens" in s3.get_bucket_policy(Bucket=own_archive.outputs["bucket"])["Policy"]


def test_the_proof_of_a_clean_destroy_counts_it_in(own_archive: Archive) -> None:
    """With an archive the proof holds, names what was kept, and every other account is as it was before."""
    proof = prove_destroy_is_clean(own_archive.scene)
    assert proof.passed, proof.detail
    assert f"kept as protected: {ARCHIVE}, bootstrap-subaccount/core-audit" in proof.detail
    assert own_archive.client("s3", own_archive.keeper).list_buckets()["Buckets"] != []


def test_two_steps_take_it_down(own_archive: Archive) -> None:
    """Unlocked by the administrator, then set to `locked: false`, the archive is destroyed with all logs in it."""
    own_archive.put_log("AWSLogs/last")
    scene, outputs, keeper = own_archive.scene, own_archive.outputs, own_archive.keeper
    kms = own_archive.client("kms", keeper)
    policy_id, _ = own_archive.guard
    organizations = own_archive.client("organizations", scene.administrator)
    organizations.detach_policy(PolicyId=policy_id, TargetId=own_archive.account_id)
    own_archive.client("s3", keeper).delete_bucket_policy(Bucket=outputs["bucket"])
    plain = json.loads(kms.get_key_policy(KeyId=outputs["key_arn"], PolicyName="default")["Policy"])
    kms.put_key_policy(
        KeyId=outputs["key_arn"], PolicyName="default", Policy=_without(json.dumps(plain), "NobodyLoosens")
    )

    unlocked = scene.driver.run_job(_unlocked_job(own_archive, Operation.UP))
    assert unlocked.status is StackStatus.SUCCEEDED, unlocked.error
    gone = scene.driver.run_job(_unlocked_job(own_archive, Operation.DESTROY))
    assert gone.status is StackStatus.SUCCEEDED, gone.error
    assert own_archive.client("s3", keeper).list_buckets()["Buckets"] == []
    assert kms.describe_key(KeyId=outputs["key_arn"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert own_archive.client("cloudtrail", scene.administrator).list_trails()["Trails"] == []


def _unlocked_job(archive: Archive, operation: Operation) -> Any:
    job = archive.scene.driver.job(operation, ARCHIVE)
    values = {**json.loads(job.config["fleetyard:values"]), "locked": False}
    return dataclasses.replace(job, config={**job.config, "fleetyard:values": json.dumps(values)})
