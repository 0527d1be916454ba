"""What Resource Access Manager, DynamoDB and Lambda refuse and keep, one rule each.

Sources: AWS RAM API Reference ("AssociateResourceShare", "GetResourceShares") and User Guide ("Enable resource sharing
within AWS Organizations"); Amazon DynamoDB API Reference ("UpdateTable", "UpdateTimeToLive", "TableDescription"); AWS
Lambda API Reference ("CreateFunction", "AddPermission", "PutFunctionConcurrency").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from tests.rehearsed.twin.rules.rule_scene import Subject, allow, allowed, trusted
from tests.support.function_code import packed
from tests.support.twin_fixtures import TwinAws, refused

OUTSIDER = "999988887777"
Ram: TypeAlias = Any
"""boto3's client of Resource Access Manager; it has no types."""


@pytest.fixture
def ram(subject: Subject) -> Ram:
    """Return the account's client of Resource Access Manager."""
    return subject.aws.client("ram", subject.admin)


@pytest.fixture
def sharing(aws: TwinAws) -> Iterator[None]:
    """Let the organisation share within itself for one test."""
    aws.client("ram").enable_sharing_with_aws_organization()
    yield
    aws.client("organizations").disable_aws_service_access(ServicePrincipal="ram.amazonaws.com")


def share(ram: Ram, **more: object) -> str:
    """Make a resource share and return its ARN."""
    return str(ram.create_resource_share(name="shared", **more)["resourceShare"]["resourceShareArn"])


def organization_arn(aws: TwinAws) -> str:
    """Return the ARN of the organisation."""
    return str(aws.client("organizations").describe_organization()["Organization"]["Arn"])


def shared_with(theirs: Any) -> set[str]:
    """Return the ARNs of what others share with an account, given its client."""
    shares = theirs.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    return {each["resourceShareArn"] for each in shares}


def test_nothing_is_shared_with_an_organisation_that_does_not_share(aws: TwinAws, ram: Ram) -> None:
    """Before sharing within the organisation is enabled, its ARN is no principal."""
    with refused("OperationNotPermittedException") as refusal:
        share(ram, principals=[organization_arn(aws)])
    assert "can only be shared within your AWS Organization" in refusal.message


@pytest.mark.usefixtures("sharing")
def test_an_account_of_the_organisation_is_not_invited(aws: TwinAws, ram: Ram, new_account: Callable[[], str]) -> None:
    """Where an organisation shares, an account takes part at once, by its id or the organisation's ARN, and sees it."""
    other = new_account()
    for principal in (other, organization_arn(aws)):
        made = share(ram, principals=[principal], allowExternalPrincipals=False)
        (association,) = ram.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[made])[
            "resourceShareAssociations"
        ]
        assert (association["status"], association["external"]) == ("ASSOCIATED", False)
        assert made in shared_with(aws.client("ram", aws.into(other)))


def test_an_outsider_is_invited_if_that_is_allowed(ram: Ram, aws: TwinAws, new_account: Callable[[], str]) -> None:
    """An account that is not known to belong takes part when it accepts, and only where outsiders may."""
    other = new_account()
    with refused("OperationNotPermittedException"):
        share(ram, principals=[other], allowExternalPrincipals=False)
    made = share(ram, principals=[other], allowExternalPrincipals=True)
    theirs = aws.client("ram", aws.into(other))
    assert made not in shared_with(theirs)
    invitations = theirs.get_resource_share_invitations(resourceShareArns=[made])["resourceShareInvitations"]
    theirs.accept_resource_share_invitation(resourceShareInvitationArn=invitations[0]["resourceShareInvitationArn"])
    assert made in shared_with(theirs)


def test_only_what_is_ones_own_and_can_be_shared_is_shared(subject: Subject, ram: Ram) -> None:
    """A resource of another account, or of a type that is never shared, is refused."""
    region = subject.aws.run.region
    with refused("UnknownResourceException"):
        share(ram, resourceArns=[f"arn:aws:ec2:{region}:{OUTSIDER}:subnet/subnet-0123456789abcdef0"])
    with refused("MalformedArnException"):
        share(ram, resourceArns=[f"arn:aws:iam::{subject.account}:role/any"])


