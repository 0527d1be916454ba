"""The people of a rehearsal: IAM users that a company has before Fleetyard comes, with a key and an MFA device.

The manifest's `trusted.users` name users of the management account that exist already. On an empty twin the rehearsal
makes them, by the calls an administrator would make, and signs in as they would: with their key and a code of their
device. Their keys open the twin only (`keepsake`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp

from orchestrator.rehearse.access import Access, Credentials, credentials_of

CODE_SECONDS = 30
"""A TOTP code's life. Source: RFC 6238, and what AWS's virtual devices use."""


@dataclass(frozen=True, slots=True)
class Person:
    """An IAM user of the management account and what they hold in their hands."""

    user: str
    key: Credentials
    mfa_serial: str
    mfa_seed: str = field(repr=False)


def enrol(access: Access, administrator: Credentials, users: Sequence[str]) -> tuple[Person, ...]:
    """Create each user with an access key and an enabled virtual MFA device."""
    iam = access.client("iam", administrator)
    return tuple(_enrol_one(iam, user) for user in users)


def _enrol_one(iam: Any, user: str) -> Person:  # noqa: ANN401  (botocore ships no types)
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    seed = bytes(device["Base32StringSeed"]).decode()
    codes = pyotp.TOTP(seed)
    now = datetime.now(tz=UTC)
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=codes.at(now - timedelta(seconds=CODE_SECONDS)),
        AuthenticationCode2=codes.at(now),
    )
    return Person(user, Credentials(key["AccessKeyId"], key["SecretAccessKey"]), device["SerialNumber"], seed)


def sign_in(access: Access, person: Person) -> Credentials:
    """Return session credentials of the person that carry their MFA, as `aws sts get-session-token` gives."""
    answer = access.client("sts", person.key).get_session_token(
        SerialNumber=person.mfa_serial, TokenCode=pyotp.TOTP(person.mfa_seed).now()
    )
    return credentials_of(answer["Credentials"])
