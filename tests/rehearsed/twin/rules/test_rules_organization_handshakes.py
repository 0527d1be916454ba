"""Rules of AWS Organizations about handshakes: an account outside is invited, and joins or does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from rehearsal.twin.client import make_outside_account
from rehearsal.twin.run_file import TwinRun
from tests.support.organization_fixtures import Organized, Settings
from tests.support.twin_fixtures import Keys, TwinAws, refused

FIFTEEN_DAYS = 15 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Outside:
    """An account outside, and Organizations as its administrator."""

    id: str
    email: str
    client: Any


@pytest.fixture
def outside(twin: TwinRun, aws: TwinAws, org: Organized) -> Outside:
    """Make an account that is in no organisation."""
    name = org.name()
    made = make_outside_account(twin, name, f"{name}@elsewhere.example")
    keys = Keys(made["access_key_id"], made["secret_access_key"])
    return Outside(made["account_id"], f"{name}@elsewhere.example", aws.client("organizations", keys))


def invite(org: Organized, outside: Outside, **more: object) -> dict[str, Any]:
    """Invite an account by its id and return the handshake."""
    target = {"Id": outside.id, "Type": "ACCOUNT"}
    return dict(org.client.invite_account_to_organization(Target=target, **more)["Handshake"])


def test_an_invited_account_joins(org: Organized, outside: Outside, aws: TwinAws) -> None:
    """Who accepts is a member from then on, INVITED, in the root, without a role for the management account.

    Source: API Reference, "InviteAccountToOrganization", "AcceptHandshake"; User Guide, "Accessing member accounts".
    """
    sent = invite(org, outside, Notes="Welcome", Tags=[{"Key": "from", "Value": "outside"}])
    assert (sent["State"], sent["Action"]) == ("OPEN", "INVITE")
    received = outside.client.list_handshakes_for_account()["Handshakes"]
    assert [each["Id"] for each in received] == [sent["Id"]]
    assert outside.client.accept_handshake(HandshakeId=sent["Id"])["Handshake"]["State"] == "ACCEPTED"
    member = org.client.describe_account(AccountId=outside.id)["Account"]
    assert (member["JoinedMethod"], member["Email"], member["State"]) == ("INVITED", outside.email, "ACTIVE")
    assert org.client.list_parents(ChildId=outside.id)["Parents"][0]["Id"] == org.root
    assert org.client.list_tags_for_resource(ResourceId=outside.id)["Tags"] == [{"Key": "from", "Value": "outside"}]
    attached = org.client.list_policies_for_target(TargetId=outside.id, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert [each["Name"] for each in attached] == ["FullAWSAccess"]
    with refused("AccessDenied"):
        aws.into(outside.id)


def test_an_invited_account_leaves_when_it_likes(org: Organized, outside: Outside) -> None:
    """Invited accounts need not wait. Source: API Reference, "LeaveOrganization"."""
    outside.client.accept_handshake(HandshakeId=invite(org, outside)["Id"])
    outside.client.leave_organization()
    with refused("AWSOrganizationsNotInUseException"):
        outside.client.describe_organization()
    assert invite(org, outside)["State"] == "OPEN"


def test_an_invitation_is_declined(org: Organized, outside: Outside) -> None:
    """Who declines stays outside, and cannot accept any more. Source: InvalidHandshakeTransitionException."""
    sent = invite(org, outside)
    with refused("AccessDeniedException"):
        org.client.decline_handshake(HandshakeId=sent["Id"])
    assert outside.client.decline_handshake(HandshakeId=sent["Id"])["Handshake"]["State"] == "DECLINED"
    with refused("HandshakeAlreadyInStateException"):
        outside.client.decline_handshake(HandshakeId=sent["Id"])
    with refused("InvalidHandshakeTransitionException"):
        outside.client.accept_handshake(HandshakeId=sent["Id"])
    with refused("AccountNotFoundException"):
        org.client.describe_account(AccountId=outside.id)


def test_an_invitation_is_cancelled(org: Organized, outside: Outside) -> None:
    """Who has invited may cancel, and nobody accepts then. Source: API Reference, "CancelHandshake"."""
    sent = invite(org, outside)
    with refused("AccessDeniedException"):
        outside.client.cancel_handshake(HandshakeId=sent["Id"])
    org.client.cancel_handshake(HandshakeId=sent["Id"])
    with refused("InvalidHandshakeTransitionException"):
        outside.client.accept_handshake(HandshakeId=sent["Id"])
    found = org.client.list_handshakes_for_organization(Filter={"ActionType": "INVITE"})["Handshakes"]
    assert {"Id": sent["Id"], "State": "CANCELED"} in [{"Id": each["Id"], "State": each["State"]} for each in found]


def test_an_invitation_ends(org: Organized, outside: Outside, settings: Settings) -> None:
    """After 15 days nobody accepts it. Source: User Guide, "Inviting an AWS account to join your organization"."""
    sent = invite(org, outside)
    settings(clock_ahead_s=FIFTEEN_DAYS + 1)
    assert org.client.describe_handshake(HandshakeId=sent["Id"])["Handshake"]["State"] == "EXPIRED"
    with refused("InvalidHandshakeTransitionException"):
        outside.client.accept_handshake(HandshakeId=sent["Id"])


def test_one_invitation_at_a_time(org: Organized, outside: Outside) -> None:
    """A second invitation by the email is the same one. Source: DuplicateHandshakeException."""
    invite(org, outside)
    with refused("DuplicateHandshakeException"):
        org.client.invite_account_to_organization(Target={"Id": outside.email, "Type": "EMAIL"})


def test_members_are_not_invited(org: Organized, account: str) -> None:
    """Source: HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION; INVALID_PARTY_TYPE_TARGET."""
    with refused("HandshakeConstraintViolationException") as found:
        org.client.invite_account_to_organization(Target={"Id": account, "Type": "ACCOUNT"})
    assert found.reason == "ALREADY_IN_AN_ORGANIZATION"
    with refused("InvalidInputException") as wrong:
        org.client.invite_account_to_organization(Target={"Id": "o-0000000000", "Type": "ORGANIZATION"})
    assert wrong.reason == "INVALID_PARTY_TYPE_TARGET"


def test_invitations_have_a_quota(org: Organized, outside: Outside, settings: Settings) -> None:
    """There are so many a day. Source: User Guide, "Quotas"; HANDSHAKE_RATE_LIMIT_EXCEEDED."""
    settings(quotas={"handshakes_a_day": 0})
    with refused("HandshakeConstraintViolationException") as found:
        invite(org, outside)
    assert found.reason == "HANDSHAKE_RATE_LIMIT_EXCEEDED"


def test_invitations_count_as_accounts(org: Organized, outside: Outside, settings: Settings) -> None:
    """An invitation takes an account's place. Source: User Guide, "Quotas"; ACCOUNT_NUMBER_LIMIT_EXCEEDED."""
    settings(quotas={"accounts": 1})
    with refused("HandshakeConstraintViolationException") as found:
        invite(org, outside)
    assert found.reason == "ACCOUNT_NUMBER_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("kind", "unknown", "reason"),
    [("ACCOUNT", "000000000000", "INVALID_PATTERN"), ("EMAIL", "no@body.example", "INVALID_EMAIL_ADDRESS_TARGET")],
)
def test_nobody_is_not_invited(org: Organized, kind: str, unknown: str, reason: str) -> None:
    """Whom AWS does not know is not invited; for an id the reason is our choice. Source: InvalidInputException."""
    with refused("InvalidInputException") as found:
        org.client.invite_account_to_organization(Target={"Id": unknown, "Type": kind})
    assert found.reason == reason


def test_handshakes_are_for_two(org: Organized, outside: Outside, aws: TwinAws, account: str) -> None:
    """A handshake between others is not found. Source: API Reference: HandshakeNotFoundException."""
    sent = invite(org, outside)
    with refused("HandshakeNotFoundException"):
        org.client.describe_handshake(HandshakeId="h-00000000")
    with refused("HandshakeNotFoundException"):
        aws.client("organizations", aws.into(account)).describe_handshake(HandshakeId=sent["Id"])


def test_all_features_are_there(org: Organized) -> None:
    """Source: HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES."""
    with refused("HandshakeConstraintViolationException") as found:
        org.client.enable_all_features()
    assert found.reason == "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"
