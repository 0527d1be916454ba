"""What is changed in moto's lifecycle rules, which forget how many old versions are to be kept.

moto's modules have no types and are changed here, hence `Any` for them.
Source: Amazon S3 API Reference, NoncurrentVersionExpiration, NewerNoncurrentVersions.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

_OLD, _NEWER = "NoncurrentVersionExpiration", "NewerNoncurrentVersions"
_KEPT = "fleetyard_newer_versions"


def keep_newest_versions_of_rules(s3: Any) -> None:
    """Change moto's package: its buckets keep the number, and its responses tell it."""
    bucket, response = s3.models.FakeBucket, s3.responses.S3Response
    plain_set, plain_get = bucket.set_lifecycle, response.get_bucket_lifecycle

    @wraps(plain_set)
    def set_lifecycle(self: Any, rules: list[dict[str, Any]]) -> None:
        plain_set(self, rules)
        for kept, given in zip(self.rules, rules, strict=True):
            setattr(kept, _KEPT, (given.get(_OLD) or {}).get(_NEWER))

    @wraps(plain_get)
    def get_bucket_lifecycle(self: Any) -> Any:
        plain_serialized = self.serialized

        def serialized(answer: Any) -> Any:
            rules = self.backend.get_bucket_lifecycle(self.bucket_name)
            for told, kept in zip(answer.result["Rules"], rules, strict=True):
                if number := getattr(kept, _KEPT, None):
                    told[_OLD][_NEWER] = number
            return plain_serialized(answer)

        self.serialized = serialized
        try:
            return plain_get(self)
        finally:
            del self.serialized

    bucket.set_lifecycle, response.get_bucket_lifecycle = set_lifecycle, get_bucket_lifecycle
