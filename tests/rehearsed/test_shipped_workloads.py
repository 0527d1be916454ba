"""The shipped workloads on a twin: artifacts shared to the organisation, a zone delegated across accounts, a site.

One small fleet is deployed once for all tests; the one that destroys it deploys it again.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from landing_zone.documents.delegation import delegation_right
from orchestrator.rehearse.access import Access, Credentials, credentials_of, error_code
from orchestrator.rehearse.proofs.inventory import DELEGATION, take_inventory
from orchestrator.rehearse.proofs.scene import Scene
from orchestrator.rehearse.run import RehearsalOptions, staged
from orchestrator.rehearse.sequence import deploy, scene_of
from orchestrator.running.job import Operation, StackResult, StackStatus
from orchestrator.stack_id import StackId
from rehearsal.twin.client import make_outside_account
from rehearsal.twin.run_file import TwinRun, read_run_file
from tests.support.pocket_fleet import POCKET_FLEET
from tests.support.repository import ROOT
from tests.support.twin_gate import gate_off

WORKLOADS = """workloads:
  artifacts:
    accounts: [plat-prod]
    role: Admin
    config:
      organization_id: "${organization_id}"
      repositories: [app/web, tools]
      writers: ["arn:aws:iam::${accounts.plat-dev.id}:role/Admin"]
  dns-parent:
    accounts: [plat-prod]
    role: Admin
    config: {zone: pocket.example}
  dns:
    accounts: [plat-dev]
    role: Admin
    after: [dns-parent]
    config:
      zone: dev.pocket.example
      parent: {zone: pocket.example, account_id: "${accounts.plat-prod.id}", role: Delegation}
  static-site:
    accounts: [plat-dev]
    role: Admin
"""
ROLES = """permissions:
  dns-delegation: {file: delegation.yaml}
roles:
  Delegation: {permissions: [dns-delegation]}
"""
GRANTS = """    grants:
      - {roles: [Delegation], accounts: [plat-prod]}
"""
FLEET = (
    POCKET_FLEET.partition("workloads:\n")[0].replace("roles:\n", ROLES, 1).replace("    grants:\n", GRANTS, 1)
    + WORKLOADS
)
ARTIFACTS, PARENT, DNS, SITE = (
    StackId("artifacts", "plat-prod"),
    StackId("dns-parent", "plat-prod"),
    StackId("dns", "plat-dev"),
    StackId("static-site", "plat-dev"),
)
ALL = (ARTIFACTS, PARENT, DNS, SITE)
IMAGE = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []})
DENIED = {"AccessDenied", "AccessDeniedException"}


@dataclass(frozen=True)
class Shipped:
    """The deployed fleet, what its stacks told, and who acts where."""

    scene: Scene
    outputs: dict[StackId, dict[str, Any]]
    twin: TwinRun

    def admin_of(self, account: str) -> Credentials:
        """Admin of an account, as a person who became Management-Admin gets there."""
        arn = f"arn:aws:iam::{self.account_id(account)}:role/Admin"
        return self.scene.access.assume(self.scene.management_roles["Management-Admin"], arn, "tries")

    def account_id(self, account: str) -> str:
        """Return an account's id."""
        return str(self.scene.lock.accounts[account])

    def client(self, service: str, account: str) -> Any:
        """Return a client of a service, as Admin of an account."""
        return self.scene.access.client(service, self.admin_of(account))

    def changed(self, stack: StackId, operation: Operation, **config: object) -> StackResult:
        """Run a stack with other config than the manifest's."""
        job = self.scene.driver.job(operation, stack)
        values = {**json.loads(job.config["fleetyard:values"]), **config}
        job = dataclasses.replace(job, config={**job.config, "fleetyard:values": json.dumps(values)})
        return self.scene.driver.run_job(job)

    def empty_bucket(self) -> None:
        """Delete every version of every artifact."""
        s3, bucket = self.client("s3", "plat-prod"), self.outputs[ARTIFACTS]["bucket"]
        for version in s3.list_object_versions(Bucket=bucket).get("Versions", ()):
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])

    def outsider(self) -> Credentials:
        """Return full rights in an account that is in no organisation."""
        made = make_outside_account(self.twin, "outside", f"outside-{uuid.uuid4().hex}@pocket.example")
        return Credentials(made["access_key_id"], made["secret_access_key"])


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    """Return the fleet on a twin of its own."""
    folder = tmp_path_factory.mktemp("shipped")
    fleet = folder / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    shutil.copy(ROOT / "workloads" / "dns" / "delegation.yaml", folder)
    with staged(RehearsalOptions(fleet=fleet, env=dict(os.environ), run_file=folder / "twin.json")) as stage:
        results, before = deploy(stage)
        assert [(r.id, r.error) for r in results if r.status is not StackStatus.SUCCEEDED] == []
        outputs = {result.id: dict(result.outputs) for result in results}
        yield Shipped(scene_of(stage, before), outputs, read_run_file(folder / "twin.json"))


