"""Policies of a fleet on a twin: deployed by its administrator, and decided there with every call.

One small fleet without workloads is deployed for all tests; those that change it put it back.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from landing_zone.manifest import load_manifest
from landing_zone.stack_config import for_organization
from orchestrator.rehearse.access import Credentials, error_code
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import deploy, scene_of
from orchestrator.running.job import Operation, Reason, StackResult, StackStatus
from orchestrator.stack_id import StackId
from tests.support.pocket_fleet import POCKET_FLEET

ORGANIZATION = StackId("organization", "core-root")
OLD = "  suspended:\n    accounts:\n      plat-old: {email: old@pocket.example}\n"
GOVERNED = (
    POCKET_FLEET.partition("workloads:")[0]
    + OLD
    + """\
policies:
  region-lock: {file: starter/region-lock, units: [plat]}
  deny-leaving: {file: starter/deny-leaving, root: true}
  baseline: {file: starter/protect-baseline, root: true}
  perimeter: {file: policies/perimeter.json, type: rcp, accounts: [plat-prod]}
trusted_services: [sso.amazonaws.com]
delegated_administrators: {sso.amazonaws.com: plat-prod}
suspended_unit: suspended
"""
)
PERIMETER = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "OwnAccountOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "${accounts.plat-prod.id}"}},
    },
}
BY_SCP = "with an explicit deny in a service control policy"


@dataclass(frozen=True)
class Governed:
    """A deployed fleet, and who may try something in it."""

    scene: Scene
    fleet: Path

    def admin(self, account: str) -> Credentials:
        """Admin of an account, as a person who became Management-Admin gets there."""
        arn = f"arn:aws:iam::{self.scene.lock.accounts[account]}:role/Admin"
        return self.scene.access.assume(self.scene.management_roles["Management-Admin"], arn, "tries")

    def client(self, service: str, who: Credentials, region: str = "eu-west-1") -> Any:
        """Return a client of a service in a region."""
        return dataclasses.replace(self.scene.access, region=region).client(service, who)

    @property
    def organizations(self) -> Any:
        """Organizations as the administrator sees it."""
        return self.client("organizations", self.scene.administrator)

    def attached(self, target: str, kind: str = "SERVICE_CONTROL_POLICY") -> list[str]:
        """Return the names of the policies on a target."""
        found = self.organizations.list_policies_for_target(TargetId=target, Filter=kind)["Policies"]
        return sorted(str(policy["Name"]) for policy in found)

    def unit(self, name: str) -> str:
        """Return the id of a unit at the top."""
        units = self.organizations.list_organizational_units_for_parent(ParentId=self.scene.lock.root_id)
        return next(str(unit["Id"]) for unit in units["OrganizationalUnits"] if unit["Name"] == name)

    def up(self, change: Callable[[str], str] = lambda text: text, **config: Any) -> StackResult:
        """Apply the organisation as the manifest would be after a change, or with values of its config replaced."""
        self.fleet.write_text(change(GOVERNED), encoding="utf-8")
        told = {**for_organization(load_manifest(self.fleet)).to_config(), **config}
        job = self.scene.driver.job(Operation.UP, ORGANIZATION)
        return self.scene.driver.run_job(dataclasses.replace(job, config={**job.config, **told}))


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Governed]:
    """Deploy the fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("governed")
    (folder / "policies").mkdir()
    (folder / "policies" / "perimeter.json").write_text(json.dumps(PERIMETER), encoding="utf-8")
    fleet = folder / "fleet.yaml"
    fleet.write_text(GOVERNED, encoding="utf-8")
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, before = deploy(stage)
        assert [r.error for r in results if r.error] == []
        yield Governed(scene_of(stage, before), fleet)


@contextmanager
def denied(*words: str) -> Iterator[None]:
    """Expect the call to be denied, in these words."""
    with pytest.raises(ClientError) as refused:
        yield
    assert error_code(refused.value) in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    assert [each for each in words if each not in str(refused.value)] == []


