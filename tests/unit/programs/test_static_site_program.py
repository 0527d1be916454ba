"""The static site: a private bucket, its files, and the one distribution that may read them."""

from __future__ import annotations

import base64
from pathlib import Path

import pulumi
import pytest

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide, parse_policy
from landing_zone.components.static_site import site_files
from landing_zone.documents.static_site import CLOUDFRONT, site_bucket_policy
from tests.unit.programs.delivery_fleet import deliver

ACCOUNT = "100000000004"
BUCKET = f"small-static-site-{ACCOUNT}-eu-west-1"
DISTRIBUTION = "arn:aws:cloudfront::000000000000:distribution/E1"


def test_the_files_are_uploaded_as_what_they_are() -> None:
    """Each file below `site/` becomes an object of its path, with its type and its contents."""
    objects = {
        r.inputs["key"]: r.inputs
        for r in deliver("static-site").of_type("aws:s3/bucketObjectv2:BucketObjectv2").values()
    }
    page = objects["index.html"]
    assert page["contentType"] == "text/html"
    assert b"It works" in base64.b64decode(page["contentBase64"])


def test_files_are_named_by_their_path_in_the_site(tmp_path: Path) -> None:
    """Files of folders keep the folder in their name; a site without a front page is refused, saying where it goes."""
    (tmp_path / "style").mkdir()
    (tmp_path / "style" / "main.css").write_bytes(b"body {}")
    with pytest.raises(pulumi.RunError, match=r"has no index\.html, which is what the site's address shows"):
        site_files(tmp_path)
    (tmp_path / "index.html").write_bytes(b"<p>")
    assert site_files(tmp_path) == {"index.html": b"<p>", "style/main.css": b"body {}"}


def test_the_distribution_reads_by_an_access_control() -> None:
    """The one origin is the bucket, signed for; viewers come by HTTPS and only read."""
    ran = deliver("static-site")
    site = ran.only("aws:cloudfront/distribution:Distribution").inputs
    assert site["origins"] == [
        {
            "originId": "site",
            "domainName": f"{BUCKET}.s3.eu-west-1.amazonaws.com",
            "originAccessControlId": "site-id",
        }
    ]
    behavior = site["defaultCacheBehavior"]
    assert (behavior["viewerProtocolPolicy"], behavior["allowedMethods"]) == ("redirect-to-https", ["GET", "HEAD"])
    control = ran.only("aws:cloudfront/originAccessControl:OriginAccessControl").inputs
    assert (control["signingBehavior"], control["originAccessControlOriginType"]) == ("always", "s3")
    assert ran.outputs == {"url": "https://d1.cloudfront.net", "bucket": BUCKET}


@pytest.mark.parametrize(("source", "expected"), [(DISTRIBUTION, True), (DISTRIBUTION[:-1] + "2", False)])
def test_only_that_distribution_reads(source: str, expected: bool) -> None:
    """CloudFront reads for this distribution; for another one, of whatever account, it does not."""
    policy = deliver("static-site").only("aws:s3/bucketPolicy:BucketPolicy").document("policy")
    assert policy == site_bucket_policy(BUCKET, DISTRIBUTION)
    policies = Policies(
        resource=parse_policy(policy, "bucket", kind=PolicyKind.RESOURCE),
        resource_account=ACCOUNT,
        resource_kind=ResourceKind.BUCKET,
    )
    who = Principal(PrincipalKind.SERVICE, "", CLOUDFRONT)
    context = {"aws:SourceArn": source, "aws:SecureTransport": "true"}
    request = Request(who, "s3:GetObject", f"arn:aws:s3:::{BUCKET}/index.html", context)
    assert decide(request, policies).allowed is expected


def test_config_that_does_not_fit() -> None:
    """An unknown price class is refused, naming those there are."""
    with pytest.raises(pulumi.RunError, match="price_class: Input should be 'PriceClass_100', 'PriceClass_200' or"):
        deliver("static-site", price_class="cheap")
