"""Becoming a role: trust, the caller's own right, durations, chains, MFA."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, keys_of, refused, trusting

NewRole = Callable[..., str]
NewUser = Callable[..., tuple[str, Keys]]
MAY_ASSUME = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"


@pytest.fixture
def device(aws: TwinAws, new_user: NewUser) -> tuple[Keys, str, pyotp.TOTP]:
    """Make a user that may assume any role, with a virtual MFA device; returns keys, serial number and its codes."""
    name, keys = new_user(MAY_ASSUME)
    iam = aws.client("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    totp = pyotp.TOTP(made["Base32StringSeed"].decode())
    now = datetime.now(UTC)
    iam.enable_mfa_device(
        UserName=name,
        SerialNumber=made["SerialNumber"],
        AuthenticationCode1=totp.at(now - timedelta(seconds=30)),
        AuthenticationCode2=totp.at(now),
    )
    return keys, made["SerialNumber"], totp


def test_organization_access_role_acts(aws: TwinAws, account: str) -> None:
    """OrganizationAccountAccessRole trusts the management account and may do everything in its own."""
    keys = aws.into(account)
    identity = aws.client("sts", keys).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{account}:assumed-role/OrganizationAccountAccessRole/test"
    aws.client("iam", keys).create_user(UserName="made-by-it")


def test_a_missing_role_is_refused(aws: TwinAws, account: str) -> None:
    """A role that does not exist is refused in the words for one that does not trust."""
    arn = f"arn:aws:iam::{account}:role/Nobody"
    with refused("AccessDenied") as denial:
        aws.assume(arn)
    caller = f"arn:aws:iam::{MANAGEMENT}:user/administrator"
    assert denial.message == f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"


def test_an_account_nobody_has_is_refused(aws: TwinAws) -> None:
    """A role of an account that does not exist is refused."""
    with refused("AccessDenied"):
        aws.assume("arn:aws:iam::999999999999:role/OrganizationAccountAccessRole")


def test_the_trust_must_name_the_caller(aws: TwinAws, new_account: Callable[[], str], new_role: NewRole) -> None:
    """Across accounts a role that trusts someone else is refused, even to an administrator."""
    other = new_account()
    arn = new_role(new_account(), trusting(f"arn:aws:iam::{other}:root"))
    with refused("AccessDenied"):
        aws.assume(arn)


def test_across_accounts_the_caller_needs_the_right_too(
    aws: TwinAws, account: str, new_role: NewRole, new_user: NewUser
) -> None:
    """A trust that names a user of another account is not enough without that user's own policy."""
    name, keys = new_user()
    arn = new_role(account, trusting(f"arn:aws:iam::{MANAGEMENT}:user/{name}"))
    with refused("AccessDenied"):
        aws.assume(arn, keys)
    aws.client("iam").put_user_policy(UserName=name, PolicyName="now", PolicyDocument=MAY_ASSUME)
    assert aws.client("sts", aws.assume(arn, keys)).get_caller_identity()["Account"] == account


def test_within_an_account_naming_the_user_is_enough(aws: TwinAws, new_role: NewRole, new_user: NewUser) -> None:
    """Within an account a trust that names the user itself needs no policy of the user."""
    name, keys = new_user()
    arn = new_role(MANAGEMENT, trusting(f"arn:aws:iam::{MANAGEMENT}:user/{name}"))
    aws.assume(arn, keys)


def test_within_an_account_naming_the_account_is_not_enough(aws: TwinAws, new_role: NewRole, new_user: NewUser) -> None:
    """Within an account a trust in the account leaves the decision to the caller's policies."""
    _, keys = new_user()
    arn = new_role(MANAGEMENT, trusting(ROOT))
    with refused("AccessDenied") as denial:
        aws.assume(arn, keys)
    assert denial.message.endswith("because no identity-based policy allows the sts:AssumeRole action")


