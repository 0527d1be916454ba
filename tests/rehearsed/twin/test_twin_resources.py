"""Which resources the operations of a landing zone ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.twin.client import last_denials
from tests.support.twin_fixtures import MANAGEMENT, Keys, TwinAws, document, refused

IAM = f"arn:aws:iam::{MANAGEMENT}"
OF_REGION = f"us-east-1:{MANAGEMENT}"


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "resource"),
    [
        ("iam", "create_role", {"RoleName": "n", "Path": "/p/", "AssumeRolePolicyDocument": "{}"}, f"{IAM}:role/p/n"),
        ("iam", "create_policy", {"PolicyName": "n", "PolicyDocument": "{}"}, f"{IAM}:policy/n"),
        ("iam", "get_policy", {"PolicyArn": f"{IAM}:policy/some/n"}, f"{IAM}:policy/some/n"),
        ("iam", "add_user_to_group", {"GroupName": "g", "UserName": "u"}, f"{IAM}:group/g"),
        ("iam", "create_virtual_mfa_device", {"VirtualMFADeviceName": "m"}, f"{IAM}:mfa/m"),
        ("iam", "create_instance_profile", {"InstanceProfileName": "i"}, f"{IAM}:instance-profile/i"),
        ("iam", "create_saml_provider", {"Name": "s", "SAMLMetadataDocument": "x" * 1000}, f"{IAM}:saml-provider/s"),
        ("iam", "list_instance_profiles_for_role", {"RoleName": "r"}, f"{IAM}:role/r"),
        ("iam", "list_roles", {}, "*"),
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, f"arn:aws:ec2:{OF_REGION}:vpc/*"),
        ("ec2", "delete_vpc", {"VpcId": "vpc-0123456789abcdef0"}, f"arn:aws:ec2:{OF_REGION}:vpc/vpc-0123456789abcdef0"),
        ("ec2", "describe_subnets", {}, "*"),
        ("logs", "create_log_group", {"logGroupName": "/flow/a"}, f"arn:aws:logs:{OF_REGION}:log-group:/flow/a:*"),
        ("logs", "describe_log_groups", {}, f"arn:aws:logs:{OF_REGION}:log-group:*"),
        ("ssm", "get_parameter", {"Name": "/a/b"}, f"arn:aws:ssm:{OF_REGION}:parameter/a/b"),
        ("ssm", "get_parameter", {"Name": "/a/b:3"}, f"arn:aws:ssm:{OF_REGION}:parameter/a/b"),
        ("ssm", "get_parameters_by_path", {"Path": "/a/"}, f"arn:aws:ssm:{OF_REGION}:parameter/a"),
        ("ssm", "put_parameter", {"Name": "n", "Value": "v"}, f"arn:aws:ssm:{OF_REGION}:parameter/n"),
        (
            "ssm",
            "list_tags_for_resource",
            {"ResourceType": "Parameter", "ResourceId": "/a/b"},
            f"arn:aws:ssm:{OF_REGION}:parameter/a/b",
        ),
        ("ssm", "describe_parameters", {}, "*"),
        ("cloudtrail", "delete_trail", {"Name": "t"}, f"arn:aws:cloudtrail:{OF_REGION}:trail/t"),
        ("cloudtrail", "create_trail", {"Name": "t", "S3BucketName": "b"}, f"arn:aws:cloudtrail:{OF_REGION}:trail/t"),
        ("cloudtrail", "list_tags", {"ResourceIdList": ["arn:aws:cloudtrail:::t"]}, "arn:aws:cloudtrail:::t"),
        ("cloudtrail", "list_trails", {}, "*"),
        ("kms", "create_key", {}, "*"),
        ("kms", "describe_key", {"KeyId": "k"}, f"arn:aws:kms:{OF_REGION}:key/k"),
        ("s3", "create_bucket", {"Bucket": "b-123"}, "arn:aws:s3:::b-123"),
        ("s3", "put_object", {"Bucket": "b-123", "Key": "a b"}, "arn:aws:s3:::b-123/a b"),
        ("iam", "create_open_id_connect_provider", {"Url": "https://i.example/x"}, f"{IAM}:oidc-provider/i.example/x"),
        (
            "sns",
            "subscribe",
            {"TopicArn": f"arn:aws:sns:{OF_REGION}:t", "Protocol": "email"},
            f"arn:aws:sns:{OF_REGION}:t",
        ),
        ("sns", "create_topic", {"Name": "t"}, f"arn:aws:sns:{OF_REGION}:t"),
        ("events", "put_rule", {"Name": "r", "EventPattern": "{}"}, f"arn:aws:events:{OF_REGION}:rule/r"),
        ("events", "list_targets_by_rule", {"Rule": "r"}, f"arn:aws:events:{OF_REGION}:rule/r"),
        ("events", "list_rules", {}, "*"),
        ("sqs", "create_queue", {"QueueName": "q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "get_queue_url", {"QueueName": "q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "delete_queue", {"QueueUrl": "q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "start_message_move_task", {"SourceArn": f"arn:aws:sqs:{OF_REGION}:q"}, f"arn:aws:sqs:{OF_REGION}:q"),
        ("sqs", "list_queues", {}, "*"),
        ("ecr", "create_repository", {"repositoryName": "a/n"}, f"arn:aws:ecr:{OF_REGION}:repository/a/n"),
        ("ecr", "describe_repositories", {"repositoryNames": ["an"]}, f"arn:aws:ecr:{OF_REGION}:repository/an"),
        ("ecr", "describe_repositories", {}, f"arn:aws:ecr:{OF_REGION}:repository/*"),
        (
            "ecr",
            "list_tags_for_resource",
            {"resourceArn": f"arn:aws:ecr:{OF_REGION}:repository/n"},
            f"arn:aws:ecr:{OF_REGION}:repository/n",
        ),
        ("ecr", "get_authorization_token", {}, "*"),
        ("route53", "list_hosted_zones", {}, "*"),
        ("route53", "get_hosted_zone", {"Id": "Z1"}, "arn:aws:route53:::hostedzone/Z1"),
        ("route53", "list_resource_record_sets", {"HostedZoneId": "Z1"}, "arn:aws:route53:::hostedzone/Z1"),
        ("route53", "get_change", {"Id": "C1"}, "arn:aws:route53:::change/C1"),
        ("cloudfront", "get_distribution", {"Id": "E1"}, f"arn:aws:cloudfront::{MANAGEMENT}:distribution/E1"),
        (
            "cloudfront",
            "delete_origin_access_control",
            {"Id": "E2"},
            f"arn:aws:cloudfront::{MANAGEMENT}:origin-access-control/E2",
        ),
        (
            "cloudfront",
            "list_tags_for_resource",
            {"Resource": f"arn:aws:cloudfront::{MANAGEMENT}:distribution/E1"},
            f"arn:aws:cloudfront::{MANAGEMENT}:distribution/E1",
        ),
        ("cloudfront", "list_distributions", {}, "*"),
        ("guardduty", "list_detectors", {}, "*"),
        ("ec2", "enable_ebs_encryption_by_default", {}, "*"),
        ("s3control", "get_public_access_block", {"AccountId": MANAGEMENT}, "*"),
        ("iam", "create_account_alias", {"AccountAlias": "some-alias"}, "*"),
        (
            "account",
            "get_alternate_contact",
            {"AlternateContactType": "BILLING"},
            f"arn:aws:account::{MANAGEMENT}:account",
        ),
        (
            "budgets",
            "describe_budget",
            {"AccountId": MANAGEMENT, "BudgetName": "b"},
            f"arn:aws:budgets::{MANAGEMENT}:budget/b",
        ),
        (
            "service-quotas",
            "request_service_quota_increase",
            {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE", "DesiredValue": 9},
            f"arn:aws:servicequotas:{OF_REGION}:vpc/L-F678F1CE",
        ),
        ("service-quotas", "get_service_quota", {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}, "*"),
    ],
)
def test_an_operation_asks_for_its_resource(
    aws: TwinAws,
    new_user: Callable[..., tuple[str, Keys]],
    service: str,
    operation: str,
    arguments: dict[str, Any],
    resource: str,
) -> None:
    """An operation is decided on the resource that AWS lists for it."""
    _, keys = new_user()
    with refused("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"):
        getattr(aws.client(service, keys), operation)(**arguments)
    assert last_denials(aws.run, 1)[0]["resource"] == resource


def test_entities_of_the_organisation_are_named_by_their_arn(
    aws: TwinAws, organization: str, account: str, new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """An Organizations operation asks for the ARN of the account or unit that it names by id."""
    _, keys = new_user()
    with refused("AccessDeniedException"):
        aws.client("organizations", keys).describe_account(AccountId=account)
    expected = f"arn:aws:organizations::{MANAGEMENT}:account/{organization}/{account}"
    assert last_denials(aws.run, 1)[0]["resource"] == expected


def test_an_association_is_between_a_route_table_and_a_subnet(
    aws: TwinAws, account: str, twin_session: Callable[..., Keys], new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """Taking a route table off a subnet asks for both, by their own ids, though the request names neither."""
    keys = twin_session(account)
    ec2 = aws.client("ec2", keys)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    where = f"arn:aws:ec2:{aws.run.region}:{account}"

    def allowing(*resources: str) -> Any:
        allowed = {"Effect": "Allow", "Action": "ec2:DisassociateRouteTable", "Resource": list(resources)}
        return aws.client("ec2", new_user(document(allowed), keys)[1])

    with refused("UnauthorizedOperation") as denial:
        allowing(f"{where}:route-table/{table}").disassociate_route_table(AssociationId=association)
    assert f"{where}:subnet/{subnet}" in denial.message
    both = allowing(f"{where}:route-table/{table}", f"{where}:subnet/{subnet}")
    both.disassociate_route_table(AssociationId=association)
