"""Rules of sessions: how long, of whom, with what, and what they may not do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pyotp
import pytest
from botocore.config import Config

from rehearsal.twin.client import change_settings
from rehearsal.twin.run_file import TwinRun
from tests.support.twin_fixtures import EVERYTHING, MANAGEMENT, Keys, TwinAws, document, keys_of, refused, trusting

NewUser = Callable[..., tuple[str, Keys]]
NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
ALL = document(*EVERYTHING["Statement"])
MFA_TRUST = trusting(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})


@dataclass(frozen=True)
class Device:
    """A user's key and virtual MFA device."""

    keys: Keys
    serial: str
    totp: pyotp.TOTP

    def code(self, steps: int = 0) -> dict[str, str]:
        """Return the arguments that show a code, of now or so many steps of 30 seconds later."""
        at = datetime.now(UTC) + timedelta(seconds=30 * steps)
        return {"SerialNumber": self.serial, "TokenCode": self.totp.at(at)}


@pytest.fixture
def device(aws: TwinAws, new_user: NewUser) -> Device:
    """Make a user with every right and an MFA device."""
    name, keys = new_user(ALL)
    iam = aws.client("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    totp, now = pyotp.TOTP(made["Base32StringSeed"].decode()), datetime.now(UTC)
    codes = [totp.at(now - timedelta(seconds=30)), totp.at(now)]
    iam.enable_mfa_device(
        UserName=name, SerialNumber=made["SerialNumber"], AuthenticationCode1=codes[0], AuthenticationCode2=codes[1]
    )
    return Device(keys, made["SerialNumber"], totp)


@pytest.fixture
def clock(twin: TwinRun) -> Iterator[Callable[[int], object]]:
    """Put the clock of sessions ahead, by seconds, until the test ends."""
    yield lambda seconds: change_settings(twin, clock_ahead_s=seconds)
    change_settings(twin, clock_ahead_s=0)


def unchecked(aws: TwinAws, keys: Keys | None = None) -> Any:
    """Return a client of STS that sends what botocore would refuse itself."""
    given = keys or aws.administrator
    return boto3.client(
        "sts",
        aws_access_key_id=given.access_key_id,
        aws_secret_access_key=given.secret_access_key,
        region_name="us-east-1",
        endpoint_url=aws.run.endpoint,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def test_a_role_lasts_an_hour_unless_asked(aws: TwinAws, account: str) -> None:
    """DurationSeconds is 3600 by default (AWS STS API Reference, "AssumeRole", DurationSeconds)."""
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    ends = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]["Expiration"]
    assert 3590 < (ends - datetime.now(UTC)).total_seconds() <= 3600


@pytest.mark.parametrize("seconds", [899, 43201])
def test_a_role_lasts_from_a_quarter_to_twelve_hours(aws: TwinAws, account: str, seconds: int) -> None:
    """DurationSeconds is from 900 to 43200 (AWS STS API Reference, "AssumeRole", DurationSeconds)."""
    aws.client("iam", aws.into(account)).update_role(RoleName="OrganizationAccountAccessRole", MaxSessionDuration=43200)
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    aws.assume(arn, DurationSeconds=900)
    aws.assume(arn, DurationSeconds=43200)
    with refused("ValidationError"):
        unchecked(aws).assume_role(RoleArn=arn, RoleSessionName="me", DurationSeconds=seconds)


def test_a_chained_role_lasts_an_hour_whatever_it_allows(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A role assumed from a role's session gets an hour at most (IAM User Guide, "Roles terms and concepts")."""
    first = new_role(MANAGEMENT, trusting(ROOT), ALL)
    second = new_role(account, trusting(ROOT), MaxSessionDuration=43200)
    aws.assume(second, DurationSeconds=43200)
    chained = aws.assume(first)
    aws.assume(second, chained, DurationSeconds=3600)
    with refused("ValidationError"):
        aws.assume(second, chained, DurationSeconds=3601)


@pytest.mark.parametrize("seconds", [899, 129601])
def test_a_users_session_lasts_to_a_day_and_a_half(aws: TwinAws, new_user: NewUser, seconds: int) -> None:
    """GetSessionToken gives 900 to 129600 seconds, 43200 by default (AWS STS API Reference, "GetSessionToken")."""
    sts = unchecked(aws, new_user()[1])
    sts.get_session_token(DurationSeconds=129600)
    ends = sts.get_session_token()["Credentials"]["Expiration"]
    assert 43190 < (ends - datetime.now(UTC)).total_seconds() <= 43200
    with refused("ValidationError"):
        sts.get_session_token(DurationSeconds=seconds)


@pytest.mark.parametrize("operation", ["get_session_token", "get_federation_token"])
def test_a_roles_session_gets_no_users_session(aws: TwinAws, account: str, operation: str) -> None:
    """GetSessionToken and GetFederationToken are for long-term keys (IAM User Guide, "Compare AWS STS credentials")."""
    arguments = {"Name": "somebody"} if operation == "get_federation_token" else {}
    with refused("AccessDenied") as denial:
        getattr(aws.client("sts", aws.into(account)), operation)(**arguments)
    assert "with session credentials" in denial.message


def test_a_users_session_assumes_roles_and_no_more_of_sts(aws: TwinAws, new_user: NewUser, new_role: NewRole) -> None:
    """Of STS a user's session may call AssumeRole and GetCallerIdentity only (STS API Reference, "GetSessionToken")."""
    session = keys_of(aws.client("sts", new_user(ALL)[1]).get_session_token()["Credentials"])
    aws.assume(new_role(MANAGEMENT, trusting(ROOT)), session)
    aws.client("sts", session).get_caller_identity()
    with refused("AccessDenied"):
        aws.client("sts", session).get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")


def test_a_users_session_with_mfa_calls_iam(aws: TwinAws, device: Device) -> None:
    """IAM answers a user's session that was opened with MFA, and no other (STS API Reference, "GetSessionToken")."""
    sts = aws.client("sts", device.keys)
    with refused("InvalidClientTokenId"):
        aws.client("iam", keys_of(sts.get_session_token()["Credentials"])).list_users()
    aws.client("iam", keys_of(sts.get_session_token(**device.code())["Credentials"])).list_users()


def test_a_code_is_good_once(aws: TwinAws, device: Device) -> None:
    """An MFA code is good for one use, the next code for the next (IAM User Guide, "Troubleshoot IAM", MFA)."""
    sts, code = aws.client("sts", device.keys), device.code()
    sts.get_session_token(**code)
    with refused("AccessDenied") as denial:
        sts.get_session_token(**code)
    assert "MultiFactorAuthentication failed" in denial.message
    sts.get_session_token(**device.code(1))


def test_a_code_of_long_ago_is_refused(aws: TwinAws, device: Device) -> None:
    """A code of minutes ago is none any more (RFC 6238; IAM User Guide, "Resynchronize MFA devices")."""
    with refused("AccessDenied"):
        aws.client("sts", device.keys).get_session_token(**device.code(-10))


def test_mfa_ages(aws: TwinAws, device: Device, new_role: NewRole, clock: Callable[[int], object]) -> None:
    """aws:MultiFactorAuthAge counts from when the session was opened (IAM User Guide, "global condition keys")."""
    young = trusting(ROOT, Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "600"}})
    arn = new_role(MANAGEMENT, young)
    session = keys_of(aws.client("sts", device.keys).get_session_token(**device.code())["Credentials"])
    aws.assume(arn, session)
    clock(610)
    with refused("AccessDenied"):
        aws.assume(arn, session)


