"""Makes the probes out of a manifest that has no other problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from landing_zone.fleet import Manifest
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.manifest.build_management import listed_selector
from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.positions import Document
from landing_zone.manifest.probe_blocks import ProbeBlock
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules_probes import PROBES
from landing_zone.manifest.selection import select
from landing_zone.probes import DeniedBy, Expect, Probe


def with_probes(manifest: Manifest, fleet: FleetBlock, document: Document, problems: Problems) -> Manifest:
    """Return the manifest with its probes; a role that none of its accounts has, or one named, is noted."""
    return replace(manifest, probes=tuple(_probe(name, fleet, manifest, document, problems) for name in fleet.probes))


def _probe(name: str, fleet: FleetBlock, manifest: Manifest, document: Document, problems: Problems) -> Probe:
    block = fleet.probes[name]
    selected = [each.name for each in select(manifest.members, listed_selector(block, fleet.account_lists))]
    accounts = _with_role(block, selected, manifest)
    for at, given in enumerate(block.accounts if accounts else ()):
        if given in selected and given not in accounts:
            what = f"{given} has no role {block.role}: it is made where somebody is granted it"
            problems.add(document.value(PROBES, name, "accounts", at), what)
    if not accounts:
        what = f"none of the accounts has the role {block.role}: it is made where somebody is granted it"
        problems.add(document.value(PROBES, name, "role"), what)
    return Probe(
        name=name,
        actions=tuple(block.actions),
        accounts=tuple(accounts),
        expect=Expect(block.expect),
        by=DeniedBy(block.by) if block.by else None,
        role=block.role,
        region=block.region,
        resource=block.resource,
        context={key: tuple(values) if values[1:] else values[0] for key, values in block.context.items()},
        description=block.description,
        place=str(document.key(PROBES, name)),
    )


def _with_role(block: ProbeBlock, selected: Sequence[str], manifest: Manifest) -> Sequence[str]:
    if block.role in ("", ACCOUNT_ACCESS_ROLE):
        return selected
    return [name for name in selected if any(here.role.name == block.role for here in manifest.roles_in(name))]
