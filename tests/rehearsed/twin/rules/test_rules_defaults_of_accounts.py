"""What a new account has in AWS in each region, and what is refused in services of a security baseline."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.twin_fixtures import Keys, TwinAws, refused

Client = Any
"""A client of boto3, which has no types."""


@pytest.fixture(scope="module")
def keys(aws: TwinAws, organization: str) -> Keys:
    """Return an administrator of a new account of this file's own."""
    assert organization
    made = aws.client("organizations").create_account(Email="defaults@example.com", AccountName="defaults")
    return aws.into(str(made["CreateAccountStatus"]["AccountId"]))


@pytest.fixture(scope="module")
def ec2(aws: TwinAws, keys: Keys) -> Client:
    """Return EC2 in us-east-1."""
    return aws.client("ec2", keys)


def _account(ec2: Client) -> str:
    return str(ec2.describe_vpcs()["Vpcs"][0]["OwnerId"])


def test_volumes_are_encrypted_with_awss_key(ec2: Client) -> None:
    """A region's volumes are not encrypted by default, and if so with AWS's own key until another is chosen.

    Amazon EC2 API Reference, "GetEbsDefaultKmsKeyId", "ModifyEbsDefaultKmsKeyId", "ResetEbsDefaultKmsKeyId".
    """
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
    arn = f"arn:aws:kms:us-east-1:{_account(ec2)}:alias/volumes"
    assert ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/volumes")["KmsKeyId"] == arn
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == arn
    assert ec2.reset_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"


def test_snapshots_can_be_shared_at_first(ec2: Client) -> None:
    """A new account may share snapshots with everybody until that is blocked.

    Amazon EC2 User Guide, "Block public access for Amazon EBS snapshots": the default is unblocked.
    """
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    with refused("InvalidParameterValue"):
        ec2.enable_snapshot_block_public_access(State="unblocked")
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"


def test_images_cannot_be_shared_at_first(ec2: Client) -> None:
    """A new account cannot share images with everybody until that is allowed.

    Amazon EC2 User Guide, "Block public access to AMIs": on by default in accounts made since October 2023.
    """
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    ec2.disable_image_block_public_access()
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"


def test_the_serial_console_is_off_at_first(ec2: Client) -> None:
    """A new account has no access to the serial console.

    Amazon EC2 User Guide, "Configure access to the EC2 Serial Console".
    """
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    assert ec2.enable_serial_console_access()["SerialConsoleAccessEnabled"] is True
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert ec2.disable_serial_console_access()["SerialConsoleAccessEnabled"] is False


def test_settings_belong_to_a_region(aws: TwinAws, keys: Keys, ec2: Client) -> None:
    """Settings of EC2 hold in one region.

    Amazon EC2 User Guide, "Amazon EBS encryption": encryption by default is a Region-specific setting.
    """
    ec2.enable_ebs_encryption_by_default()
    assert (
        aws.client("ec2", keys, region="eu-west-2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    )
    ec2.disable_ebs_encryption_by_default()


def test_instances_have_no_defaults_of_metadata(ec2: Client) -> None:
    """A new account has no preference for how instances give their metadata.

    Amazon EC2 API Reference, "GetInstanceMetadataDefaults".
    """
    assert "HttpTokens" not in ec2.get_instance_metadata_defaults()["AccountLevel"]


def test_the_default_vpc_leads_out(aws: TwinAws, keys: Keys) -> None:
    """A new account has in each region a default VPC with subnets, a gateway and a route to it.

    Amazon VPC User Guide, "Default VPC components".
    """
    ec2 = aws.client("ec2", keys, region="eu-west-1")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    here = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    assert vpc["CidrBlock"] == "172.31.0.0/16"
    subnets = ec2.describe_subnets(Filters=here)["Subnets"]
    assert len(subnets) == 3
    assert all(subnet["DefaultForAz"] and subnet["MapPublicIpOnLaunch"] for subnet in subnets)
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
    (gateway,) = ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]
    (table,) = ec2.describe_route_tables(Filters=here)["RouteTables"]
    routes = {route["DestinationCidrBlock"]: route.get("GatewayId") for route in table["Routes"]}
    assert routes == {"172.31.0.0/16": "local", "0.0.0.0/0": gateway["InternetGatewayId"]}


def test_the_default_groups_let_in_themselves(aws: TwinAws, keys: Keys) -> None:
    """A VPC's default security group lets in its own members and everything out; its network ACL lets all pass.

    Amazon VPC User Guide, "Default security groups for your VPCs", "Default network ACL for a VPC".
    """
    ec2 = aws.client("ec2", keys, region="eu-west-1")
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["IpProtocol"], rule["UserIdGroupPairs"][0]["GroupId"]) == ("-1", group["GroupId"])
    assert group["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    (acl,) = ec2.describe_network_acls(Filters=[{"Name": "default", "Values": ["true"]}])["NetworkAcls"]
    entries = sorted((entry["Egress"], entry["RuleNumber"], entry["RuleAction"]) for entry in acl["Entries"])
    assert entries == [
        (False, 100, "allow"),
        (False, 32767, "deny"),
        (True, 100, "allow"),
        (True, 32767, "deny"),
    ]


def test_a_vpc_that_holds_anything_stays(ec2: Client) -> None:
    """A VPC with a gateway or a security group of its own cannot be deleted.

    Amazon VPC User Guide, "Delete your VPC"; Amazon EC2 API Reference, "DeleteVpc", DependencyViolation.
    """
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    group = ec2.create_security_group(GroupName="own", Description="own", VpcId=vpc)["GroupId"]
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)


