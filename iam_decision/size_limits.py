"""How large a policy document may be, and how AWS counts.

Sources: IAM User Guide, "IAM and AWS STS quotas" (white space is not counted); AWS Organizations User Guide, "Quotas
and service limits for AWS Organizations" (saved through the API, white space counts); Amazon S3 User Guide, "Bucket
policies for Amazon S3" (20 KB); AWS KMS Developer Guide, "Quotas" (key policy document size 32 KB).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

_WHITE_SPACE = dict.fromkeys(map(ord, " \t\r\n"))


class Counting(Enum):
    """What counts towards a limit."""

    CHARACTERS_WITHOUT_WHITE_SPACE = "characters, white space not counted"
    CHARACTERS = "characters"
    BYTES = "bytes"


class DocumentKind(Enum):
    """A place where a policy document is kept."""

    MANAGED_POLICY = "managed policy"
    INLINE_ROLE_POLICIES = "all inline policies of a role"
    INLINE_USER_POLICIES = "all inline policies of a user"
    INLINE_GROUP_POLICIES = "all inline policies of a group"
    TRUST_POLICY = "role trust policy"
    SESSION_POLICY = "session policy"
    SCP = "service control policy"
    RCP = "resource control policy"
    BUCKET_POLICY = "bucket policy"
    KEY_POLICY = "key policy"


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """A limit: how much of what, and how far AWS raises it on request (the same where it does not)."""

    maximum: int
    counting: Counting
    maximum_on_request: int

    def size_of(self, document: str | Mapping[str, object]) -> int:
        """Return the size of a document as this limit counts it."""
        text = _text(document)
        if self.counting is Counting.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) if self.counting is Counting.CHARACTERS else measure(text)


def measure(document: str | Mapping[str, object]) -> int:
    """Return the size of a policy document in characters without white space, as IAM counts."""
    return len(_text(document).translate(_WHITE_SPACE))


def _text(document: str | Mapping[str, object]) -> str:
    if isinstance(document, str):
        return document
    return json.dumps(dict(document), ensure_ascii=False, separators=(",", ":"))


_IAM = Counting.CHARACTERS_WITHOUT_WHITE_SPACE
SIZE_LIMITS: Mapping[DocumentKind, SizeLimit] = {
    DocumentKind.MANAGED_POLICY: SizeLimit(6144, _IAM, 6144),
    DocumentKind.INLINE_ROLE_POLICIES: SizeLimit(10240, _IAM, 10240),
    DocumentKind.INLINE_USER_POLICIES: SizeLimit(2048, _IAM, 2048),
    DocumentKind.INLINE_GROUP_POLICIES: SizeLimit(5120, _IAM, 5120),
    DocumentKind.TRUST_POLICY: SizeLimit(2048, _IAM, 4096),
    DocumentKind.SESSION_POLICY: SizeLimit(2048, Counting.CHARACTERS, 2048),
    DocumentKind.SCP: SizeLimit(10240, Counting.CHARACTERS, 10240),
    DocumentKind.RCP: SizeLimit(5120, Counting.CHARACTERS, 5120),
    DocumentKind.BUCKET_POLICY: SizeLimit(20480, Counting.BYTES, 20480),
    DocumentKind.KEY_POLICY: SizeLimit(32768, Counting.BYTES, 32768),
}
"""Every limit by the place where the document is kept."""
