"""What policies of the organisation lock out in a small fleet, as the guard tells it."""

from __future__ import annotations

import json
from pathlib import Path

from landing_zone.errors import PolicyLocksOut
from landing_zone.manifest import load_manifest
from orchestrator.lockout.policy_lockout import refuse_lockouts
from tests.unit.landing_zone.fleets import SMALL

Statement = dict[str, object]
ABROAD = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/OrganizationAccountAccessRole"}}
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ONE = "OrganizationAccountAccessRole in prod"
KEEPER = "OrganizationAccountAccessRole in prod and 1 more"
MEMBER_ROLES = ((KEEPER, "Admin"), (ONE, "ReadOnly"))
PARAMETER = "the parameter that says which account it is"


def deny(action: object = "*", **elements: object) -> Statement:
    """Return a statement that denies, with other elements or some more."""
    return {"Sid": "Closed", "Effect": "Deny", "Action": action, "Resource": "*", **elements}


def locked_out(folder: Path, statement: Statement, block: str = "units: [plat]", fleet: str = SMALL) -> list[str]:
    """Return what a policy of one statement locks out, line by line."""
    (folder / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}), encoding="utf-8")
    path = folder / "fleet.yaml"
    path.write_text(f"{fleet}policies:\n  own: {{file: own.json, {block}}}\n", encoding="utf-8")
    try:
        refuse_lockouts(load_manifest(path))
    except PolicyLocksOut as error:
        return [line.partition(", statement ")[2] for line in error.summary.splitlines()[1:]]
    return []


def rcp(**condition: object) -> Statement:
    """Return a statement of an RCP that lets nobody assume roles, under a condition or none."""
    return deny("sts:*", Principal="*", **({"Condition": condition} if condition else {}))