def test_a_condition_on_the_calling_role_binds(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A trust in the account with ArnEquals aws:PrincipalArn lets in the role named and no other."""
    granted = new_role(MANAGEMENT, trusting(ROOT), MAY_ASSUME)
    other = new_role(MANAGEMENT, trusting(ROOT), MAY_ASSUME)
    condition = {"ArnEquals": {"aws:PrincipalArn": granted}}
    target = new_role(account, trusting(ROOT, Condition=condition))
    aws.assume(target, aws.assume(granted))
    with refused("AccessDenied"):
        aws.assume(target, aws.assume(other))


def test_a_deny_in_the_trust_wins(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A Deny statement of the trust policy wins over its Allow."""
    allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    arn = new_role(account, document(allow, {**allow, "Effect": "Deny"}))
    with refused("AccessDenied"):
        aws.assume(arn)


@pytest.mark.parametrize(
    ("given", "allowed"), [({}, False), ({"ExternalId": "bb"}, False), ({"ExternalId": "aa"}, True)]
)
def test_an_external_id_is_compared(
    aws: TwinAws, account: str, new_role: NewRole, given: dict[str, str], allowed: bool
) -> None:
    """A trust on an external id wants that very id."""
    arn = new_role(account, trusting(ROOT, Condition={"StringEquals": {"sts:ExternalId": "aa"}}))
    if allowed:
        aws.assume(arn, **given)
    else:
        with refused("AccessDenied"):
            aws.assume(arn, **given)


def test_a_role_on_a_path_is_named_with_it(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A role with a path is assumed by its whole ARN only."""
    arn = new_role(account, trusting(ROOT), Path="/fleet/")
    aws.assume(arn)
    with refused("AccessDenied"):
        aws.assume(arn.replace("/fleet/", "/"))


def test_a_closed_account_is_refused(aws: TwinAws, account: str) -> None:
    """Nobody gets into a closed account, and its own credentials end."""
    keys = aws.into(account)
    aws.client("organizations").close_account(AccountId=account)
    with refused("AccessDenied"):
        aws.into(account)
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()


def test_a_session_is_as_long_as_the_role_allows(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A duration beyond MaxSessionDuration is refused, one up to it granted."""
    arn = new_role(account, trusting(ROOT), MaxSessionDuration=7200)
    with refused("ValidationError") as refusal:
        aws.assume(arn, DurationSeconds=7201)
    assert "MaxSessionDuration" in refusal.message
    aws.assume(arn, DurationSeconds=7200)


def test_a_chained_session_lasts_an_hour(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A role assumed from a role gets one hour at most."""
    first = new_role(MANAGEMENT, trusting(ROOT), MAY_ASSUME)
    second = new_role(account, trusting(ROOT), MaxSessionDuration=43200)
    with refused("ValidationError") as refusal:
        aws.assume(second, aws.assume(first), DurationSeconds=3601)
    assert "role chaining" in refusal.message


def test_a_session_policy_narrows(aws: TwinAws, account: str) -> None:
    """A session policy takes away what it does not allow."""
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    keys = aws.assume(arn, Policy=document({"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}))
    aws.client("iam", keys).list_roles()
    with refused("AccessDenied") as denial:
        aws.client("iam", keys).create_user(UserName="x")
    assert denial.message.endswith("because no session policy allows the iam:CreateUser action")


def test_the_trust_may_demand_mfa(aws: TwinAws, new_role: NewRole, device: tuple[Keys, str, pyotp.TOTP]) -> None:
    """A trust that demands MFA refuses a user without a code, and with a wrong one; a right one is let in."""
    keys, serial, totp = device
    arn = new_role(MANAGEMENT, trusting(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    with refused("AccessDenied"):
        aws.assume(arn, keys)
    right = totp.now()
    wrong = f"{(int(right) + 1) % 1000000:06d}"
    with refused("AccessDenied") as denial:
        aws.assume(arn, keys, SerialNumber=serial, TokenCode=wrong)
    assert "MultiFactorAuthentication failed" in denial.message
    aws.assume(arn, keys, SerialNumber=serial, TokenCode=right)


def test_another_users_device_is_refused(
    aws: TwinAws, new_role: NewRole, new_user: NewUser, device: tuple[Keys, str, pyotp.TOTP]
) -> None:
    """The right code of somebody else's device is refused."""
    _, serial, totp = device
    _, keys = new_user(MAY_ASSUME)
    arn = new_role(MANAGEMENT, trusting(ROOT))
    with refused("AccessDenied"):
        aws.assume(arn, keys, SerialNumber=serial, TokenCode=totp.now())


def test_a_session_with_mfa_carries_it(aws: TwinAws, new_role: NewRole, device: tuple[Keys, str, pyotp.TOTP]) -> None:
    """A user's session opened with MFA satisfies a trust that demands it; one opened without does not."""
    keys, serial, totp = device
    arn = new_role(MANAGEMENT, trusting(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    sts = aws.client("sts", keys)
    without = keys_of(sts.get_session_token()["Credentials"])
    with refused("AccessDenied"):
        aws.assume(arn, without)
    with_mfa = keys_of(sts.get_session_token(SerialNumber=serial, TokenCode=totp.now())["Credentials"])
    aws.assume(arn, with_mfa)


def test_a_roles_session_carries_no_mfa(
    aws: TwinAws, account: str, new_role: NewRole, device: tuple[Keys, str, pyotp.TOTP]
) -> None:
    """MFA used to assume a first role does not count for the next one."""
    keys, serial, totp = device
    first = new_role(MANAGEMENT, trusting(ROOT), MAY_ASSUME)
    second = new_role(account, trusting(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    session = aws.assume(first, keys, SerialNumber=serial, TokenCode=totp.now())
    with refused("AccessDenied"):
        aws.assume(second, session)


def test_a_user_session_without_mfa_cannot_call_iam(aws: TwinAws, new_user: NewUser) -> None:
    """GetSessionToken without MFA gives no access to IAM, whatever the user may do."""
    _, keys = new_user(document(*EVERYTHING["Statement"]))
    session = keys_of(aws.client("sts", keys).get_session_token()["Credentials"])
    with refused("InvalidClientTokenId"):
        aws.client("iam", session).list_roles()
    aws.client("kms", session).list_keys()


def test_enabling_a_device_takes_two_right_codes(aws: TwinAws, new_user: NewUser) -> None:
    """EnableMFADevice refuses codes that are not the device's."""
    name, _ = new_user()
    iam = aws.client("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    with refused("InvalidAuthenticationCode"):
        iam.enable_mfa_device(
            UserName=name, SerialNumber=made["SerialNumber"], AuthenticationCode1="000000", AuthenticationCode2="000001"
        )
