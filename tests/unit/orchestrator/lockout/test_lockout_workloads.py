"""A workload's role keeps something of what its own policies allow."""

from __future__ import annotations

import json
from pathlib import Path

from landing_zone.errors import PolicyLocksOut
from landing_zone.manifest import load_manifest
from orchestrator.lockout.policy_lockout import refuse_lockouts
from tests.unit.landing_zone.fleets import SMALL
from tests.unit.orchestrator.lockout.locked_out import Statement, locked_out


def _several(folder: Path, *statements: Statement, fleet: str = SMALL) -> list[str]:
    """Return what policies of one statement each, one over the root and the others over a unit, lock out together."""
    blocks = ""
    for at, statement in enumerate(statements):
        (folder / f"{at}.json").write_text(
            json.dumps({"Version": "2012-10-17", "Statement": {"Sid": f"Part{at}", **statement}}), encoding="utf-8"
        )
        blocks += f"  part-{at}: {{file: {at}.json, {'units: [plat]' if at else 'root: true'}}}\n"
    path = folder / "fleet.yaml"
    path.write_text(f"{fleet}policies:\n{blocks}", encoding="utf-8")
    try:
        refuse_lockouts(load_manifest(path))
    except PolicyLocksOut as error:
        return [line.partition(": ")[2] for line in error.summary.splitlines()[1:]]
    return []


NARROW = (
    SMALL.replace("    role: Admin\n", "    role: Net\n")
    .replace("roles:\n  Admin", "roles:\n  Net: {permissions: [net]}\n  Admin", 1)
    .replace("- {roles: [Admin], accounts", "- {roles: [Admin, Net], accounts")
)


NARROW += "permissions:\n  net: {file: net.json}\n"


def _net(folder: Path) -> None:
    rights = {"Effect": "Allow", "Action": ["ec2:CreateVpc", "logs:CreateLogGroup"], "Resource": "*"}
    (folder / "net.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": rights}), encoding="utf-8")


def test_several_statements_together(tmp_path: Path) -> None:
    """A role of which two policies take away one half each can do nothing: both are named, and neither does alone."""
    _net(tmp_path)
    one = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}
    other = {"Effect": "Deny", "Action": "logs:*", "Resource": "*"}
    assert _several(tmp_path, one, fleet=NARROW) == []
    assert _several(tmp_path, other, fleet=NARROW) == []
    (both,) = _several(tmp_path, one, other, fleet=NARROW)
    causes, _, lost = both.partition(": ")
    assert causes == "part-0 (0.json), statement Part0 with part-1 (1.json), statement Part1"
    assert lost == "Net in prod and 1 more could do nothing in eu-west-1, where network runs"


def test_all_that_a_role_may_do(tmp_path: Path) -> None:
    """One statement that takes all of a narrow role's rights is told, though it leaves other services alone."""
    _net(tmp_path)
    statement = {"Effect": "Deny", "Action": ["ec2:*", "logs:*"], "Resource": "*"}
    assert _several(tmp_path, statement, fleet=NARROW) == [
        "part-0 (0.json), statement Part0: Net in prod and 1 more could do nothing in eu-west-1, where network runs"
    ]


SERVICES = ("iam", "sts", "ssm", "ec2", "s3", "kms", "cloudtrail", "logs", "route53", "ecr", "lambda", "dynamodb")


def test_a_list_of_services_that_may_be_used(tmp_path: Path) -> None:
    """A role with AWS's own policies is judged by ordinary actions of many services: a list of some leaves it those."""
    statement = {"Sid": "Closed", "Effect": "Deny", "Resource": "*"}
    some = {**statement, "NotAction": [f"{service}:*" for service in SERVICES]}
    assert locked_out(tmp_path, some, "root: true") == []