def _insecure(shipped: Shipped) -> Access:
    run = json.loads((shipped.scene.workspace.state.parents[1] / "twin.json").read_text(encoding="utf-8"))
    return Access(str(run["insecure_endpoint"]), shipped.scene.manifest.region)


def test_artifacts_are_read_by_the_organisation_alone(shipped: Shipped) -> None:
    """Another account of the organisation gets an artifact; one outside does not, and nobody does without TLS."""
    bucket = shipped.outputs[ARTIFACTS]["bucket"]
    writer = shipped.client("s3", "plat-dev")
    writer.put_object(Bucket=bucket, Key="app.tar", Body=b"built")
    assert writer.get_object(Bucket=bucket, Key="app.tar")["Body"].read() == b"built"
    plain = _insecure(shipped).client("s3", shipped.admin_of("plat-dev"))
    for refused in (plain, shipped.scene.access.client("s3", shipped.outsider())):
        with pytest.raises(ClientError) as error:
            refused.get_object(Bucket=bucket, Key="app.tar")
        assert error_code(error.value) in DENIED


def test_only_the_named_write(shipped: Shipped) -> None:
    """Not even Admin of the artifacts' own account writes into bucket or repository: it is not among the writers."""
    s3, ecr = (shipped.client(service, "plat-prod") for service in ("s3", "ecr"))
    with pytest.raises(ClientError) as of_bucket:
        s3.put_object(Bucket=shipped.outputs[ARTIFACTS]["bucket"], Key="forged", Body=b"x")
    with pytest.raises(ClientError) as of_repository:
        ecr.put_image(repositoryName="tools", imageManifest=IMAGE, imageTag="forged")
    assert {error_code(of_bucket.value), error_code(of_repository.value)} <= DENIED


def test_images_are_pulled_across_accounts(shipped: Shipped) -> None:
    """The writer's account pushes and pulls by the repository's own policy; an account outside can't even list."""
    owner = shipped.account_id("plat-prod")
    ecr = shipped.client("ecr", "plat-dev")
    ecr.put_image(registryId=owner, repositoryName="app/web", imageManifest=IMAGE, imageTag="v1")
    got = ecr.batch_get_image(registryId=owner, repositoryName="app/web", imageIds=[{"imageTag": "v1"}])
    assert [image["imageManifest"] for image in got["images"]] == [IMAGE]
    outsider = shipped.scene.access.client("ecr", shipped.outsider())
    with pytest.raises(ClientError) as error:
        outsider.list_images(registryId=owner, repositoryName="app/web")
    assert error_code(error.value) in DENIED
    shipped.client("ecr", "plat-prod").batch_delete_image(repositoryName="app/web", imageIds=[{"imageTag": "v1"}])


