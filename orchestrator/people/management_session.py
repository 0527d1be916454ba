"""A session of a management role, got by an IAM user's key and one MFA code, as STS gives it.

Source: AWS STS API Reference, AssumeRole; IAM User Guide, "Methods to assume a role" (a user's key with MFA is no role
chaining, so the session lasts as long as the role allows).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import role_arn
from orchestrator.errors import AwsUnreachable, CallerRefused, NoCaller
from orchestrator.next_steps import LATER, SIGN_IN
from orchestrator.people.errors import ClockWrong, CodeRefused, DeviceRefused, NotAUsersKey, RoleRefused

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

SHORTEST_MINUTES, LONGEST_MINUTES = 15, 720
"""Of a role's session. Source: STS API Reference, AssumeRole, DurationSeconds."""

_USER = re.compile(r"arn:[^:]+:iam::(?P<account>\d{12}):user/(?P<user>.+)")
_CLOCK = re.compile(r"Signature expired|Signature not yet current|RequestExpired|RequestTimeTooSkewed")
_WRONG_CODE = "invalid MFA one time pass code"
_WRONG_DEVICE = "unable to validate MFA code"
_NOT_RUN = "nothing was written"


@dataclass(frozen=True, slots=True)
class UserKey:
    """An IAM user's long-lived key. `user` has the path, if the user has one; `client` calls STS with the key."""

    profile: str
    user: str
    arn: str
    mfa_serial: str
    client: Any = field(repr=False)
    guessed: bool = False
    """Whether the serial number was made from the user's name."""

    @property
    def session_name(self) -> str:
        """By what CloudTrail shows the person: the user's name without its path."""
        return self.user.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ManagementSession:
    """A session and its end."""

    arn: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires: datetime


def read_user_key(profile: str, manifest: Manifest, role: ManagementRole, mfa_serial: str) -> UserKey:
    """Return whose key a profile of this process's AWS files holds, having asked STS; `mfa_serial` may be empty.

    Raises: NoCaller, CallerRefused, ClockWrong, AwsUnreachable; NotAUsersKey for anything but a key of a user of the
    management account; RoleRefused for a user whom the manifest does not let become the role.
    """
    from botocore.config import Config  # noqa: PLC0415  (only this command needs it)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from orchestrator.passing_failures import passes  # noqa: PLC0415
    from orchestrator.unasked_session import CodeNeeded, unasked_session  # noqa: PLC0415

    try:
        session = unasked_session(manifest.region, profile, look=False)
        credentials = session.get_credentials()
        if credentials is None:
            raise _no_key(profile, f"the profile {profile} holds no credentials")
        token = credentials.get_frozen_credentials().token
        # One attempt: a code counts once, so a second would be refused whatever became of the first.
        config = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": 1})
        client = session.client("sts", config=config)
        arn = str(client.get_caller_identity()["Arn"])
    except CodeNeeded as error:
        raise _no_users_key(profile, "it assumes a role, with an MFA code each time") from error
    except (ClientError, BotoCoreError) as error:
        if passes(error):
            raise _unreachable(profile, error) from error
        if isinstance(error, ClientError):
            raise _refused_key(profile, error) from error
        raise _no_key(profile, str(error)) from error
    user = _user_of(arn, manifest, profile, is_session=bool(token))
    _refuse_untrusted(user, manifest, role, arn)
    guess = f"arn:{arn.split(':')[1]}:iam::{arn.split(':')[4]}:mfa/{user.rpartition('/')[2]}"
    serial = mfa_serial or (guess if role.trust.mfa or user not in role.trust.users else "")
    return UserKey(profile, user, arn, serial, client, guessed=serial == guess and not mfa_serial)


