"""The cases of what the shipped workloads deliver with: repositories, zones, distributions, objects."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rehearsal.aws.services import cloudfront, ecr, route53, s3_objects
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.world import World

KEEP, KEEP_LONGER = (
    json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "selection": {
                        "tagStatus": "untagged",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": days,
                    },
                    "action": {"type": "expire"},
                }
            ]
        }
    )
    for days in (7, 30)
)
GEOGRAPHY = {"geoRestriction": {"restrictionType": "whitelist", "locations": ["IE", "DE"]}}


def pull(sid: str) -> str:
    """Return a repository's policy; as ECR has them it names no resource."""
    everybody = {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [everybody]})


def repository(world: World) -> str:
    """Make a repository and return its name."""
    name = world.name("repository")
    world.client("ecr").create_repository(repositoryName=name)
    return name


def zone(world: World, name: str = "") -> str:
    """Make a zone, of a name of its own unless told otherwise, and return its id."""
    wanted = name or f"{world.name('zone')}.example"
    made = world.client("route53").create_hosted_zone(Name=wanted, CallerReference=world.name())
    return str(made["HostedZone"]["Id"]).rsplit("/", 1)[-1]


def control(world: World) -> str:
    """Make an origin access control and return its id."""
    config = {
        "Name": world.name("control"),
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    made = world.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=config)
    return str(made["OriginAccessControl"]["Id"])


def _origin(world: World, **more: str) -> Inputs:
    return {"originId": "site", "domainName": f"{world.bucket()}.s3.{world.region}.amazonaws.com", **more}


BEHAVIOR: dict[str, Any] = {
    "targetOriginId": "site",
    "viewerProtocolPolicy": "redirect-to-https",
    "allowedMethods": ["GET", "HEAD"],
    "cachedMethods": ["GET", "HEAD"],
    "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "compress": True,
}


def distribution(world: World, **more: object) -> Inputs:
    """Return inputs of a distribution over a private bucket."""
    return {
        "enabled": True,
        "origins": [_origin(world, originAccessControlId=control(world))],
        "defaultCacheBehavior": BEHAVIOR,
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"cloudfrontDefaultCertificate": True},
        **more,
    }


def _rename(world: World, control_id: str) -> None:
    client = world.client("cloudfront")
    found = client.get_origin_access_control(Id=control_id)
    config = {**found["OriginAccessControl"]["OriginAccessControlConfig"], "Description": "theirs"}
    client.update_origin_access_control(Id=control_id, IfMatch=found["ETag"], OriginAccessControlConfig=config)


def _disable(world: World, distribution_id: str) -> None:
    client = world.client("cloudfront")
    found = client.get_distribution_config(Id=distribution_id)
    config = {**found["DistributionConfig"], "Enabled": False}
    client.update_distribution(Id=distribution_id, IfMatch=found["ETag"], DistributionConfig=config)


def _set_record(world: World, recorded: Any, value: str) -> None:
    record = {"Name": recorded.outputs["fqdn"], "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    world.client("route53").change_resource_record_sets(
        HostedZoneId=recorded.outputs["zoneId"],
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
    )


