"""What AWS's services refuse of a request's own parameters, whoever asks: names, sizes, numbers, dry runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.rehearsed.twin.rules.rule_scene import allow, trusted
from tests.support.function_code import packed
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

TRUST = trusted({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})
LAMBDA_TRUST = trusted({"Service": "lambda.amazonaws.com"})
ANYTHING = document(allow("sqs:ListQueues"))
NewUser = Callable[..., tuple[str, Keys]]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("create_vpc", {"CidrBlock": "10.9.0.0/16"}), ("create_subnet", {"VpcId": "vpc-1", "CidrBlock": "10.9.0.0/24"})],
)
def test_a_dry_run_does_nothing(aws: TwinAws, account: str, operation: str, arguments: dict[str, Any]) -> None:
    """A dry run of EC2's that would be let in is answered with an error that says so, and nothing is made.

    Amazon EC2 API Reference, "Common query parameters", DryRun; "Error codes", DryRunOperation.
    """
    ec2 = aws.client("ec2", aws.into(account))
    before = len(ec2.describe_vpcs()["Vpcs"]), len(ec2.describe_subnets()["Subnets"])
    with refused("DryRunOperation") as refusal:
        getattr(ec2, operation)(**arguments, DryRun=True)
    assert refusal.status == 412
    assert refusal.message == "Request would have succeeded, but DryRun flag is set."
    assert (len(ec2.describe_vpcs()["Vpcs"]), len(ec2.describe_subnets()["Subnets"])) == before


def test_a_dry_run_tells_of_missing_rights(aws: TwinAws, new_user: NewUser) -> None:
    """A dry run of EC2's that would not be let in is an UnauthorizedOperation.

    Amazon EC2 API Reference, "Common query parameters", DryRun.
    """
    _, keys = new_user(ANYTHING)
    with refused("UnauthorizedOperation"):
        aws.client("ec2", keys).create_vpc(CidrBlock="10.9.0.0/16", DryRun=True)


NAME_WORDS = "It must contain only alphanumeric characters and/or the following: +=,.@_-"


def _broken(value: str, path: str, constraint: str) -> str:
    start = f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
    return f"{start}Member must have {constraint}"


@pytest.mark.parametrize(
    ("operation", "arguments", "words"),
    [
        ("create_user", {"UserName": "a/b c!"}, f"The specified value for userName is invalid. {NAME_WORDS}"),
        ("get_user", {"UserName": "a/b"}, f"The specified value for userName is invalid. {NAME_WORDS}"),
        ("create_group", {"GroupName": "a/b"}, f"The specified value for groupName is invalid. {NAME_WORDS}"),
        (
            "create_policy",
            {"PolicyName": "a b", "PolicyDocument": ANYTHING},
            f"The specified value for policyName is invalid. {NAME_WORDS}",
        ),
        (
            "put_role_policy",
            {"RoleName": "a", "PolicyName": "a b", "PolicyDocument": ANYTHING},
            f"The specified value for policyName is invalid. {NAME_WORDS}",
        ),
        (
            "create_role",
            {"RoleName": "a b", "AssumeRolePolicyDocument": TRUST},
            f"The specified value for roleName is invalid. {NAME_WORDS}",
        ),
        (
            "create_role",
            {"RoleName": "r" * 65, "AssumeRolePolicyDocument": TRUST},
            _broken("r" * 65, "roleName", "length less than or equal to 64"),
        ),
        ("create_user", {"UserName": "a", "Path": "nope"}, "The specified value for path is invalid. It must begin"),
        (
            "create_role",
            {"RoleName": "a", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 50000},
            _broken("50000", "maxSessionDuration", "value less than or equal to 43200"),
        ),
        (
            "create_role",
            {"RoleName": "a", "AssumeRolePolicyDocument": TRUST, "Description": "d" * 1001},
            _broken("d" * 1001, "description", "length less than or equal to 1000"),
        ),
        (
            "tag_user",
            {"UserName": "a", "Tags": [{"Key": "k" * 129, "Value": ""}]},
            _broken("k" * 129, "tags.1.member.key", "length less than or equal to 128"),
        ),
    ],
)
def test_iam_holds_parameters_to_its_model(aws: TwinAws, operation: str, arguments: dict[str, Any], words: str) -> None:
    """IAM refuses names, paths, numbers and texts outside its patterns and ranges.

    IAM API Reference, parameters of each operation; "Common Error Types", ValidationError.
    """
    with refused("ValidationError") as refusal:
        getattr(aws.client("iam"), operation)(**arguments)
    assert refusal.message.startswith(words)


def test_system_tags_are_not_for_callers(aws: TwinAws, new_user: NewUser) -> None:
    """Nobody sets tags of IAM whose keys begin with `aws:`.

    IAM User Guide, "Tags for IAM resources"; IAM API Reference, "TagUser", InvalidInput.
    """
    name, _ = new_user()
    with refused("InvalidInput"):
        aws.client("iam").tag_user(UserName=name, Tags=[{"Key": "aws:a", "Value": "x"}])
    aws.client("iam").tag_user(UserName=name, Tags=[{"Key": "my:aws:a", "Value": "x"}])
    assert aws.client("iam").list_user_tags(UserName=name)["Tags"] == [{"Key": "my:aws:a", "Value": "x"}]


def test_all_that_iam_s_patterns_allow_is_taken(aws: TwinAws, account: str) -> None:
    """IAM takes every sign that its patterns have, and the largest numbers.

    IAM API Reference, "CreateRole".
    """
    iam = aws.client("iam", aws.into(account))
    given = {"RoleName": "Aa0+=,.@_-", "Path": "/a/b-c/", "MaxSessionDuration": 43200, "Description": "d" * 1000}
    iam.create_role(AssumeRolePolicyDocument=TRUST, **given)
    role = iam.get_role(RoleName=given["RoleName"])["Role"]
    assert {name: role[name] for name in given} == given


@pytest.fixture(scope="module")
def functions(aws: TwinAws, organization: str) -> Any:
    """Return Lambda in an account of this file's own, with a function `f`; botocore checks no parameters itself."""
    assert organization
    made = aws.client("organizations").create_account(Email="functions@example.com", AccountName="functions")
    keys = aws.into(str(made["CreateAccountStatus"]["AccountId"]))
    role = aws.client("iam", keys).create_role(RoleName="f", AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
    client = aws.client("lambda", keys)
    what = {"Code": {"ZipFile": packed()}, "Runtime": "python3.12", "Handler": "a.b", "Role": role}
    client.create_function(FunctionName="f", **what)
    return boto3.client(
        "lambda",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
        region_name=aws.run.region,
        endpoint_url=aws.run.endpoint,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def test_a_function_s_role_lets_lambda_in(aws: TwinAws, account: str, new_role: Callable[..., str]) -> None:
    """Lambda makes a function only with a role that Lambda may assume.

    AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role"; InvalidParameterValue.
    """
    functions = aws.client("lambda", aws.into(account))
    what = {"FunctionName": "f", "Code": {"ZipFile": packed()}, "Runtime": "python3.12", "Handler": "a.b"}
    with refused("InvalidParameterValueException") as refusal:
        functions.create_function(**what, Role=new_role(account, TRUST))
    assert refusal.message == "The role defined for the function cannot be assumed by Lambda."
    assert functions.create_function(**what, Role=new_role(account, LAMBDA_TRUST))["FunctionName"] == "f"


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"Timeout": 901}, "ValidationException", "have value less than or equal to 900"),
        ({"MemorySize": 127}, "ValidationException", "have value greater than or equal to 128"),
        ({"EphemeralStorage": {"Size": 511}}, "ValidationException", "have value greater than or equal to 512"),
        ({"Runtime": "python1.0"}, "ValidationException", "Member must satisfy enum value set: ["),
        ({"Handler": "a b"}, "ValidationException", r"pattern: [^\s]+"),
        ({"Layers": ["garbage"]}, "ValidationException", "at 'layers' failed"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException", "request: AWS_REGION"),
        ({"Environment": {"Variables": {"A": "x" * 4096}}}, "InvalidParameterValueException", "exceeded the 4KB limit"),
    ],
)
def test_a_function_s_settings_have_bounds(functions: Any, settings: dict[str, Any], code: str, words: str) -> None:
    """Lambda refuses settings outside its quotas and model, and variables that are its own.

    AWS Lambda API Reference, "CreateFunction"; AWS Lambda Developer Guide, "Lambda quotas", "Defined runtime
    environment variables".
    """
    with refused(code) as refusal:
        functions.update_function_configuration(FunctionName="f", **settings)
    assert words in refusal.message


