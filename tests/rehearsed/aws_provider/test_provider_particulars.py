"""What is special about single types, on a running twin."""

from __future__ import annotations

import json

import pytest

from rehearsal.aws.wire import UNKNOWN
from tests.rehearsed.aws_provider.world import ALLOW_S3, TRUST, World
from tests.support.twin_fixtures import document
from tests.unit.aws_provider.driving import AbortedError, RefusedInputsError

ROLE = "aws:iam/role:Role"
BUCKET = "aws:s3/bucket:Bucket"
ACCOUNT = "aws:organizations/account:Account"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
VPC = "aws:ec2/vpc:Vpc"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
TABLE = "aws:ec2/routeTable:RouteTable"


def test_a_role_with_policies_is_not_deleted(world: World) -> None:
    """A role that something is attached to is AWS's to refuse, in AWS's words."""
    role = world.hand.create(ROLE, world.name("role"), {"assumeRolePolicy": TRUST})
    world.client("iam").put_role_policy(RoleName=role.id, PolicyName="theirs", PolicyDocument=ALLOW_S3)
    with pytest.raises(AbortedError, match=rf"deleting IAM Role \({role.id}\): operation error IAM: DeleteRole, Del"):
        world.hand.delete(role)


def test_a_role_is_deleted_with_its_policies_if_told_to(world: World) -> None:
    """With forceDetachPolicies a role goes with all that was put on it, and leaves its instance profile."""
    inputs = {"assumeRolePolicy": TRUST, "forceDetachPolicies": True}
    role = world.hand.create(ROLE, world.name("role"), inputs)
    iam, profile = world.client("iam"), world.name("profile")
    iam.put_role_policy(RoleName=role.id, PolicyName="theirs", PolicyDocument=ALLOW_S3)
    iam.attach_role_policy(RoleName=role.id, PolicyArn=world.policy())
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role.id)
    world.hand.delete(role)
    assert world.hand.refresh(role) is None
    assert iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"] == []


def test_a_denied_call_says_who_may_not_do_what(world: World) -> None:
    """A refusal names resource, call and AWS's own words."""
    iam = world.client("iam")
    name = world.name("bounded")
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"}]}
    iam.put_role_policy(RoleName="OrganizationAccountAccessRole", PolicyName="deny", PolicyDocument=json.dumps(deny))
    try:
        words = rf"creating IAM Role \({name}\): operation error IAM: CreateRole, AccessDenied: .*not authorized"
        with pytest.raises(AbortedError, match=words):
            world.hand.create(ROLE, "bounded", {"assumeRolePolicy": TRUST, "name": name})
    finally:
        iam.delete_role_policy(RoleName="OrganizationAccountAccessRole", PolicyName="deny")


def test_a_bucket_with_objects_is_not_deleted(world: World) -> None:
    """A bucket that holds something is AWS's to refuse."""
    bucket = world.hand.create(BUCKET, world.name("full"), {})
    world.client("s3").put_object(Bucket=bucket.id, Key="a", Body=b"a")
    with pytest.raises(AbortedError, match="BucketNotEmpty"):
        world.hand.delete(bucket)


def test_a_bucket_is_deleted_with_every_version_if_told_to(world: World) -> None:
    """With forceDestroy all objects go first, old versions and delete markers included."""
    bucket = world.hand.create(BUCKET, world.name("full"), {"forceDestroy": True})
    s3 = world.client("s3")
    s3.put_bucket_versioning(Bucket=bucket.id, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket.id, Key="a", Body=body)
    s3.delete_object(Bucket=bucket.id, Key="a")
    world.hand.delete(bucket)
    assert world.hand.refresh(bucket) is None


