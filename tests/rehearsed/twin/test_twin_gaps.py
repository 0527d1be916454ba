"""What the twin does not emulate says so, in a way that SDKs do not retry."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import Keys, TwinAws, refused


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "named"),
    [
        ("iam", "list_service_specific_credentials", {}, "iam:ListServiceSpecificCredentials"),
        ("inspector2", "list_coverage", {}, "inspector2:ListCoverage"),
        ("accessanalyzer", "list_analyzers", {}, "access-analyzer:ListAnalyzers"),
        (
            "organizations",
            "list_inbound_responsibility_transfers",
            {"Type": "BILLING"},
            "organizations:ListInboundResponsibilityTransfers",
        ),
        ("ec2", "get_allowed_images_settings", {}, "ec2:GetAllowedImagesSettings"),
        ("controltower", "list_landing_zones", {}, "controltower:ListLandingZones"),
        ("logs", "describe_account_policies", {"policyType": "DATA_PROTECTION_POLICY"}, "logs:DescribeAccountPolicies"),
    ],
)
def test_a_missing_operation_is_named(
    aws: TwinAws, service: str, operation: str, arguments: dict[str, str], named: str
) -> None:
    """An operation that is not emulated is a 400 that names it."""
    with refused("UnsupportedOperation") as refusal:
        getattr(aws.client(service), operation)(**arguments)
    assert refusal.status == 400
    assert refusal.message == f"The twin does not emulate {named}."


def test_a_missing_operation_is_no_secret_way_in(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """Whoever may not call an operation is denied, whether or not it is emulated."""
    _, keys = new_user()
    with refused("AccessDeniedException"):
        aws.client("inspector2", keys).list_coverage()


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/reset", "/latest/meta-data/iam"])
def test_the_emulators_own_interface_is_closed(twin: TwinRun, path: str) -> None:
    """The emulator's control paths cannot be reached through the twin."""
    parts = urlsplit(twin.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("POST", path)
        assert connection.getresponse().status == 403
    finally:
        connection.close()


def test_a_bucket_with_the_emulators_name_does_not_reach_it(aws: TwinAws) -> None:
    """A signed request to a bucket called like the emulator's control path is refused as not emulated."""
    with refused("UnsupportedOperation"):
        aws.client("s3").put_object(Bucket="moto-api", Key="reset", Body=b"")


@pytest.mark.parametrize("service", ["sns", "sqs", "route53", "guardduty", "secretsmanager", "budgets", "cloudwatch"])
def test_services_beyond_the_landing_zone_answer(aws: TwinAws, account: str, service: str) -> None:
    """Services without a file of their own in the gate answer who has the right to their operation."""
    call = {
        "sns": ("list_topics", {}),
        "sqs": ("list_queues", {}),
        "route53": ("list_hosted_zones", {}),
        "guardduty": ("list_detectors", {}),
        "secretsmanager": ("list_secrets", {}),
        "budgets": ("describe_budgets", {"AccountId": account}),
        "cloudwatch": ("list_metrics", {}),
    }[service]
    client = aws.client(service, aws.into(account))
    assert getattr(client, call[0])(**call[1])["ResponseMetadata"]["HTTPStatusCode"] == 200