def test_mfa_stays_behind_in_a_chain(aws: TwinAws, device: Device, new_role: NewRole) -> None:
    """A role's session carries no MFA, even got with a code (IAM User Guide, "aws:MultiFactorAuthPresent")."""
    second = new_role(MANAGEMENT, MFA_TRUST)
    first = new_role(MANAGEMENT, MFA_TRUST, ALL)
    session = aws.assume(first, device.keys, **device.code())
    with refused("AccessDenied"):
        aws.assume(second, session)


def test_an_external_id_opens_one_door(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A trust on sts:ExternalId wants that id (IAM User Guide, "Access to AWS accounts owned by third parties")."""
    arn = new_role(account, trusting(ROOT, Condition={"StringEquals": {"sts:ExternalId": "their-id"}}))
    aws.assume(arn, ExternalId="their-id")
    for given in ({}, {"ExternalId": "their-ID"}):
        with refused("AccessDenied"):
            aws.assume(arn, **given)


def test_a_trust_may_want_a_session_name(aws: TwinAws, new_role: NewRole, new_user: NewUser) -> None:
    """A trust may want sts:RoleSessionName to be the user's name (IAM User Guide, "AWS STS condition keys")."""
    name, keys = new_user(ALL)
    arn = new_role(MANAGEMENT, trusting(ROOT, Condition={"StringLike": {"sts:RoleSessionName": "${aws:username}"}}))
    aws.assume(arn, keys, RoleSessionName=name)
    with refused("AccessDenied"):
        aws.assume(arn, keys, RoleSessionName="another")


@pytest.mark.parametrize("name", ["a", "with space", "x" * 65])
def test_a_session_name_has_a_form(aws: TwinAws, account: str, name: str) -> None:
    """RoleSessionName is 2 to 64 of letters, digits and =,.@-_+ (AWS STS API Reference, "AssumeRole")."""
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    with refused("ValidationError"):
        unchecked(aws).assume_role(RoleArn=arn, RoleSessionName=name)


@pytest.mark.parametrize(
    ("changes", "field", "constraint"),
    [
        ({"RoleSessionName": "s"}, "Value 's' at 'roleSessionName'", "have length greater than or equal to 2"),
        ({"RoleSessionName": "s" * 65}, "at 'roleSessionName'", "have length less than or equal to 64"),
        ({"RoleSessionName": None}, "Value null at 'roleSessionName'", "not be null"),
        ({"RoleArn": None}, "Value null at 'roleArn'", "not be null"),
        ({"RoleArn": "role"}, "Value 'role' at 'roleArn'", "have length greater than or equal to 20"),
        ({"TokenCode": "12345"}, "Value '12345' at 'tokenCode'", "have length greater than or equal to 6"),
        ({"TokenCode": "12345a"}, "at 'tokenCode'", r"satisfy regular expression pattern: [\d]*"),
        ({"ExternalId": "x"}, "Value 'x' at 'externalId'", "have length greater than or equal to 2"),
    ],
)
def test_sts_says_what_is_wrong_with_a_text(
    aws: TwinAws, account: str, changes: dict[str, str | None], field: str, constraint: str
) -> None:
    """STS names the constraint of its model that a parameter does not satisfy (AWS STS API Reference, "AssumeRole")."""
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    given = {"RoleArn": role, "RoleSessionName": "test", **changes}
    with refused("ValidationError") as refusal:
        unchecked(aws).assume_role(**{name: value for name, value in given.items() if value is not None})
    assert refusal.message.startswith("1 validation error detected: Value ")
    assert field in refusal.message
    assert refusal.message.endswith(f"failed to satisfy constraint: Member must {constraint}")


def test_a_code_for_a_session_has_six_digits(aws: TwinAws, device: Device) -> None:
    """A TokenCode that can be none is no denial (AWS STS API Reference, "GetSessionToken", TokenCode)."""
    with refused("ValidationError") as refusal:
        aws.client("sts", device.keys).get_session_token(
            SerialNumber=device.code()["SerialNumber"], TokenCode="1234567"
        )
    assert refusal.message.endswith("Member must have length less than or equal to 6")


def test_session_policies_meet(aws: TwinAws, account: str) -> None:
    """A session may do what its role and its session policies, inline or managed, both allow.

    Source: IAM User Guide, "Policies and permissions", "Session policies".
    """
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    admin = aws.client("iam", aws.into(account))
    only = document({"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"})
    managed = admin.create_policy(PolicyName="only", PolicyDocument=only)["Policy"]["Arn"]
    for given in ({"Policy": only}, {"PolicyArns": [{"arn": managed}]}):
        iam = aws.client("iam", aws.assume(arn, **given))
        iam.list_users()
        with refused("AccessDenied") as denial:
            iam.list_roles()
        assert denial.message.endswith("because no session policy allows the iam:ListRoles action")


def test_a_session_policy_grants_nothing(aws: TwinAws, new_role: NewRole) -> None:
    """What the role may not do no session policy gives (IAM User Guide, "Session policies")."""
    keys = aws.assume(new_role(MANAGEMENT, trusting(ROOT)), Policy=ALL)
    with refused("AccessDenied") as denial:
        aws.client("iam", keys).list_users()
    assert "identity-based policy" in denial.message


def test_packed_policies_have_a_size(aws: TwinAws, account: str) -> None:
    """PackedPolicySize tells how much of the room policies and tags use; beyond it AWS refuses.

    Source: AWS STS API Reference, "AssumeRole", PackedPolicySize and PackedPolicyTooLarge. How AWS packs is not public.
    """
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    iam = aws.client("iam", aws.into(account))
    trust = trusting(ROOT)
    iam.update_assume_role_policy(
        RoleName="OrganizationAccountAccessRole",
        PolicyDocument=trust.replace('"sts:AssumeRole"', '["sts:AssumeRole", "sts:TagSession"]'),
    )
    sts = aws.client("sts")
    plain = sts.assume_role(RoleArn=arn, RoleSessionName="me")
    assert "PackedPolicySize" not in plain
    assert 0 < sts.assume_role(RoleArn=arn, RoleSessionName="me", Policy=ALL)["PackedPolicySize"] < 100
    tags = [{"Key": secrets.token_hex(60), "Value": secrets.token_hex(120)} for _ in range(50)]
    with refused("PackedPolicyTooLarge"):
        sts.assume_role(RoleArn=arn, RoleSessionName="me", Tags=tags)


def test_a_session_policy_has_a_grammar(aws: TwinAws, account: str) -> None:
    """A malformed session policy is refused (AWS STS API Reference, "AssumeRole", MalformedPolicyDocument)."""
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    for policy in ("{}", document({"Effect": "Perhaps", "Action": "*", "Resource": "*"})):
        with refused("MalformedPolicyDocument"):
            aws.assume(arn, Policy=policy)


def test_a_source_identity_needs_a_right(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """Setting a source identity wants sts:SetSourceIdentity in the trust.

    Source: IAM User Guide, "Monitor and control actions taken with assumed roles".
    """
    arn = new_role(account, trusting(ROOT))
    with refused("AccessDenied") as denial:
        aws.assume(arn, SourceIdentity="ann")
    assert "sts:SetSourceIdentity" in denial.message
    aws.client("iam", aws.into(account)).update_assume_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyDocument=with_actions(ROOT, "sts:SetSourceIdentity")
    )
    aws.assume(arn, SourceIdentity="ann")


def with_actions(principal: str, *actions: str, **more: object) -> str:
    """Return a trust for assuming the role and more."""
    return document(
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["sts:AssumeRole", *actions], **more}
    )


