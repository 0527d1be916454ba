"""What an account is set to, beside its roles and workloads: as the driver and the programs know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The rules of the passwords of IAM users; `require` holds lowercase, uppercase, numbers, symbols; 0 is none."""

    minimum_length: int
    require: tuple[str, ...]
    max_age_days: int = 0
    remember: int = 0
    hard_expiry: bool = False
    users_may_change: bool = True


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget of a month: percentages of `limit_usd` at which the addresses are told, spent or forecast.

    It counts what the account itself costs; with `whole_organization`, in the management account, what all cost.
    """

    name: str
    limit_usd: int
    actual: tuple[int, ...]
    forecast: tuple[int, ...]
    emails: tuple[str, ...]
    whole_organization: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Who AWS turns to beside the root user's address; `kind` is billing, operations or security."""

    kind: str
    name: str
    title: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The settings of one account; `alias` may still hold its `${...}`, `regions` are those of what is per region."""

    alias: str = ""
    password_policy: PasswordPolicy | None = None
    ebs_encryption: bool = False
    s3_public_access_block: bool = False
    imdsv2: bool = False
    imds_hop_limit: int = 0
    regions: tuple[str, ...] = ()
    budgets: tuple[Budget, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota that is asked for: service and quota by AWS's codes."""

    name: str
    service: str
    code: str
    value: float
    region: str
