"""What is read of each service, one line for each thing there: names and ids, not what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

from orchestrator.rehearse.access import error_code

Client: TypeAlias = Any
"""A client of botocore's, which ships no types."""

DELEGATION = "delegation "
ZONE = "zone "


def _pages(client: Client, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key) or ()


def _found(look: Callable[[], Mapping[str, Any]], *missing: str) -> Mapping[str, Any]:
    """Return what a call tells; nothing where AWS's error says that there is nothing."""
    try:
        return look()
    except ClientError as error:
        if error_code(error) not in missing:
            raise
        return {}


def read_iam(iam: Client) -> Iterator[str]:
    """Yield roles with what they may do, people, policies, providers, and the account's settings."""
    for role in _pages(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        yield f"role {name} trusting {role['AssumeRolePolicyDocument']}"
        for policy in _pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
            yield f"role {name} attached {policy['PolicyArn']}"
        for inline in _pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
            yield f"role {name} inline {inline}"
    yield from (f"user {user['UserName']}" for user in _pages(iam, "list_users", "Users"))
    yield from (f"group {group['GroupName']}" for group in _pages(iam, "list_groups", "Groups"))
    for policy in _pages(iam, "list_policies", "Policies", Scope="Local"):
        yield f"policy {policy['Arn']} {policy['DefaultVersionId']}"
    for profile in _pages(iam, "list_instance_profiles", "InstanceProfiles"):
        yield f"instance profile {profile['InstanceProfileName']}"
    yield from (f"provider {one['Arn']}" for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])
    yield from (f"provider {one['Arn']}" for one in iam.list_saml_providers()["SAMLProviderList"])
    yield from (f"account alias {alias}" for alias in iam.list_account_aliases()["AccountAliases"])
    if policy := _found(iam.get_account_password_policy, "NoSuchEntity"):
        yield f"password policy {sorted(policy['PasswordPolicy'].items())}"


def read_buckets(s3: Client) -> Iterator[str]:
    """Yield the account's buckets."""
    yield from (f"bucket {bucket['Name']}" for bucket in s3.list_buckets()["Buckets"])


def read_networks(ec2: Client) -> Iterator[str]:
    """Yield VPCs and what is in them or stands beside them, and what the account has switched on."""
    yield from (f"vpc {vpc['VpcId']}" for vpc in _pages(ec2, "describe_vpcs", "Vpcs"))
    yield from (f"subnet {subnet['SubnetId']}" for subnet in _pages(ec2, "describe_subnets", "Subnets"))
    for group in _pages(ec2, "describe_security_groups", "SecurityGroups"):
        yield f"security group {group['GroupId']}"
    for gateway in _pages(ec2, "describe_internet_gateways", "InternetGateways"):
        yield f"internet gateway {gateway['InternetGatewayId']}"
    for gateway in _pages(ec2, "describe_nat_gateways", "NatGateways"):
        if gateway["State"] not in ("deleted", "deleting", "failed"):
            yield f"NAT gateway {gateway['NatGatewayId']}"
    for endpoint in _pages(ec2, "describe_vpc_endpoints", "VpcEndpoints"):
        yield f"endpoint {endpoint['VpcEndpointId']} of {endpoint['ServiceName']}"
    yield from (f"address {address['AllocationId']}" for address in ec2.describe_addresses()["Addresses"])
    yield from (f"flow log {log['FlowLogId']}" for log in _pages(ec2, "describe_flow_logs", "FlowLogs"))
    if ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]:
        yield "encryption of new volumes"
    defaults = ec2.get_instance_metadata_defaults().get("AccountLevel") or {}
    if chosen := sorted((name, value) for name, value in defaults.items() if name != "ManagedBy"):
        yield f"defaults of instance metadata {chosen}"


def read_keys(kms: Client) -> Iterator[str]:
    """Yield the keys that are not about to go."""
    for key in _pages(kms, "list_keys", "Keys"):
        state = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
        if state != "PendingDeletion":
            yield f"key {key['KeyId']}"


def read_queues(sqs: Client) -> Iterator[str]:
    """Yield queues."""
    yield from (f"queue {url.rsplit('/', 1)[-1]}" for url in _pages(sqs, "list_queues", "QueueUrls"))


def read_parameters(ssm: Client) -> Iterator[str]:
    """Yield parameters with their versions."""
    for parameter in _pages(ssm, "describe_parameters", "Parameters"):
        yield f"parameter {parameter['Name']} version {parameter['Version']}"


def read_repositories(ecr: Client) -> Iterator[str]:
    """Yield repositories of images."""
    for found in _pages(ecr, "describe_repositories", "repositories"):
        yield f"repository {found['repositoryName']}"


def read_zones(route53: Client) -> Iterator[str]:
    """Yield zones, and what they delegate."""
    for zone in _pages(route53, "list_hosted_zones", "HostedZones"):
        records = _pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
        below = [record["Name"] for record in records if record["Type"] == "NS" and record["Name"] != zone["Name"]]
        yield f"{ZONE}{zone['Name']} with {zone['ResourceRecordSetCount'] - len(below)} records"
        yield from (f"{DELEGATION}{name}" for name in below)


def read_distributions(cloudfront: Client) -> Iterator[str]:
    """Yield distributions and the controls of access to their origins."""
    for found in cloudfront.list_distributions()["DistributionList"].get("Items", ()):
        yield f"distribution {found['Id']}"
    for found in cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items", ()):
        yield f"origin access control {found['Id']}"