def test_a_source_identity_goes_along_a_chain(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A source identity stays through a chain, needs the right at each role, and cannot be changed (as above)."""
    setting = with_actions(ROOT, "sts:SetSourceIdentity")
    first = aws.assume(new_role(MANAGEMENT, setting, ALL), SourceIdentity="ann")
    wanted = {"StringEquals": {"aws:SourceIdentity": "ann"}}
    second = new_role(account, with_actions(ROOT, "sts:SetSourceIdentity", Condition=wanted))
    answer = aws.client("sts", first).assume_role(RoleArn=second, RoleSessionName="me")
    assert answer["SourceIdentity"] == "ann"
    aws.assume(second, first, SourceIdentity="ann")
    with refused("AccessDenied"):
        aws.assume(second, first, SourceIdentity="bob")
    with refused("AccessDenied"):
        aws.assume(new_role(account, trusting(ROOT)), first)


def test_a_federated_user_has_what_both_policies_allow(aws: TwinAws, new_user: NewUser) -> None:
    """GetFederationToken gives the user's rights as far as session policies allow; without any none at all.

    Source: AWS STS API Reference, "GetFederationToken", Permissions.
    """
    sts = aws.client("sts", new_user(ALL)[1])
    only = document({"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"})
    answer = sts.get_federation_token(Name="ann", Policy=only)
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{MANAGEMENT}:federated-user/ann"
    limited = keys_of(answer["Credentials"])
    aws.client("kms", limited).list_keys()
    with refused("AccessDeniedException"):
        aws.client("kms", limited).list_aliases()
    bare = keys_of(sts.get_federation_token(Name="ann")["Credentials"])
    with refused("AccessDeniedException"):
        aws.client("kms", bare).list_keys()


def test_a_federated_user_calls_no_iam_and_little_sts(aws: TwinAws, new_user: NewUser, new_role: NewRole) -> None:
    """A federated user calls no IAM, and of STS GetCallerIdentity only (STS API Reference, "GetFederationToken")."""
    sts = aws.client("sts", new_user(ALL)[1])
    keys = keys_of(sts.get_federation_token(Name="ann", Policy=ALL)["Credentials"])
    identity = aws.client("sts", keys).get_caller_identity()
    assert identity["UserId"] == f"{MANAGEMENT}:ann"
    with refused("InvalidClientTokenId"):
        aws.client("iam", keys).list_users()
    with refused("AccessDenied"):
        aws.assume(new_role(MANAGEMENT, trusting(ROOT)), keys)


def test_federation_wants_a_right(aws: TwinAws, new_user: NewUser) -> None:
    """A user needs sts:GetFederationToken for it (AWS STS API Reference, "GetFederationToken")."""
    with refused("AccessDenied") as denial:
        aws.client("sts", new_user()[1]).get_federation_token(Name="ann")
    assert f"sts:GetFederationToken on resource: arn:aws:sts::{MANAGEMENT}:federated-user/ann" in denial.message


def test_a_bucket_may_name_a_federated_user(aws: TwinAws, new_user: NewUser) -> None:
    """A resource policy may let in one federated user by its ARN (IAM User Guide, "Principal", federated users)."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="of-federated-ann")
    named = {"Principal": {"AWS": f"arn:aws:sts::{MANAGEMENT}:federated-user/ann"}, "Action": "s3:ListBucket"}
    policy = document({"Effect": "Allow", "Resource": "arn:aws:s3:::of-federated-ann", **named})
    s3.put_bucket_policy(Bucket="of-federated-ann", Policy=policy)
    sts = aws.client("sts", new_user(document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}))[1])
    ann, bob = (keys_of(sts.get_federation_token(Name=name)["Credentials"]) for name in ("ann", "bob"))
    aws.client("s3", ann).list_objects_v2(Bucket="of-federated-ann")
    with refused("AccessDenied"):
        aws.client("s3", bob).list_objects_v2(Bucket="of-federated-ann")


def test_a_session_ends_with_its_user(aws: TwinAws, new_user: NewUser) -> None:
    """The sessions of a user that is deleted are no more (IAM User Guide, "Disable permissions for temporary keys")."""
    name, keys = new_user()
    session = keys_of(aws.client("sts", keys).get_session_token()["Credentials"])
    iam = aws.client("iam")
    iam.delete_access_key(UserName=name, AccessKeyId=keys.access_key_id)
    aws.client("sts", session).get_caller_identity()
    iam.delete_user(UserName=name)
    iam.create_user(UserName=name)
    with refused("InvalidClientTokenId"):
        aws.client("sts", session).get_caller_identity()
