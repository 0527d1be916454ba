"""Accounts outside any organisation: somebody else's until they are invited and accept.

The twin's own interface makes them, since AWS has no call that does: one signs up on a web page.
"""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.twin.emulator.account_management import mail_sent
from rehearsal.twin.emulator.managed_policies import bring_in
from rehearsal.twin.emulator.organization_membership import outside_accounts

_ADMINISTRATOR = "administrator"
_ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True, slots=True)
class OutsideAccount:
    """An account and the key of its administrator."""

    account_id: str
    access_key_id: str
    secret_access_key: str


def mail_so_far() -> list[dict[str, str]]:
    """Return the mails with one-time passwords that AWS would have sent, the earliest first."""
    from moto.organizations import models

    return mail_sent(models)


def make_outside_account(name: str, email: str) -> OutsideAccount:
    """Make an account that is in no organisation, with an administrator and no role for anybody else."""
    from moto.iam.models import iam_backends
    from moto.organizations import models

    account_id = str(models.utils.make_random_account_id())
    iam = iam_backends[account_id]["aws"]
    iam.create_user("us-east-1", _ADMINISTRATOR)
    bring_in(account_id, _ADMINISTRATOR_ACCESS)
    iam.attach_user_policy(_ADMINISTRATOR_ACCESS, _ADMINISTRATOR)
    key = iam.create_access_key(_ADMINISTRATOR)
    outside_accounts(models)[account_id] = (name, email)
    return OutsideAccount(account_id, key.access_key_id, key.secret_access_key)