def assume(key: UserKey, manifest: Manifest, role: ManagementRole, minutes: int, code: str) -> ManagementSession:
    """Become the management role; `code` is empty only where no device is used.

    Raises: CodeRefused, DeviceRefused, RoleRefused, ClockWrong, CallerRefused, AwsUnreachable, with AWS's words.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (only this command needs it)

    from orchestrator.passing_failures import passes  # noqa: PLC0415

    arn = role_arn(manifest.management_account.id, role.name)
    with_code = {"SerialNumber": key.mfa_serial, "TokenCode": code} if key.mfa_serial else {}
    try:
        answer: Mapping[str, Any] = key.client.assume_role(
            RoleArn=arn, RoleSessionName=key.session_name, DurationSeconds=minutes * 60, **with_code
        )
    except ClientError as error:
        raise (_unreachable(key.profile, error) if passes(error) else _refused_role(key, role, error)) from error
    except BotoCoreError as error:
        raise _unreachable(key.profile, error) from error
    credentials = answer["Credentials"]
    return ManagementSession(
        arn=str(answer["AssumedRoleUser"]["Arn"]),
        access_key_id=credentials["AccessKeyId"],
        secret_access_key=credentials["SecretAccessKey"],
        session_token=credentials["SessionToken"],
        expires=credentials["Expiration"],
    )


def _user_of(arn: str, manifest: Manifest, profile: str, *, is_session: bool) -> str:
    account = manifest.management_account.id
    found = _USER.fullmatch(arn)
    if found is None:
        raise _no_users_key(profile, f"AWS says it is {arn}")
    held_elsewhere = found["user"] in manifest.people.users
    if found["account"] != account and not held_elsewhere:
        raise _no_users_key(profile, f"AWS says it is {arn}, and the management account is {account}")
    if is_session:
        raise _no_users_key(profile, f"it holds a session of {arn}, which could get one of an hour at most")
    return found["user"]


def _refuse_untrusted(user: str, manifest: Manifest, role: ManagementRole, arn: str) -> None:
    users = manifest.users_becoming(role)
    if user in users:
        return
    trusted = ", ".join(users) or "no user"
    raise RoleRefused(
        f"{user} is not trusted to become {role.name}",
        subject=arn,
        why=f"the manifest trusts {trusted}",
        not_run=_NOT_RUN,
        hint=f"{SIGN_IN} --user-profile NAME, with another user's key; or add the user to trusted.users of {role.name} "
        "and let the administrator deploy it: fleetyard up --stack bootstrap",
    )


def _refused_role(key: UserKey, role: ManagementRole, error: ClientError) -> Exception:
    """Return the error for what AWS said to AssumeRole; its words tell the cases apart, the code does not."""
    words = str(error)
    subject = f"{key.arn}, role {role.name}"
    if _WRONG_CODE in words:
        return CodeRefused(
            "AWS refuses the MFA code",
            subject=key.mfa_serial,
            why=words,
            not_run=_NOT_RUN,
            hint=f"wait for the device's next code, as each counts once, then: {SIGN_IN}; check the device's clock if "
            "every code is refused",
        )
    if _WRONG_DEVICE in words:
        return DeviceRefused(
            f"{key.user} has no MFA device {key.mfa_serial}",
            subject=key.arn,
            why=words,
            not_run=_NOT_RUN,
            hint=f"{SIGN_IN} --mfa-serial ARN; which it is: aws iam list-mfa-devices --user-name {key.session_name} "
            f"--profile {key.profile}, or Security credentials in the console",
        )
    if "AccessDenied" in words:
        return RoleRefused(
            f"AWS does not let {key.user} become {role.name}",
            subject=subject,
            why=words,
            not_run=_NOT_RUN,
            hint="deploy the role as the manifest has it, as the administrator: fleetyard up --stack bootstrap",
        )
    if "ValidationError" in words:
        return RoleRefused(
            f"AWS gives no such session of {role.name}",
            subject=subject,
            why=words,
            not_run=_NOT_RUN,
            hint=f"a shorter one: {SIGN_IN} --minutes 60; or deploy the role's session_hours: "
            "fleetyard up --stack bootstrap",
        )
    return _refused_key(key.profile, error)


def _refused_key(profile: str, error: ClientError) -> Exception:
    words = str(error)
    subject = f"profile {profile}"
    if _CLOCK.search(words):
        return ClockWrong(
            "the clock of this machine is wrong",
            subject=subject,
            why=words,
            not_run=_NOT_RUN,
            hint=f"set the clock (fleetyard doctor says by how much it is off), then: {SIGN_IN}",
        )
    return CallerRefused(
        f"AWS refuses the key of profile {profile}",
        subject=subject,
        why=words,
        not_run=_NOT_RUN,
        hint=f"put your access key there: aws configure --profile {profile}; or: {SIGN_IN} --user-profile NAME",
    )


def _no_key(profile: str, why: str) -> NoCaller:
    return NoCaller(
        "there is no key to sign in with",
        subject=f"profile {profile}",
        why=why,
        not_run=_NOT_RUN,
        hint=f"name the profile of your access key: {SIGN_IN} --user-profile NAME; or put it there: "
        f"aws configure --profile {profile}",
    )


def _no_users_key(profile: str, why: str) -> NotAUsersKey:
    return NotAUsersKey(
        f"the profile {profile} does not hold a user's own key",
        subject=f"profile {profile}",
        why=why,
        not_run=_NOT_RUN,
        hint=f"{SIGN_IN} --user-profile NAME, with the profile of your access key in the management account",
    )


def _unreachable(profile: str, error: Exception) -> AwsUnreachable:
    return AwsUnreachable(
        "AWS does not answer",
        subject=f"profile {profile}",
        why=str(error),
        not_run=_NOT_RUN,
        hint=LATER,
    )
