"""Account map, hub, spoke and permissions as the programs make them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from landing_zone.fleet import Manifest
from landing_zone.manifest import load_manifest
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.unit.landing_zone.fleet_files import write_files
from tests.unit.landing_zone.fleets import edited, full_lock
from tests.unit.landing_zone.test_manifest_access import DOCUMENT, WITH_HUB
from tests.unit.programs import deployed
from tests.unit.programs.program_under_mocks import Ran, run_program

ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PARAMETER = "aws:ssm/parameter:Parameter"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Return a small fleet that has all of it."""
    text = edited(
        WITH_HUB,
        ("managed_policies: [SecurityAudit]", "managed_policies: [SecurityAudit], permissions: [net]"),
        ("{managed_policies: [ReadOnlyAccess]}", "{permissions: [net], managed_policies: [ReadOnlyAccess]}"),
        (
            "workloads:\n",
            """account_map: {readers: [Management-Developer]}
permissions: {net: {file: net.yaml, description: Networks}}
workloads:
""",
        ),
    )
    return load_manifest(write_files(tmp_path_factory.mktemp("fleet"), {"fleet.yaml": text, "net.yaml": DOCUMENT}))


@cache
def _ran(manifest_path: Path, account: str) -> Ran:
    manifest = load_manifest(manifest_path)
    lock = full_lock(manifest)
    if account == "root":
        return run_program("bootstrap", for_bootstrap(manifest, lock), project="bootstrap", stack=account)
    config = for_subaccount(manifest, lock, account)
    return run_program("bootstrap-subaccount", config, project="bootstrap-subaccount", stack=account)


def ran(manifest: Manifest, account: str) -> Ran:
    """Run the foundation's program of an account."""
    return _ran(manifest.path, account)


def statements(text: Any) -> list[dict[str, Any]]:
    """Return the statements of a document that a resource is given."""
    return list(json.loads(text)["Statement"])


def test_every_account_says_what_it_is() -> None:
    """The sample's accounts, the management account included, have the parameter with their unit and stage."""
    here = deployed.subaccount("plat-prod").of_type(PARAMETER)["account"].inputs
    assert here["name"] == "/fleetyard/account"
    assert json.loads(here["insecureValue"]) == {
        "organization": "acme",
        "account": "plat-prod",
        "id": "100000000009",
        "unit": "plat",
        "stage": "prod",
    }
    root = deployed.bootstrap().of_type(PARAMETER)["account"].inputs
    assert json.loads(root["insecureValue"])["account"] == "core-root"


def test_one_parameter_for_each_account(manifest: Manifest) -> None:
    """The map is one standard parameter for each account, in the management account and nowhere else."""
    made = {
        found.inputs["name"]: found.inputs
        for found in ran(manifest, "root").of_type(PARAMETER).values()
        if found.name != "account"
    }
    assert set(made) == {f"/fleetyard/accounts/{name}" for name in ("root", "audit", "prod", "dev")}
    assert {(inputs["tier"], inputs["type"]) for inputs in made.values()} == {("Standard", "String")}
    assert set(ran(manifest, "audit").of_type(PARAMETER)) == {"account"}


def test_readers_may_read_exactly_the_map(manifest: Manifest) -> None:
    """A reader's policy has the map's path beside its grants; other management roles' have not."""
    policies = ran(manifest, "root").of_type(INLINE)
    (read,) = [s for s in statements(policies["Management-Developer"].inputs["policy"]) if s["Sid"] == "ReadAccountMap"]
    path = "arn:aws:ssm:eu-west-1:100000000001:parameter/fleetyard/accounts"
    assert read["Resource"] == [path, f"{path}/*"]
    assert sorted(read["Action"]) == ["ssm:GetParameter", "ssm:GetParametersByPath"]
    assert "ssm:" not in policies["Management-Admin"].inputs["policy"]