def test_the_parent_zone_delegates_to_exactly_the_childs_name_servers(shipped: Shipped) -> None:
    """The record in the other account's zone names the name servers of the zone in this one, no more and no fewer."""
    route53 = shipped.client("route53", "plat-prod")
    records = route53.list_resource_record_sets(HostedZoneId=shipped.outputs[PARENT]["zone_id"])["ResourceRecordSets"]
    (record,) = [found for found in records if found["Name"].rstrip(".") == "dev.pocket.example"]
    assert record["Type"] == "NS"
    child = shipped.outputs[DNS]["name_servers"]
    assert sorted(item["Value"] for item in record["ResourceRecords"]) == sorted(child)
    assert set(child).isdisjoint(shipped.outputs[PARENT]["name_servers"])


def test_the_second_session_changes_delegations_only(shipped: Shipped) -> None:
    """With the session policy of the second provider, even Admin of the parent's account is denied other records."""
    arn = f"arn:aws:iam::{shipped.account_id('plat-prod')}:role/Admin"
    sts = shipped.scene.access.client("sts", shipped.scene.management_roles["Management-Admin"])
    limit = json.dumps(delegation_right("pocket.example"))
    session = sts.assume_role(RoleArn=arn, RoleSessionName="limited", Policy=limit)["Credentials"]
    route53 = shipped.scene.access.client("route53", credentials_of(session))
    record = {"Name": "www.pocket.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    with pytest.raises(ClientError) as error:
        route53.change_resource_record_sets(
            HostedZoneId=shipped.outputs[PARENT]["zone_id"],
            ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
        )
    assert error_code(error.value) in DENIED


def test_the_role_for_delegations_does_nothing_else(shipped: Shipped) -> None:
    """The shipped permissions, with which the stack was deployed, neither touch other records nor anything else."""
    arn = f"arn:aws:iam::{shipped.account_id('plat-prod')}:role/Delegation"
    session = shipped.scene.access.assume(shipped.scene.management_roles["Management-Admin"], arn, "tries")
    route53 = shipped.scene.access.client("route53", session)
    zone = shipped.outputs[PARENT]["zone_id"]
    assert route53.get_hosted_zone(Id=zone)["HostedZone"]["Name"] == "pocket.example."
    record = {"Name": "www.pocket.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    for act in (
        lambda: route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes),
        lambda: route53.delete_hosted_zone(Id=zone),
        lambda: shipped.scene.access.client("s3", session).list_buckets(),
    ):
        with pytest.raises(ClientError) as error:
            act()
        assert error_code(error.value) in DENIED


def test_a_role_that_is_not_granted_there(shipped: Shipped) -> None:
    """A role of the parent's account that the caller may not assume fails at preview, naming the role."""
    parent = {"zone": "pocket.example", "account_id": shipped.account_id("plat-prod"), "role": "Nobody"}
    result = shipped.changed(DNS, Operation.PREVIEW, parent=parent)
    assert result.status is StackStatus.FAILED
    assert result.error is not None
    assert "role/Nobody" in f"{result.error.summary} {result.error.why}"


def test_the_inventory_sees_what_is_delivered(shipped: Shipped) -> None:
    """The reading that proves a clean destroy lists repositories, zones, delegations, and distributions."""
    there, here = (take_inventory(shipped.scene.access, shipped.admin_of(name)) for name in ("plat-prod", "plat-dev"))
    assert {"repository app/web", "repository tools", "zone pocket.example. with 2 records"} <= there
    assert [line for line in there if line.startswith(DELEGATION)] == ["delegation dev.pocket.example."]
    assert [line.partition(" ")[0] for line in sorted(here) if line.startswith(("dist", "zone"))] == [
        "distribution",
        "zone",
    ]


def test_the_site_is_in_its_private_bucket(shipped: Shipped) -> None:
    """The page lies in the bucket, the distribution serves from it, and only for that distribution it may be read."""
    bucket, site = shipped.outputs[SITE]["bucket"], shipped.client("cloudfront", "plat-dev")
    s3 = shipped.client("s3", "plat-dev")
    page = s3.get_object(Bucket=bucket, Key="index.html")
    assert page["ContentType"] == "text/html"
    assert b"It works" in page["Body"].read()
    (found,) = site.list_distributions()["DistributionList"]["Items"]
    assert shipped.outputs[SITE]["url"] == f"https://{found['DomainName']}"
    (origin,) = found["Origins"]["Items"]
    assert origin["DomainName"].startswith(f"{bucket}.s3.")
    assert site.get_origin_access_control(Id=origin["OriginAccessControlId"])["OriginAccessControl"]
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    allowed = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    assert {json.dumps(s["Condition"]) for s in allowed} == {
        json.dumps({"StringEquals": {"aws:SourceArn": found["ARN"]}})
    }