def test_the_longest_settings_of_a_function_are_taken(functions: Any) -> None:
    """A quarter of an hour, 10,240 MB, 4 KB of variables (AWS Lambda Developer Guide, "Lambda quotas")."""
    kept = functions.update_function_configuration(
        FunctionName="f",
        Timeout=900,
        MemorySize=10240,
        EphemeralStorage={"Size": 10240},
        Environment={"Variables": {"A": "x" * 4087}},
    )
    assert (kept["Timeout"], kept["MemorySize"], len(kept["Environment"]["Variables"]["A"])) == (900, 10240, 4087)


def test_log_groups_are_kept_for_listed_times(aws: TwinAws, account: str) -> None:
    """CloudWatch Logs keeps log groups for one of its listed numbers of days.

    Amazon CloudWatch Logs API Reference, "PutRetentionPolicy".
    """
    logs = aws.client("logs", aws.into(account))
    logs.create_log_group(logGroupName="/kept/a_b.c#1")
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName="/kept/a_b.c#1", retentionInDays=8)
    logs.put_retention_policy(logGroupName="/kept/a_b.c#1", retentionInDays=7)
    assert [group["retentionInDays"] for group in logs.describe_log_groups()["logGroups"]] == [7]


@pytest.mark.parametrize("name", ["a b", "a:b", "g" * 513])
def test_log_groups_have_names_of_some_signs(aws: TwinAws, name: str) -> None:
    """A log group's name has letters, numbers and five signs, 512 at most.

    Amazon CloudWatch Logs API Reference, "CreateLogGroup".
    """
    with refused("InvalidParameterException"):
        aws.client("logs").create_log_group(logGroupName=name)


