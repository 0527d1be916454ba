"""Rules of AWS Account Management: whose account, names, emails, contacts, regions."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from rehearsal.twin.client import last_denials, last_mail
from rehearsal.twin.run_file import TwinRun
from tests.support.organization_fixtures import NewAccount, Organized, Settings
from tests.support.twin_fixtures import MANAGEMENT, TwinAws, refused

SERVICE = "account.amazonaws.com"
OPT_IN = "eu-south-1"
CONTACT = {
    "FullName": "A. Person",
    "AddressLine1": "1 High Street",
    "City": "Dublin",
    "PostalCode": "D01",
    "CountryCode": "IE",
    "PhoneNumber": "+353 1 000 0000",
}


@pytest.fixture
def manager(org: Organized, aws: TwinAws) -> Any:
    """Return Account Management as the management account's administrator, with trusted access."""
    org.client.enable_aws_service_access(ServicePrincipal=SERVICE)
    return aws.client("account")


def test_members_are_managed_with_trusted_access(org: Organized, aws: TwinAws, account: str) -> None:
    """Members are named by id only where the organisation trusts the service.

    Source: Account Management Reference Guide, AccountId; words as publicly reported of ListRegions.
    """
    org.client.disable_aws_service_access(ServicePrincipal=SERVICE)
    with refused("AccessDeniedException") as found:
        aws.client("account").list_regions(AccountId=account)
    assert found.message.endswith("(Your organization must first enable trusted access with AWS Account Management.)")
    org.client.enable_aws_service_access(ServicePrincipal=SERVICE)
    assert aws.client("account").list_regions(AccountId=account)["Regions"]


def test_the_management_account_is_not_named(manager: Any) -> None:
    """The management account works on itself without an id. Source: as above, AccountId."""
    with refused("AccessDeniedException") as found:
        manager.list_regions(AccountId=MANAGEMENT)
    assert "standalone context" in found.message
    assert manager.list_regions()["Regions"]


def test_members_manage_nobody_else(manager: Any, aws: TwinAws, new_account: NewAccount) -> None:
    """A member names no other account, nor its own. Source: as above, AccountId."""
    assert manager
    one, other = new_account(), new_account()
    for named in (one, other, MANAGEMENT):
        with refused("AccessDeniedException"):
            aws.client("account", aws.into(one)).list_regions(AccountId=named)


def test_a_delegated_administrator_manages_members(
    manager: Any,
    org: Organized,
    aws: TwinAws,
    new_account: NewAccount,
) -> None:
    """Whom the service is delegated to names other members. Source: as above, AccountId."""
    assert manager
    one, other = new_account(), new_account()
    org.client.register_delegated_administrator(AccountId=one, ServicePrincipal=SERVICE)
    named = aws.client("account", aws.into(one))
    named.put_account_name(AccountId=other, AccountName="renamed")
    assert org.client.describe_account(AccountId=other)["Account"]["Name"] == "renamed"
    assert named.get_account_information(AccountId=other)["AccountState"] == "ACTIVE"
    with refused("AccessDeniedException"):
        named.get_account_information(AccountId=MANAGEMENT)


def test_primary_emails_are_a_named_members(twin: TwinRun, aws: TwinAws, organization: str) -> None:
    """A primary email is asked for by the account's id only. Source: as above, "GetPrimaryEmail", AccountId."""
    assert organization
    unchecked = boto3.client(
        "account",
        aws_access_key_id=aws.administrator.access_key_id,
        aws_secret_access_key=aws.administrator.secret_access_key,
        region_name=twin.region,
        endpoint_url=twin.endpoint,
        config=Config(parameter_validation=False),
    )
    with refused("ValidationException"):
        unchecked.get_primary_email()


