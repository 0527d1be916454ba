"""Repositories, zones and sites: what is kept while it is full, and what is not taken over."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws.services.cloudfront import DISTRIBUTION
from rehearsal.aws.services.ecr import REPOSITORY
from rehearsal.aws.services.route53 import RECORD, ZONE
from rehearsal.aws.services.s3_objects import BUCKET_OBJECT
from tests.rehearsed.aws_provider.cases_of_delivery import distribution, zone
from tests.rehearsed.aws_provider.world import World
from tests.rehearsed.twin.test_twin_repositories import IMAGE
from tests.unit.aws_provider.driving import AbortedError


def _refused(world: World, doing: Any, *words: str) -> None:
    with pytest.raises(AbortedError) as error:
        doing(world)
    assert all(word in str(error.value) for word in words), error.value


def test_a_full_repository_goes_only_if_asked_for(world: World) -> None:
    """ECR's refusal of a repository with images is told in its words; `forceDelete` takes them along."""
    made = world.hand.create(REPOSITORY.type, world.name(), {"name": world.name("full")})
    world.client("ecr").put_image(repositoryName=made.id, imageManifest=IMAGE, imageTag="v1")
    _refused(world, lambda w: w.hand.delete(made), "deleting ECR Repository", "RepositoryNotEmptyException")
    world.hand.delete(world.hand.update(made, {"name": made.id, "forceDelete": True}))
    assert world.hand.refresh(made) is None


def test_a_full_zone_goes_only_if_asked_for(world: World) -> None:
    """Route 53's refusal of a zone with records is told in its words; `forceDestroy` takes them along."""
    made = world.hand.create(ZONE.type, world.name(), {"name": f"{world.name('full')}.example"})
    inputs = {"zoneId": made.id, "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.1"]}
    world.hand.create(RECORD.type, world.name(), inputs)
    _refused(world, lambda w: w.hand.delete(made), "deleting Route53 Hosted Zone", "HostedZoneNotEmpty")
    world.hand.delete(world.hand.update(made, {"name": made.outputs["name"], "forceDestroy": True}))
    assert world.hand.refresh(made) is None


def test_a_record_that_is_there_is_not_taken_over(world: World) -> None:
    """A record that exists already is an error, unless the program says that it may be overwritten."""
    inputs = {"zoneId": zone(world), "name": "www", "type": "A", "ttl": 60, "records": ["192.0.2.1"]}
    world.hand.create(RECORD.type, world.name(), inputs)
    _refused(world, lambda w: w.hand.create(RECORD.type, w.name(), inputs), "InvalidChangeBatch", "already exists")
    again = world.hand.create(RECORD.type, world.name(), {**inputs, "records": ["192.0.2.2"], "allowOverwrite": True})
    assert again.outputs["records"] == ["192.0.2.2"]


def test_a_records_name_is_completed_by_its_zone(world: World) -> None:
    """A record named within its zone tells its full name, and one at the zone's own name is that of the zone."""
    name = f"{world.name('zone')}.example"
    zone_id = zone(world, name)
    inputs = {"zoneId": zone_id, "type": "TXT", "ttl": 60, "records": ["text"]}
    assert world.hand.create(RECORD.type, world.name(), {**inputs, "name": "www"}).outputs["fqdn"] == f"www.{name}"
    apex = world.hand.create(RECORD.type, world.name(), {**inputs, "name": f"{name}."})
    assert (apex.outputs["fqdn"], apex.id) == (name, f"{zone_id}_{name}_TXT")
    assert apex.outputs["records"] == ["text"]


def test_an_enabled_distribution_is_disabled_and_deleted(world: World) -> None:
    """Deleting a distribution disables it first; `retainOnDelete` leaves it there, disabled."""
    gone = world.hand.create(DISTRIBUTION.type, world.name(), distribution(world))
    kept = world.hand.create(DISTRIBUTION.type, world.name(), distribution(world, retainOnDelete=True))
    for made in (gone, kept):
        world.hand.delete(made)
    assert world.hand.refresh(gone) is None
    found = world.hand.refresh(kept)
    assert found is not None
    assert found.outputs["enabled"] is False


def test_an_object_goes_with_all_its_versions(world: World) -> None:
    """In a bucket with versions a deleted object leaves none behind, and objects of longer names stay."""
    bucket, s3 = world.bucket(), world.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    inputs = {"bucket": bucket, "key": "page", "content": "first"}
    made = world.hand.create(BUCKET_OBJECT.type, world.name(), inputs)
    made = world.hand.update(made, {**inputs, "content": "second"})
    s3.put_object(Bucket=bucket, Key="page-2", Body=b"other")
    world.hand.delete(made)
    left = s3.list_object_versions(Bucket=bucket)
    assert [item["Key"] for item in left["Versions"]] == ["page-2"]
    assert "DeleteMarkers" not in left


def test_an_object_is_named_after_its_resource(world: World) -> None:
    """An object without a key gets the name that the program gives the resource, with nothing added."""
    bucket = world.bucket()
    made = world.hand.create(BUCKET_OBJECT.type, "robots.txt", {"bucket": bucket, "content": "x"})
    assert (made.id, made.outputs["key"]) == (f"{bucket}/robots.txt", "robots.txt")
    assert world.hand.diff(made, {"bucket": bucket, "content": "x"}).paths == {}


def test_finding_a_zone_by_its_name(world: World) -> None:
    """The one zone of a name is told; of none, or of two, the provider says what the real one says."""
    name, get = f"{world.name('zone')}.example", "aws:route53/getZone:getZone"
    zone_id = zone(world, name)
    found = world.hand.invoke(get, name=f"{name}.")
    assert (found["zoneId"], found["name"], len(found["nameServers"])) == (zone_id, name, 4)
    _refused(world, lambda w: w.hand.invoke(get, name="no.example"), "no matching Route 53 Hosted Zone found")
    zone(world, name)
    _refused(world, lambda w: w.hand.invoke(get, name=name), "multiple Route 53 Hosted Zones matched")
