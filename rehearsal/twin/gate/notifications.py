"""What S3 checks before it takes a bucket's notifications: its right to each queue, topic and function in them.

Sources: Amazon S3 API Reference, "PutBucketNotificationConfiguration" (it sends a test message, and asks functions'
policies; all or nothing); Amazon S3 User Guide, "Granting permissions to publish event notification messages to a
destination" (the conditions aws:SourceArn and aws:SourceAccount). How it words a single destination is from reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, decide
from rehearsal.twin.actions.demand import Asked, account_in
from rehearsal.twin.emulator.aws_state import BucketState
from rehearsal.twin.emulator.resource_policies import policy_of
from rehearsal.twin.gate.decision import cached_policy
from rehearsal.twin.requests.refusals import Refusal

_SERVICE = "s3.amazonaws.com"
_SKIP = "x-amz-skip-destination-validation"
_WORDS = "Unable to validate the following destination configurations"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of destination: what S3 does there, and what it says when it may not."""

    service: str
    element: re.Pattern[str]
    action: str
    missing: str
    refused: str


def _kind(service: str, element: str, action: str, missing: str, refused: str) -> _Kind:
    return _Kind(service, re.compile(f"<{element}>\\s*([^<\\s]+)\\s*</{element}>"), action, missing, refused)


_NOT_PUBLISHED = "Permissions on the destination {} do not allow S3 to publish notifications from this bucket"
_KINDS = (
    _kind("sqs", "Queue", "sqs:SendMessage", "The destination queue does not exist", _NOT_PUBLISHED.format("queue")),
    _kind("sns", "Topic", "sns:Publish", "The destination topic does not exist", _NOT_PUBLISHED.format("topic")),
    _kind(
        "lambda",
        "CloudFunction",
        "lambda:InvokeFunction",
        "The destination Lambda function does not exist",
        "Not authorized to invoke function [{}]",
    ),
)


def check_notifications(asked: Asked) -> None:
    """Refuse notifications to what S3 may not send to; raises Refusal (InvalidArgument), naming the first such one."""
    operation = asked.operation
    if (operation.service, operation.name) != ("s3", "PutBucketNotificationConfiguration"):
        return
    bucket = asked.state.bucket(operation.text("Bucket"))
    if bucket is None or asked.request.header(_SKIP).lower() == "true":
        return
    body = asked.request.body.decode("utf-8", "replace")
    for kind in _KINDS:
        for arn in kind.element.findall(body):
            _check(asked, bucket, kind, arn)


def _check(asked: Asked, bucket: BucketState, kind: _Kind, arn: str) -> None:
    exists, document = _policy(asked, arn)
    problem = kind.missing
    if exists:
        problem = "" if _may(asked, bucket, kind, arn, document) else kind.refused.format(arn)
    if problem:
        refusal = Refusal.of("InvalidArgument", _WORDS)
        refusal.details = {"ArgumentName1": f"{arn}, null", "ArgumentValue1": problem}
        refusal.note = f"{arn}: {problem}"
        raise refusal


def _policy(asked: Asked, arn: str) -> tuple[bool, str | None]:
    """Tell whether a destination is there, and its policy."""
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[2] == "sqs":
        queue = asked.state.queue(parts[4], parts[3], parts[5])
        return queue is not None, (queue.policy or None) if queue is not None else None
    found = policy_of(arn)
    return found.exists, found.document


def _may(asked: Asked, bucket: BucketState, kind: _Kind, arn: str, document: str | None) -> bool:
    state, owner = asked.state, account_in(arn)
    context: dict[str, str | list[str]] = {
        "aws:SecureTransport": "true",
        "aws:SourceAccount": bucket.account_id,
        "aws:SourceArn": f"arn:aws:s3:::{bucket.bucket.name}",
    }
    if path := state.organization_path(bucket.account_id):
        context["aws:SourceOrgID"] = path.partition("/")[0]
        context["aws:SourceOrgPaths"] = [path]
    policies = Policies(
        rcps=tuple(cached_policy(text, name, kind=PolicyKind.RCP) for name, text in state.rcps(owner)),
        resource=cached_policy(document, arn, kind=PolicyKind.RESOURCE) if document else None,
        resource_account=owner,
    )
    principal = Principal(PrincipalKind.SERVICE, "", _SERVICE)
    return decide(Request(principal, kind.action, arn, context), policies).allowed