def test_an_object_that_may_not_go_keeps_its_bucket(world: World) -> None:
    """What S3 refuses of a deletion of many objects is told, in place of a bucket that is not empty."""
    bucket = world.hand.create(BUCKET, world.name("kept"), {"forceDestroy": True})
    s3 = world.client("s3")
    s3.put_object(Bucket=bucket.id, Key="a", Body=b"a")
    kept = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*", "Resource": f"{bucket.outputs['arn']}/*"}
    s3.put_bucket_policy(Bucket=bucket.id, Policy=document(kept))
    with pytest.raises(AbortedError, match="DeleteObjects, AccessDenied"):
        world.hand.delete(bucket)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_a_bucket_one_has_already_is_refused_in_every_region(world: World, region: str) -> None:
    """Where S3 itself answers "created" for one's own bucket, the provider looks first and refuses all the same."""
    inputs = {"bucket": world.name("twice"), "region": region}
    world.hand.create(BUCKET, world.name("first"), inputs)
    with pytest.raises(AbortedError, match="CreateBucket, BucketAlreadyOwnedByYou"):
        world.hand.create(BUCKET, world.name("second"), inputs)


def test_a_locked_bucket_says_so(world: World) -> None:
    """A bucket made with an object lock reads back with it."""
    bucket = world.hand.create(BUCKET, world.name("locked"), {"objectLockEnabled": True})
    assert bucket.outputs["objectLockEnabled"] is True


def test_versioning_that_is_not_wanted_is_not_switched_on(world: World) -> None:
    """Status Disabled is how a bucket starts: nothing is sent, and deleting the setting leaves it so."""
    kind, bucket = "aws:s3/bucketVersioning:BucketVersioning", world.bucket()
    off = world.hand.create(kind, "off", {"bucket": bucket, "versioningConfiguration": {"status": "Disabled"}})
    world.hand.delete(off)
    assert "Status" not in world.client("s3").get_bucket_versioning(Bucket=bucket)


def test_what_is_to_stay_is_not_destroyed(world: World) -> None:
    """With skipDestroy a deletion leaves the log group where it is."""
    group = world.hand.create(GROUP, world.name("kept"), {"skipDestroy": True})
    world.hand.delete(group)
    assert world.hand.refresh(group) is not None


def test_an_account_is_removed_not_closed(world: World) -> None:
    """Deleting an account takes it out of the organisation; it is not closed."""
    made = world.management.create(ACCOUNT, "leaving", {"email": f"{world.name()}@acme.example"})
    world.management.delete(made)
    listed = world.organizations().get_paginator("list_accounts").paginate()
    assert made.id not in {account["Id"] for page in listed for account in page["Accounts"]}


def test_an_account_is_closed_if_told_to(world: World) -> None:
    """With closeOnDeletion an account is being closed, and is then gone for the provider."""
    inputs = {"email": f"{world.name()}@acme.example", "closeOnDeletion": True}
    made = world.management.create(ACCOUNT, "closing", inputs)
    world.management.delete(made)
    assert world.organizations().describe_account(AccountId=made.id)["Account"]["Status"] == "PENDING_CLOSURE"
    assert world.management.refresh(made) is None


def test_an_account_half_made_is_kept_and_completed(world: World) -> None:
    """An account that exists but can't be moved is kept with its id; the next update moves it."""
    inputs = {"email": f"{world.name()}@acme.example", "parentId": "ou-aaaa-bbbbbbbb"}
    with pytest.raises(AbortedError, match="MoveAccount") as caught:
        world.management.create(ACCOUNT, "stray", inputs)
    incomplete = caught.value.incomplete
    assert incomplete is not None
    found = world.management.import_(ACCOUNT, "stray", incomplete.id)
    assert found is not None
    unit = world.unit()
    mended = world.management.update(found, {**inputs, "name": found.outputs["name"], "parentId": unit})
    assert mended.outputs["parentId"] == unit


def test_leaving_dedicated_tenancy_is_no_replacement(world: World) -> None:
    """Only a change to dedicated tenancy needs another VPC; the way back is in place."""
    dedicated = world.hand.create(VPC, "net", {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "dedicated"})
    shared = world.hand.diff(dedicated, {"cidrBlock": "10.0.0.0/16"})
    assert shared.paths == {"instanceTenancy": "UPDATE"}


def test_a_changed_association_can_still_be_deleted(world: World) -> None:
    """EC2 gives an association a new id when its table changes; it is found by its subnet and deleted all the same."""
    vpc = world.vpc()
    subnet = world.subnet(vpc)
    made = world.hand.create(ASSOCIATION, "a", {"subnetId": subnet, "routeTableId": world.table(vpc)})
    now = world.hand.update(made, {"subnetId": subnet, "routeTableId": world.table(vpc)})
    assert now.outputs["id"] != made.id
    world.hand.delete(now)
    assert world.hand.refresh(now) is None


def test_a_table_is_deleted_with_its_associations(world: World) -> None:
    """A route table somebody associated with a subnet is let go of first."""
    vpc = world.vpc()
    table = world.hand.create(TABLE, "t", {"vpcId": vpc})
    world.client("ec2").associate_route_table(RouteTableId=table.id, SubnetId=world.subnet(vpc))
    world.hand.delete(table)
    assert world.hand.refresh(table) is None


def test_routes_nobody_listed_are_nobodys_business(world: World) -> None:
    """A table without inline routes does not differ for routes made beside it."""
    vpc = world.vpc()
    table = world.hand.create(TABLE, "t", {"vpcId": vpc})
    world.hand.create(
        ROUTE, "r", {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": world.gateway(vpc)}
    )
    found = world.hand.refresh(table)
    assert found is not None
    assert world.hand.diff(found, {"vpcId": vpc}).paths == {}


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        ({"gatewayId": "igw-1"}, "destinationCidrBlock"),
        ({"destinationCidrBlock": "0.0.0.0/0"}, "gatewayId"),
        ({"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1", "natGatewayId": "nat-1"}, "natGatewayId"),
    ],
)
def test_a_route_needs_one_destination_and_one_target(world: World, inputs: dict[str, str], wrong: str) -> None:
    """Too few or too many are refused before AWS is asked."""
    with pytest.raises(RefusedInputsError) as caught:
        world.hand.check(ROUTE, "r", {"routeTableId": "rtb-1", **inputs})
    assert set(caught.value.failures) == {wrong}


def test_a_target_that_is_not_known_yet_counts(world: World) -> None:
    """In a preview the target may be unknown and is given all the same."""
    inputs = {"routeTableId": UNKNOWN, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN}
    assert world.hand.check(ROUTE, "r", inputs)["gatewayId"] is UNKNOWN


def test_an_id_of_another_form_can_not_be_imported(world: World) -> None:
    """An id that does not have the type's form is refused with the form."""
    with pytest.raises(AbortedError, match=r"FY662(.|\n)*{routeTableId}_{destinationCidrBlock}"):
        world.hand.import_(ROUTE, "r", "r-rtb-1080289494")
