"""CloudFront: what is in use or enabled stays, and only the newest version can be changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.twin_fixtures import TwinAws, refused


@pytest.fixture
def cloudfront(aws: TwinAws, account: str) -> Any:
    """Return a client in an account of its own."""
    return aws.client("cloudfront", aws.into(account))


def _control(cloudfront: Any, name: str = "reader") -> str:
    config = {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=config)
    return str(made["OriginAccessControl"]["Id"])


def _distribution(cloudfront: Any, control: str) -> dict[str, Any]:
    origin = {
        "Id": "site",
        "DomainName": "bucket.s3.eu-west-1.amazonaws.com",
        "OriginAccessControlId": control,
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behavior = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    config = {
        "CallerReference": control,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
    }
    return dict(cloudfront.create_distribution(DistributionConfig=config))


def test_an_origin_keeps_its_access_control(cloudfront: Any) -> None:
    """A distribution tells which access control its origin is read with, and no forwarding beside its cache policy."""
    control = _control(cloudfront)
    made = _distribution(cloudfront, control)["Distribution"]
    config = cloudfront.get_distribution(Id=made["Id"])["Distribution"]["DistributionConfig"]
    assert config["Origins"]["Items"][0]["OriginAccessControlId"] == control
    assert "ForwardedValues" not in config["DefaultCacheBehavior"]


def test_what_is_in_use_or_enabled_is_not_deleted(cloudfront: Any) -> None:
    """An access control goes after its distribution, and a distribution after it has been disabled."""
    control = _control(cloudfront)
    made = _distribution(cloudfront, control)
    found, etag = made["Distribution"], made["ETag"]
    with refused("OriginAccessControlInUse"):
        cloudfront.delete_origin_access_control(Id=control, IfMatch="any")
    with refused("DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=found["Id"], IfMatch=etag)
    disabled = {**found["DistributionConfig"], "Enabled": False}
    etag = cloudfront.update_distribution(Id=found["Id"], IfMatch=etag, DistributionConfig=disabled)["ETag"]
    cloudfront.delete_distribution(Id=found["Id"], IfMatch=etag)
    cloudfront.delete_origin_access_control(Id=control, IfMatch="any")
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0


def test_an_old_version_is_not_changed(cloudfront: Any) -> None:
    """Who changes a distribution names its newest version; each change makes a new one."""
    made = _distribution(cloudfront, _control(cloudfront))
    found, etag = made["Distribution"], made["ETag"]
    changed = {**found["DistributionConfig"], "Comment": "first"}
    newer = cloudfront.update_distribution(Id=found["Id"], IfMatch=etag, DistributionConfig=changed)["ETag"]
    assert newer != etag
    with refused("PreconditionFailed"):
        cloudfront.update_distribution(Id=found["Id"], IfMatch=etag, DistributionConfig=changed)


def test_access_controls_have_names_of_their_own(cloudfront: Any) -> None:
    """A second access control of one name is refused, and a distribution that names one that is not there."""
    _control(cloudfront)
    with refused("OriginAccessControlAlreadyExists"):
        _control(cloudfront)
    with refused("InvalidOriginAccessControl"):
        _distribution(cloudfront, "E000000000000")
