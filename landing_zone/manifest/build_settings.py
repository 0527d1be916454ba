"""Makes what accounts are set to out of their merged layers; the same layers are read once for all accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from landing_zone.account_alias import NO_ALIAS
from landing_zone.account_settings import AccountSettings, Budget, Contact, PasswordPolicy, Quota
from landing_zone.fleet import Manifest
from landing_zone.manifest.parts import Part
from landing_zone.manifest.settings_blocks import (
    BudgetBlock,
    ContactsBlock,
    PasswordPolicyBlock,
    QuotaBlock,
    SettingsBlock,
)
from landing_zone.manifest.settings_layers import QUOTAS, SETTINGS, SettingsParts
from landing_zone.manifest.text_types import Word

Read = TypeVar("Read")
_QUOTAS = TypeAdapter(dict[Word, QuotaBlock])


@dataclass(slots=True)
class BlockReader:
    """Reads merged blocks as models, each object once; None for one that has problems, which the shape has told."""

    _read: dict[int, Any] = field(default_factory=dict)

    def settings(self, part: Part) -> SettingsBlock | None:
        """Return the settings of a merged block."""
        return self._once(part, SettingsBlock.model_validate)

    def quotas(self, part: Part) -> Mapping[str, QuotaBlock]:
        """Return the quotas of a merged block; none if it has problems."""
        return self._once(part, _QUOTAS.validate_python) or {}

    def _once(self, part: Part, read: Callable[[Any], Read]) -> Read | None:
        if id(part) not in self._read:
            try:
                self._read[id(part)] = read(part.plain())
            except ValidationError:
                self._read[id(part)] = None
        found: Read | None = self._read[id(part)]
        return found


def with_settings(manifest: Manifest, parts: SettingsParts, reader: BlockReader) -> Manifest:
    """Return the manifest with each account's settings and quotas; the parts have no problems."""
    if not parts:
        return manifest
    accounts = tuple(
        replace(
            account,
            settings=_settings(parts.get(account.name, {}).get(SETTINGS), reader, manifest.region),
            quotas=_quotas(parts.get(account.name, {}).get(QUOTAS), reader, manifest.region),
        )
        for account in manifest.accounts
    )
    return replace(manifest, accounts=accounts)


def _settings(part: Part | None, reader: BlockReader, home: str) -> AccountSettings:
    block = reader.settings(part) if part is not None else None
    if block is None:
        return AccountSettings()
    per_region = block.ebs_encryption or block.imdsv2
    return AccountSettings(
        alias="" if block.alias == NO_ALIAS else block.alias,
        password_policy=_password_policy(block.password_policy),
        ebs_encryption=block.ebs_encryption,
        s3_public_access_block=block.s3_public_access_block,
        imdsv2=block.imdsv2,
        imds_hop_limit=block.imds_hop_limit if block.imdsv2 else 0,
        regions=(tuple(dict.fromkeys(block.regions)) or (home,)) if per_region else (),
        budgets=tuple(_budget(name, each) for name, each in block.budgets.items() if each.enabled),
        contacts=tuple(_contacts(block.contacts)),
    )


def _password_policy(block: PasswordPolicyBlock | None) -> PasswordPolicy | None:
    if block is None or not block.enabled:
        return None
    return PasswordPolicy(
        minimum_length=block.minimum_length,
        require=tuple(block.require),
        max_age_days=block.max_age_days,
        remember=block.remember,
        hard_expiry=block.hard_expiry,
        users_may_change=block.users_may_change,
    )


def _budget(name: str, block: BudgetBlock) -> Budget:
    return Budget(
        name=name,
        limit_usd=block.limit_usd,
        actual=tuple(block.actual),
        forecast=tuple(block.forecast),
        emails=tuple(block.emails),
        whole_organization=block.whole_organization,
    )


def _contacts(block: ContactsBlock | None) -> Iterator[Contact]:
    found = {"billing": block.billing, "operations": block.operations, "security": block.security} if block else {}
    for kind, each in found.items():
        if each is not None and each.enabled:
            yield Contact(kind, each.name, each.title, each.email, each.phone)


def _quotas(part: Part | None, reader: BlockReader, home: str) -> tuple[Quota, ...]:
    blocks = reader.quotas(part) if part is not None else {}
    return tuple(
        Quota(name, block.service, block.quota, block.value, region)
        for name, block in blocks.items()
        if block.enabled
        for region in dict.fromkeys(block.regions or [home])
    )
