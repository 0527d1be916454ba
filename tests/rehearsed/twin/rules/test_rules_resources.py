"""Which resources an operation is decided on, and whose policies have a say.

Rows cite the service's page of the Service Authorization Reference ("Actions, resources, and condition keys for …").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

HERE = f"us-east-1:{MANAGEMENT}"
Users = Callable[..., tuple[str, Keys]]
Sessions = Callable[..., Keys]
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException")


@pytest.fixture(scope="module")
def stranger(aws: TwinAws) -> Keys:
    """Return a user without any right, so that each request's first demand is what it is refused for."""
    iam = aws.client("iam")
    iam.create_user(UserName="stranger-to-resources")
    key = iam.create_access_key(UserName="stranger-to-resources")["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "resource"),
    [
        pytest.param("lambda", "invoke", {"FunctionName": "f"}, f"arn:aws:lambda:{HERE}:function:f", id="Lambda"),
        pytest.param(
            "lambda",
            "invoke",
            {"FunctionName": "f", "Qualifier": "live"},
            f"arn:aws:lambda:{HERE}:function:f:live",
            id="Lambda-alias",
        ),
        pytest.param(
            "lambda",
            "invoke",
            {"FunctionName": "444455556666:function:f"},
            "arn:aws:lambda:us-east-1:444455556666:function:f",
            id="Lambda-part-of-an-ARN",
        ),
        pytest.param(
            "lambda",
            "tag_resource",
            {"Resource": f"arn:aws:lambda:{HERE}:function:f", "Tags": {"a": "b"}},
            f"arn:aws:lambda:{HERE}:function:f",
            id="Lambda-ARN-taken-as-it-is",
        ),
        pytest.param(
            "apigateway",
            "delete_resource",
            {"restApiId": "r", "resourceId": "x"},
            "arn:aws:apigateway:us-east-1::/restapis/r/resources/x",
            id="API-Gateway-path",
        ),
        pytest.param(
            "secretsmanager", "create_secret", {"Name": "s"}, f"arn:aws:secretsmanager:{HERE}:secret:s", id="Secrets"
        ),
        pytest.param(
            "ecs",
            "describe_services",
            {"cluster": f"arn:aws:ecs:{HERE}:cluster/c", "services": ["s", "t"]},
            f"arn:aws:ecs:{HERE}:service/c/s",
            id="ECS-service-of-a-cluster-by-ARN",
        ),
        pytest.param(
            "ecs",
            "register_task_definition",
            {"family": "f", "containerDefinitions": []},
            f"arn:aws:ecs:{HERE}:task-definition/f:*",
            id="ECS-family",
        ),
        pytest.param(
            "elbv2",
            "create_load_balancer",
            {"Name": "l", "Type": "network"},
            f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/net/l/*",
            id="ELB-V2-by-type",
        ),
        pytest.param(
            "elb",
            "delete_load_balancer",
            {"LoadBalancerName": "l"},
            f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/l",
            id="ELB-classic",
        ),
        pytest.param(
            "cloudformation",
            "create_stack",
            {"StackName": "s", "TemplateBody": "{}"},
            f"arn:aws:cloudformation:{HERE}:stack/s/*",
            id="CloudFormation",
        ),
        pytest.param(
            "events",
            "put_rule",
            {"Name": "r", "EventBusName": "b", "EventPattern": "{}"},
            f"arn:aws:events:{HERE}:rule/b/r",
            id="EventBridge-rule-on-a-custom-bus",
        ),
        pytest.param(
            "events",
            "put_events",
            {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
            f"arn:aws:events:{HERE}:event-bus/default",
            id="EventBridge-default-bus",
        ),
        pytest.param(
            "scheduler",
            "get_schedule",
            {"Name": "s"},
            f"arn:aws:scheduler:{HERE}:schedule/default/s",
            id="Scheduler-default-group",
        ),
        pytest.param(
            "dynamodb", "describe_table", {"TableName": "t"}, f"arn:aws:dynamodb:{HERE}:table/t", id="DynamoDB"
        ),
        pytest.param(
            "dynamodb",
            "scan",
            {"TableName": "t", "IndexName": "idx"},
            f"arn:aws:dynamodb:{HERE}:table/t/index/idx",
            id="DynamoDB-index",
        ),
        pytest.param("rds", "delete_db_instance", {"DBInstanceIdentifier": "d"}, f"arn:aws:rds:{HERE}:db:d", id="RDS"),
        pytest.param(
            "guardduty", "get_detector", {"DetectorId": "d"}, f"arn:aws:guardduty:{HERE}:detector/d", id="GuardDuty"
        ),
        pytest.param(
            "config", "delete_config_rule", {"ConfigRuleName": "r"}, f"arn:aws:config:{HERE}:config-rule/r", id="Config"
        ),
        pytest.param(
            "backup",
            "create_backup_vault",
            {"BackupVaultName": "v"},
            f"arn:aws:backup:{HERE}:backup-vault:v",
            id="Backup",
        ),
        pytest.param(
            "cloudwatch",
            "delete_alarms",
            {"AlarmNames": ["a", "b"]},
            f"arn:aws:cloudwatch:{HERE}:alarm:a",
            id="CloudWatch",
        ),
        pytest.param(
            "identitystore",
            "list_users",
            {"IdentityStoreId": "d-1234567890"},
            f"arn:aws:identitystore::{MANAGEMENT}:identitystore/d-1234567890",
            id="Identity-Store",
        ),
        pytest.param("ec2", "describe_instances", {}, "*", id="EC2-lists-are-asked-for-on-everything"),
        pytest.param(
            "ec2",
            "authorize_security_group_ingress",
            {"GroupId": "sg-0123456789abcdef0"},
            f"arn:aws:ec2:{HERE}:security-group/sg-0123456789abcdef0",
            id="EC2-security-group",
        ),
        pytest.param(
            "ec2",
            "run_instances",
            {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1},
            "arn:aws:ec2:us-east-1::image/ami-12345678",
            id="EC2-image-of-no-account",
        ),
        pytest.param(
            "logs",
            "tag_resource",
            {"resourceArn": f"arn:aws:logs:{HERE}:log-group:/a", "tags": {"a": "b"}},
            f"arn:aws:logs:{HERE}:log-group:/a",
            id="CloudWatch-Logs-tagging",
        ),
        pytest.param(
            "cloudfront",
            "delete_function",
            {"Name": "f", "IfMatch": "e"},
            f"arn:aws:cloudfront::{MANAGEMENT}:function/f",
            id="CloudFront-function",
        ),
    ],
)
def test_an_operation_is_decided_on_the_resources_that_aws_lists(
    aws: TwinAws, stranger: Keys, service: str, operation: str, arguments: dict[str, Any], resource: str
) -> None:
    """An operation is decided on the ARN that the service's page lists, made of the request's parameters."""
    with pytest.raises(ClientError):
        getattr(aws.client(service, stranger), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["resource"] == resource


@pytest.mark.parametrize(
    ("operation", "arguments", "allowed", "missing"),
    [
        pytest.param(
            "create_tags",
            {"Resources": ["vpc-0123456789abcdef0", "igw-0123456789abcdef0"], "Tags": [{"Key": "a", "Value": "b"}]},
            "vpc/*",
            "internet-gateway/igw-0123456789abcdef0",
            id="CreateTags",
        ),
        pytest.param(
            "create_subnet",
            {"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.0.0/24"},
            "vpc/*",
            "subnet/*",
            id="CreateSubnet",
        ),
        pytest.param(
            "terminate_instances",
            {"InstanceIds": ["i-0123456789abcdef0", "i-0123456789abcdef1"]},
            "instance/i-0123456789abcdef0",
            "instance/i-0123456789abcdef1",
            id="TerminateInstances",
        ),
        pytest.param(
            "attach_internet_gateway",
            {"VpcId": "vpc-0123456789abcdef0", "InternetGatewayId": "igw-0123456789abcdef0"},
            "internet-gateway/*",
            "vpc/vpc-0123456789abcdef0",
            id="AttachInternetGateway",
        ),
        pytest.param(
            "create_flow_logs",
            {"ResourceIds": ["vpc-0123456789abcdef0"], "ResourceType": "VPC", "TrafficType": "ALL"},
            "vpc-flow-log/*",
            "vpc/vpc-0123456789abcdef0",
            id="CreateFlowLogs",
        ),
    ],
)
def test_each_resource_that_a_request_names_must_be_allowed(
    aws: TwinAws, new_user: Users, operation: str, arguments: dict[str, Any], allowed: str, missing: str
) -> None:
    """Of several resources in a request the one that no policy allows is what it is refused for.

    Source: Service Authorization Reference, "Amazon EC2"; IAM User Guide, "IAM JSON policy elements: Resource".
    """
    _, keys = new_user(document({"Effect": "Allow", "Action": "ec2:*", "Resource": f"arn:aws:ec2:{HERE}:{allowed}"}))
    with refused("UnauthorizedOperation"):
        getattr(aws.client("ec2", keys), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["resource"] == f"arn:aws:ec2:{HERE}:{missing}"


def test_an_allow_on_an_arn_matches_and_a_deny_on_one_bites(aws: TwinAws, new_user: Users) -> None:
    """A service of the table alone is decided on exact ARNs, for Allow and for Deny.

    Source: IAM User Guide, "IAM JSON policy elements: Resource"; Service Authorization Reference, "Amazon Kinesis Data
    Streams".
    """
    allow = {"Effect": "Allow", "Action": "kinesis:*", "Resource": f"arn:aws:kinesis:{HERE}:stream/mine-*"}
    deny = {"Effect": "Deny", "Action": "kinesis:*", "Resource": f"arn:aws:kinesis:{HERE}:stream/mine-not"}
    _, keys = new_user(document(allow, deny))
    streams = aws.client("kinesis", keys)
    streams.create_stream(StreamName="mine-1", ShardCount=1)
    for name in ("other", "mine-not"):
        with refused("AccessDeniedException"):
            streams.create_stream(StreamName=name, ShardCount=1)


def test_a_list_is_not_allowed_on_an_arn(aws: TwinAws, new_user: Users) -> None:
    """An action without resource types needs an Allow on "*".

    Source: Service Authorization Reference, "Amazon SQS", "AWS Key Management Service": ListKeys has no resource type.
    """
    _, keys = new_user(document({"Effect": "Allow", "Action": "kms:*", "Resource": f"arn:aws:kms:{HERE}:key/*"}))
    with refused("AccessDeniedException"):
        aws.client("kms", keys).list_keys()
