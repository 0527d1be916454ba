"""A region that AWS does not have is refused, with the one that was probably meant."""

from __future__ import annotations

import pytest

from tests.unit.landing_zone.fleets import edited, problems_of

A_TARGET = "accounts: [prod, dev]"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("eu-wst-1", "eu-west-1"), ("us-eats-2", "us-east-2"), ("eu-centrall-1", "eu-central-1")],
)
def test_a_mistyped_home_region(written: str, meant: str) -> None:
    """The home region is one that AWS has."""
    assert problems_of(edited(("region: eu-west-1", f"region: {written}"))) == [
        f'3:9: AWS has no region "{written}" (did you mean "{meant}"?)'
    ]


@pytest.mark.parametrize(("written", "meant"), [("eu-west-11", "eu-west-1"), ("EU-North-1", "eu-north-1")])
def test_a_region_of_the_wrong_form_is_told_with_the_nearest(written: str, meant: str) -> None:
    """What no region can be called is mistyped as well."""
    (found,) = problems_of(edited(("region: eu-west-1", f"region: {written}")))
    assert found.endswith(f'(did you mean "{meant}"?)')


def test_a_mistyped_region_of_a_workload() -> None:
    """Each region of a workload is one that AWS has."""
    assert problems_of(edited((A_TARGET, f"{A_TARGET}\n    regions: [eu-west-1, eu-nroth-1]"))) == [
        '31:26: AWS has no region "eu-nroth-1" (did you mean "eu-north-1"?)'
    ]


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-2", "sa-east-1", "mx-central-1", "il-central-1"])
def test_regions_that_exist(region: str) -> None:
    """Regions of every continent are taken."""
    assert problems_of(edited(("region: eu-west-1", f"region: {region}"))) == []


def test_a_pseudo_region_is_none() -> None:
    """AWS's list names aws-global, which no stack can run in."""
    (found,) = problems_of(edited(("region: eu-west-1", "region: aws-global")))
    assert found.startswith("3:9: region must be an AWS region such as eu-west-1")
