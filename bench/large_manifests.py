"""How long a manifest is read: fleets of a hundred to two thousand accounts, in one file and in one per account."""

from __future__ import annotations

from pathlib import Path

from bench.figures import median_seconds, milliseconds, show
from bench.twin import new_folder
from landing_zone.manifest import load_manifest

SIZES = (100, 1000, 2000)
ROUNDS = 3

HEAD = """\
organization: bench
management_account_id: "100000000001"
region: eu-west-1
callers: {administrator: administrator, management: management}
roles:
  Admin: {managed_policies: [AdministratorAccess]}
management_roles:
  Management-Admin:
    trusted: {users: [ops]}
    state: write
    grants:
      - {roles: [Admin], accounts: ["*"]}
workloads:
  network:
    stages: [prod]
    role: Admin
    config: {cidr: "${vars.cidr}", zones: "${vars.zones}"}
"""
CORE = "  core: {accounts: {root: {email: root@bench.example, management: true}}}\n"
MIXIN = "defaults: {{stages: {{{stage}: {{tags: {{stage: {stage}}}, vars: {{zones: 2}}}}}}}}\n"


def show_large_manifests() -> None:
    """Print how long fleets are read and checked, and how that grows with them."""
    one, many = zip(*(_seconds(size) for size in SIZES), strict=True)
    rows = [
        [what, *(milliseconds(each) for each in seconds), f"{seconds[2] / seconds[1]:.1f}"]
        for what, seconds in (("one file", one), ("a file per account, two mixins", many))
    ]
    headings = ["accounts", *(f"{size:,}" for size in SIZES), f"{SIZES[2]:,} : {SIZES[1]:,}"]
    show(f"9. Reading and checking a manifest ({ROUNDS} rounds)", headings, rows)


def _seconds(size: int) -> tuple[float, float]:
    """Return the seconds for a fleet of that many accounts in one file, and in one file per account."""
    with new_folder() as folder:
        one, many = folder / "one" / "fleet.yaml", folder / "many" / "fleet.yaml"
        _write_one(one, size)
        _write_many(many, size)
        return median_seconds(lambda: load_manifest(one), ROUNDS), median_seconds(lambda: load_manifest(many), ROUNDS)


def _write_one(path: Path, size: int) -> None:
    accounts = "".join(f"      {_account(at, tags='stage: x, ', variables='zones: 2, ')}" for at in range(size))
    path.parent.mkdir()
    path.write_text(f"{HEAD}units:\n{CORE}  plat:\n    accounts:\n{accounts}", encoding="utf-8")


def _write_many(path: Path, size: int) -> None:
    for folder in ("accounts", "mixins"):
        (path.parent / folder).mkdir(parents=True)
    for stage in ("prod", "dev"):
        (path.parent / "mixins" / f"{stage}.yaml").write_text(MIXIN.format(stage=stage), encoding="utf-8")
    for at in range(size):
        text = f"units:\n  plat:\n    accounts:\n      {_account(at)}"
        (path.parent / "accounts" / f"{at:04}.yaml").write_text(text, encoding="utf-8")
    path.write_text(f"imports: [mixins/*.yaml, accounts/*.yaml]\n{HEAD}units:\n{CORE}", encoding="utf-8")


def _account(at: int, tags: str = "", variables: str = "") -> str:
    """Return an account as one line."""
    stage = "prod" if at % 2 else "dev"
    cidr = f"10.{at // 250}.{at % 250}.0/24"
    return (
        f"plat-{at:04}: {{email: aws+plat-{at}@bench.example, stage: {stage}, "
        f"tags: {{{tags}team: team-{at % 17}}}, vars: {{{variables}cidr: {cidr}}}}}\n"
    )
