"""The condition keys that go with every request.

Source: IAM User Guide, "AWS global condition context keys". Keys that follow from the principal alone are added by
`iam_decision`, those of what a service does for its caller by `actions/on_behalf.py`. Not provided: the keys of network
paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.parameter_keys import parameter_keys
from rehearsal.twin.actions.request_tags import request_tags
from rehearsal.twin.callers.callers import CallerKind
from rehearsal.twin.emulator.resource_tags import tags_of
from rehearsal.twin.requests.operation import Operation

# Behind one endpoint SDKs sign global services with the client's region; AWS sees them in the one of their endpoint.
# Source: IAM User Guide, aws:RequestedRegion; botocore's endpoint rules; AWS General Reference, "AWS Global Accelerator
# endpoints and quotas".
_GLOBAL_SERVICES = {
    **dict.fromkeys(
        (
            *("account", "billing", "billingconductor", "budgets", "ce", "chime", "cloudfront", "freetier", "health"),
            *("iam", "importexport", "invoicing", "organizations", "route53", "route53domains", "savingsplans"),
            *("shield", "support", "waf"),
        ),
        "us-east-1",
    ),
    **dict.fromkeys(("globalaccelerator", "networkmanager", "route53-recovery-control-config"), "us-west-2"),
}
# Services that have a key of their own for it. Source: Service Authorization Reference, condition keys of each.
_OWN_RESOURCE_TAG = frozenset(
    {"autoscaling", "ec2", "ecr", "ecs", "elasticloadbalancing", "iam", "ram", "secretsmanager", "ssm"}
)
Context = Mapping[str, str | list[str]]


def request_context(asked: Asked, now: datetime) -> dict[str, str | list[str]]:
    """Return the global condition keys of a request, by key."""
    operation, caller = asked.operation, asked.caller
    context: dict[str, str | list[str]] = {
        "aws:RequestedRegion": requested_region(operation),
        "aws:SecureTransport": "true" if asked.request.secure else "false",
        "aws:SourceIp": str(asked.request.environ.get("REMOTE_ADDR", "127.0.0.1")),
        "aws:UserAgent": asked.request.header("User-Agent"),
        "aws:CurrentTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:ViaAWSService": "false",
    }
    if referrer := asked.request.header("Referer"):
        context["aws:Referer"] = referrer
    if paths := _paths(asked, caller.account_id):
        context["aws:PrincipalOrgID"] = paths[0].partition("/")[0]
        context["aws:PrincipalOrgPaths"] = paths
    context |= {f"aws:PrincipalTag/{key}": value for key, value in caller.tags.items()}
    context |= _session_keys(asked, now)
    context |= _tag_keys(asked)
    context |= parameter_keys(asked)
    return context


def requested_region(operation: Operation) -> str:
    """Return the region a request goes to."""
    return _GLOBAL_SERVICES.get(operation.service) or operation.region


def resource_context(asked: Asked, demand: Demand, context: Context) -> dict[str, str | list[str]]:
    """Return the condition keys of what a demand is for: its owner's and those of its tags.

    `context` is the request's own, for what belongs to the caller's account has its place in the organisation.
    """
    own = asked.caller.account_id
    owner = demand.account_id or own
    found: dict[str, str | list[str]] = {"aws:ResourceAccount": owner}
    paths = context.get("aws:PrincipalOrgPaths") if owner == own else _paths(asked, owner)
    if paths:
        found["aws:ResourceOrgPaths"] = paths
        found["aws:ResourceOrgID"] = paths[0].partition("/")[0]
    if demand.resource.startswith("arn:"):
        found |= _tags_of_resource(demand.resource)
    return found


def _paths(asked: Asked, account_id: str) -> list[str]:
    path = asked.state.organization_path(account_id)
    return [path] if path else []


def _tags_of_resource(arn: str) -> dict[str, str]:
    service = arn.split(":", 3)[2]
    names = ("aws:ResourceTag", f"{service}:ResourceTag") if service in _OWN_RESOURCE_TAG else ("aws:ResourceTag",)
    return {f"{name}/{key}": value for key, value in tags_of(arn).items() for name in names}


def _session_keys(asked: Asked, now: datetime) -> dict[str, str | list[str]]:
    # Long-term keys have none of these keys, not even a false MultiFactorAuthPresent.
    session = asked.caller.session
    if session is None:
        return {}
    keys: dict[str, str | list[str]] = {
        "aws:TokenIssueTime": session.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:MultiFactorAuthPresent": "true" if session.mfa_at else "false",
    }
    if session.mfa_at:
        keys["aws:MultiFactorAuthAge"] = str(int((now - session.mfa_at).total_seconds()))
    if session.source_identity:
        keys["aws:SourceIdentity"] = session.source_identity
    if session.provider:
        keys["aws:FederatedProvider"] = session.provider
    keys |= session.more_keys
    if asked.caller.kind is CallerKind.ROLE:
        keys["sts:RoleSessionName"] = session.session_name
    return keys


def _tag_keys(asked: Asked) -> dict[str, str | list[str]]:
    tags = request_tags(asked.operation, asked.request)
    if not tags.keys:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.given.items()}, "aws:TagKeys": tags.keys}
