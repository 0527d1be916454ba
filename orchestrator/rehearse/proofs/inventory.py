"""What an account holds: its roles, policies, buckets, VPCs, keys and queues by name or id, and what the roles may do.

Read with the account's own administrator role, so that two readings can be compared: before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestrator.rehearse.access import Access, Credentials

Inventory = frozenset[str]
"""One line per thing, such as `role Admin`, `role Admin attached arn:...`, `bucket x`, `vpc vpc-1`, `key 1f…`."""


def take_inventory(access: Access, credentials: Credentials) -> Inventory:
    """Return what the account of these credentials holds in IAM, S3, EC2 (VPCs), KMS and SQS of the fleet's region."""
    return frozenset(
        (
            *_iam(access.client("iam", credentials)),
            *_buckets(access.client("s3", credentials)),
            *_vpcs(access.client("ec2", credentials)),
            *_keys(access.client("kms", credentials)),
            *_queues(access.client("sqs", credentials)),
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
    for policy in _pages(iam, "list_policies", "Policies", Scope="Local"):
        yield f"policy {policy['Arn']} {policy['DefaultVersionId']}"


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


def difference(before: Inventory, after: Inventory) -> list[str]:
    """Return what came (`+`) and went (`-`) between two readings, sorted."""
    return sorted([f"+ {line}" for line in after - before] + [f"- {line}" for line in before - after])
