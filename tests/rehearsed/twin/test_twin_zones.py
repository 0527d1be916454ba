"""Route 53: zones with name servers of their own, batches that have to fit, and rights to single records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.twin_fixtures import MANAGEMENT, TwinAws, document, refused, trusting

NewRole = Callable[..., str]
ROOT = f"arn:aws:iam::{MANAGEMENT}:root"
CHANGE = "route53:ChangeResourceRecordSets"


def _zone(aws: TwinAws, account: str, name: str = "acme.example") -> tuple[Any, str, list[str]]:
    """Make a zone in an account; return a client there, the zone's id and its name servers."""
    route53 = aws.client("route53", aws.into(account))
    made = route53.create_hosted_zone(Name=name, CallerReference=f"{account}-{name}")
    return route53, str(made["HostedZone"]["Id"]), list(made["DelegationSet"]["NameServers"])


def _change(
    route53: Any,
    zone: str,
    name: str,
    *values: str,
    kind: str = "NS",
    action: str = "CREATE",
) -> None:
    record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    )


def test_zones_have_name_servers_of_their_own(aws: TwinAws, account: str) -> None:
    """Two zones share no name server, and each has four."""
    _, _, first = _zone(aws, account)
    _, _, second = _zone(aws, account, "other.example")
    assert (len(first), len(second)) == (4, 4)
    assert set(first).isdisjoint(second)


def test_a_zone_that_delegates_is_kept(aws: TwinAws, account: str) -> None:
    """A zone with another zone's delegation in it is not deleted; when that has gone it is."""
    route53, zone, _ = _zone(aws, account)
    _change(route53, zone, "dev.acme.example", "ns-1.example.com")
    with refused("HostedZoneNotEmpty"):
        route53.delete_hosted_zone(Id=zone)
    _change(route53, zone, "dev.acme.example", "ns-1.example.com", action="DELETE")
    route53.delete_hosted_zone(Id=zone)
    assert route53.list_hosted_zones()["HostedZones"] == []


def test_a_batch_has_to_fit_what_is_there(aws: TwinAws, account: str) -> None:
    """Made twice, deleted with other values, deleted when gone, or of another domain: the change is refused."""
    route53, zone, _ = _zone(aws, account)
    _change(route53, zone, "www.acme.example", "192.0.2.1", kind="A")
    with refused("InvalidChangeBatch") as twice:
        _change(route53, zone, "www.acme.example", "192.0.2.2", kind="A")
    assert "already exists" in twice.message
    with refused("InvalidChangeBatch") as other:
        _change(route53, zone, "www.acme.example", "192.0.2.2", kind="A", action="DELETE")
    assert "do not match the current values" in other.message
    with refused("InvalidChangeBatch") as gone:
        _change(route53, zone, "old.acme.example", "192.0.2.2", kind="A", action="DELETE")
    assert "was not found" in gone.message
    with refused("InvalidChangeBatch") as elsewhere:
        _change(route53, zone, "www.notacme.example", "192.0.2.2", kind="A")
    assert "not permitted in zone" in elsewhere.message


def test_a_record_comes_back_after_it_has_gone(aws: TwinAws, account: str) -> None:
    """A record deleted and made again as it was is there, whatever else is in the zone."""
    route53, zone, _ = _zone(aws, account)
    _change(route53, zone, "z.acme.example", "192.0.2.9", kind="A")
    for action in ("CREATE", "DELETE", "CREATE"):
        _change(route53, zone, "a.acme.example", "192.0.2.1", kind="A", action=action)
    names = [record["Name"] for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
    assert names.count("a.acme.example.") == 1


def test_a_right_to_single_records(aws: TwinAws, account: str, new_role: NewRole) -> None:
    """A policy that names types and names of records allows those, and a batch only if it allows all of it."""
    _, zone, _ = _zone(aws, account)
    condition = {
        "ForAllValues:StringEquals": {f"{CHANGE}RecordTypes": ["NS"]},
        "ForAllValues:StringLike": {f"{CHANGE}NormalizedRecordNames": ["*.acme.example"]},
    }
    right = {"Effect": "Allow", "Action": CHANGE, "Resource": "arn:aws:route53:::hostedzone/*", "Condition": condition}
    route53 = aws.client("route53", aws.assume(new_role(account, trusting(ROOT), document(right))))
    _change(route53, zone, "Dev.acme.example.", "ns-1.example.com")
    for name, kind, value in (("www.acme.example", "A", "192.0.2.1"), ("acme.example", "NS", "ns-1.example.com")):
        with refused("AccessDenied"):
            _change(route53, zone, name, value, kind=kind, action="UPSERT")
