"""What holds for every shipped workload that delivers something: explicit providers, real types, lasting names."""

from __future__ import annotations

import pulumi
import pytest

from rehearsal.aws.catalogue import full_catalogue
from rehearsal.aws.sdk_reference import real_arguments
from tests.support.real_inputs import wrong_inputs
from tests.unit.programs.delivery_fleet import WHERE, config_of, deliver
from tests.unit.programs.program_under_mocks import run_program

each_workload = pytest.mark.parametrize("workload", WHERE)


@each_workload
def test_every_resource_has_an_explicit_provider(workload: str) -> None:
    """No resource and no function is left to a default provider, and nothing deprecated is used."""
    ran = deliver(workload)
    assert ran.aws
    ours = {"account", "parent-100000000002-acme.example"}
    assert {found.provider.split("::")[-2] for found in ran.aws} <= ours
    assert {provider.split("::")[-2] for _, provider in ran.invokes} <= ours
    assert ran.warnings == ()


@each_workload
def test_every_input_fits_the_real_types(workload: str) -> None:
    """Nothing is passed that the real package does not take, nor that a rehearsal would refuse."""
    ran = deliver(workload)
    checked = [found for found in ran.resources if found.custom]
    assert {found.name: wrong for found in checked if (wrong := wrong_inputs(found.type, found.inputs))} == {}
    assert {found.type for found in ran.aws} <= full_catalogue().types.keys()
    for token, arguments in ran.invoke_arguments:
        assert arguments.keys() - real_arguments(token) == set()


@pytest.mark.parametrize("workload", ["artifacts", "static-site"])
def test_a_bucket_name_that_is_too_long(workload: str) -> None:
    """A bucket's name longer than AWS takes is refused, with what to shorten."""
    config = config_of(workload).model_copy(update={"workload": "a-name-that-is-much-too-long-for-buckets"})
    with pytest.raises(pulumi.RunError, match="characters, AWS takes 63; name the workload shorter"):
        run_program(f"workloads/{workload}", config, project=workload, stack=WHERE[workload])
