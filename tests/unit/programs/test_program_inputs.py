"""What our programs pass is what the installed pulumi_aws takes: names, required ones, types, enums."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.aws.sdk_reference import real_arguments
from tests.support.real_inputs import wrong_inputs
from tests.unit.landing_zone.fleets import whole_sample
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran

PROGRAMS: dict[str, Callable[[], Ran]] = {
    "organization": lambda: deployed.organization(whole_sample()),
    "bootstrap": lambda: deployed.bootstrap(whole_sample()),
    "bootstrap-subaccount": lambda: deployed.subaccount("plat-sandbox", whole_sample()),
    "bootstrap-subaccount of the hub": lambda: deployed.subaccount("core-auto", whole_sample()),
    "workloads/network": lambda: deployed.network("plat-dev"),
    "workloads/log-archive": deployed.log_archive,
}
each_program = pytest.mark.parametrize("program", PROGRAMS)


@each_program
def test_every_input_fits_the_real_types(program: str) -> None:
    """No resource and no provider of a program is given anything that the real package does not take."""
    ran = PROGRAMS[program]()
    checked = [found for found in ran.resources if found.custom]
    wrong = {found.name: problems for found in checked if (problems := wrong_inputs(found.type, found.inputs))}
    assert len(checked) > 1
    assert wrong == {}


@each_program
def test_every_function_is_called_with_real_arguments(program: str) -> None:
    """No function is given an argument that the real package does not have."""
    for token, arguments in PROGRAMS[program]().invoke_arguments:
        assert arguments.keys() - real_arguments(token) == set()


TRAIL = {"name": "all", "s3BucketName": "logs"}
PROVIDER = "pulumi:providers:aws"


@pytest.mark.parametrize(
    ("token", "inputs", "problems"),
    [
        pytest.param("aws:cloudtrail/trail:Trail", TRAIL, [], id="right"),
        pytest.param(
            "aws:cloudtrail/trail:Trail",
            {"name": "all", "s3_bucket_name": "logs"},
            ["s3_bucket_name: is not known", "s3BucketName: is required"],
            id="the name in Python",
        ),
        pytest.param(
            "aws:cloudtrail/trail:Trail",
            {**TRAIL, "enableLogging": "true"},
            ["enableLogging: must be bool, not 'true'"],
            id="a flag as text",
        ),
        pytest.param(
            "aws:cloudtrail/trail:Trail",
            {**TRAIL, "eventSelectors": [{"readWriteType": 1, "includes": True}]},
            ["eventSelectors[0].includes: is not known", "eventSelectors[0].readWriteType: must be str, not 1"],
            id="within a list",
        ),
        pytest.param(
            "aws:cloudtrail/trail:Trail",
            {**TRAIL, "eventSelectors": {"readWriteType": "All"}},
            ["eventSelectors: must be a list, not {'readWriteType': 'All'}"],
            id="no list",
        ),
        pytest.param(
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": {}},
            ["versioningConfiguration.status: is required"],
            id="required within an object",
        ),
        pytest.param(
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": "Enabled"},
            ["versioningConfiguration: must be an object, not 'Enabled'"],
            id="no object",
        ),
        pytest.param(
            "aws:kms/key:Key",
            {"deletionWindowInDays": 7.5, "isEnabled": 1, "tags": {"a": 1}},
            [
                "deletionWindowInDays: must be int, not 7.5",
                "isEnabled: must be bool, not 1",
                "tags.a: must be str, not 1",
            ],
            id="numbers and maps",
        ),
        pytest.param("aws:kms/key:Key", {"deletionWindowInDays": 7.0}, [], id="a whole number as it comes"),
        pytest.param("aws:kms/key:Key", {"tags": "a"}, ["tags: must be a map, not 'a'"], id="no map"),
        pytest.param(
            "aws:ssm/parameter:Parameter",
            {"type": "Strng", "value": "x"},
            ["type: must be one of String, StringList, SecureString, not 'Strng'"],
            id="no value of the enum",
        ),
        pytest.param("aws:ssm/parameter:Parameter", {"type": "String"}, [], id="a value of the enum"),
        pytest.param("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, [], id="a document as text"),
        pytest.param(
            "aws:iam/role:Role",
            {"assumeRolePolicy": {"Version": "2012-10-17"}},
            ["assumeRolePolicy.Statement: is required"],
            id="a document as an object",
        ),
        pytest.param(
            PROVIDER,
            {"region": "eu-west-1", "allowedAccountIds": '["1", 2]', "skipMetadataApiCheck": '"yes"'},
            ["allowedAccountIds[1]: must be str, not 2", "skipMetadataApiCheck: must be bool, not 'yes'"],
            id="the provider's JSON",
        ),
        pytest.param(
            PROVIDER,
            {"assumeRoles": json.dumps([{"rolArn": "x"}])},
            ["assumeRoles[0].rolArn: is not known"],
            id="within the provider's JSON",
        ),
    ],
)
def test_what_does_not_fit_is_found(token: str, inputs: dict[str, Any], problems: list[str]) -> None:
    """Every kind of mistake is found, where it stands, and what is right is not."""
    assert wrong_inputs(token, inputs) == problems
