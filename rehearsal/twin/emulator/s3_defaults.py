"""What a new bucket has in AWS and not in moto: encryption, no public access, no access control lists.

moto's modules have no types and are changed here, hence `Any` for them.
Sources: Amazon S3 User Guide, "Setting default server-side encryption behavior for Amazon S3 buckets", "Blocking public
access to your Amazon S3 storage", "Controlling ownership of objects and disabling ACLs for your bucket" (what holds for
buckets made since April 2023), "Blocking or unblocking SSE-C for a general purpose bucket" (since April 2026).
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide, parse_policy
from rehearsal.twin.emulator.public_policies import is_public

ENFORCED = "BucketOwnerEnforced"
CUSTOMER_KEYS = "SSE-C"
_BLOCKED = "BlockedEncryptionTypes"
_TYPE = "EncryptionType"


def give_buckets_defaults(s3: Any) -> None:
    """Change moto's package: buckets begin as AWS's do, and go back to encryption by S3's own keys."""
    s3.responses.bucket_policy_is_public = is_public
    _begin_like_aws(s3.models)
    _stay_encrypted(s3.models.S3Backend)
    _tell_of_encryption(s3.responses.S3Response)
    _tell_of_retention(s3.models.S3Backend)
    _read_policies_of_log_buckets(s3.models)


def blocks_customer_keys(bucket: Any) -> bool:
    """Tell whether a bucket takes no objects that are encrypted with a key of the caller's own."""
    return CUSTOMER_KEYS in _blocked_types((bucket.encryption or {}).get("Rule", {}))


def _begin_like_aws(models: Any) -> None:
    bucket_class = models.FakeBucket
    plain = bucket_class.__init__

    @wraps(plain)
    def begin(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        self.public_access_block = models.PublicAccessBlock(*["true"] * 4)
        self.ownership_rule = ENFORCED
        self.encryption = _encryption_at_first()

    bucket_class.__init__ = begin


def _encryption_at_first() -> dict[str, Any]:
    """Return the configuration as moto keeps it: the XML that a client would have sent, parsed."""
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": "false",
        _BLOCKED: {_TYPE: CUSTOMER_KEYS},
    }
    return {"Rule": rule}


def _stay_encrypted(backend: Any) -> None:
    """Reset a configuration that is deleted; keep the blocked types that a new one does not speak of."""

    def put_bucket_encryption(self: Any, bucket_name: str, encryption: dict[str, Any]) -> None:
        bucket = self.get_bucket(bucket_name)
        before = (bucket.encryption or {}).get("Rule", {})
        if _BLOCKED in before:
            encryption["Rule"].setdefault(_BLOCKED, before[_BLOCKED])
        bucket.encryption = encryption

    def delete_bucket_encryption(self: Any, bucket_name: str) -> None:
        self.put_bucket_encryption(bucket_name, {"Rule": {**_encryption_at_first()["Rule"]}})

    backend.put_bucket_encryption = put_bucket_encryption
    backend.delete_bucket_encryption = delete_bucket_encryption


def _tell_of_encryption(response: Any) -> None:
    """Moto's answer has no blocked types."""
    from moto.core.responses import ActionResult

    def get_bucket_encryption(self: Any) -> Any:
        self.data["Action"] = "GetBucketEncryption"
        rule = self.backend.get_bucket_encryption(self.bucket_name)["Rule"]
        told: dict[str, Any] = {
            "ApplyServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
            "BucketKeyEnabled": str(rule.get("BucketKeyEnabled")).lower() == "true",
        }
        if types := _blocked_types(rule):
            told[_BLOCKED] = {_TYPE: types}
        return self.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [told]}}))

    response.get_bucket_encryption = get_bucket_encryption


def _blocked_types(rule: dict[str, Any]) -> list[str]:
    found = (rule.get(_BLOCKED) or {}).get(_TYPE) or []
    return found if isinstance(found, list) else [found]


def _tell_of_retention(backend: Any) -> None:
    """Moto tells of a default retention in days that it is none in years, and the other way round."""
    plain = backend.get_object_lock_configuration

    @wraps(plain)
    def get_object_lock_configuration(self: Any, bucket_name: str) -> tuple[Any, ...]:
        enabled, mode, days, years = plain(self, bucket_name)
        return enabled, mode, days or None, years or None

    backend.get_object_lock_configuration = get_object_lock_configuration


def _read_policies_of_log_buckets(models: Any) -> None:
    """Moto reads a log bucket's policy only where it names one service and one resource as plain text.

    Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging", permissions for log delivery.
    """
    principal = Principal(PrincipalKind.SERVICE, "", models.LOGGING_SERVICE_PRINCIPAL)

    def lets_logs_in(self: Any, target_bucket: Any, target_prefix: str | None) -> bool:
        if not target_bucket.policy:
            return False
        context = {
            "aws:SourceArn": f"arn:aws:s3:::{self.name}",
            "aws:SourceAccount": self.account_id,
            "aws:SecureTransport": "true",
        }
        policies = Policies(
            resource=parse_policy(target_bucket.policy.decode(), "bucket policy", kind=PolicyKind.RESOURCE),
            resource_account=target_bucket.account_id,
            resource_kind=ResourceKind.BUCKET,
        )
        log = f"arn:aws:s3:::{target_bucket.name}/{target_prefix or ''}log"
        return decide(Request(principal, "s3:PutObject", log, context), policies).allowed

    models.FakeBucket._log_permissions_enabled_policy = lets_logs_in
