"""A stack's own config can lead its provider to other endpoints, in Pulumi's own form."""

from __future__ import annotations

import json

import pulumi
import pytest

from landing_zone.stack_config import for_workload
from tests.unit.landing_zone.fleets import full_lock, sample
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran, run_program

TWIN = "http://127.0.0.1:5000"


def network_with(**config: str) -> Ran:
    """Run the network's program with more in its stack's config; keys are those of the namespace `aws`."""
    values = for_workload(sample(), full_lock(sample()), "network", "plat-dev").to_config()
    values |= {f"aws:{key}": value for key, value in config.items()}
    return run_program("workloads/network", values, project="network", stack="plat-dev")


def test_endpoints_of_the_stacks_config_reach_the_provider() -> None:
    """`aws:endpoints` and `aws:s3UsePathStyle` become the explicit provider's settings."""
    ran = network_with(endpoints=json.dumps([{"sts": TWIN, "ec2": TWIN}]), s3UsePathStyle="true")
    inputs = ran.only("pulumi:providers:aws").inputs
    assert json.loads(inputs["endpoints"]) == [{"sts": TWIN, "ec2": TWIN}]
    assert inputs["s3UsePathStyle"] == "true"


def test_without_them_the_provider_has_neither() -> None:
    """A stack that says nothing leaves no trace of it in its provider."""
    assert not {"endpoints", "s3UsePathStyle"} & set(deployed.network("plat-dev").only("pulumi:providers:aws").inputs)


@pytest.mark.parametrize(
    ("endpoints", "words"),
    [
        ("{", "is no JSON"),
        ('["sts"]', "is no list of services"),
        ('[{"sts": "127.0.0.1:5000"}]', "gives sts the address '127.0.0.1:5000', which is no URL"),
        ('[{"ec3": "http://127.0.0.1:5000"}]', "names a service that the provider has not: 'ec3'"),
    ],
)
def test_endpoints_in_another_form_are_refused(endpoints: str, words: str) -> None:
    """The program says what is wrong, and the command that takes it out; nothing is sent anywhere."""
    with pytest.raises(pulumi.RunError) as raised:
        network_with(endpoints=endpoints)
    assert words in str(raised.value)
    assert "pulumi config rm aws:endpoints --stack plat-dev" in str(raised.value)
