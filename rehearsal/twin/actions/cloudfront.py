"""What CloudFront operations ask for: distributions and access controls by ARN, which carries no region.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudFront"; CloudFront
Developer Guide, "CloudFront API permissions" (a distribution made with tags needs the right to tag as well).
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import generic_demands

_WITH_TAGS = "CreateDistributionWithTags"
_NAMED_HERE = ("Distribution", "OriginAccessControl", "Invalidation")
_TAGGING = frozenset({"ListTagsForResource", "TagResource", "UntagResource"})


def cloudfront_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a CloudFront request asks for; lists are asked for on "*"."""
    name = asked.operation.name
    if name == _WITH_TAGS:
        anyone = asked.arn("cloudfront", "distribution/*", region=False)
        return (Demand("cloudfront:CreateDistribution", anyone), Demand("cloudfront:TagResource", anyone))
    if not any(kind in name for kind in _NAMED_HERE) and name not in _TAGGING:
        return generic_demands(asked)
    return (Demand(f"cloudfront:{name}", _resource(asked)),)


def _resource(asked: Asked) -> str:
    name = asked.operation.name
    if name in _TAGGING:
        return asked.request.query_value("Resource") or "*"
    kind = "origin-access-control" if "OriginAccessControl" in name else "distribution"
    named = asked.operation.text("DistributionId") or asked.operation.text("Id")
    if name.startswith("List") and not named:
        return "*"
    return asked.arn("cloudfront", f"{kind}/{named or '*'}", region=False)