def test_the_organisation_reader(manifest: Manifest) -> None:
    """It trusts the hub alone, lists and describes, and changes nothing."""
    made = ran(manifest, "root")
    (trust,) = made.of_type(ROLE)["Reader"].document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"AWS": "arn:aws:iam::100000000002:root"}
    assert trust["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::100000000002:role/Hub"},
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    }
    actions = [action for s in statements(made.of_type(INLINE)["Reader"].inputs["policy"]) for action in s["Action"]]
    assert {action.split(":")[1][:3] for action in actions} == {"Des", "Lis", "Get"}


def test_the_hub_is_in_its_account_alone(manifest: Manifest) -> None:
    """Only the hub's account has the role; it trusts people's management role and the service."""
    assert "Hub" not in ran(manifest, "prod").of_type(ROLE)
    made = ran(manifest, "audit")
    people, services = made.of_type(ROLE)["Hub"].document("assumeRolePolicy")["Statement"]
    assert people["Condition"]["ArnEquals"] == {"aws:PrincipalArn": ["arn:aws:iam::100000000001:role/Management-Admin"]}
    assert services["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    spokes, reader = statements(made.of_type(INLINE)["Hub"].inputs["policy"])
    assert (spokes["Action"], spokes["Resource"]) == ("sts:AssumeRole", "arn:aws:iam::*:role/Spoke")
    assert spokes["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    assert reader["Resource"] == "arn:aws:iam::100000000001:role/Reader"


@pytest.mark.parametrize("account", ["audit", "prod", "dev"])
def test_every_member_account_has_the_spoke(manifest: Manifest, account: str) -> None:
    """The spoke trusts the hub and nobody else, and has its policies, AWS's and its own."""
    made = ran(manifest, account)
    (trust,) = made.of_type(ROLE)["Spoke"].document("assumeRolePolicy")["Statement"]
    assert trust["Condition"]["ArnEquals"] == {"aws:PrincipalArn": "arn:aws:iam::100000000002:role/Hub"}
    attached = [found for found in made.of_type(ATTACHMENT).values() if found.inputs["role"] == "Spoke"]
    assert {found.name for found in attached} == {"Spoke-SecurityAudit", "Spoke-permissions-net"}


def test_the_fleets_boundary_is_the_spokes_too(tmp_path: Path) -> None:
    """Where the fleet bounds the roles of its accounts, the hub can do no more either."""
    text = edited(WITH_HUB, ("workloads:\n", "permissions_boundary: bound.yaml\nworkloads:\n"))
    bounded = load_manifest(write_files(tmp_path, {"fleet.yaml": text, "bound.yaml": DOCUMENT.replace("${", "$${")}))
    made = ran(bounded, "prod")
    assert made.only(POLICY).name == "fleetyard-boundary-bound"
    assert {"Spoke", "Admin"} <= {
        name for name, role in made.of_type(ROLE).items() if "permissionsBoundary" in role.inputs
    }


def test_permissions_are_a_policy_of_the_account(manifest: Manifest) -> None:
    """Each account that uses them has one policy under /fleetyard/, filled in, and roles have it attached."""
    made = ran(manifest, "prod")
    policy = made.only(POLICY)
    assert (policy.inputs["name"], policy.inputs["path"]) == ("net", "/fleetyard/")
    assert statements(policy.inputs["policy"])[0]["Resource"] == "arn:aws:ec2:eu-west-1:100000000003:vpc/*"
    assert {"ReadOnly-ReadOnlyAccess", "ReadOnly-permissions-net"} <= set(made.of_type(ATTACHMENT))


def test_nothing_of_it_unless_asked_for() -> None:
    """The sample's accounts have no map, hub or policy of their own."""
    assert set(deployed.bootstrap().of_type(PARAMETER)) == {"account"}
    assert deployed.subaccount("core-auto").of_type(POLICY) == {}
    assert deployed.subaccount("core-auto").of_type(INLINE) == {}
