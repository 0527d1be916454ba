"""Rules of AWS Organizations about organisations that share no more than a bill, and about two organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from rehearsal.twin.client import make_outside_account
from rehearsal.twin.run_file import TwinRun
from tests.support.organization_fixtures import SCP, Organized
from tests.support.twin_fixtures import Keys, TwinAws, document, refused


@dataclass(frozen=True, slots=True)
class Another:
    """An organisation of somebody else's, which only shares a bill."""

    management: str
    client: Any
    root: str


@pytest.fixture
def another(twin: TwinRun, aws: TwinAws, org: Organized) -> Another:
    """Make an account outside, and its own organisation."""
    name = org.name()
    made = make_outside_account(twin, name, f"{name}@elsewhere.example")
    client = aws.client("organizations", Keys(made["access_key_id"], made["secret_access_key"]))
    client.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    return Another(made["account_id"], client, str(client.list_roots()["Roots"][0]["Id"]))


def made_in(another: Another, org: Organized) -> str:
    """Make an account in somebody else's organisation."""
    name = org.name()
    status = another.client.create_account(Email=f"{name}@elsewhere.example", AccountName=name)
    return str(status["CreateAccountStatus"]["AccountId"])


def test_a_bill_alone_has_no_policies(another: Another) -> None:
    """Policies want all features. Source: API Reference: PolicyTypeNotAvailableForOrganizationException."""
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        another.client.enable_policy_type(RootId=another.root, PolicyType=SCP)
    denied = document({"Effect": "Deny", "Action": "*", "Resource": "*"})
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        another.client.create_policy(Name="none", Description="", Type=SCP, Content=denied)


def test_a_bill_alone_trusts_nobody(another: Another, org: Organized) -> None:
    """Trusted access, delegation and closing want all features. Source: ORGANIZATION_NOT_IN_ALL_FEATURES_MODE."""
    account, service = made_in(another, org), "config.amazonaws.com"
    for operation, arguments in (
        (another.client.enable_aws_service_access, {"ServicePrincipal": service}),
        (another.client.list_aws_service_access_for_organization, {}),
        (another.client.register_delegated_administrator, {"AccountId": account, "ServicePrincipal": service}),
        (another.client.close_account, {"AccountId": account}),
        (another.client.put_resource_policy, {"Content": "{}"}),
    ):
        with refused("ConstraintViolationException") as found:
            operation(**arguments)
        assert found.reason == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_all_features_are_confirmed(another: Another) -> None:
    """Switching all features on is a handshake that the management account accepts; then there are policies.

    Source: API Reference, "EnableAllFeatures", "AcceptHandshake"; User Guide, "Enabling all features".
    """
    handshake = another.client.enable_all_features()["Handshake"]
    assert another.client.describe_organization()["Organization"]["FeatureSet"] == "CONSOLIDATED_BILLING"
    another.client.accept_handshake(HandshakeId=handshake["Id"])
    assert another.client.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    another.client.enable_policy_type(RootId=another.root, PolicyType=SCP)


def test_an_account_is_in_one_organisation(org: Organized, another: Another, twin: TwinRun, aws: TwinAws) -> None:
    """Of two invitations one is accepted; who has an organisation of its own is not invited.

    Source: HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION.
    """
    name = org.name()
    made = make_outside_account(twin, name, f"{name}@elsewhere.example")
    target = {"Id": made["account_id"], "Type": "ACCOUNT"}
    first, second = (
        client.invite_account_to_organization(Target=target)["Handshake"]["Id"]
        for client in (org.client, another.client)
    )
    own = aws.client("organizations", Keys(made["access_key_id"], made["secret_access_key"]))
    own.accept_handshake(HandshakeId=first)
    with refused("HandshakeConstraintViolationException") as found:
        own.accept_handshake(HandshakeId=second)
    assert found.reason == "ALREADY_IN_AN_ORGANIZATION"
    with refused("HandshakeConstraintViolationException"):
        org.client.invite_account_to_organization(Target={"Id": another.management, "Type": "ACCOUNT"})


def test_invited_accounts_would_have_to_approve(another: Another, org: Organized, twin: TwinRun, aws: TwinAws) -> None:
    """Switching all features on with an invited account in the organisation is not emulated, and said to be so."""
    name = org.name()
    made = make_outside_account(twin, name, f"{name}@elsewhere.example")
    own = aws.client("organizations", Keys(made["access_key_id"], made["secret_access_key"]))
    sent = another.client.invite_account_to_organization(Target={"Id": made["account_id"], "Type": "ACCOUNT"})
    own.accept_handshake(HandshakeId=sent["Handshake"]["Id"])
    with refused("UnsupportedOperation"):
        another.client.enable_all_features()


def test_organisations_are_apart(org: Organized, another: Another, account: str) -> None:
    """One organisation knows nothing of another's accounts; an empty one can be deleted.

    Source: API Reference, "DescribeAccount", "DeleteOrganization".
    """
    with refused("AccountNotFoundException"):
        another.client.describe_account(AccountId=account)
    with refused("AccountNotFoundException"):
        org.client.describe_account(AccountId=another.management)
    another.client.delete_organization()
    with refused("AWSOrganizationsNotInUseException"):
        another.client.list_accounts()
