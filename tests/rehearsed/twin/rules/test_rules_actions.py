"""Which IAM actions an operation asks for. Each row cites the page of the Service Authorization Reference by service.

The Service Authorization Reference's pages are called "Actions, resources, and condition keys for <service>".
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused, trusting

HERE = f"us-east-1:{MANAGEMENT}"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/some-role"
TOPIC = f"arn:aws:sns:{HERE}:t"


@pytest.fixture(scope="module")
def stranger(aws: TwinAws) -> Keys:
    """Return a user without any right, so that each request's first demand is what it is refused for."""
    iam = aws.client("iam")
    iam.create_user(UserName="stranger-to-actions")
    key = iam.create_access_key(UserName="stranger-to-actions")["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "action"),
    [
        pytest.param("lambda", "invoke", {"FunctionName": "f"}, "lambda:InvokeFunction", id="AWS-Lambda-Invoke"),
        pytest.param(
            "sns",
            "publish_batch",
            {"TopicArn": TOPIC, "PublishBatchRequestEntries": [{"Id": "1", "Message": "m"}]},
            "sns:Publish",
            id="Amazon-SNS-PublishBatch",
        ),
        pytest.param(
            "sqs",
            "send_message_batch",
            {"QueueUrl": "q", "Entries": [{"Id": "1", "MessageBody": "m"}]},
            "sqs:SendMessage",
            id="Amazon-SQS-SendMessageBatch",
        ),
        pytest.param("apigateway", "get_rest_apis", {}, "apigateway:GET", id="API-Gateway-management-GET"),
        pytest.param(
            "apigateway", "create_rest_api", {"name": "n"}, "apigateway:POST", id="API-Gateway-management-POST"
        ),
        pytest.param("apigatewayv2", "get_api", {"ApiId": "a"}, "apigateway:GET", id="API-Gateway-management-V2-GET"),
        pytest.param("elbv2", "describe_load_balancers", {}, "elasticloadbalancing:DescribeLoadBalancers", id="ELB-V2"),
        pytest.param("stepfunctions", "list_state_machines", {}, "states:ListStateMachines", id="Step-Functions"),
        pytest.param("cloudwatch", "describe_alarms", {}, "cloudwatch:DescribeAlarms", id="CloudWatch"),
        pytest.param("efs", "describe_file_systems", {}, "elasticfilesystem:DescribeFileSystems", id="Amazon-EFS"),
        pytest.param("sesv2", "list_email_identities", {}, "ses:ListEmailIdentities", id="SES-v2"),
        pytest.param("resourcegroupstaggingapi", "get_resources", {}, "tag:GetResources", id="Tagging"),
        pytest.param("sso-admin", "list_instances", {}, "sso:ListInstances", id="IAM-Identity-Center"),
        pytest.param(
            "iot-data", "get_thing_shadow", {"thingName": "t"}, "iot:GetThingShadow", id="AWS-IoT-GetThingShadow"
        ),
        pytest.param("s3", "list_buckets", {}, "s3:ListAllMyBuckets", id="Amazon-S3-ListBuckets"),
        pytest.param(
            "dynamodb",
            "transact_write_items",
            {"TransactItems": [{"Delete": {"TableName": "t", "Key": {"k": {"S": "v"}}}}]},
            "dynamodb:DeleteItem",
            id="Amazon-DynamoDB-transactions",
        ),
        pytest.param(
            "kms",
            "re_encrypt",
            {"CiphertextBlob": b"x", "SourceKeyId": "k", "DestinationKeyId": "l"},
            "kms:ReEncryptFrom",
            id="AWS-KMS-ReEncrypt",
        ),
    ],
)
def test_an_operation_asks_for_the_action_that_aws_lists(
    aws: TwinAws, stranger: Keys, service: str, operation: str, arguments: dict[str, Any], action: str
) -> None:
    """An operation is decided by the action that the service's page lists for it, whatever its name."""
    with pytest.raises(ClientError):
        getattr(aws.client(service, stranger), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["action"] == action


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "rights"),
    [
        pytest.param(
            "ec2",
            "create_vpc",
            {
                "CidrBlock": "10.0.0.0/16",
                "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}],
            },
            ("ec2:CreateVpc", "ec2:CreateTags"),
            id="EC2-grant-permission-to-tag-during-creation",
        ),
        pytest.param(
            "iam",
            "create_role",
            {
                "RoleName": "tagged",
                "AssumeRolePolicyDocument": trusting("*"),
                "Tags": [{"Key": "a", "Value": "b"}],
            },
            ("iam:CreateRole", "iam:TagRole"),
            id="IAM-tags-for-IAM-resources",
        ),
        pytest.param(
            "kms",
            "create_key",
            {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
            ("kms:CreateKey", "kms:TagResource"),
            id="KMS-CreateKey-with-tags",
        ),
        pytest.param(
            "secretsmanager",
            "create_secret",
            {"Name": "tagged", "Tags": [{"Key": "a", "Value": "b"}]},
            ("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
            id="Secrets-Manager-CreateSecret-with-tags",
        ),
        pytest.param(
            "logs",
            "create_log_group",
            {"logGroupName": "tagged", "tags": {"a": "b"}},
            ("logs:CreateLogGroup", "logs:TagResource"),
            id="CloudWatch-Logs-CreateLogGroup-with-tags",
        ),
        pytest.param(
            "sns",
            "create_topic",
            {"Name": "tagged", "Tags": [{"Key": "a", "Value": "b"}]},
            ("sns:CreateTopic", "sns:TagResource"),
            id="SNS-CreateTopic-with-tags",
        ),
        pytest.param(
            "elbv2",
            "create_target_group",
            {"Name": "tagged", "Tags": [{"Key": "a", "Value": "b"}]},
            ("elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:AddTags"),
            id="ELB-V2-CreateTargetGroup-dependent-AddTags",
        ),
        pytest.param(
            "s3",
            "put_object",
            {"Bucket": "no-such-bucket-of-actions", "Key": "k", "Tagging": "a=b"},
            ("s3:PutObject", "s3:PutObjectTagging"),
            id="S3-PutObject-with-tags",
        ),
    ],
)
def test_who_makes_something_with_tags_needs_the_right_to_tag(
    aws: TwinAws,
    new_user: Callable[..., tuple[str, Keys]],
    service: str,
    operation: str,
    arguments: dict[str, Any],
    rights: tuple[str, str],
) -> None:
    """Bringing tags at creation needs the service's tagging action beside the creating one."""
    held, more = rights
    _, keys = new_user(document({"Effect": "Allow", "Action": held, "Resource": "*"}))
    with pytest.raises(ClientError):
        getattr(aws.client(service, keys), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["action"] == more


PASSING = [
    pytest.param(
        "lambda",
        "create_function",
        {"FunctionName": "f", "Role": ROLE, "Code": {"ZipFile": b"x"}},
        "lambda.amazonaws.com",
        id="Lambda-CreateFunction",
    ),
    pytest.param(
        "lambda",
        "update_function_configuration",
        {"FunctionName": "f", "Role": ROLE},
        "lambda.amazonaws.com",
        id="Lambda-UpdateFunctionConfiguration",
    ),
    pytest.param(
        "ecs",
        "register_task_definition",
        {"family": "f", "containerDefinitions": [], "taskRoleArn": ROLE},
        "ecs-tasks.amazonaws.com",
        id="ECS-RegisterTaskDefinition",
    ),
    pytest.param(
        "cloudformation",
        "create_stack",
        {"StackName": "s", "TemplateBody": "{}", "RoleARN": ROLE},
        "cloudformation.amazonaws.com",
        id="CloudFormation-CreateStack",
    ),
    pytest.param(
        "events",
        "put_targets",
        {"Rule": "r", "Targets": [{"Id": "1", "Arn": f"arn:aws:sqs:{HERE}:q", "RoleArn": ROLE}]},
        "events.amazonaws.com",
        id="EventBridge-PutTargets",
    ),
    pytest.param(
        "ec2",
        "create_flow_logs",
        {
            "ResourceIds": ["vpc-0123456789abcdef0"],
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogGroupName": "g",
            "DeliverLogsPermissionArn": ROLE,
        },
        "vpc-flow-logs.amazonaws.com",
        id="EC2-CreateFlowLogs",
    ),
    pytest.param(
        "cloudtrail",
        "create_trail",
        {
            "Name": "t",
            "S3BucketName": "b",
            "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{HERE}:log-group:g:*",
            "CloudWatchLogsRoleArn": ROLE,
        },
        "cloudtrail.amazonaws.com",
        id="CloudTrail-CreateTrail-to-CloudWatch-Logs",
    ),
    pytest.param(
        "s3",
        "put_bucket_replication",
        {
            "Bucket": "no-such-bucket-of-actions",
            "ReplicationConfiguration": {
                "Role": ROLE,
                "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copies"}}],
            },
        },
        "s3.amazonaws.com",
        id="S3-PutBucketReplication",
    ),
    pytest.param(
        "stepfunctions",
        "create_state_machine",
        {"name": "s", "definition": "{}", "roleArn": ROLE},
        "states.amazonaws.com",
        id="Step-Functions-CreateStateMachine",
    ),
    pytest.param(
        "config",
        "put_configuration_recorder",
        {"ConfigurationRecorder": {"name": "default", "roleARN": ROLE}},
        "config.amazonaws.com",
        id="Config-PutConfigurationRecorder",
    ),
    pytest.param(
        "scheduler",
        "create_schedule",
        {
            "Name": "s",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": f"arn:aws:sqs:{HERE}:q", "RoleArn": ROLE},
        },
        "scheduler.amazonaws.com",
        id="EventBridge-Scheduler-CreateSchedule",
    ),
]


