"""The artifacts workload: what its program makes, and what its policies let through, put before AWS's rules."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide, parse_policy
from landing_zone.documents.artifacts import artifacts_bucket_policy, repository_policy
from tests.unit.programs.delivery_fleet import ORGANIZATION_ID, WRITER, deliver

OWNER, OTHER = "100000000003", "100000000099"
BUCKET = f"small-artifacts-{OWNER}-eu-west-1"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
INSIDE, OUTSIDE = {"aws:PrincipalOrgID": ORGANIZATION_ID}, {"aws:PrincipalOrgID": "o-somebodyelse"}


def _role(account: str, name: str) -> Principal:
    session = f"arn:aws:sts::{account}:assumed-role/{name}/somebody"
    return Principal(PrincipalKind.ROLE_SESSION, account, session, role_arn=f"arn:aws:iam::{account}:role/{name}")


def _may(who: Principal, action: str, document: dict[str, Any], context: dict[str, str]) -> bool:
    """Tell whether somebody with full rights in their own account may do this on the owner's resource."""
    completed = [{"Resource": "*", **statement} for statement in document["Statement"]]
    on_bucket = action.startswith("s3:")
    policies = Policies(
        identity=(parse_policy(EVERYTHING, "everything", kind=PolicyKind.IDENTITY),),
        resource=parse_policy({**document, "Statement": completed}, "policy", kind=PolicyKind.RESOURCE),
        resource_account=OWNER,
        resource_kind=ResourceKind.BUCKET if on_bucket else ResourceKind.OTHER,
    )
    resource = f"arn:aws:s3:::{BUCKET}/app.tar" if on_bucket else f"arn:aws:ecr:eu-west-1:{OWNER}:repository/tools"
    return decide(Request(who, action, resource, {"aws:SecureTransport": "true", **context}), policies).allowed


def test_repositories_keep_their_tags_and_are_scanned() -> None:
    """Each repository's tags are immutable, its images are scanned when pushed, and it is kept when it holds any."""
    made = deliver("artifacts").of_type("aws:ecr/repository:Repository")
    assert {name: found.inputs for name, found in made.items()} == {
        name: {
            "name": name,
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "forceDelete": False,
        }
        for name in ("app/web", "tools")
    }


def test_untagged_images_go() -> None:
    """Images without a tag go after two weeks, or after as many days as the manifest says; others stay."""
    for days, ran in ((14, deliver("artifacts")), (3, deliver("artifacts", untagged_days=3))):
        for found in ran.of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy").values():
            (rule,) = json.loads(found.inputs["policy"])["rules"]
            assert rule["selection"]["tagStatus"] == "untagged"
            assert (rule["selection"]["countNumber"], rule["selection"]["countUnit"]) == (days, "days")


def test_the_bucket_is_private_and_readable_without_a_key() -> None:
    """No public access, no access lists, versions, and S3's own encryption, which needs no right to a key."""
    ran = deliver("artifacts")
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    (rule,) = ran.only(kind).inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    block = ran.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {name for name, value in block.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    assert ran.only("aws:s3/bucket:Bucket").inputs == {"bucket": BUCKET, "forceDestroy": False}
    assert ran.only("aws:s3/bucketVersioning:BucketVersioning").inputs["versioningConfiguration"]["status"] == "Enabled"


@pytest.mark.parametrize(
    ("read", "write", "document"),
    [
        ("s3:GetObject", "s3:PutObject", artifacts_bucket_policy(BUCKET, ORGANIZATION_ID, [WRITER])),
        ("ecr:BatchGetImage", "ecr:PutImage", repository_policy(ORGANIZATION_ID, [WRITER])),
    ],
    ids=["bucket", "repository"],
)
def test_the_organisation_reads_and_the_named_write(read: str, write: str, document: dict[str, Any]) -> None:
    """Any account of the organisation reads and none outside; of all roles only the named one writes."""
    reader, builder, admin = _role(OTHER, "App"), _role(OTHER, "Build"), _role(OWNER, "Admin")
    assert _may(reader, read, document, INSIDE)
    assert not _may(reader, read, document, OUTSIDE)
    assert not _may(reader, read, document, {})
    assert _may(builder, write, document, INSIDE)
    assert not _may(reader, write, document, INSIDE)
    assert not _may(admin, write, document, INSIDE)


def test_nobody_reads_the_bucket_without_tls() -> None:
    """A reader of the organisation is refused over plain HTTP."""
    document = artifacts_bucket_policy(BUCKET, ORGANIZATION_ID, [WRITER])
    assert not _may(_role(OTHER, "App"), "s3:GetObject", document, {**INSIDE, "aws:SecureTransport": "false"})


def test_without_writers_nobody_writes() -> None:
    """An empty list of writers lets nobody write, and names nobody as principal."""
    document = artifacts_bucket_policy(BUCKET, ORGANIZATION_ID, [])
    assert not _may(_role(OWNER, "Admin"), "s3:PutObject", document, INSIDE)
    assert {json.dumps(statement["Principal"]) for statement in document["Statement"]} == {'"*"'}


def test_the_policies_are_those_of_the_documents() -> None:
    """What was put before AWS's rules above is what the program puts on bucket and repositories."""
    ran = deliver("artifacts")
    policy = ran.only("aws:s3/bucketPolicy:BucketPolicy").document("policy")
    assert policy == artifacts_bucket_policy(BUCKET, ORGANIZATION_ID, [WRITER])
    for found in ran.of_type("aws:ecr/repositoryPolicy:RepositoryPolicy").values():
        assert found.document("policy") == repository_policy(ORGANIZATION_ID, [WRITER])


def test_contents_go_only_if_asked_for() -> None:
    """`delete_contents: true` lets a destroy take images and objects with it."""
    ran = deliver("artifacts", delete_contents=True)
    assert ran.only("aws:s3/bucket:Bucket").inputs["forceDestroy"] is True
    assert {r.inputs["forceDelete"] for r in ran.of_type("aws:ecr/repository:Repository").values()} == {True}


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"repositories": ["App"]}, "config of the manifest: repositories.0: String should match pattern"),
        ({"repositories": ["a"]}, "repositories.0: String should have at least 2 characters"),
        ({"repositories": ["tools", "tools"]}, "repositories: tools is there twice"),
        ({"writers": ["arn:aws:iam::100000000099:user/me"]}, "writers.0: String should match pattern"),
        ({"organization_id": "acme"}, "organization_id: String should match pattern"),
        ({"untagged_days": 0}, "untagged_days: Input should be greater than or equal to 1"),
        ({"repos": []}, "repos: unknown key"),
    ],
)
def test_config_that_does_not_fit(config: dict[str, object], why: str) -> None:
    """Wrong values of the manifest are refused before anything is made, naming where they stand."""
    with pytest.raises(pulumi.RunError, match=why):
        deliver("artifacts", **config)
