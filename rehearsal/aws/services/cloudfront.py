"""CloudFront: distributions, and the controls by which they may read a private bucket.

Source: pulumi_aws 7.51.1 (`cloudfront/*.py`), terraform-provider-aws `internal/service/cloudfront`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, TEXT_SET, record, set_of
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import Change, ResourceType, Tagging

_HOSTED_ZONE_ID = "Z2FDTNDATAQYW2"
"""The zone of all distributions' own names. Source: Amazon Route 53 API Reference, "AliasTarget"."""
_OAC_SETTINGS = {
    "Name": "name",
    "Description": "description",
    "OriginAccessControlOriginType": "originAccessControlOriginType",
    "SigningBehavior": "signingBehavior",
    "SigningProtocol": "signingProtocol",
}


def _control_config(call: Call) -> dict[str, Any]:
    return {parameter: call[name] or "" for parameter, name in _OAC_SETTINGS.items()}


def _create_control(call: Call) -> Any:
    return call.aws.create_origin_access_control(OriginAccessControlConfig=_control_config(call))


def _read_control(call: Call) -> Any:
    found = call.aws.get_origin_access_control(Id=call.id)
    arn = f"arn:{call.account.partition}:cloudfront::{call.account.account_id}:origin-access-control/{call.id}"
    return {**found["OriginAccessControl"]["OriginAccessControlConfig"], "Etag": found["ETag"], "Arn": arn}


def _update_control(call: Call) -> None:
    call.aws.update_origin_access_control(
        Id=call.id, IfMatch=call.state["etag"], OriginAccessControlConfig=_control_config(call)
    )


def _delete_control(call: Call) -> None:
    etag = call.aws.get_origin_access_control(Id=call.id)["ETag"]
    call.aws.delete_origin_access_control(Id=call.id, IfMatch=etag)


ORIGIN_ACCESS_CONTROL = ResourceType(
    type="aws:cloudfront/originAccessControl:OriginAccessControl",
    title="CloudFront Origin Access Control",
    service="cloudfront",
    regional=False,
    properties=(
        Property("name", auto_name=AutoName(longest=64)),
        Property("description", default="Managed by Pulumi"),
        Property(
            "originAccessControlOriginType", required=True, one_of=("s3", "mediastore", "mediapackagev2", "lambda")
        ),
        Property("signingBehavior", required=True, one_of=("never", "always", "no-override")),
        Property("signingProtocol", required=True, one_of=("sigv4",)),
        output("arn"),
        output("etag"),
    ),
    id="OriginAccessControl.Id",
    create=_create_control,
    read=_read_control,
    changes=(Change(tuple(_OAC_SETTINGS.values()), _update_control),),
    delete=_delete_control,
    not_found=("NoSuchOriginAccessControl",),
    already_exists=("OriginAccessControlAlreadyExists",),
)

_CACHE_BEHAVIOR = record(
    Property("targetOriginId", required=True),
    Property("viewerProtocolPolicy", required=True, one_of=("allow-all", "https-only", "redirect-to-https")),
    Property("allowedMethods", TEXT_SET, required=True),
    Property("cachedMethods", TEXT_SET, required=True),
    Property("cachePolicyId"),
    Property("originRequestPolicyId"),
    Property("responseHeadersPolicyId"),
    Property("compress", FLAG),
)
_ORIGINS = set_of(
    Property("originId", aws="Id", required=True),
    Property("domainName", required=True),
    Property("originPath"),
    Property("originAccessControlId"),
)
_RESTRICTIONS = record(
    Property(
        "geoRestriction",
        record(
            Property("restrictionType", required=True, one_of=("none", "whitelist", "blacklist")),
            Property("locations", TEXT_SET),
        ),
        required=True,
    )
)
_CERTIFICATE = record(
    Property("cloudfrontDefaultCertificate", FLAG, aws="CloudFrontDefaultCertificate"),
    Property("acmCertificateArn", aws="ACMCertificateArn"),
    Property("sslSupportMethod", aws="SSLSupportMethod", one_of=("sni-only", "vip", "static-ip")),
    Property("minimumProtocolVersion"),
)


def _counted(items: Sequence[Any]) -> dict[str, Any]:
    """Return a list as CloudFront's requests have it."""
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def _items(found: Mapping[str, Any] | None) -> list[Any]:
    return list((found or {}).get("Items") or ())


def _config(call: Call, reference: str) -> dict[str, Any]:
    behavior = dict(_CACHE_BEHAVIOR.to_aws(call["defaultCacheBehavior"]))
    cached = _counted(behavior.pop("CachedMethods"))
    behavior["AllowedMethods"] = {**_counted(behavior.pop("AllowedMethods")), "CachedMethods": cached}
    behavior["Compress"] = bool(behavior.get("Compress"))
    # An S3 origin names no old-style identity where it has an access control.
    origins = [{"OriginPath": "", **origin, "S3OriginConfig": {"OriginAccessIdentity": ""}} for origin in _asked(call)]
    geo = dict(_RESTRICTIONS.to_aws(call["restrictions"])["GeoRestriction"])
    restriction = {"RestrictionType": geo["RestrictionType"], **_counted(geo.get("Locations") or ())}
    return {
        "CallerReference": reference,
        "Comment": call["comment"] or "",
        "Enabled": bool(call["enabled"]),
        "DefaultRootObject": call["defaultRootObject"] or "",
        "HttpVersion": call["httpVersion"],
        "IsIPV6Enabled": bool(call["isIpv6Enabled"]),
        "PriceClass": call["priceClass"],
        "Aliases": _counted(call["aliases"] or ()),
        "Origins": _counted(origins),
        "DefaultCacheBehavior": behavior,
        "Restrictions": {"GeoRestriction": restriction},
        "ViewerCertificate": _CERTIFICATE.to_aws(call["viewerCertificate"]),
    }


