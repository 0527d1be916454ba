"""The cases of Lambda: functions, by code handed over and by code in a bucket, and who may call them."""

from __future__ import annotations

from typing import Any

from rehearsal.aws.archives import as_zip
from rehearsal.aws.services import lambda_functions
from rehearsal.aws.wire import Files
from tests.rehearsed.aws_provider.cases import Case, Inputs
from tests.rehearsed.aws_provider.cases_of_gateways import connected, firewall, zonal
from tests.rehearsed.aws_provider.world import OTHER_TRUST, World


def code(text: str = "first") -> Files:
    """Return the code of a function as a program hands it over."""
    return Files(is_archive=True, assets={"main.py": Files(is_archive=False, text=text)})


def caller(world: World) -> str:
    """Make a role that Lambda may assume, and return its ARN."""
    name = world.name("function-role")
    made = world.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=OTHER_TRUST)
    return str(made["Role"]["Arn"])


def function(world: World) -> str:
    """Make a function and return its name."""
    name = world.name("function")
    world.client("lambda").create_function(
        FunctionName=name,
        Role=caller(world),
        Handler="main.run",
        Runtime="python3.12",
        Code={"ZipFile": as_zip(code())},
    )
    return name


def stored(world: World) -> tuple[str, str]:
    """Put a function's code into a bucket, and return bucket and key."""
    bucket = world.bucket()
    world.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=as_zip(code()))
    world.client("s3").put_object(Bucket=bucket, Key="other.zip", Body=as_zip(code("other")))
    return bucket, "code.zip"


def network(world: World) -> dict[str, Any]:
    """Make a VPC and return the part of a function's inputs that puts it there."""
    vpc = connected(world)
    return {"subnetIds": [zonal(world, vpc, "a")], "securityGroupIds": [firewall(world, vpc)]}


def _basic(world: World) -> Inputs:
    return {"role": caller(world), "handler": "main.run", "runtime": "python3.12"}


def _changes(world: World, _: Inputs) -> list[Inputs]:
    return [
        {"code": code("second")},
        {"handler": "main.other", "runtime": "python3.13"},
        {"role": caller(world)},
        {"description": "ours"},
        {"description": None},
        {"memorySize": 256, "timeout": 30},
        {"environment": {"variables": {"STAGE": "dev"}}},
        {"environment": None},
        {"ephemeralStorage": {"size": 1024}},
        {"tracingConfig": {"mode": "Active"}},
        {"deadLetterConfig": {"targetArn": f"arn:aws:sqs:{world.region}:{world.account_id}:dead"}},
        {"deadLetterConfig": None},
        {"kmsKeyArn": world.key()},
        {"kmsKeyArn": None},
        {"loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "INFO", "systemLogLevel": "WARN"}},
        {"vpcConfig": network(world)},
        {"vpcConfig": None},
        {"architectures": ["arm64"]},
        {"reservedConcurrentExecutions": 5},
        {"reservedConcurrentExecutions": 0},
        {"reservedConcurrentExecutions": None},
        {"sourceCodeHash": "changed"},
        {"publish": True},
        {"skipDestroy": True},
        {"skipDestroy": None},
        {"tags": {"b": "2"}},
        {"tags": None},
    ]


def _from_bucket(world: World) -> Inputs:
    bucket, key = stored(world)
    return {**_basic(world), "s3Bucket": bucket, "s3Key": key, "publish": True}


_IN_THE_OTHER_CASE = "the other case changes it"

FUNCTIONS = [
    Case(
        kind=lambda_functions.FUNCTION,
        inputs=lambda w: {**_basic(w), "code": code(), "tags": {"a": "1"}},
        updates=_changes,
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("lambda").update_function_configuration(FunctionName=r.id, Timeout=9),
        drifted=frozenset({"timeout"}),
        untold=frozenset({"code"}),
        not_tried={
            "packageType": "there is one only",
            **dict.fromkeys(("s3Bucket", "s3Key", "s3ObjectVersion"), "the case from a bucket changes it"),
        },
    ),
    Case(
        kind=lambda_functions.FUNCTION,
        variant="from a bucket",
        inputs=_from_bucket,
        updates=lambda w, _: [
            {"s3Key": "other.zip"},
            {"s3ObjectVersion": "null"},
            dict(zip(("s3Bucket", "s3Key"), stored(w), strict=True)),
        ],
        replacements=lambda w: {"name": w.name(), "region": "us-east-1"},
        drift=lambda w, r: w.client("lambda").put_function_concurrency(
            FunctionName=r.id, ReservedConcurrentExecutions=3
        ),
        drifted=frozenset({"reservedConcurrentExecutions"}),
        untold=frozenset({"s3Bucket", "s3Key", "publish"}),
        not_tried={
            "packageType": "there is one only",
            **{
                item.name: _IN_THE_OTHER_CASE
                for item in lambda_functions.FUNCTION.given
                if not item.replaces and item.name not in ("s3Bucket", "s3Key", "s3ObjectVersion", "tagsAll")
            },
        },
    ),
    Case(
        kind=lambda_functions.PERMISSION,
        inputs=lambda w: {
            "action": "lambda:InvokeFunction",
            "function": function(w),
            "principal": "events.amazonaws.com",
            "sourceAccount": w.account_id,
            "sourceArn": f"arn:aws:events:{w.region}:{w.account_id}:rule/nightly",
        },
        updates=lambda *_: [],
        replacements=lambda w: {
            "action": "lambda:GetFunction",
            "eventSourceToken": "token",
            "function": function(w),
            "functionUrlAuthType": "AWS_IAM",
            "invokedViaFunctionUrl": True,
            "principal": "s3.amazonaws.com",
            "principalOrgId": "o-0123456789",
            "sourceAccount": "999988887777",
            "sourceArn": "arn:aws:s3:::theirs",
            "statementId": w.name(),
            "region": "us-east-1",
        },
        drift=lambda w, r: w.client("lambda").remove_permission(FunctionName=r.outputs["function"], StatementId=r.id),
        drifted=frozenset({"gone"}),
        import_id=lambda r: f"{r.outputs['function']}/{r.id}",
    ),
]
