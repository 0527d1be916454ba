"""A static web site: files in a private bucket, told to the world by CloudFront."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pulumi_aws as aws

from landing_zone.components.private_bucket import PrivateBucket
from landing_zone.documents.static_site import site_bucket_policy
from landing_zone.limits import compact

_ORIGIN = "site"
_FRONT = "index.html"
_CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""CloudFront Developer Guide, "Use managed cache policies": CachingOptimized."""
_SECURED = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""CloudFront Developer Guide, "Use managed response headers policies": SecurityHeadersPolicy."""
_READS = ("GET", "HEAD")
_BROWSERS_KEEP = "public, max-age=300"


def site_files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by their path in it. Raises: pulumi.RunError where none is the front page."""
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    if _FRONT not in files:
        raise pulumi.RunError(f"{folder} has no {_FRONT}, which is what the site's address shows: put it there")
    return files


class StaticSite(pulumi.ComponentResource):
    """A distribution over a bucket that only it can read, and the files by their path below the site's root.

    `url` is where it is. `price_class` says from which parts of the world it is served.
    """

    url: pulumi.Output[str]
    bucket: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        bucket_name: str,
        files: Mapping[str, bytes],
        price_class: str,
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:StaticSite", name)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        bucket = PrivateBucket(name, bucket_name=bucket_name, versioned=False, emptied=False, opts=self._child)
        for path, contents in sorted(files.items()):
            self._object(name, bucket, path, contents)
        reader = aws.cloudfront.OriginAccessControl(
            name,
            name=bucket_name,
            description=f"Lets the site read {bucket_name}",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        site = self._distribution(name, bucket, reader, price_class)
        bucket.put_policy(site.arn.apply(lambda arn: compact(site_bucket_policy(bucket_name, arn))))
        self.url = pulumi.Output.concat("https://", site.domain_name)
        self.bucket = bucket.bucket
        self.register_outputs({"url": self.url, "bucket": self.bucket})

    def _object(self, name: str, bucket: PrivateBucket, path: str, contents: bytes) -> None:
        aws.s3.BucketObjectv2(
            f"{name}-{path}",
            bucket=bucket.bucket,
            key=path,
            content_base64=base64.b64encode(contents).decode(),
            # Of Python's own table, not the machine's: the same files are the same everywhere.
            content_type=mimetypes.MimeTypes().guess_type(path)[0] or "application/octet-stream",
            cache_control=_BROWSERS_KEEP,
            # Tells a refresh when somebody else has written the file.
            etag=hashlib.md5(contents, usedforsecurity=False).hexdigest(),
            opts=self._child,
        )

    def _distribution(
        self, name: str, bucket: PrivateBucket, reader: aws.cloudfront.OriginAccessControl, price_class: str
    ) -> aws.cloudfront.Distribution:
        return aws.cloudfront.Distribution(
            name,
            enabled=True,
            comment=f"Static site of stack {pulumi.get_stack()}",
            default_root_object=_FRONT,
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=price_class,
            origins=[
                aws.cloudfront.DistributionOriginArgs(
                    origin_id=_ORIGIN, domain_name=bucket.domain, origin_access_control_id=reader.id
                )
            ],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id=_ORIGIN,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=list(_READS),
                cached_methods=list(_READS),
                cache_policy_id=_CACHED,
                response_headers_policy_id=_SECURED,
                compress=True,
            ),
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True),
            opts=self._child,
        )