def test_a_share_gets_the_usual_permission_of_what_is_in_it(subject: Subject, ram: Ram) -> None:
    """Each type of resource in a share comes with its default managed permission, unless another one is chosen."""
    subnet = f"arn:aws:ec2:{subject.aws.run.region}:{subject.account}:subnet/subnet-0123456789abcdef0"
    found = ram.list_resource_share_permissions(resourceShareArn=share(ram, resourceArns=[subnet]))["permissions"]
    assert [each["name"] for each in found] == ["AWSRAMDefaultPermissionSubnet"]


def test_a_deleted_share_takes_nothing_more(ram: Ram) -> None:
    """A share that is deleted is still told for a while, and can't be changed."""
    made = share(ram)
    ram.delete_resource_share(resourceShareArn=made)
    (told,) = ram.get_resource_shares(resourceOwner="SELF", resourceShareArns=[made])["resourceShares"]
    assert told["status"] == "DELETED"
    with refused("UnknownResourceException"):
        ram.update_resource_share(resourceShareArn=made, name="other")


def test_sharing_is_decided_on_the_share(subject: Subject, ram: Ram) -> None:
    """AssociateResourceShare is allowed on one share and not on another (Service Authorization Reference, AWS RAM)."""
    one, other = share(ram), share(ram)
    subject.holds(allow("ram:AssociateResourceShare", one))
    client = subject.client("ram")
    assert allowed(client.associate_resource_share, resourceShareArn=one, principals=[OUTSIDER])
    assert not allowed(client.associate_resource_share, resourceShareArn=other, principals=[OUTSIDER])


@pytest.fixture
def table(subject: Subject) -> Iterator[tuple[Any, str]]:
    """Return a client of DynamoDB and the name of a table."""
    dynamodb, name = subject.aws.client("dynamodb", subject.admin), "rules"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    yield dynamodb, name
    dynamodb.delete_table(TableName=name)


def described(table: tuple[Any, str]) -> dict[str, Any]:
    """Return what DynamoDB tells of the table."""
    found: dict[str, Any] = table[0].describe_table(TableName=table[1])["Table"]
    return found


def test_expiry_is_switched_to_what_it_is_not(table: tuple[Any, str]) -> None:
    """Expiry that is on can't be switched on, one that is off not off; its attribute is told while it is on."""
    dynamodb, name = table
    on, off = ({"AttributeName": "ends", "Enabled": each} for each in (True, False))
    with refused("ValidationException") as refusal:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=off)
    assert refusal.message == "TimeToLive is already disabled"
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=on)
    with refused("ValidationException"):
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=on)
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=off)
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}


def test_a_stream_is_switched_on_again(table: tuple[Any, str]) -> None:
    """A stream that is on is not switched on; after it was off it is."""
    dynamodb, name = table
    on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName=name, StreamSpecification=on)
    with refused("ResourceInUseException"):
        dynamodb.update_table(TableName=name, StreamSpecification=on)
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    dynamodb.update_table(TableName=name, StreamSpecification=on)
    assert described(table)["StreamSpecification"] == on