def test_policies_are_attached_where_the_manifest_says(governed: Governed) -> None:
    """Root, unit, account and the suspended unit have their policies beside AWS's own, each of its type."""
    prod, root = governed.scene.lock.accounts["plat-prod"], governed.scene.lock.root_id
    assert governed.attached(root) == ["FullAWSAccess", "pocket-baseline", "pocket-deny-leaving"]
    assert governed.attached(governed.unit("plat")) == ["FullAWSAccess", "pocket-region-lock"]
    assert governed.attached(governed.unit("suspended")) == ["FullAWSAccess", "pocket-suspended-deny-all"]
    assert governed.attached(prod) == ["FullAWSAccess"]
    assert governed.attached(prod, "RESOURCE_CONTROL_POLICY") == ["RCPFullAWSAccess", "pocket-perimeter"]


def test_the_region_lock_denies_other_regions(governed: Governed) -> None:
    """Admin works in the fleet's region, nowhere else, and with global services wherever AWS sees them."""
    admin = governed.admin("plat-prod")
    assert governed.client("ec2", admin).describe_vpcs()["Vpcs"]
    with denied(BY_SCP):
        governed.client("ec2", admin, "us-east-1").describe_vpcs()
    assert governed.client("iam", admin, "us-east-1").list_roles()["Roles"]
    assert "Buckets" in governed.client("s3", admin, "us-east-1").list_buckets()


def test_the_administrator_is_not_locked(governed: Governed) -> None:
    """OrganizationAccountAccessRole looks after the account in every region."""
    keeper = governed.scene.administrator_of("plat-prod")
    assert governed.client("ec2", keeper, "us-east-1").describe_vpcs()["Vpcs"]


def _trust(governed: Governed, who: Credentials, role: str) -> None:
    iam = governed.client("iam", who)
    trust = json.dumps(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust)


def _put_parameter(governed: Governed, who: Credentials, name: str) -> None:
    governed.client("ssm", who).put_parameter(Name=name, Value="other", Type="String", Overwrite=True)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda g, who: _trust(g, who, "Admin"), id="member role"),
        pytest.param(lambda g, who: _trust(g, who, "OrganizationAccountAccessRole"), id="access role"),
        pytest.param(lambda g, who: _put_parameter(g, who, "/fleetyard/tried"), id="parameter"),
        pytest.param(
            lambda g, who: g.client("cloudtrail", who).stop_logging(
                Name="arn:aws:cloudtrail:eu-west-1:100000000009:trail/pocket-organization"
            ),
            id="trail",
        ),
    ],
)
def test_the_baseline_is_protected(governed: Governed, act: Callable[[Governed, Credentials], None]) -> None:
    """Admin of an account changes neither its roles, nor what says which account this is, nor the trail."""
    with denied():
        act(governed, governed.admin("plat-prod"))


def test_the_baseline_is_its_administrators_to_change(governed: Governed) -> None:
    """The same calls work for the administrator, and Admin does them to what is its own."""
    keeper, admin = governed.scene.administrator_of("plat-prod"), governed.admin("plat-prod")
    _trust(governed, keeper, "Admin")
    _put_parameter(governed, keeper, "/fleetyard/tried")
    _put_parameter(governed, admin, "/own/tried")


def test_nobody_leaves(governed: Governed) -> None:
    """An account can't take itself out of the organisation."""
    with denied(BY_SCP):
        governed.client("organizations", governed.admin("plat-prod")).leave_organization()


