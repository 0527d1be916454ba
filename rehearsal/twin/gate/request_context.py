"""The condition keys that go with every request.

Source: IAM User Guide, "AWS global condition context keys". Keys that follow from the principal alone are added by
`iam_decision`. Not provided: `aws:ResourceTag`, `aws:PrincipalOrgPaths`, `aws:SourceAccount`, `aws:SourceArn`,
`aws:CalledVia` and the keys of network paths.
"""

from __future__ import annotations

from datetime import UTC, datetime

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.callers.callers import CallerKind

# Behind one endpoint SDKs sign global services with the client's region; AWS sees them in us-east-1.
_GLOBAL_SERVICES = frozenset(
    {
        "iam",
        "organizations",
        "budgets",
        "route53",
        "route53domains",
        "ce",
        "account",
        "cloudfront",
        "health",
        "support",
        "globalaccelerator",
    }
)


def request_context(asked: Asked, now: datetime) -> dict[str, str | list[str]]:
    """Return the global condition keys of a request, by key."""
    operation, caller = asked.operation, asked.caller
    context: dict[str, str | list[str]] = {
        "aws:RequestedRegion": "us-east-1" if operation.service in _GLOBAL_SERVICES else operation.region,
        "aws:SecureTransport": "true" if asked.request.secure else "false",
        "aws:SourceIp": str(asked.request.environ.get("REMOTE_ADDR", "127.0.0.1")),
        "aws:UserAgent": asked.request.header("User-Agent"),
        "aws:CurrentTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:ViaAWSService": "false",
    }
    organization = asked.state.organization_id(caller.account_id)
    if organization:
        context["aws:PrincipalOrgID"] = organization
    context |= {f"aws:PrincipalTag/{key}": value for key, value in caller.tags.items()}
    context |= _session_keys(asked, now)
    context |= _tag_keys(asked)
    return context


def resource_context(asked: Asked, account_id: str) -> dict[str, str | list[str]]:
    """Return the condition keys of the account that owns a resource; "" is the caller's own."""
    owner = account_id or asked.caller.account_id
    organization = asked.state.organization_id(owner)
    return {"aws:ResourceAccount": owner, **({"aws:ResourceOrgID": organization} if organization else {})}


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
    if asked.caller.kind is CallerKind.ROLE:
        keys["sts:RoleSessionName"] = session.session_name
    return keys


def _tag_keys(asked: Asked) -> dict[str, str | list[str]]:
    tags = asked.operation.tags()
    removed = [*asked.operation.listed("TagKeys"), *asked.operation.listed("tagKeys")]
    if not tags and not removed:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": [*tags, *removed]}
