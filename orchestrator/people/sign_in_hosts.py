"""Where each partition of AWS lets people sign in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignInHosts:
    """URLs without a trailing slash: the sign-in service, and the console that it leads to."""

    sign_in: str
    console: str


_COMMERCIAL = SignInHosts("https://signin.aws.amazon.com", "https://console.aws.amazon.com")
_BY_PARTITION = {
    "aws": _COMMERCIAL,
    "aws-us-gov": SignInHosts("https://signin.amazonaws-us-gov.com", "https://console.amazonaws-us-gov.com"),
    "aws-cn": SignInHosts("https://signin.amazonaws.cn", "https://console.amazonaws.cn"),
}
"""Source: aws/aws-toolkit-jetbrains, AwsConsoleUrlFactory; AWS GovCloud (US) User Guide, "AWS GovCloud endpoints"."""


def sign_in_hosts(partition: str) -> SignInHosts:
    """Return where to sign in for a partition such as `aws-us-gov`; raises KeyError for one that is not known."""
    return _BY_PARTITION[partition]


def partition_of_region(region: str) -> str:
    """Return the partition of a region. Source: AWS General Reference, region codes by partition."""
    prefixes = {"us-gov-": "aws-us-gov", "cn-": "aws-cn"}
    return next((partition for prefix, partition in prefixes.items() if region.startswith(prefix)), "aws")
