"""A member account for the provider's tests: a driver of the provider, and boto3 to prepare things and to look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.twin_fixtures import Keys, TwinAws
from tests.unit.aws_provider.driving import Driver


@dataclass(frozen=True, slots=True)
class World:
    """The account, who acts in it, and what tests need to be there."""

    hand: Driver
    """The provider, acting in the member account."""
    management: Driver
    """A provider acting in the management account."""
    aws: TwinAws
    keys: Keys
    account_id: str
    region: str
    numbers: Iterator[int]

    def client(self, service: str) -> Any:
        """Return boto3's client of a service in the member account."""
        return self.aws.client(service, self.keys, region=self.region)

    def organizations(self) -> Any:
        """Return boto3's client of Organizations in the management account."""
        return self.aws.client("organizations")

    def name(self, stem: str = "thing") -> str:
        """Return a name that nothing else has."""
        return f"{stem}-{next(self.numbers)}"

    def role(self) -> str:
        """Make a role and return its name."""
        name = self.name("role")
        self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        return name

    def policy(self) -> str:
        """Make a managed policy and return its ARN."""
        name = self.name("policy")
        return str(self.client("iam").create_policy(PolicyName=name, PolicyDocument=ALLOW_S3)["Policy"]["Arn"])

    def bucket(self) -> str:
        """Make a bucket and return its name."""
        name = self.name("bucket")
        place = {"LocationConstraint": self.region}
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
        return name

    def key(self) -> str:
        """Make a key and return its ARN."""
        return str(self.client("kms").create_key()["KeyMetadata"]["Arn"])

    def vpc(self) -> str:
        """Make a VPC and return its id."""
        return str(self.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])

    def subnet(self, vpc: str = "", cidr: str = "10.0.1.0/24") -> str:
        """Make a subnet, in a VPC of its own unless told otherwise, and return its id."""
        return str(self.client("ec2").create_subnet(VpcId=vpc or self.vpc(), CidrBlock=cidr)["Subnet"]["SubnetId"])

    def gateway(self, vpc: str = "") -> str:
        """Make an internet gateway, attached if a VPC is given, and return its id."""
        ec2 = self.client("ec2")
        gateway = str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
        if vpc:
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        return gateway

    def table(self, vpc: str = "") -> str:
        """Make a route table, in a VPC of its own unless told otherwise, and return its id."""
        return str(self.client("ec2").create_route_table(VpcId=vpc or self.vpc())["RouteTable"]["RouteTableId"])

    def group(self) -> str:
        """Make a log group and return its ARN."""
        name = self.name("group")
        self.client("logs").create_log_group(logGroupName=name)
        return f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{name}"

    def queue(self) -> str:
        """Make a queue and return its URL."""
        return str(self.client("sqs").create_queue(QueueName=self.name("queue"))["QueueUrl"])

    def root(self) -> str:
        """Return the id of the organisation's root."""
        return str(self.organizations().list_roots()["Roots"][0]["Id"])

    def unit(self) -> str:
        """Make an organisational unit and return its id."""
        answer = self.organizations().create_organizational_unit(ParentId=self.root(), Name=self.name("unit"))
        return str(answer["OrganizationalUnit"]["Id"])


def statement(**parts: Any) -> str:
    """Return a document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **parts}]})


TRUST = statement(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
OTHER_TRUST = statement(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
ALLOW_S3 = statement(Action="s3:*", Resource="*")
ALLOW_SQS = statement(Action="sqs:*", Resource="*")