def test_the_perimeter_holds_whatever_the_bucket_says(governed: Governed) -> None:
    """Over a bucket open to everybody the RCP lets the account itself in, by the id that AWS gave it, and no other."""
    inside = governed.client("s3", governed.admin("plat-prod"))
    outside = governed.client("s3", governed.admin("plat-dev"))
    inside.create_bucket(Bucket="open", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::open"]}
    inside.delete_public_access_block(Bucket="open")
    inside.put_bucket_policy(Bucket="open", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    assert inside.list_objects_v2(Bucket="open")["KeyCount"] == 0
    with denied():
        outside.list_objects_v2(Bucket="open")


def _administrators(governed: Governed) -> list[str]:
    found = governed.organizations.list_delegated_administrators(ServicePrincipal="sso.amazonaws.com")
    return [str(each["Name"]) for each in found["DelegatedAdministrators"]]


def test_services_are_delegated(governed: Governed) -> None:
    """The trusted service has its administrator, which goes over to another account."""
    assert _administrators(governed) == ["plat-prod"]
    result = governed.up(lambda text: text.replace("{sso.amazonaws.com: plat-prod}", "{sso.amazonaws.com: plat-dev}"))
    assert result.error is None, result.error.why
    assert _administrators(governed) == ["plat-dev"]
    assert governed.up().error is None


def test_nothing_changes_the_second_time(governed: Governed) -> None:
    """Applied again, the organisation is unchanged."""
    (result,) = governed.scene.driver.run(Operation.PREVIEW, (ORGANIZATION,))
    assert (result.status, result.changed) == (StackStatus.SUCCEEDED, False)


DEV = "      plat-dev: {email: dev@pocket.example, vars: {cidr: 10.2.0.0/16}}\n"


def test_an_account_of_the_suspended_unit_is_left_alone(governed: Governed) -> None:
    """It is made there, nobody looks into it, and no stack of it is run."""
    old, stack = governed.scene.lock.accounts["plat-old"], StackId("bootstrap-subaccount", "plat-old")
    assert governed.organizations.list_parents(ChildId=old)["Parents"][0]["Id"] == governed.unit("suspended")
    assert set(governed.scene.before) == {"plat-prod", "plat-dev"}
    (result,) = governed.scene.driver.run(Operation.UP, (stack,))
    assert (result.status, result.reason) == (StackStatus.SKIPPED, Reason.SUSPENDED)


def test_an_account_moved_to_the_suspended_unit_can_do_nothing(governed: Governed) -> None:
    """An account whose unit changes is moved, not made anew; in the suspended unit everybody is denied everything."""
    dev, organizations = governed.scene.lock.accounts["plat-dev"], governed.organizations
    result = governed.up(lambda text: text.replace(DEV, "").replace(OLD, f"{OLD}{DEV}"))
    assert result.error is None, result.error.why
    assert organizations.list_parents(ChildId=dev)["Parents"][0]["Id"] == governed.unit("suspended")
    for who in (governed.admin("plat-dev"), governed.scene.administrator_of("plat-dev")):
        with denied(BY_SCP):
            governed.client("ec2", who).describe_vpcs()
        with denied(BY_SCP):
            governed.client("iam", who).list_roles()

    assert governed.up().status is StackStatus.SUCCEEDED
    assert organizations.list_parents(ChildId=dev)["Parents"][0]["Id"] == governed.unit("plat")
    assert governed.client("ec2", governed.admin("plat-dev")).describe_vpcs()["Vpcs"]


def test_what_aws_refuses_is_told(governed: Governed) -> None:
    """An eleventh policy on a target, which `validate` refuses before, fails in AWS's words, and nothing is lost."""
    deny = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [deny]}
    config = json.loads(for_organization(load_manifest(governed.fleet)).to_config()["fleetyard:governance"])
    more = [{"name": f"more-{n}", "type": "scp", "document": document, "root": True} for n in range(8)]
    told = json.dumps({**config, "policies": [*config["policies"], *more]})
    result = governed.up(**{"fleetyard:governance": told})
    assert result.status is StackStatus.FAILED
    assert result.error is not None
    assert "ConstraintViolationException" in f"{result.error.summary} {result.error.why}"
    assert governed.up().status is StackStatus.SUCCEEDED
    assert governed.attached(governed.scene.lock.root_id) == [
        "FullAWSAccess",
        "pocket-baseline",
        "pocket-deny-leaving",
    ]
