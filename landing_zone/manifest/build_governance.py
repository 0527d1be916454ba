"""Makes what governs the organisation out of a manifest that has no problems."""

from __future__ import annotations

from dataclasses import replace

from landing_zone.fleet import Manifest, Unit
from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.governance_lines import GovernanceLines, PolicyLine
from landing_zone.manifest.outline import Outline
from landing_zone.manifest.policy_blocks import PolicyBlock
from landing_zone.manifest.positions import Document
from landing_zone.manifest.rules_policies import known_values, meant
from landing_zone.manifest.written_actions import written_actions, written_keys
from landing_zone.organization_policies import Governance, OrganizationPolicy, PolicyTargets, filled


def with_governance(manifest: Manifest, fleet: FleetBlock, outline: Outline, document: Document) -> Manifest:
    """Return the manifest with its governance, and with the suspended unit if no account stands in it yet."""
    lines = outline.governance or GovernanceLines()
    members = [account.name for account in manifest.members]
    governance = Governance(
        policies=tuple(_policy(line, fleet, members, outline, document) for line in lines.policies),
        trusted_services=tuple(fleet.trusted_services),
        delegated_administrators=dict(fleet.delegated_administrators),
        suspended_unit=fleet.suspended_unit,
    )
    units = manifest.units
    if fleet.suspended_unit and not any(unit.path == fleet.suspended_unit for unit in units):
        units = (*units, Unit(fleet.suspended_unit, fleet.suspended_unit, ""))
    return replace(manifest, governance=governance, units=units)


_OVER_SUSPENDED = "Denies everything in accounts that are being retired"


def _policy(
    line: PolicyLine, fleet: FleetBlock, members: list[str], outline: Outline, document: Document
) -> OrganizationPolicy:
    if line.found is None:
        raise ValueError(f"policy {line.name} has no file, which is noted as a problem before anything is built")
    block = fleet.policies.get(line.name) if not line.own else None
    given = block or PolicyBlock(file="-", description=_OVER_SUSPENDED, allow_lockout=True)
    return OrganizationPolicy(
        name=line.name,
        type=line.type,
        template=filled(line.found.template, known_values(line, line.found, outline)),
        targets=PolicyTargets(
            root=line.root,
            units=tuple(dict.fromkeys(unit.value for unit in line.units)),
            accounts=meant(members, line.accounts),
        ),
        description=given.description,
        file=line.file.value if line.file else "",
        place=str(document.key(*line.path)),
        allow_lockout=given.allow_lockout,
        own=line.own,
        actions=written_actions(line.found, line.vars, (*line.path, "vars"), document),
        keys=written_keys(line.found),
    )