@pytest.fixture(scope="module")
def passes_nothing(aws: TwinAws) -> Keys:
    """Return a user that may do anything but hand roles on."""
    iam = aws.client("iam")
    iam.create_user(UserName="passes-nothing")
    allow = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    iam.put_user_policy(UserName="passes-nothing", PolicyName="inline", PolicyDocument=document(allow))
    key = iam.create_access_key(UserName="passes-nothing")["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.parametrize(("service", "operation", "arguments", "principal"), PASSING)
def test_handing_a_role_to_a_service_needs_pass_role(
    aws: TwinAws, passes_nothing: Keys, service: str, operation: str, arguments: dict[str, Any], principal: str
) -> None:
    """A request that hands a role to a service needs iam:PassRole on that role.

    Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    """
    assert principal.endswith(".amazonaws.com")
    with pytest.raises(ClientError):
        getattr(aws.client(service, passes_nothing), operation)(**arguments)
    denial = last_denials(aws.run, 1)[0]
    assert (denial["action"], denial["resource"]) == ("iam:PassRole", ROLE)


@pytest.mark.parametrize(("service", "operation", "arguments", "principal"), PASSING)
def test_a_role_is_passed_to_the_service_that_a_condition_names(
    aws: TwinAws,
    new_user: Callable[..., tuple[str, Keys]],
    service: str,
    operation: str,
    arguments: dict[str, Any],
    principal: str,
) -> None:
    """`iam:PassedToService` is the service that will use the role.

    Source: IAM User Guide, "Available keys for IAM", iam:PassedToService.
    """
    anything_else = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    to_it = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": principal}},
    }
    name, keys = new_user(document(anything_else, to_it))
    with contextlib.suppress(ClientError):  # a bucket or a rule that is missing is another matter
        getattr(aws.client(service, keys), operation)(**arguments)
    refused_to_pass = [each for each in last_denials(aws.run, 20) if each["principal"].endswith(f"/{name}")]
    assert [each for each in refused_to_pass if each["action"] == "iam:PassRole"] == []
    iam = aws.client("iam")
    elsewhere = json.loads(document(anything_else, to_it).replace(principal, "elsewhere.amazonaws.com"))
    iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=json.dumps(elsewhere))
    with pytest.raises(ClientError):
        getattr(aws.client(service, keys), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["action"] == "iam:PassRole"


def test_the_role_in_an_instance_profile_is_passed(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """Launching an instance with a profile needs iam:PassRole on the role in it, to EC2.

    Source: IAM User Guide, "Use an IAM role to grant permissions to applications running on Amazon EC2 instances".
    """
    iam = aws.client("iam")
    role = iam.create_role(RoleName="of-instances", AssumeRolePolicyDocument=trusting(MANAGEMENT))["Role"]["Arn"]
    iam.create_instance_profile(InstanceProfileName="of-instances")
    iam.add_role_to_instance_profile(InstanceProfileName="of-instances", RoleName="of-instances")
    _, keys = new_user(document({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}))
    with refused("UnauthorizedOperation"):
        aws.client("ec2", keys).run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "of-instances"}
        )
    denial = last_denials(aws.run, 1)[0]
    assert (denial["action"], denial["resource"]) == ("iam:PassRole", role)


