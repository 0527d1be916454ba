"""Who may read and write what the organisation's programs are delivered from: policies of repositories and bucket.

Pure: names and ids in, documents out. Writers are told by `aws:PrincipalArn`, not as principals: a role named as
principal is kept by its unique id, and locked out when it is made anew.
Sources: Amazon ECR User Guide, "Private repository policies" and "Lifecycle policies"; Amazon S3 User Guide, "Blocking
public access" (a policy that holds readers to one organisation is not public).
"""

from __future__ import annotations

from collections.abc import Sequence

from landing_zone.documents.access import state_bucket_policy
from landing_zone.documents.statements import Document, Statement, document
from landing_zone.identifiers import account_root_arn, bucket_arn

_PULL = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "ecr:ListImages",
)
_PUSH = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")
_READ_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket")
_READ_OBJECTS = ("s3:GetObject", "s3:GetObjectVersion")


def repository_policy(organization_id: str, writers: Sequence[str]) -> Document:
    """Return a repository's policy: the organisation pulls, the writers push, nobody else does, admins included.

    It names no resource: ECR takes the repository it is put on.
    """
    return document(
        _organisation("OrganisationPulls", _PULL, organization_id),
        *_writing("Writers", [*_PULL, *_PUSH], writers),
        _nobody_else(_PUSH, writers),
    )


def lifecycle_policy(untagged_days: int) -> Document:
    """Return a repository's lifecycle policy: images that no tag names any more go after some days."""
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": untagged_days,
    }
    words = f"untagged images go after {untagged_days} days"
    rule = {"rulePriority": 1, "description": words, "selection": untagged, "action": {"type": "expire"}}
    return {"rules": [rule]}


def artifacts_bucket_policy(bucket: str, organization_id: str, writers: Sequence[str]) -> Document:
    """Return the bucket's policy: TLS only, the organisation reads, the writers write, nobody else does."""
    itself, objects = bucket_arn(bucket), f"{bucket_arn(bucket)}/*"
    statements: list[Statement] = [
        *state_bucket_policy(bucket)["Statement"],
        {**_organisation("OrganisationLists", _READ_BUCKET, organization_id), "Resource": itself},
        {**_organisation("OrganisationReads", _READ_OBJECTS, organization_id), "Resource": objects},
        *({**found, "Resource": objects} for found in _writing("Writers", ["s3:PutObject"], writers)),
        {**_nobody_else(["s3:PutObject"], writers), "Resource": objects},
    ]
    return document(*statements)


def _organisation(sid: str, actions: Sequence[str], organization_id: str) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions),
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization_id}},
    }


def _writing(sid: str, actions: Sequence[str], writers: Sequence[str]) -> list[Statement]:
    if not writers:
        return []
    accounts = sorted({writer.split(":")[4] for writer in writers})
    return [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": [account_root_arn(account) for account in accounts]},
            "Action": list(actions),
            "Condition": {"ArnEquals": {"aws:PrincipalArn": list(writers)}},
        }
    ]


def _nobody_else(actions: Sequence[str], writers: Sequence[str]) -> Statement:
    others = {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": list(writers)}}} if writers else {}
    return {"Sid": "NobodyElseWrites", "Effect": "Deny", "Principal": "*", "Action": list(actions), **others}
