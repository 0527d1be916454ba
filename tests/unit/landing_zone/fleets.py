"""Manifests for tests: a small one to edit, and the shipped sample with ids for its accounts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from landing_zone.errors import ManifestInvalid
from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.manifest import load_manifest, parse_manifest
from tests.support.repository import ROOT

SAMPLE = ROOT / "examples" / "acme" / "fleet.yaml"
ORGANIZATION_ID = "o-a1b2c3d4e5"
ROOT_ID = "r-ab12"

SMALL = """\
organization: small
management_account_id: "100000000001"
region: eu-west-1
callers: {administrator: small-administrator, management: small-management}
roles:
  Admin: {managed_policies: [AdministratorAccess]}
  ReadOnly: {managed_policies: [ReadOnlyAccess]}
management_roles:
  Management-Admin:
    trusted: {users: [ops]}
    state: write
    grants:
      - {roles: [Admin], accounts: ["*"]}
  Management-Developer:
    trusted: {users: [ops]}
    state: none
    grants:
      - {roles: [ReadOnly], stages: [prod]}
units:
  core:
    accounts:
      root: {email: root@small.example, management: true}
      audit: {email: audit@small.example}
  plat:
    accounts:
      prod: {email: prod@small.example, stage: prod, vars: {cidr: 10.1.0.0/16}}
      dev: {email: dev@small.example, stage: dev, vars: {cidr: 10.2.0.0/16}}
workloads:
  network:
    accounts: [prod, dev]
    role: Admin
    config: {cidr: "${vars.cidr}", zones: 2}
"""


def edited(*changes: tuple[str, str]) -> str:
    """Return the small manifest with each old text, which must be there, replaced by the new one."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def parsed(text: str = SMALL) -> Manifest:
    """Return the manifest of a text that has no problems."""
    return parse_manifest(text, Path("fleet.yaml"))


def problems_of(text: str) -> list[str]:
    """Return the problems of a text as a user reads them, without the file's name; none when it is valid."""
    try:
        parsed(text)
    except ManifestInvalid as error:
        return [str(problem).removeprefix("fleet.yaml:") for problem in error.problems]
    return []


@cache
def sample() -> Manifest:
    """Return what the shipped sample's own file says, without those that it imports: accounts, roles, two workloads."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    return parse_manifest("".join(line for line in lines if not line.startswith("imports:")), SAMPLE)


@cache
def whole_sample() -> Manifest:
    """Return the shipped sample with all its files."""
    return load_manifest(SAMPLE)


def full_lock(manifest: Manifest) -> Lock:
    """Return a lock in which every account has an id, counted up from the management account's."""
    first = int(manifest.management_account.id)
    ordered = [manifest.management_account, *manifest.members]
    return Lock(ORGANIZATION_ID, ROOT_ID, {account.name: f"{first + at:012}" for at, account in enumerate(ordered)})