def _asked(call: Call) -> list[dict[str, Any]]:
    return [dict(origin) for origin in _ORIGINS.to_aws(call["origins"])]


def _create_distribution(call: Call) -> Any:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    made = call.aws.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": _config(call, uuid.uuid4().hex), "Tags": {"Items": tags}}
    )
    return made["Distribution"]


def _deployed(call: Call, answer: Any) -> Any:
    _wait_until_deployed(call, answer["Id"])
    return answer


def _wait_until_deployed(call: Call, distribution_id: str) -> None:
    if call["waitForDeployment"] is not False:
        call.wait_for(lambda: _is_deployed(call, distribution_id), f"deploying distribution {distribution_id}")


def _is_deployed(call: Call, distribution_id: str) -> bool | None:
    return call.aws.get_distribution(Id=distribution_id)["Distribution"]["Status"] == "Deployed" or None


def _read_distribution(call: Call) -> Any:
    answer = call.aws.get_distribution(Id=call.id)
    found = answer["Distribution"]
    config = found["DistributionConfig"]
    behavior = config["DefaultCacheBehavior"]
    methods = behavior["AllowedMethods"]
    geo = config["Restrictions"]["GeoRestriction"]
    tags = call.aws.list_tags_for_resource(Resource=found["ARN"])["Tags"]
    return {
        **config,
        "Aliases": _items(config.get("Aliases")) or None,
        "Origins": _items(config["Origins"]),
        "DefaultCacheBehavior": {
            **behavior,
            "AllowedMethods": _items(methods),
            "CachedMethods": _items(methods.get("CachedMethods")),
        },
        "Restrictions": {"GeoRestriction": {**geo, "Locations": _items(geo) or None}},
        "ViewerCertificate": _certificate(config["ViewerCertificate"]),
        "IsIpv6Enabled": config.get("IsIPV6Enabled"),
        "Arn": found["ARN"],
        "DomainName": found["DomainName"],
        "Status": found["Status"],
        "Etag": answer["ETag"],
        "HostedZoneId": _HOSTED_ZONE_ID,
        "Tags": tags.get("Items"),
    }


def _certificate(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the certificate's settings; CloudFront's own certificate comes with settings that nobody chose."""
    if found.get("CloudFrontDefaultCertificate"):
        return {"CloudFrontDefaultCertificate": True}
    return dict(found)


def _update_distribution(call: Call) -> None:
    found = call.aws.get_distribution_config(Id=call.id)
    reference = found["DistributionConfig"]["CallerReference"]
    call.aws.update_distribution(Id=call.id, IfMatch=found["ETag"], DistributionConfig=_config(call, reference))
    _wait_until_deployed(call, call.id)


def _delete_distribution(call: Call) -> None:
    """Disable it, wait until that has come everywhere, and delete it: CloudFront deletes no enabled distribution."""
    found = call.aws.get_distribution_config(Id=call.id)
    etag, config = found["ETag"], found["DistributionConfig"]
    if config["Enabled"]:
        disabled = {**config, "Enabled": False}
        etag = call.aws.update_distribution(Id=call.id, IfMatch=etag, DistributionConfig=disabled)["ETag"]
        call.wait_for(lambda: _is_deployed(call, call.id), f"disabling distribution {call.id}")
    if not call["retainOnDelete"]:
        call.aws.delete_distribution(Id=call.id, IfMatch=etag)


def _add_tags(call: Call) -> None:
    tags = [{"Key": key, "Value": call.tags[key]} for key in sorted(call.tags)]
    call.aws.tag_resource(Resource=call.state["arn"], Tags={"Items": tags})


def _remove_tags(call: Call) -> None:
    call.aws.untag_resource(Resource=call.state["arn"], TagKeys={"Items": sorted(call.tags)})


_SETTINGS = (
    Property("aliases", TEXT_SET),
    Property("comment"),
    Property("defaultCacheBehavior", _CACHE_BEHAVIOR, required=True),
    Property("defaultRootObject"),
    Property("enabled", FLAG, required=True),
    Property("httpVersion", default="http2", one_of=("http1.1", "http2", "http3", "http2and3")),
    Property("isIpv6Enabled", FLAG, default=False),
    Property("origins", _ORIGINS, required=True),
    Property("priceClass", default="PriceClass_All", one_of=("PriceClass_All", "PriceClass_100", "PriceClass_200")),
    Property("restrictions", _RESTRICTIONS, required=True),
    Property("viewerCertificate", _CERTIFICATE, required=True),
)

DISTRIBUTION = ResourceType(
    type="aws:cloudfront/distribution:Distribution",
    title="CloudFront Distribution",
    service="cloudfront",
    regional=False,
    properties=(
        *_SETTINGS,
        Property("retainOnDelete", FLAG, default=False, unread=True),
        Property("waitForDeployment", FLAG, default=True, unread=True),
        output("arn"),
        output("callerReference"),
        output("domainName"),
        output("etag"),
        output("hostedZoneId"),
        output("status"),
    ),
    id="Id",
    create=_create_distribution,
    ready=_deployed,
    read=_read_distribution,
    changes=(Change(tuple(item.name for item in _SETTINGS), _update_distribution),),
    delete=_delete_distribution,
    tagging=Tagging(add=_add_tags, remove=_remove_tags),
    not_found=("NoSuchDistribution",),
)

TYPES = (DISTRIBUTION, ORIGIN_ACCESS_CONTROL)