def test_an_attribute_goes_with_its_last_index(table: tuple[Any, str]) -> None:
    """Attributes are told as long as a key is made of them; an index that is not there can't be deleted."""
    dynamodb, name = table
    index = {
        "IndexName": "team",
        "KeySchema": [{"AttributeName": "team", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    }
    attributes = [{"AttributeName": each, "AttributeType": "S"} for each in ("id", "team")]
    dynamodb.update_table(
        TableName=name, AttributeDefinitions=attributes, GlobalSecondaryIndexUpdates=[{"Create": index}]
    )
    gone = [{"Delete": {"IndexName": "team"}}]
    dynamodb.update_table(TableName=name, GlobalSecondaryIndexUpdates=gone)
    assert described(table)["AttributeDefinitions"] == attributes[:1]
    with refused("ResourceNotFoundException"):
        dynamodb.update_table(TableName=name, GlobalSecondaryIndexUpdates=gone)


def test_a_table_keeps_its_class_and_encryption(table: tuple[Any, str]) -> None:
    """Class and encryption change with UpdateTable; on demand a table has no capacity of its own."""
    dynamodb, name = table
    dynamodb.update_table(TableName=name, TableClass="STANDARD_INFREQUENT_ACCESS")
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": True})
    dynamodb.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
    told = described(table)
    assert told["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert told["SSEDescription"]["Status"] == "ENABLED"
    assert told["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": False})
    assert "SSEDescription" not in described(table)


@pytest.fixture
def function(subject: Subject) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Return a client of Lambda, and what a function is asked for with that is there."""
    iam, client = subject.aws.client("iam", subject.admin), subject.aws.client("lambda", subject.admin)
    trust = trusted({"Service": "lambda.amazonaws.com"})
    role = iam.create_role(RoleName="runs-functions", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    asked = {"FunctionName": "rules", "Role": role, "Handler": "main.run", "Runtime": "python3.13"}
    client.create_function(**asked, Code={"ZipFile": packed()})
    yield client, asked
    client.delete_function(FunctionName="rules")
    iam.delete_role(RoleName="runs-functions")


def test_code_is_a_zip_file(function: tuple[Any, dict[str, Any]]) -> None:
    """Code that can't be unzipped is refused."""
    client, asked = function
    with refused("InvalidParameterValueException") as refusal:
        client.create_function(**{**asked, "FunctionName": "other"}, Code={"ZipFile": b"no archive"})
    assert refusal.message.startswith("Could not unzip uploaded file")


def test_code_in_a_bucket_has_to_be_there(function: tuple[Any, dict[str, Any]]) -> None:
    """Code of a bucket that does not exist is Lambda's to refuse, in S3's words."""
    client, _ = function
    with refused("InvalidParameterValueException") as refusal:
        client.update_function_code(FunctionName="rules", S3Bucket="nobody-has-this-one", S3Key="code.zip")
    assert "NoSuchBucket" in refusal.message


def test_a_function_is_in_subnets_that_exist(function: tuple[Any, dict[str, Any]], subject: Subject) -> None:
    """A function is told to be in the VPC of its subnets; one that does not exist is refused."""
    client, _ = function
    nowhere = {"SubnetIds": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["sg-0123456789abcdef0"]}
    with refused("InvalidParameterValueException"):
        client.update_function_configuration(FunctionName="rules", VpcConfig=nowhere)
    ec2 = subject.aws.client("ec2", subject.admin)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    there = {"SubnetIds": [subnet], "SecurityGroupIds": []}
    assert client.update_function_configuration(FunctionName="rules", VpcConfig=there)["VpcConfig"]["VpcId"] == vpc


def test_a_functions_settings_are_kept(function: tuple[Any, dict[str, Any]]) -> None:
    """What UpdateFunctionConfiguration sets is told; a concurrency of none is one."""
    client, _ = function
    settings = {
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:111111111111:dead"},
        "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"},
    }
    client.update_function_configuration(FunctionName="rules", **settings, LoggingConfig={"LogFormat": "JSON"})
    client.put_function_concurrency(FunctionName="rules", ReservedConcurrentExecutions=0)
    told = client.get_function(FunctionName="rules")
    assert {name: told["Configuration"][name] for name in settings} == settings
    assert told["Configuration"]["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/aws/lambda/rules"}
    assert told["Concurrency"] == {"ReservedConcurrentExecutions": 0}


def test_a_permission_is_written_as_aws_writes_it(function: tuple[Any, dict[str, Any]]) -> None:
    """A permission names its principal by kind and keeps all its conditions; a statement id is used once."""
    client, _ = function
    asked = {"FunctionName": "rules", "StatementId": "one", "Action": "lambda:InvokeFunction"}
    more = {"SourceAccount": OUTSIDER, "PrincipalOrgID": "o-0123456789", "SourceArn": "arn:aws:s3:::theirs"}
    client.add_permission(**asked, Principal=OUTSIDER, **more)
    (statement,) = json.loads(client.get_policy(FunctionName="rules")["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{OUTSIDER}:root"}
    assert statement["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": OUTSIDER, "aws:PrincipalOrgID": "o-0123456789"},
        "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::theirs"},
    }
    with refused("ResourceConflictException"):
        client.add_permission(**asked, Principal="s3.amazonaws.com")


@pytest.mark.usefixtures("function")
def test_code_in_a_bucket_is_read_as_its_caller(subject: Subject) -> None:
    """Who makes a function of code in a bucket has to be allowed to read the object (AWS Lambda Developer Guide)."""
    s3, name = subject.aws.client("s3", subject.admin), f"code-{subject.account}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="code.zip", Body=packed())
    client, code = subject.client("lambda"), {"FunctionName": "rules", "S3Bucket": name, "S3Key": "code.zip"}
    subject.holds(allow("lambda:UpdateFunctionCode"))
    assert not allowed(client.update_function_code, **code)
    subject.holds(allow("lambda:UpdateFunctionCode"), allow("s3:GetObject", f"arn:aws:s3:::{name}/code.zip"))
    assert allowed(client.update_function_code, **code)