def test_parameters_have_names_of_some_signs(aws: TwinAws, account: str) -> None:
    """A parameter's name has letters, numbers and the signs `.-_`, and slashes between its parts.

    AWS Systems Manager API Reference, "PutParameter", Name.
    """
    ssm = aws.client("ssm", aws.into(account))
    with refused("ValidationException"):
        ssm.put_parameter(Name="a b", Value="x", Type="String")
    assert ssm.put_parameter(Name="/a/b-c_d.e", Value="x", Type="String")["Version"] == 1


def test_a_zone_is_made_once(aws: TwinAws, account: str) -> None:
    """A caller reference makes one hosted zone.

    Route 53 API Reference, "CreateHostedZone", CallerReference, HostedZoneAlreadyExists.
    """
    route53 = aws.client("route53", aws.into(account))
    route53.create_hosted_zone(Name="one.example.com", CallerReference="used")
    with refused("HostedZoneAlreadyExists") as refusal:
        route53.create_hosted_zone(Name="one.example.com", CallerReference="used")
    assert refusal.status == 409
    assert len(route53.list_hosted_zones()["HostedZones"]) == 1


def test_a_zone_s_apex_has_no_alias_name(aws: TwinAws, account: str) -> None:
    """A CNAME record cannot have the name of its zone.

    Amazon Route 53 Developer Guide, "Supported DNS record types", CNAME.
    """
    route53 = aws.client("route53", aws.into(account))
    zone = route53.create_hosted_zone(Name="apex.example.com", CallerReference="apex")["HostedZone"]["Id"]
    for name, works in (("apex.example.com", False), ("www.apex.example.com", True)):
        record = {"Name": name, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "other.example.com"}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        if works:
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
        else:
            with refused("InvalidChangeBatch") as refusal:
                route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
            assert "not permitted at apex" in refusal.message
