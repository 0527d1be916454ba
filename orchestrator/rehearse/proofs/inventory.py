"""What an account holds, by name or id: roles and what they may do, buckets, keys, VPCs, zones and so on.

Read with the account's own administrator role, so that two readings can be compared: before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from orchestrator.rehearse.access import Access, Credentials, error_code

Inventory = frozenset[str]
"""One line per thing, such as `role Admin`, `role Admin attached arn:...`, `bucket x`, `vpc vpc-1`, `key 1f…`."""

DELEGATION = "delegation "
"""Begins the line of a zone that the account's own zone delegates, often into another account; its domain follows."""

ZONE = "zone "
"""Begins the line of a zone; its domain follows."""


def take_inventory(access: Access, credentials: Credentials) -> Inventory:
    """Return what the account of these credentials holds in the services listed here, of the fleet's region."""
    return frozenset(
        (
            *_iam(access.client("iam", credentials)),
            *_buckets(access.client("s3", credentials)),
            *_settings(access.client("iam", credentials), access.client("ec2", credentials)),
            *_vpcs(access.client("ec2", credentials)),
            *_keys(access.client("kms", credentials)),
            *_queues(access.client("sqs", credentials)),
            *_parameters(access.client("ssm", credentials)),
            *_repositories(access.client("ecr", credentials)),
            *_zones(access.client("route53", credentials)),
            *_distributions(access.client("cloudfront", credentials)),
        )
    )


def _pages(client: Any, operation: str, key: str, **arguments: str) -> Iterator[Any]:  # noqa: ANN401  (botocore ships no types)
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def _iam(iam: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    for role in _pages(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        yield f"role {name} trusting {role['AssumeRolePolicyDocument']}"
        for policy in _pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
            yield f"role {name} attached {policy['PolicyArn']}"
        for inline in _pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
            yield f"role {name} inline {inline}"
    for user in _pages(iam, "list_users", "Users"):
        yield f"user {user['UserName']}"
    for group in _pages(iam, "list_groups", "Groups"):
        yield f"group {group['GroupName']}"
    for policy in _pages(iam, "list_policies", "Policies", Scope="Local"):
        yield f"policy {policy['Arn']} {policy['DefaultVersionId']}"


def _settings(iam: Any, ec2: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    yield from (f"account alias {alias}" for alias in iam.list_account_aliases()["AccountAliases"])
    try:
        yield f"password policy {sorted(iam.get_account_password_policy()['PasswordPolicy'].items())}"
    except ClientError as error:
        if error_code(error) != "NoSuchEntity":
            raise
    if ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]:
        yield "encryption of new volumes"


def _buckets(s3: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    return (f"bucket {bucket['Name']}" for bucket in s3.list_buckets()["Buckets"])


def _vpcs(ec2: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    return (f"vpc {vpc['VpcId']}" for vpc in _pages(ec2, "describe_vpcs", "Vpcs"))


def _keys(kms: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    for key in _pages(kms, "list_keys", "Keys"):
        state = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
        if state != "PendingDeletion":
            yield f"key {key['KeyId']}"


def _queues(sqs: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    for page in sqs.get_paginator("list_queues").paginate():
        yield from (f"queue {url.rsplit('/', 1)[-1]}" for url in page.get("QueueUrls", ()))


def _parameters(ssm: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    for parameter in _pages(ssm, "describe_parameters", "Parameters"):
        yield f"parameter {parameter['Name']} version {parameter['Version']}"


def _repositories(ecr: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    return (f"repository {found['repositoryName']}" for found in _pages(ecr, "describe_repositories", "repositories"))


def _zones(route53: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    for zone in _pages(route53, "list_hosted_zones", "HostedZones"):
        records = _pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
        below = [record["Name"] for record in records if record["Type"] == "NS" and record["Name"] != zone["Name"]]
        yield f"{ZONE}{zone['Name']} with {zone['ResourceRecordSetCount'] - len(below)} records"
        yield from (f"{DELEGATION}{name}" for name in below)


def _distributions(cloudfront: Any) -> Iterator[str]:  # noqa: ANN401  (botocore ships no types)
    for found in cloudfront.list_distributions()["DistributionList"].get("Items", ()):
        yield f"distribution {found['Id']}"


def difference(before: Inventory, after: Inventory) -> list[str]:
    """Return what came (`+`) and went (`-`) between two readings, sorted."""
    return sorted([f"+ {line}" for line in after - before] + [f"- {line}" for line in before - after])