def test_a_region_has_one_detector(aws: TwinAws, keys: Keys) -> None:
    """A second GuardDuty detector of an account and region is refused.

    Amazon GuardDuty API Reference, "CreateDetector": one detector per account per region.
    """
    guardduty = aws.client("guardduty", keys)
    assert guardduty.list_detectors()["DetectorIds"] == []
    guardduty.create_detector(Enable=True)
    with refused("BadRequestException"):
        guardduty.create_detector(Enable=True)
    aws.client("guardduty", keys, region="eu-west-1").create_detector(Enable=True)


def test_security_hub_is_switched_on_once(aws: TwinAws, keys: Keys) -> None:
    """A new account is not subscribed to Security Hub, and subscribes once.

    AWS Security Hub API Reference, "DescribeHub", "EnableSecurityHub" (ResourceConflictException).
    """
    hub = aws.client("securityhub", keys)
    with refused("InvalidAccessException"):
        hub.describe_hub()
    hub.enable_security_hub()
    with refused("ResourceConflictException"):
        hub.enable_security_hub()


def test_deleting_a_missing_alarm_is_an_error(aws: TwinAws, keys: Keys) -> None:
    """Deleting an alarm that is not there is refused, and deletes none.

    Amazon CloudWatch API Reference, "DeleteAlarms", ResourceNotFound.
    """
    cloudwatch = aws.client("cloudwatch", keys)
    alarm = {"Threshold": 1.0, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Period": 60}
    cloudwatch.put_metric_alarm(AlarmName="kept", MetricName="m", Namespace="n", Statistic="Sum", **alarm)
    with refused("ResourceNotFound"):
        cloudwatch.delete_alarms(AlarmNames=["kept", "missing"])
    assert [each["AlarmName"] for each in cloudwatch.describe_alarms()["MetricAlarms"]] == ["kept"]
    cloudwatch.delete_alarms(AlarmNames=["kept"])


def test_deleting_a_missing_trail_is_an_error(aws: TwinAws, keys: Keys) -> None:
    """Deleting a trail that is not there is refused.

    AWS CloudTrail API Reference, "DeleteTrail", TrailNotFoundException.
    """
    with refused("TrailNotFoundException"):
        aws.client("cloudtrail", keys).delete_trail(Name="missing")


def test_a_rule_with_targets_stays(aws: TwinAws, keys: Keys) -> None:
    """An EventBridge rule with targets cannot be deleted.

    Amazon EventBridge API Reference, "DeleteRule": remove all targets first.
    """
    events = aws.client("events", keys)
    events.put_rule(Name="held", EventPattern='{"source": ["aws.iam"]}')
    events.put_targets(Rule="held", Targets=[{"Id": "one", "Arn": "arn:aws:sqs:us-east-1:111122223333:queue"}])
    with refused("ValidationException"):
        events.delete_rule(Name="held")
    events.remove_targets(Rule="held", Ids=["one"])
    events.delete_rule(Name="held")


def test_a_log_group_takes_a_key_later(aws: TwinAws, keys: Keys) -> None:
    """A log group that is there can be given a key, and lose it.

    Amazon CloudWatch Logs API Reference, "AssociateKmsKey", "DisassociateKmsKey".
    """
    logs = aws.client("logs", keys)
    logs.create_log_group(logGroupName="later")
    key = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    logs.associate_kms_key(logGroupName="later", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    logs.disassociate_kms_key(logGroupName="later")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    with refused("ResourceNotFoundException"):
        logs.associate_kms_key(logGroupName="missing", kmsKeyId=key)


def test_service_settings_have_defaults(aws: TwinAws, keys: Keys) -> None:
    """Settings of Systems Manager have AWS's values until they are changed, and again when reset.

    AWS Systems Manager API Reference, "GetServiceSetting", "UpdateServiceSetting", "ResetServiceSetting".
    """
    ssm = aws.client("ssm", keys)
    sharing = {"SettingId": "/ssm/documents/console/public-sharing-permission"}
    first = ssm.get_service_setting(**sharing)["ServiceSetting"]
    assert (first["SettingValue"], first["Status"]) == ("Enable", "Default")
    ssm.update_service_setting(**sharing, SettingValue="Disable")
    assert ssm.get_service_setting(**sharing)["ServiceSetting"]["SettingValue"] == "Disable"
    assert ssm.reset_service_setting(**sharing)["ServiceSetting"]["SettingValue"] == "Enable"
    with refused("ServiceSettingNotFound"):
        ssm.get_service_setting(SettingId="/ssm/nothing/of-the-kind")


def test_permission_sets_have_names_of_their_own(aws: TwinAws, organization: str) -> None:
    """A second permission set of a name is refused.

    IAM Identity Center API Reference, "CreatePermissionSet", ConflictException.
    """
    assert organization
    sso = aws.client("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    sso.create_permission_set(InstanceArn=instance, Name="once")
    with refused("ConflictException"):
        sso.create_permission_set(InstanceArn=instance, Name="once")
