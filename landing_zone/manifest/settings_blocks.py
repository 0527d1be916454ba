"""Settings of accounts as they are written; every key may be left out, since another layer may hold it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from landing_zone.limits import LARGEST_THRESHOLD
from landing_zone.manifest.blocks import Block
from landing_zone.manifest.text_types import (
    BudgetName,
    ContactTitle,
    Email,
    PersonName,
    PhoneNumber,
    QuotaCode,
    Region,
    ServiceCode,
    Word,
)

Percent = Annotated[int, Field(ge=1, le=LARGEST_THRESHOLD)]
_ENABLED = "Whether it is there; false takes away what a more general layer has set."


class PasswordPolicyBlock(Block):
    """Rules for passwords of the account's IAM users."""

    enabled: bool = Field(default=True, description=_ENABLED)
    minimum_length: int = Field(default=14, ge=6, le=128, description="Characters at least.")
    require: list[Literal["lowercase", "uppercase", "numbers", "symbols"]] = Field(
        default=["lowercase", "uppercase", "numbers", "symbols"], description="Kinds of characters that must be there."
    )
    max_age_days: int = Field(default=0, ge=1, le=1095, description="Days until it must be changed; without it never.")
    remember: int = Field(default=0, ge=1, le=24, description="How many old passwords may not be used again.")
    hard_expiry: bool = Field(
        default=False, description="Whether only an administrator can set a new one once it has expired."
    )
    users_may_change: bool = Field(default=True, description="Whether users may change their own.")


class BudgetBlock(Block):
    """A budget for each month; somebody is told when a share of it is spent, or forecast to be."""

    enabled: bool = Field(default=True, description=_ENABLED)
    limit_usd: int = Field(default=0, ge=1, description="What may be spent in a month, in US dollars.")
    actual: list[Percent] = Field(default=[], min_length=1, description="Percentages spent at which to tell.")
    forecast: list[Percent] = Field(default=[], min_length=1, description="Percentages forecast at which to tell.")
    emails: list[Email] = Field(default=[], min_length=1, description="Who is told.")
    whole_organization: bool = Field(
        default=False, description="In the management account: count what all accounts cost, not this one alone."
    )


class ContactBlock(Block):
    """A person or team that AWS turns to."""

    enabled: bool = Field(default=True, description=_ENABLED)
    name: PersonName = Field(default="", description="Who it is.")
    title: ContactTitle = Field(default="", description="What they do.")
    email: Email = Field(default="", description="Where mail reaches them.")
    phone: PhoneNumber = Field(default="", description="In quotes: digits, spaces and ( ) + -.")


class ContactsBlock(Block):
    """Whom AWS turns to beside the root user's address."""

    billing: ContactBlock | None = Field(default=None, description="About invoices and payment.")
    operations: ContactBlock | None = Field(default=None, description="About services and planned work.")
    security: ContactBlock | None = Field(default=None, description="About abuse and security.")


class SettingsBlock(Block):
    """What an account is set to, beside its roles; AWS's own defaults stay where nothing is said."""

    alias: Word = Field(
        default="",
        description="Name shown in place of the account's id, unique in AWS: ${organization}-${account.name}. May hold "
        "${account.id}, ${account.stage}, ${account.unit}, ${region}, ${management_account_id} and ${vars.NAME}; none "
        "for no alias.",
    )
    password_policy: PasswordPolicyBlock | None = Field(default=None, description="Rules for IAM users' passwords.")
    ebs_encryption: bool = Field(default=False, description="Whether new volumes are encrypted unless told otherwise.")
    s3_public_access_block: bool = Field(
        default=False, description="Whether no bucket of the account can be public, whatever its own settings say."
    )
    imdsv2: bool = Field(
        default=False, description="Whether new instances give their metadata to IMDSv2 only, unless told otherwise."
    )
    imds_hop_limit: int = Field(
        default=0, ge=1, le=64, description="With imdsv2: hops its answers may take; containers need 2."
    )
    regions: list[Region] = Field(
        default=[], min_length=1, description="Where ebs_encryption and imdsv2 hold; without it the fleet's region."
    )
    budgets: dict[BudgetName, BudgetBlock] = Field(default={}, description="Monthly budgets, by name.")
    contacts: ContactsBlock | None = Field(default=None, description="Whom AWS turns to.")


class QuotaBlock(Block):
    """A quota that is asked for; AWS decides later, and what was granted is never taken back."""

    enabled: bool = Field(default=True, description=_ENABLED)
    service: ServiceCode = Field(default="", description="AWS's code of the service, such as vpc.")
    quota: QuotaCode = Field(default="", description="AWS's code of the quota, such as L-F678F1CE.")
    value: float = Field(default=0, gt=0, description="What is asked for; less than the present value is refused.")
    regions: list[Region] = Field(default=[], min_length=1, description="Where; without it the fleet's region.")