def test_a_role_is_passed_for_a_resource(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """`iam:AssociatedResourceArn` is the resource that the role is for.

    Source: IAM User Guide, "Available keys for IAM", iam:AssociatedResourceArn.
    """
    anything_else = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    only_for_one = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"ArnLike": {"iam:AssociatedResourceArn": f"arn:aws:lambda:{HERE}:function:allowed-*"}},
    }
    _, keys = new_user(document(anything_else, only_for_one))
    functions = aws.client("lambda", keys)
    code = {"ZipFile": b"x"}
    with refused("AccessDeniedException"):
        functions.create_function(FunctionName="other", Role=ROLE, Code=code, Runtime="python3.12", Handler="a.b")
    with pytest.raises(ClientError) as caught:
        functions.create_function(FunctionName="allowed-1", Role=ROLE, Code=code, Runtime="python3.12", Handler="a.b")
    assert "not authorized" not in str(caught.value)


def test_an_operation_that_the_reference_does_not_list_is_not_decided(aws: TwinAws) -> None:
    """What rights an operation needs is never guessed: one that the reference does not list is not emulated."""
    with refused("UnsupportedOperation"):
        aws.client("iam").get_account_properties()
    assert "which rights it needs is not known" in last_denials(aws.run, 1)[0]["reason"]


def test_batches_ask_for_every_table(aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]) -> None:
    """A batch is decided for each table in it.

    Source: Service Authorization Reference, "Amazon DynamoDB", BatchGetItem.
    """
    one = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": f"arn:aws:dynamodb:{HERE}:table/one"}
    _, keys = new_user(document(one))
    wanted = {name: {"Keys": [{"k": {"S": "v"}}]} for name in ("one", "other")}
    with refused("AccessDeniedException"):
        aws.client("dynamodb", keys).batch_get_item(RequestItems=wanted)
    assert last_denials(aws.run, 1)[0]["resource"] == f"arn:aws:dynamodb:{HERE}:table/other"