def test_a_second_preview_shows_nothing(shipped: Shipped) -> None:
    """What is deployed previews and refreshes without a change."""
    for operation in (Operation.PREVIEW, Operation.REFRESH):
        results = shipped.scene.driver.run(operation, ALL)
        assert {(r.status, r.changed) for r in results} == {(StackStatus.SUCCEEDED, False)}, operation


def test_without_its_parent_a_zone_previews_and_is_not_deployed(shipped: Shipped) -> None:
    """A parent zone that is not there yet is a warning at preview; `up` refuses, saying what to deploy first."""
    missing = {
        "zone": "dev.missing.example",
        "parent": {"zone": "missing.example", "account_id": shipped.account_id("plat-prod")},
    }
    assert shipped.changed(DNS, Operation.PREVIEW, **missing).status is StackStatus.SUCCEEDED
    result = shipped.changed(DNS, Operation.UP, **missing)
    assert result.status is StackStatus.FAILED
    assert result.error is not None
    assert "has no public zone missing.example" in f"{result.error.summary} {result.error.why}"
    (again,) = shipped.scene.driver.run(Operation.UP, (DNS,))  # takes away the provider of what was tried
    assert again.status is StackStatus.SUCCEEDED


def test_a_zone_moves_to_another_parent(shipped: Shipped) -> None:
    """Under another parent the old record goes, by the provider that may delete it, and the new one comes; and back."""
    route53 = shipped.client("route53", "plat-prod")
    other = route53.create_hosted_zone(Name="moved.example", CallerReference=uuid.uuid4().hex)["HostedZone"]["Id"]
    parent = {"zone": "moved.example", "account_id": shipped.account_id("plat-prod")}

    def delegated(zone: str) -> list[str]:
        records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return [found["Name"] for found in records if found["Name"].startswith("dev.")]

    moved = shipped.changed(DNS, Operation.UP, zone="dev.moved.example", parent=parent)
    assert moved.error is None
    assert (delegated(other), delegated(shipped.outputs[PARENT]["zone_id"])) == (["dev.moved.example."], [])
    (back,) = shipped.scene.driver.run(Operation.UP, (DNS,))
    assert back.error is None
    assert (len(delegated(shipped.outputs[PARENT]["zone_id"])), delegated(other)) == (1, [])
    shipped.outputs[DNS] = dict(back.outputs)
    route53.delete_hosted_zone(Id=other)


def test_destroy_leaves_nothing_and_it_can_be_deployed_again(shipped: Shipped) -> None:
    """After a destroy neither account holds anything of it, nor the parent zone the record; then all comes back."""
    with gate_off(shipped.scene.workspace):  # what other tests have written goes first
        shipped.empty_bucket()
    results = shipped.scene.driver.run(Operation.DESTROY, ALL)
    assert [(r.id, r.error) for r in results if r.status is not StackStatus.SUCCEEDED] == []
    for account in ("plat-prod", "plat-dev"):
        assert shipped.client("s3", account).list_buckets()["Buckets"] == []
        assert shipped.client("ecr", account).describe_repositories()["repositories"] == []
        assert shipped.client("route53", account).list_hosted_zones()["HostedZones"] == []
        cloudfront = shipped.client("cloudfront", account)
        assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0
        assert cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Quantity"] == 0
    again = shipped.scene.driver.run(Operation.UP, ALL)
    assert [(r.id, r.error) for r in again if r.status is not StackStatus.SUCCEEDED] == []
    shipped.outputs.update({result.id: dict(result.outputs) for result in again})