def read_alarms(cloudwatch: Client) -> Iterator[str]:
    """Yield alarms."""
    yield from (f"alarm {alarm['AlarmName']}" for alarm in _pages(cloudwatch, "describe_alarms", "MetricAlarms"))


def read_trails(cloudtrail: Client) -> Iterator[str]:
    """Yield the trails that are the account's own, not the organisation's copies."""
    for trail in cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]:
        yield f"trail {trail['TrailARN']}"


def read_recorders(config: Client) -> Iterator[str]:
    """Yield AWS Config's recorders and channels."""
    for recorder in config.describe_configuration_recorders()["ConfigurationRecorders"]:
        yield f"recorder {recorder['name']}"
    for channel in config.describe_delivery_channels()["DeliveryChannels"]:
        yield f"delivery channel {channel['name']}"


def read_tables(dynamodb: Client) -> Iterator[str]:
    """Yield tables."""
    yield from (f"table {name}" for name in _pages(dynamodb, "list_tables", "TableNames"))


def read_rules(events: Client) -> Iterator[str]:
    """Yield the rules of the default bus."""
    yield from (f"rule {rule['Name']}" for rule in events.list_rules()["Rules"])


def read_detectors(guardduty: Client) -> Iterator[str]:
    """Yield the detector of an account that has one."""
    yield from (f"detector {name}" for name in _pages(guardduty, "list_detectors", "DetectorIds"))


def read_hub(securityhub: Client) -> Iterator[str]:
    """Yield Security Hub where it is switched on."""
    if hub := _found(securityhub.describe_hub, "InvalidAccessException", "ResourceNotFoundException"):
        yield f"hub {hub['HubArn']}"


def read_functions(lambda_: Client) -> Iterator[str]:
    """Yield functions."""
    yield from (f"function {found['FunctionName']}" for found in _pages(lambda_, "list_functions", "Functions"))


def read_log_groups(logs: Client) -> Iterator[str]:
    """Yield log groups."""
    yield from (f"log group {group['logGroupName']}" for group in _pages(logs, "describe_log_groups", "logGroups"))


def read_shares(ram: Client) -> Iterator[str]:
    """Yield what the account shares with others."""
    for share in _pages(ram, "get_resource_shares", "resourceShares", resourceOwner="SELF"):
        if share["status"] == "ACTIVE":
            yield f"share {share['name']} {share['resourceShareArn']}"


def read_secrets(secretsmanager: Client) -> Iterator[str]:
    """Yield the secrets that are not about to go."""
    yield from (f"secret {secret['Name']}" for secret in _pages(secretsmanager, "list_secrets", "SecretList"))


def read_topics(sns: Client) -> Iterator[str]:
    """Yield topics and who has subscribed."""
    yield from (f"topic {topic['TopicArn']}" for topic in _pages(sns, "list_topics", "Topics"))
    for found in _pages(sns, "list_subscriptions", "Subscriptions"):
        yield f"subscription of {found['TopicArn']} by {found['Protocol']} {found['Endpoint']}"


def read_budgets(budgets: Client, account_id: str) -> Iterator[str]:
    """Yield budgets."""
    found = _pages(budgets, "describe_budgets", "Budgets", AccountId=account_id)
    yield from (f"budget {budget['BudgetName']}" for budget in found)


def read_contacts(account: Client) -> Iterator[str]:
    """Yield whom AWS writes to beside the account's owner."""
    for kind in ("BILLING", "OPERATIONS", "SECURITY"):
        asked = partial(account.get_alternate_contact, AlternateContactType=kind)
        if contact := _found(asked, "ResourceNotFoundException"):
            yield f"contact {kind} {contact['AlternateContact']['EmailAddress']}"


def read_permission_sets(sso: Client) -> Iterator[str]:
    """Yield Identity Center's permission sets."""
    for instance in _pages(sso, "list_instances", "Instances"):
        of_instance = {"InstanceArn": instance["InstanceArn"]}
        yield from (
            f"permission set {arn}" for arn in _pages(sso, "list_permission_sets", "PermissionSets", **of_instance)
        )


READERS: Mapping[str, Callable[[Client], Iterator[str]]] = {
    "account": read_contacts,
    "cloudfront": read_distributions,
    "cloudtrail": read_trails,
    "cloudwatch": read_alarms,
    "config": read_recorders,
    "dynamodb": read_tables,
    "ec2": read_networks,
    "ecr": read_repositories,
    "events": read_rules,
    "guardduty": read_detectors,
    "iam": read_iam,
    "kms": read_keys,
    "lambda": read_functions,
    "logs": read_log_groups,
    "ram": read_shares,
    "route53": read_zones,
    "s3": read_buckets,
    "secretsmanager": read_secrets,
    "securityhub": read_hub,
    "sns": read_topics,
    "sqs": read_queues,
    "ssm": read_parameters,
    "sso-admin": read_permission_sets,
}
"""By botocore's name of the service."""

READERS_BY_ACCOUNT: Mapping[str, Callable[[Client, str], Iterator[str]]] = {
    "budgets": read_budgets,
}
"""Those whose requests name the account."""

NOT_READ: Mapping[str, str] = {
    "identitystore": "its groups are Identity Center's, of which the permission sets are read",
    "organizations": "the organisation is there before the first account is looked at, and stays after the last stack",
    "s3control": "its one setting, what the account blocks, holds nothing; and its requests name a host of their own",
    "service-quotas": "a request for a quota can't be taken back, so it stays when its stack goes",
}
"""Services of provider types that are left out, and why."""
