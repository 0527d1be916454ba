"""The functions on a running twin."""

from __future__ import annotations

import json

import pytest

from tests.rehearsed.aws_provider.world import World
from tests.unit.aws_provider.driving import RefusedInputsError

DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"
ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"


def test_the_caller_is_the_assumed_role(world: World) -> None:
    """The function getCallerIdentity names the account and the role session the provider acts as."""
    found = world.hand.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert found["accountId"] == found["id"] == world.account_id
    role = "assumed-role/OrganizationAccountAccessRole/provider-tests"
    assert found["arn"] == f"arn:aws:sts::{world.account_id}:{role}"


def test_the_region_is_the_providers(world: World) -> None:
    """The function getRegion names the provider's region, or the one asked for."""
    assert world.hand.invoke("aws:index/getRegion:getRegion")["region"] == world.region
    other = world.hand.invoke("aws:index/getRegion:getRegion", region="us-east-1")
    assert (other["region"], other["description"]) == ("us-east-1", "US East (N. Virginia)")


def test_the_partition_has_its_suffix(world: World) -> None:
    """The function getPartition names the partition and its DNS suffix, forwards and backwards."""
    assert world.hand.invoke("aws:index/getPartition:getPartition") == {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def test_zones_are_the_regions(world: World) -> None:
    """The function getAvailabilityZones lists the zones of the region in order, without excluded ones."""
    names = world.hand.invoke(ZONES, state="available")["names"]
    assert names == sorted(names)
    assert names[0] == f"{world.region}a"
    rest = world.hand.invoke(ZONES, state="available", excludeNames=[names[0]])
    assert rest["names"] == names[1:]
    assert len(rest["zoneIds"]) == len(rest["names"])
    assert world.hand.invoke(ZONES, filters=[{"name": "zone-name", "values": [names[1]]}])["names"] == [names[1]]
    assert world.hand.invoke(ZONES, region="us-east-1")["names"][0] == "us-east-1a"


def test_the_organisation_can_be_asked_for(world: World) -> None:
    """The function getOrganization tells the organisation of the caller's account."""
    found = world.management.invoke("aws:organizations/getOrganization:getOrganization")
    assert world.account_id in {account["id"] for account in found["nonMasterAccounts"]}


def test_a_policy_document_is_made_from_statements(world: World) -> None:
    """The function getPolicyDocument writes statements as IAM has them, single values plain."""
    found = world.hand.invoke(
        DOCUMENT,
        policyId="mine",
        statements=[
            {
                "sid": "One",
                "actions": ["s3:Get*", "s3:List*"],
                "resources": ["arn:aws:s3:::&{aws:username}"],
                "principals": [{"type": "AWS", "identifiers": ["arn:1", "arn:2"]}],
                "conditions": [
                    {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]},
                    {"test": "StringLike", "variable": "aws:x", "values": ["a", "b"]},
                ],
            },
            {"effect": "Deny", "notActions": ["iam:*"], "principals": [{"type": "*", "identifiers": ["*"]}]},
        ],
    )
    assert json.loads(found["json"]) == json.loads(found["minifiedJson"])
    assert json.loads(found["json"]) == {
        "Version": "2012-10-17",
        "Id": "mine",
        "Statement": [
            {
                "Sid": "One",
                "Effect": "Allow",
                "Action": ["s3:List*", "s3:Get*"],
                "Resource": "arn:aws:s3:::${aws:username}",
                "Principal": {"AWS": ["arn:2", "arn:1"]},
                "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:x": ["a", "b"]}},
            },
            {"Effect": "Deny", "NotAction": "iam:*", "Principal": "*"},
        ],
    }


def test_merging_documents_is_refused_by_name(world: World) -> None:
    """Arguments that are not carried out are refused, not dropped."""
    with pytest.raises(RefusedInputsError, match="sourcePolicyDocuments"):
        world.hand.invoke(DOCUMENT, sourcePolicyDocuments=["{}"])
