"""S3's refusal of a request that is signed for another region than its bucket's; SDKs sign again and repeat it.

Source: Amazon S3 API Reference, "Error responses", AuthorizationHeaderMalformed; Amazon S3 User Guide, "Virtual hosting
of general purpose buckets" (requests for another region).
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.requests.refusals import Refusal

_ANYWHERE = frozenset({"CreateBucket", "GetBucketLocation"})
"""Operations that name a bucket and are answered in every region."""


def refuse_wrong_region(asked: Asked) -> None:
    """Refuse a request for a bucket that is signed for another region; raises Refusal, which names the right one."""
    operation = asked.operation
    if operation.service != "s3" or operation.name in _ANYWHERE:
        return
    found = asked.state.bucket(operation.text("Bucket"))
    region = found.bucket.region_name if found is not None else operation.region
    if operation.region in (region, "aws-global"):
        return
    words = f"The authorization header is malformed; the region '{operation.region}' is wrong; expecting '{region}'"
    refusal = Refusal.of("AuthorizationHeaderMalformed", words)
    refusal.details = {"Region": region}
    refusal.headers = (("x-amz-bucket-region", region),)
    raise refusal
