"""Rules of AWS Organizations about units and tags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.organization_fixtures import Organized, Settings
from tests.support.twin_fixtures import Keys, TwinAws, document, refused


def nowhere(org: Organized) -> str:
    """Return the id of a unit that is not there."""
    return f"ou-{org.root.removeprefix('r-')}-00000000"


def test_names_are_of_one_unit_of_a_parent(org: Organized) -> None:
    """Two units of one parent have two names; elsewhere the name is free, and a unit keeps its own.

    Source: API Reference, "CreateOrganizationalUnit", "UpdateOrganizationalUnit": DuplicateOrganizationalUnit.
    """
    name = org.name()
    one, other = org.unit(name=name), org.unit()
    with refused("DuplicateOrganizationalUnitException"):
        org.unit(name=name)
    with refused("DuplicateOrganizationalUnitException"):
        org.client.update_organizational_unit(OrganizationalUnitId=other, Name=name)
    org.client.update_organizational_unit(OrganizationalUnitId=one, Name=name)
    assert org.unit(parent=other, name=name).startswith("ou-")


def test_parents_exist(org: Organized) -> None:
    """A unit needs a parent. Source: API Reference, "CreateOrganizationalUnit": ParentNotFound."""
    with refused("ParentNotFoundException"):
        org.unit(parent=nowhere(org))
    with refused("ParentNotFoundException"):
        org.client.list_children(ParentId=nowhere(org), ChildType="ACCOUNT")
    with refused("ChildNotFoundException"):
        org.client.list_parents(ChildId=nowhere(org))
    with refused("InvalidInputException") as found:
        org.client.list_children(ParentId=org.root, ChildType="POLICY")
    assert found.reason == "INVALID_ENUM"


def test_units_are_five_deep(org: Organized) -> None:
    """Below the root there are five levels. Source: User Guide, "Quotas"; OU_DEPTH_LIMIT_EXCEEDED."""
    parent = ""
    for _ in range(5):
        parent = org.unit(parent=parent)
    with refused("ConstraintViolationException") as found:
        org.unit(parent=parent)
    assert found.reason == "OU_DEPTH_LIMIT_EXCEEDED"
    path = org.client.describe_organizational_unit(OrganizationalUnitId=parent)["OrganizationalUnit"]["Path"]
    assert path.count("/ou-") == 5


def test_units_have_a_quota(org: Organized, settings: Settings) -> None:
    """An organisation has so many units. Source: User Guide, "Quotas"; OU_NUMBER_LIMIT_EXCEEDED."""
    org.unit()
    settings(quotas={"units": 1})
    with refused("ConstraintViolationException") as found:
        org.unit()
    assert found.reason == "OU_NUMBER_LIMIT_EXCEEDED"


def test_units_that_hold_something_stay(org: Organized, account: str) -> None:
    """A unit with an account or a unit in it is not deleted; an empty one is, and its policies are free to go.

    Source: API Reference, "DeleteOrganizationalUnit": OrganizationalUnitNotEmpty, OrganizationalUnitNotFound.
    """
    org.enable("SERVICE_CONTROL_POLICY")
    delete, outer, policy = org.client.delete_organizational_unit, org.unit(), org.policy()
    org.client.attach_policy(PolicyId=policy, TargetId=outer)
    inner = org.unit(parent=outer)
    with refused("OrganizationalUnitNotEmptyException"):
        delete(OrganizationalUnitId=outer)
    delete(OrganizationalUnitId=inner)
    org.client.move_account(AccountId=account, SourceParentId=org.root, DestinationParentId=outer)
    with refused("OrganizationalUnitNotEmptyException"):
        delete(OrganizationalUnitId=outer)
    org.client.move_account(AccountId=account, SourceParentId=outer, DestinationParentId=org.root)
    delete(OrganizationalUnitId=outer)
    org.client.delete_policy(PolicyId=policy)
    with refused("OrganizationalUnitNotFoundException"):
        delete(OrganizationalUnitId=outer)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ([{"Key": "aws:x", "Value": "1"}], "INVALID_SYSTEM_TAGS_PARAMETER"),
        ([{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}], "DUPLICATE_TAG_KEY"),
        ([{"Key": "x?", "Value": "1"}], "INVALID_PATTERN"),
        ([{"Key": "x", "Value": "v" * 257}], "MAX_LENGTH_EXCEEDED"),
    ],
)
def test_tags_are_checked(org: Organized, account: str, tags: list[dict[str, str]], reason: str) -> None:
    """Tags hold to AWS's rules, on what is there and on what is made. Source: API Reference, InvalidInputException."""
    for tagging in (
        lambda: org.client.tag_resource(ResourceId=account, Tags=tags),
        lambda: org.client.create_organizational_unit(ParentId=org.root, Name=org.name(), Tags=tags),
    ):
        with refused("InvalidInputException") as found:
            tagging()
        assert found.reason == reason


def test_fifty_tags_are_the_most(org: Organized, account: str) -> None:
    """A fifty-first tag is refused; one that is there may change. Source: MAX_TAG_LIMIT_EXCEEDED."""
    org.client.tag_resource(ResourceId=account, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    with refused("ConstraintViolationException") as found:
        org.client.tag_resource(ResourceId=account, Tags=[{"Key": "more", "Value": ""}])
    assert found.reason == "MAX_TAG_LIMIT_EXCEEDED"
    org.client.tag_resource(ResourceId=account, Tags=[{"Key": "k1", "Value": "new"}])
    with refused("TargetNotFoundException"):
        org.client.tag_resource(ResourceId="p-00000000", Tags=[{"Key": "k", "Value": ""}])


def test_tags_at_creation_need_the_right_to_tag(
    org: Organized, aws: TwinAws, new_user: Callable[..., tuple[str, Keys]]
) -> None:
    """What may make units, and not tag, makes none with tags. AWS Organizations API, CreateOrganizationalUnit."""
    _, keys = new_user(
        document({"Effect": "Allow", "Action": "organizations:CreateOrganizationalUnit", "Resource": "*"})
    )
    client = aws.client("organizations", keys)
    client.create_organizational_unit(ParentId=org.root, Name=org.name())
    with refused("AccessDeniedException", "organizations:TagResource"):
        client.create_organizational_unit(ParentId=org.root, Name=org.name(), Tags=[{"Key": "a", "Value": "1"}])
