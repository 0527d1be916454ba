"""Parameters of AWS Organizations against the service's model, also those that no SDK would send."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.twin.emulator.organization import AwsError
from rehearsal.twin.emulator.organization_input import InputModel

ACCOUNT: dict[str, Any] = {"Email": "one@acme.example", "AccountName": "one"}


@pytest.mark.parametrize(
    ("operation", "params", "reason"),
    [
        ("CreateAccount", {"AccountName": "one"}, "INPUT_REQUIRED"),
        ("CreateAccount", {**ACCOUNT, "AccountName": ""}, "MIN_LENGTH_EXCEEDED"),
        ("CreateAccount", {**ACCOUNT, "AccountName": "n" * 51}, "MAX_LENGTH_EXCEEDED"),
        ("CreateAccount", {**ACCOUNT, "Email": "one at acme"}, "INVALID_PATTERN"),
        ("CreateAccount", {**ACCOUNT, "IamUserAccessToBilling": "PERHAPS"}, "INVALID_ENUM"),
        ("CreateAccount", {**ACCOUNT, "Tags": [{"Key": ""}]}, "INPUT_REQUIRED"),
        ("ListAccounts", {"MaxResults": 0}, "MIN_VALUE_EXCEEDED"),
        ("ListAccounts", {"MaxResults": 21}, "MAX_VALUE_EXCEEDED"),
        ("ListPolicies", {"Filter": "WISH_POLICY"}, "INVALID_ENUM_POLICY_TYPE"),
        ("DescribePolicy", {"PolicyId": "x"}, "INVALID_SYNTAX_POLICY_ID"),
        ("AttachPolicy", {"PolicyId": "p-00000000", "TargetId": "x"}, "INVALID_PATTERN_TARGET_ID"),
    ],
)
def test_what_the_model_does_not_allow(operation: str, params: dict[str, Any], reason: str) -> None:
    """Each kind of wrong value has AWS's reason. Source: AWS Organizations API Reference, InvalidInputException."""
    with pytest.raises(AwsError) as caught:
        InputModel().check(operation, params)
    assert (caught.value.code, caught.value.reason) == ("InvalidInputException", reason)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateAccount", {**ACCOUNT, "Email": 1}),
        ("CreateAccount", {**ACCOUNT, "Tags": {"a": "1"}}),
        ("CreateAccount", {**ACCOUNT, "Tags": ["a"]}),
        ("ListAccounts", {"MaxResults": "5"}),
    ],
)
def test_values_of_another_type(operation: str, params: dict[str, Any]) -> None:
    """A value of another type than the model's cannot be read."""
    with pytest.raises(AwsError) as caught:
        InputModel().check(operation, params)
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("operation", "params"),
    [("CreateAccount", ACCOUNT), ("ListAccounts", {"MaxResults": 20, "NextToken": None}), ("LeaveOrganization", {})],
)
def test_what_it_allows(operation: str, params: dict[str, Any]) -> None:
    """What the model allows passes; an absent value is one that was not given."""
    checked = InputModel()
    checked.check(operation, params)
    with pytest.raises(AwsError):
        checked.check("ListAccounts", {"MaxResults": 100})
