"""AWS's managed policies are named as AWS has them; what is newer than the list is written as its ARN."""

from __future__ import annotations

from pathlib import Path

import pytest

from landing_zone.errors import ManifestInvalid
from landing_zone.manifest import parse_manifest
from orchestrator.validation.managed_policy_names import known_policies, managed_policies_exist
from tests.unit.landing_zone.fleets import SMALL
from tests.unit.landing_zone.people_fleets import with_people


def _problems(text: str) -> list[str]:
    try:
        parse_manifest(text, Path("fleet.yaml"), (managed_policies_exist,))
    except ManifestInvalid as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("text", "place", "meant"),
    [
        (SMALL.replace("ReadOnlyAccess", "ReadOnlyAcces"), "fleet.yaml:7:33", "ReadOnlyAccess"),
        (SMALL.replace("ReadOnlyAccess", "Billing"), "fleet.yaml:7:33", "job-function/Billing"),
        (f"permissions_boundary: PowerUserAcces\n{SMALL}", "fleet.yaml:1:23", "PowerUserAccess"),
        (with_people().replace("IAMReadOnlyAccess", "IAMReadAccess"), "fleet.yaml:37:79", "IAMReadOnlyAccess"),
    ],
)
def test_a_name_that_aws_does_not_have(text: str, place: str, meant: str) -> None:
    """A name that AWS does not have is told at its place with the one that was probably meant."""
    (problem,) = _problems(text)
    assert problem.startswith(f"{place}: AWS has no managed policy ")
    assert problem.endswith(f'(did you mean "{meant}"?)')


@pytest.mark.parametrize("policy", ["ReadOnlyAccess", "job-function/Billing", "arn:aws:iam::aws:policy/BrandNew"])
def test_a_name_that_aws_has_and_an_arn(policy: str) -> None:
    """Names with and without a path are known, and an ARN is taken as it is written."""
    assert _problems(SMALL.replace("ReadOnlyAccess", policy)) == []


def test_every_policy_of_the_list_has_its_path() -> None:
    """Each name of the list comes with the path that AWS has it under."""
    assert {"service-role/AWSLambdaBasicExecutionRole", "aws-service-role/AWSOrganizationsServiceTrustPolicy"} <= (
        known_policies()
    )
    assert len(known_policies()) > 1000