def test_a_primary_email_changes_with_a_code(
    manager: Any,
    org: Organized,
    twin: TwinRun,
    account: str,
) -> None:
    """The new address gets a code, which has to be given back; only then the account has it.

    Source: Account Management Reference Guide, "StartPrimaryEmailUpdate", "AcceptPrimaryEmailUpdate".
    """
    email = f"{org.name()}@new.example"
    assert manager.start_primary_email_update(AccountId=account, PrimaryEmail=email)["Status"] == "PENDING"
    accept = {"AccountId": account, "PrimaryEmail": email}
    with refused("ValidationException"):
        manager.accept_primary_email_update(**accept, Otp="wrong1")
    with refused("ResourceNotFoundException"):
        manager.accept_primary_email_update(**(accept | {"PrimaryEmail": "other@new.example"}), Otp="wrong1")
    assert manager.get_primary_email(AccountId=account)["PrimaryEmail"] != email
    code = next(mail["code"] for mail in last_mail(twin) if mail["to"] == email)
    manager.accept_primary_email_update(**accept, Otp=code)
    assert manager.get_primary_email(AccountId=account)["PrimaryEmail"] == email
    assert org.client.describe_account(AccountId=account)["Account"]["Email"] == email


def test_an_email_taken_meanwhile_is_refused(
    manager: Any,
    org: Organized,
    twin: TwinRun,
    account: str,
) -> None:
    """An address that another account got before the code was given back is not taken. Source: ConflictException."""
    name = org.name()
    email = f"{name}@example.com"
    manager.start_primary_email_update(AccountId=account, PrimaryEmail=email)
    code = next(mail["code"] for mail in last_mail(twin) if mail["to"] == email)
    org.request(name)
    with refused("ConflictException"):
        manager.accept_primary_email_update(AccountId=account, PrimaryEmail=email, Otp=code)


def test_what_nobody_has_set_is_not_found(manager: Any, account: str) -> None:
    """Contact information is found when there is some. Source: ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        manager.get_contact_information(AccountId=account)


def test_an_email_in_use_is_refused(manager: Any, org: Organized, new_account: NewAccount) -> None:
    """An address is one account's. Source: Account Management Reference Guide, ConflictException."""
    one, other = new_account(), new_account()
    taken = org.client.describe_account(AccountId=other)["Account"]["Email"]
    with refused("ConflictException"):
        manager.start_primary_email_update(AccountId=one, PrimaryEmail=taken)


def test_contact_information_is_kept(manager: Any, account: str, aws: TwinAws) -> None:
    """What is put for a member is what the member reads. Source: "PutContactInformation"."""
    manager.put_contact_information(AccountId=account, ContactInformation=CONTACT)
    own = aws.client("account", aws.into(account))
    assert own.get_contact_information()["ContactInformation"] == CONTACT


def test_regions_come_in_pages(manager: Any) -> None:
    """Regions are listed once each, those enabled by default told apart. Source: "ListRegions"."""
    pages = manager.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10})
    found = {each["RegionName"]: each["RegionOptStatus"] for page in pages for each in page["Regions"]}
    assert (found["eu-west-1"], found["af-south-1"], len(found)) == ("ENABLED_BY_DEFAULT", "DISABLED", 34)
    with refused("ValidationException") as wrong:
        manager.disable_region(RegionName="eu-west-1")
    assert wrong.reason == "invalidRegionOptTarget"
    with refused("ValidationException"):
        manager.get_region_opt_status(RegionName="eu-nowhere-1")


def test_opt_in_regions_are_enabled_first(
    manager: Any,
    settings: Settings,
    aws: TwinAws,
    twin: TwinRun,
    account: str,
) -> None:
    """A region that an account has not enabled knows none of its identities, until enabling has taken its time.

    Source: Account Management Reference Guide, "Enable or disable AWS Regions in your account".
    """
    keys = aws.into(account)
    queues = aws.client("sqs", keys, region=OPT_IN)
    with refused("InvalidClientTokenId", "UnrecognizedClientException"):
        queues.list_queues()
    assert last_denials(twin, 1)[0]["reason"] == f"account {account} has not enabled {OPT_IN}"
    settings(region_delay_s=600)
    manager.enable_region(AccountId=account, RegionName=OPT_IN)
    status = manager.get_region_opt_status(AccountId=account, RegionName=OPT_IN)
    assert status["RegionOptStatus"] == "ENABLING"
    with refused("InvalidClientTokenId", "UnrecognizedClientException"):
        queues.list_queues()
    with refused("ConflictException"):
        manager.disable_region(AccountId=account, RegionName=OPT_IN)
    settings(clock_ahead_s=601)
    assert "QueueUrls" not in queues.list_queues()
    settings(region_delay_s=0)
    manager.disable_region(AccountId=account, RegionName=OPT_IN)
    with refused("InvalidClientTokenId", "UnrecognizedClientException"):
        queues.list_queues()
