"""What a manifest says of permissions, account map and hub, as far as it can be read, with the permissions' files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from landing_zone.manifest.outline import Text, Texts, mapping_of, text_of
from landing_zone.manifest.policy_files import STARTER, PolicyFile, PolicyFiles
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems

PERMISSIONS = "permissions"
HUB = "hub"


@dataclass(frozen=True, slots=True)
class PermissionsLine:
    """Permissions as far as they can be read; `found` is their file, None where that can't be used."""

    name: str
    path: Path
    also_known: tuple[str, ...]
    found: PolicyFile | None


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role that takes policies: one of `roles`, or the hub's spoke."""

    path: Path
    permissions: Texts
    managed_policies: Texts
    readable: bool


@dataclass(frozen=True, slots=True)
class HubLine:
    """The hub as far as it can be read; `trusts_somebody` also where what is written can't be read."""

    path: Path
    account: Text | None
    role: Text | None
    management_roles: Texts
    trusts_somebody: bool
    spoke_role: Text | None


@dataclass(frozen=True, slots=True)
class AccessLines:
    """All of it. `permissions` is None where that block can't be read; `used` are the roles that take policies."""

    permissions: tuple[PermissionsLine, ...] | None = ()
    used: tuple[RoleLine, ...] = ()
    readers: Texts = ()
    organization_reader: Text | None = None
    hub: HubLine | None = None


def read_access(document: Document, problems: Problems) -> AccessLines:
    """Return the lines of a manifest; files of permissions that are missing or malformed are noted."""
    values: Mapping[str, Any] = document.values
    written = values.get(PERMISSIONS, {})
    account_map = mapping_of(values.get("account_map"))
    return AccessLines(
        permissions=tuple(_permissions(document, problems)) if isinstance(written, Mapping) else None,
        used=tuple(_roles(values)),
        readers=_texts(account_map.get("readers"), ("account_map", "readers")),
        organization_reader=text_of(values, "organization_reader", ()),
        hub=_hub(values[HUB]) if isinstance(values.get(HUB), Mapping) else None,
    )


def _permissions(document: Document, problems: Problems) -> Iterator[PermissionsLine]:
    files = PolicyFiles(document.file, problems)
    for name, block in document.values.get(PERMISSIONS, {}).items():
        fields, path = mapping_of(block), (PERMISSIONS, name)
        file = text_of(fields, "file", path)
        known = _texts(fields.get("also_known"), ())
        yield PermissionsLine(
            name, path, tuple(text.value for text in known), _file(file, files, document, problems) if file else None
        )


def _file(file: Text, files: PolicyFiles, document: Document, problems: Problems) -> PolicyFile | None:
    place = document.value(*file.path)
    if file.value.startswith(STARTER):
        problems.add(place, f"{STARTER} has policies of the organisation; permissions are files of one's own")
        return None
    return files.find(file.value, place)


def _roles(values: Mapping[str, Any]) -> Iterator[RoleLine]:
    for name, block in mapping_of(values.get("roles")).items():
        if isinstance(block, Mapping):
            yield _role(block, ("roles", name))
    spoke = mapping_of(values.get(HUB)).get("spoke")
    if isinstance(spoke, Mapping):
        yield _role(spoke, (HUB, "spoke"))


def _role(block: Mapping[str, Any], path: Path) -> RoleLine:
    keys = ("permissions", "managed_policies")
    permissions, managed = (_texts(block.get(key), (*path, key)) for key in keys)
    readable = all(texts or key not in block for key, texts in zip(keys, (permissions, managed), strict=True))
    return RoleLine(path, permissions, managed, readable)


def _hub(block: Mapping[str, Any]) -> HubLine:
    trusted = block.get("trusted")
    services = mapping_of(trusted).get("services")
    management_roles = _texts(mapping_of(trusted).get("management_roles"), (HUB, "trusted", "management_roles"))
    return HubLine(
        path=(HUB,),
        account=text_of(block, "account", (HUB,)),
        role=text_of(block, "role", (HUB,)),
        management_roles=management_roles,
        trusts_somebody=bool(services or not isinstance(trusted, Mapping) or trusted.get("management_roles")),
        spoke_role=text_of(mapping_of(block.get("spoke")), "role", (HUB, "spoke")),
    )


def _texts(values: Any, path: Path) -> Texts:
    entries = values if isinstance(values, list) else []
    return tuple(Text(value, (*path, at)) for at, value in enumerate(entries) if isinstance(value, str))
