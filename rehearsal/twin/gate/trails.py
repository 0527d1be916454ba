"""What CloudTrail itself checks before it makes or changes a trail; moto checks only that the bucket exists.

Sources: AWS CloudTrail API Reference, CreateTrail and UpdateTrail, "Errors"; AWS CloudTrail User Guide, "Amazon S3
bucket policy for CloudTrail" and "Configure AWS KMS key policies for CloudTrail".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iam_decision import Policies, Policy, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide
from rehearsal.twin.actions.cloudtrail import SERVICE, trail_owner
from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.gate.decision import cached_policy
from rehearsal.twin.requests.refusals import Refusal

_WRITES = frozenset({"CreateTrail", "UpdateTrail"})
_DELEGATIONS = frozenset({"RegisterOrganizationDelegatedAdmin", "DeregisterOrganizationDelegatedAdmin"})
_NOT_MANAGEMENT = (
    "The AWS account making the request is neither the management account of an organization nor its delegated "
    "administrator for CloudTrail."
)
_NO_ACCESS = "CloudTrail is not enabled for trusted access in the organization."
_BUCKET_POLICY = "Incorrect S3 bucket policy is detected for bucket: {}"
_KEY_POLICY = "Insufficient permissions to access S3 bucket {} or KMS key {}."


def check_trail(asked: Asked) -> None:
    """Refuse what CloudTrail would: the wrong account for an organisation trail, and a bucket or key it may not use.

    Raises: Refusal with CloudTrail's own codes.
    """
    operation = asked.operation
    if operation.service != "cloudtrail":
        return
    if operation.name in _DELEGATIONS:
        _check_organization(asked, delegated=False)
    if operation.name in _WRITES:
        if operation.params.get("IsOrganizationTrail") is True:
            _check_organization(asked, delegated=True)
        _check_delivery(asked)


def _check_organization(asked: Asked, *, delegated: bool) -> None:
    own, state = asked.caller.account_id, asked.state
    if not (own == state.management_of(own) or (delegated and state.delegating_account(own, SERVICE))):
        raise Refusal.of("NotOrganizationMasterAccountException", _NOT_MANAGEMENT)
    if not state.trusts_service(own, SERVICE):
        raise Refusal.of("CloudTrailAccessNotEnabledException", _NO_ACCESS)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """CloudTrail writing for one trail. `owner` is the account the trail belongs to, `place` its organisation path."""

    trail: str
    owner: str
    place: str

    def may(self, action: str, on: str, resource: Policies, more: Mapping[str, str]) -> bool:
        """Tell whether CloudTrail may carry out an action on a resource for this trail."""
        context: dict[str, str | list[str]] = {"aws:SourceArn": self.trail, "aws:SourceAccount": self.owner}
        context |= {"aws:SecureTransport": "true", **more}
        if self.place:
            context |= {"aws:SourceOrgID": self.place.partition("/")[0], "aws:SourceOrgPaths": [self.place]}
        principal = Principal(PrincipalKind.SERVICE, "", SERVICE)
        return decide(Request(principal, action, on, context), resource).allowed


def _check_delivery(asked: Asked) -> None:
    operation, owner = asked.operation, trail_owner(asked)
    name = operation.text("Name")
    arn = name if name.startswith("arn:") else f"arn:aws:cloudtrail:{operation.region}:{owner}:trail/{name}"
    delivery = _Delivery(arn, owner, asked.state.organization_path(owner))
    if operation.text("S3BucketName"):
        _check_bucket(asked, operation.text("S3BucketName"), delivery)
    if operation.text("KmsKeyId"):
        _check_key(asked, operation.text("KmsKeyId"), delivery)


def _check_bucket(asked: Asked, name: str, delivery: _Delivery) -> None:
    bucket = asked.state.bucket(name)
    if bucket is None:
        return  # moto says that it does not exist
    prefixes = [delivery.owner]
    if asked.operation.params.get("IsOrganizationTrail") is True:
        prefixes.append(asked.state.organization_id(delivery.owner))
    arn = f"arn:aws:s3:::{name}"
    start = "/".join(part for part in (arn, asked.operation.text("S3KeyPrefix")) if part)
    wanted = [("s3:GetBucketAcl", arn)]
    wanted += [("s3:PutObject", f"{start}/AWSLogs/{prefix}/CloudTrail/log.json.gz") for prefix in prefixes]
    more = {"s3:x-amz-acl": "bucket-owner-full-control"}
    policies = Policies(
        rcps=_rcps(asked, bucket.account_id),
        resource=_policy(bucket.policy, name),
        resource_account=bucket.account_id,
        resource_kind=ResourceKind.BUCKET,
    )
    if not all(delivery.may(*what, policies, more) for what in wanted):
        raise Refusal.of("InsufficientS3BucketPolicyException", _BUCKET_POLICY.format(name))


def _check_key(asked: Asked, key_id: str, delivery: _Delivery) -> None:
    key = asked.state.key(delivery.owner, asked.operation.region, key_id)
    if key is None:
        raise Refusal.of("KmsKeyNotFoundException", f"KMS key {key_id} does not exist.")
    arn = str(key.arn)
    more = {"kms:EncryptionContext:aws:cloudtrail:arn": delivery.trail}
    policies = Policies(
        rcps=_rcps(asked, str(key.account_id)),
        resource=_policy(key.policy, arn),
        resource_account=str(key.account_id),
        resource_kind=ResourceKind.KEY,
    )
    if not all(delivery.may(action, arn, policies, more) for action in ("kms:GenerateDataKey", "kms:DescribeKey")):
        words = _KEY_POLICY.format(asked.operation.text("S3BucketName"), arn)
        raise Refusal.of("InsufficientEncryptionPolicyException", words)


def _rcps(asked: Asked, account_id: str) -> tuple[Policy, ...]:
    """Return the RCPs over an account's resources, which bind services too ("RCP effects on permissions")."""
    return tuple(cached_policy(document, name, kind=PolicyKind.RCP) for name, document in asked.state.rcps(account_id))


def _policy(document: str | None, name: str) -> Policy | None:
    return cached_policy(document, name, kind=PolicyKind.RESOURCE) if document else None
