"""Gives the `Manifest` its permissions, account map and hub, and checks what only the whole fleet tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from landing_zone.account_map_path import LONGEST_PARAMETER
from landing_zone.boundaries import Boundary, boundary_of
from landing_zone.fleet import Manifest
from landing_zone.fleet_access import FleetAccess, Hub, Permissions, Spoke
from landing_zone.identifiers import managed_policy_arn
from landing_zone.manifest.access_blocks import HubBlock
from landing_zone.manifest.access_lines import AccessLines, PermissionsLine
from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.outline import Outline
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.stack_config.access import account_entry, used_permissions
from landing_zone.substitution import references

_ANY_ACCOUNT_ID = "0" * 12


def with_access(
    manifest: Manifest, fleet: FleetBlock, outline: Outline, document: Document, problems: Problems
) -> Manifest:
    """Return the manifest with its access; entries that are too long and stages that are missing are noted."""
    lines = outline.access or AccessLines()
    access = FleetAccess(
        permissions={line.name: _permissions(line, fleet) for line in lines.permissions or () if line.found},
        map_readers=tuple(fleet.account_map.readers) if fleet.account_map else None,
        organization_reader=fleet.organization_reader or "",
        hub=_hub(fleet.hub, boundary_of(fleet.permissions_boundary)) if fleet.hub else None,
    )
    built = replace(manifest, access=access)
    _check_entries(built, document, problems)
    _check_stages(built, lines, problems)
    return built


def _permissions(line: PermissionsLine, fleet: FleetBlock) -> Permissions:
    assert line.found is not None  # noqa: S101  (the caller asks for those with a file)
    statements = line.found.document.values.get("Statement")
    number = len(statements) if isinstance(statements, list) else 1
    return Permissions(
        name=line.name,
        document=line.found.template,
        description=fleet.permissions[line.name].description,
        also_known=line.also_known,
        places=tuple(str(line.found.document.value("Statement", at)) for at in range(number)),
    )


def _hub(block: HubBlock, boundary: Boundary | None) -> Hub:
    spoke = block.spoke
    return Hub(
        account=block.account,
        role=block.role,
        spoke=Spoke(
            spoke.role, tuple(spoke.permissions), tuple(map(managed_policy_arn, spoke.managed_policies)), boundary
        ),
        management_roles=tuple(block.trusted.management_roles),
        services=tuple(block.trusted.services),
    )


def with_spoke_boundary(access: FleetAccess, read: Callable[[Boundary], Boundary]) -> FleetAccess:
    """Return the access with the document of the fleet's boundary, where that is a file's and the spoke has it."""
    hub = access.hub
    if hub is None or hub.spoke.boundary is None or not hub.spoke.boundary.name:
        return access
    return replace(access, hub=replace(hub, spoke=replace(hub.spoke, boundary=read(hub.spoke.boundary))))


def _check_entries(manifest: Manifest, document: Document, problems: Problems) -> None:
    if not manifest.access.has_map:
        return
    for account in manifest.accounts:
        size = len(account_entry(manifest, account, _ANY_ACCOUNT_ID).as_text())
        if size > LONGEST_PARAMETER:
            problems.add(
                document.key("account_map"),
                f"the account map's entry of {account.name} would have {size:,} characters, a standard parameter takes "
                f"{LONGEST_PARAMETER:,}; grant fewer different roles there",
            )


def _check_stages(manifest: Manifest, lines: AccessLines, problems: Problems) -> None:
    naming = {
        line.name: (line.found.document, path)
        for line in lines.permissions or ()
        if line.found
        for reference, path in references(line.found.template)
        if reference == "account.stage"
    }
    for account in manifest.members if naming else ():
        for name in used_permissions(manifest, account.name) & naming.keys() if not account.stage else ():
            written, path = naming[name]
            problems.add(written.value(*path), f"${{account.stage}}: account {account.name} has no stage")
