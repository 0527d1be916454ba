"""Who reads the bucket of a static site: one distribution, and nobody without TLS.

Source: CloudFront Developer Guide, "Restrict access to an Amazon S3 origin".
"""

from __future__ import annotations

from landing_zone.documents.access import state_bucket_policy
from landing_zone.documents.statements import Document, document
from landing_zone.identifiers import bucket_arn

CLOUDFRONT = "cloudfront.amazonaws.com"


def site_bucket_policy(bucket: str, distribution_arn: str) -> Document:
    """Return the policy of a site's bucket. Listing is CloudFront's too: without it a missing page is a 403."""
    from_site = {"Condition": {"StringEquals": {"aws:SourceArn": distribution_arn}}}
    of_cloudfront = {"Effect": "Allow", "Principal": {"Service": CLOUDFRONT}, **from_site}
    return document(
        *state_bucket_policy(bucket)["Statement"],
        {"Sid": "SiteReads", **of_cloudfront, "Action": "s3:GetObject", "Resource": f"{bucket_arn(bucket)}/*"},
        {"Sid": "SiteLists", **of_cloudfront, "Action": "s3:ListBucket", "Resource": bucket_arn(bucket)},
    )