DELIVERY = [
    Case(
        kind=ecr.REPOSITORY,
        inputs=lambda w: {"name": w.name("repository"), "imageTagMutability": "IMMUTABLE", "tags": {"a": "1"}},
        updates=lambda *_: [
            {"imageScanningConfiguration": {"scanOnPush": True}},
            {"imageTagMutability": "MUTABLE"},
            {"imageScanningConfiguration": {"scanOnPush": False}},
            {"forceDelete": True},
            {"tags": {"b": "2"}},
            {"tags": None},
        ],
        replacements=lambda w: {
            "name": w.name("other"),
            "encryptionConfigurations": [{"encryptionType": "KMS"}],
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("ecr").put_image_tag_mutability(repositoryName=r.id, imageTagMutability="MUTABLE"),
        drifted=frozenset({"imageTagMutability"}),
    ),
    Case(
        kind=ecr.REPOSITORY_POLICY,
        inputs=lambda w: {"repository": repository(w), "policy": pull("First")},
        updates=lambda *_: [{"policy": pull("Second")}],
        replacements=lambda w: {"repository": repository(w), "region": "us-east-1"},
        drift=lambda w, r: w.client("ecr").delete_repository_policy(repositoryName=r.id),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=ecr.LIFECYCLE_POLICY,
        inputs=lambda w: {"repository": repository(w), "policy": KEEP},
        updates=lambda *_: [],
        replacements=lambda w: {"repository": repository(w), "policy": KEEP_LONGER, "region": "us-east-1"},
        drift=lambda w, r: w.client("ecr").delete_lifecycle_policy(repositoryName=r.id),
        drifted=frozenset({"gone"}),
    ),
    Case(
        kind=route53.ZONE,
        inputs=lambda w: {"name": f"{w.name('zone')}.example", "tags": {"a": "1"}},
        updates=lambda *_: [{"comment": "ours"}, {"forceDestroy": True}, {"tags": {"b": "2"}}, {"tags": None}],
        replacements=lambda w: {"name": f"{w.name('zone')}.example"},
        drift=lambda w, r: w.client("route53").update_hosted_zone_comment(Id=r.id, Comment="theirs"),
        drifted=frozenset({"comment"}),
    ),
    Case(
        kind=route53.RECORD,
        inputs=lambda w: {"zoneId": zone(w), "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.1"]},
        updates=lambda *_: [
            {"ttl": 300},
            {"records": ["192.0.2.2", "192.0.2.3"]},
            {"type": "TXT", "records": ["some text"]},
            {"allowOverwrite": True},
            {
                "type": "A",
                "ttl": None,
                "records": None,
                "aliases": [{"name": "d1.cloudfront.net", "zoneId": "Z2FDTNDATAQYW2", "evaluateTargetHealth": False}],
            },
        ],
        replacements=lambda w: {"zoneId": zone(w), "name": "other"},
        drift=lambda w, r: _set_record(w, r, "192.0.2.9"),
        drifted=frozenset({"records"}),
    ),
    Case(
        kind=cloudfront.ORIGIN_ACCESS_CONTROL,
        inputs=lambda *_: {
            "originAccessControlOriginType": "s3",
            "signingBehavior": "always",
            "signingProtocol": "sigv4",
        },
        updates=lambda w, _: [
            {"name": w.name("control"), "description": "ours"},
            {"signingBehavior": "no-override"},
            {"originAccessControlOriginType": "lambda"},
        ],
        replacements=lambda *_: {},
        drift=lambda w, r: _rename(w, r.id),
        drifted=frozenset({"description"}),
        not_tried={"signingProtocol": "there is one only"},
    ),
    Case(
        kind=cloudfront.DISTRIBUTION,
        inputs=lambda w: distribution(w, tags={"a": "1"}),
        updates=lambda w, _: [
            {"comment": "ours", "defaultRootObject": "index.html"},
            {"priceClass": "PriceClass_100", "httpVersion": "http2and3", "isIpv6Enabled": True},
            {"defaultCacheBehavior": {**BEHAVIOR, "viewerProtocolPolicy": "https-only", "compress": False}},
            {"origins": [_origin(w, originPath="/site")]},
            {"aliases": ["www.acme.example"], "restrictions": GEOGRAPHY},
            {
                "viewerCertificate": {
                    "acmCertificateArn": "arn:aws:acm:us-east-1:100000000001:certificate/c",
                    "sslSupportMethod": "sni-only",
                    "minimumProtocolVersion": "TLSv1.2_2021",
                }
            },
            {"enabled": False},
            {"retainOnDelete": True},
            {"waitForDeployment": False},
            {"tags": {"b": "2"}},
        ],
        replacements=lambda *_: {},
        drift=lambda w, r: _disable(w, r.id),
        drifted=frozenset({"enabled"}),
    ),
    Case(
        kind=s3_objects.BUCKET_OBJECT,
        inputs=lambda w: {
            "bucket": w.bucket(),
            "key": "site/index.html",
            "content": "<p>first",
            "contentType": "text/html",
            "tags": {"a": "1"},
        },
        updates=lambda *_: [
            {"content": "<p>second"},
            {"cacheControl": "max-age=60", "contentLanguage": "en"},
            {"contentType": "text/plain", "contentDisposition": "inline", "contentEncoding": "identity"},
            {
                "content": None,
                "contentBase64": "PHA+dGhpcmQ=",
                "etag": hashlib.md5(b"<p>third", usedforsecurity=False).hexdigest(),
            },
            {"storageClass": "STANDARD_IA", "serverSideEncryption": "AES256"},
            {"forceDestroy": True},
            {"tags": {"b": "2"}},
            {"tags": None},
        ],
        replacements=lambda w: {"bucket": w.bucket(), "key": "other", "region": "us-east-1"},
        drift=lambda w, r: w.client("s3").put_object(
            Bucket=r.outputs["bucket"], Key=r.outputs["key"], Body=b"theirs", ContentType="text/theirs"
        ),
        drifted=frozenset({"contentType", "tags"}),
        untold=frozenset({"content"}),
    ),
]
