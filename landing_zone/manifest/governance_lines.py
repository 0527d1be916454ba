"""What a manifest says of the organisation's governance, as far as it can be read, with the policies' own files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from landing_zone.manifest.outline import Text, Texts
from landing_zone.manifest.policy_files import STARTER, PolicyFile, PolicyFiles
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems
from landing_zone.organization_policies import SUSPENDED_POLICY, PolicyType


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy as far as it can be read; `found` is its file, None where that can't be used.

    `own` marks the policy over the suspended unit, which the manifest has without naming it.
    """

    name: str
    path: Path
    type: PolicyType
    file: Text | None
    vars: Mapping[str, Any]
    root: bool
    units: Texts
    accounts: Texts
    found: PolicyFile | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Delegation:
    """A service that an account administers for the organisation; the path of `service` leads to a key."""

    service: Text
    account: Text


@dataclass(frozen=True, slots=True)
class GovernanceLines:
    """All of it."""

    policies: tuple[PolicyLine, ...] = ()
    trusted_services: Texts = ()
    delegations: tuple[Delegation, ...] = ()
    suspended_unit: Text | None = None


def read_governance(document: Document, problems: Problems) -> GovernanceLines:
    """Return the lines of a manifest; policy files that are missing or malformed are noted."""
    values: Mapping[str, Any] = document.values
    files = PolicyFiles(document.file, problems)
    suspended = values.get("suspended_unit")
    unit = Text(suspended, ("suspended_unit",)) if isinstance(suspended, str) and suspended else None
    services = values.get("trusted_services")
    return GovernanceLines(
        policies=(*_policies(values, document, files), *_over_suspended(unit, files)),
        trusted_services=_texts(services, ("trusted_services",)),
        delegations=tuple(
            Delegation(Text(service, (_DELEGATED, service)), Text(account, (_DELEGATED, service)))
            for service, account in _mapping(values.get(_DELEGATED)).items()
            if isinstance(account, str)
        ),
        suspended_unit=unit,
    )


_DELEGATED = "delegated_administrators"


def _policies(values: Mapping[str, Any], document: Document, files: PolicyFiles) -> Iterator[PolicyLine]:
    for name, block in _mapping(values.get("policies")).items():
        path: Path = ("policies", name)
        fields = _mapping(block)
        kind, written = fields.get("type", PolicyType.SCP), fields.get("file")
        file = Text(written, (*path, "file")) if isinstance(written, str) and written else None
        yield PolicyLine(
            name=name,
            path=path,
            type=PolicyType.RCP if kind == PolicyType.RCP else PolicyType.SCP,
            file=file,
            vars=_mapping(fields.get("vars")),
            root=fields.get("root") is True,
            units=_texts(fields.get("units"), (*path, "units")),
            accounts=_texts(fields.get("accounts"), (*path, "accounts")),
            found=files.find(file.value, document.value(*file.path)) if file else None,
        )


def _over_suspended(unit: Text | None, files: PolicyFiles) -> Iterator[PolicyLine]:
    if unit is not None:
        found = files.shipped("deny-all")
        file = Text(f"{STARTER}deny-all", unit.path)
        yield PolicyLine(
            SUSPENDED_POLICY,
            unit.path,
            PolicyType.SCP,
            file,
            {},
            root=False,
            units=(unit,),
            accounts=(),
            found=found,
            own=True,
        )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(values: Any, path: Path) -> Texts:
    entries = values if isinstance(values, list) else []
    return tuple(Text(value, (*path, at)) for at, value in enumerate(entries) if isinstance(value, str))
