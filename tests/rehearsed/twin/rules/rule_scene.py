"""What the rules of evaluation are tried on: a role whose one policy is written anew for each question."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document

Statement = Mapping[str, object]

MANAGEMENT_ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
TAGS = {
    "text": "Team-A",
    "number": "10",
    "date": "2026-06-01T12:00:00Z",
    "address": "10.1.2.3",
    "truth": "true",
    "bytes": "AAE=",
    "arn": "arn:aws:sns:eu-west-1:111111111111:alerts:eu",
}
"""The subject's session tags, which conditions read as `aws:PrincipalTag/<name>`."""


def allow(action: str | list[str] = "*", resource: str | list[str] = "*", **more: object) -> dict[str, object]:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str] = "*", resource: str | list[str] = "*", **more: object) -> dict[str, object]:
    """Return a Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trusted(principal: object, action: str | list[str] = "sts:AssumeRole", **more: object) -> str:
    """Return a trust policy."""
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def allowed(call: Callable[..., object], **arguments: object) -> bool:
    """Tell whether AWS would carry a call out: False when it is denied; anything else that is wrong is raised."""
    try:
        call(**arguments)
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] not in DENIED:
            raise
        return False
    return True


@dataclass(frozen=True, slots=True)
class Subject:
    """A role in a member account, one tagged session of it, and the account's administrator.

    `queue` and `bucket` belong to the account; the bucket's objects are `Team-A/x`, `Team-B/x`, `none/x` and some whose
    names are special characters of policies.
    """

    aws: TwinAws
    account: str
    admin: Keys
    role_arn: str
    keys: Keys
    queue: str
    bucket: str

    def client(self, service: str) -> Any:
        """Return a client that acts as the subject."""
        return self.aws.client(service, self.keys)

    def holds(self, *statements: Statement) -> None:
        """Make these statements all that the subject's identity policy says."""
        self.aws.client("iam", self.admin).put_role_policy(
            RoleName="subject", PolicyName="question", PolicyDocument=document(*map(dict, statements))
        )

    def under(self, condition: Mapping[str, object]) -> Subject:
        """Give the subject every right under a condition, and return it."""
        self.holds(allow(Condition=condition))
        return self

    def may_list(self) -> bool:
        """Tell whether the subject may list queues."""
        return allowed(self.client("sqs").list_queues)

    def may_tag(self, *keys: str) -> bool:
        """Tell whether the subject may put tags with these keys on the queue."""
        return allowed(self.client("sqs").tag_queue, QueueUrl=self.queue, Tags=dict.fromkeys(keys, "1"))

    def may_get(self, key: str) -> bool:
        """Tell whether the subject may read an object."""
        return allowed(self.client("s3").get_object, Bucket=self.bucket, Key=key)

    def may_browse(self, prefix: str) -> bool:
        """Tell whether the subject may list the objects with a prefix."""
        return allowed(self.client("s3").list_objects_v2, Bucket=self.bucket, Prefix=prefix)


OBJECTS = ("Team-A/x", "Team-B/x", "none/x", "team-a/x", "*", "?", "$", "${aws:PrincipalTag/text}", "Team-A")


def new_subject(aws: TwinAws, account: str) -> Subject:
    """Make a subject in a member account."""
    admin = aws.into(account)
    role_arn = f"arn:aws:iam::{account}:role/subject"
    aws.client("iam", admin).create_role(
        RoleName="subject",
        AssumeRolePolicyDocument=trusted({"AWS": MANAGEMENT_ROOT}, ["sts:AssumeRole", "sts:TagSession"]),
    )
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    queue = aws.client("sqs", admin).create_queue(QueueName="Subject-queue")["QueueUrl"]
    bucket = f"rules-{account}"
    s3 = aws.client("s3", admin)
    s3.create_bucket(Bucket=bucket)
    for key in OBJECTS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    return Subject(aws, account, admin, role_arn, aws.assume(role_arn, Tags=tags), queue, bucket)


def as_json(*statements: Statement, version: str) -> str:
    """Return a policy document of another version of the policy language."""
    return json.dumps({"Version": version, "Statement": list(statements)})
