"""What is changed in moto's Route 53. moto's modules have no types and are changed here, hence `Any` for them.

Sources: Route 53 API Reference, "ChangeResourceRecordSets", "DeleteHostedZone" and "CreateHostedZone".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

_APEX = ("NS", "SOA")
_ENDINGS = ("com", "net", "org", "co.uk")
_SERVERS_EACH = 512
_BATCH_REFUSED = "InvalidChangeBatch"


def make_zones_like_aws(route53: Any, random_below: Callable[[int], int]) -> None:
    """Give zones name servers of their own, keep full zones, and refuse batches that don't fit what is there.

    `random_below` returns a number from nought to one below its argument.
    """
    _give_own_name_servers(route53.DelegationSet, random_below)
    _make_zones_once(route53.Route53Backend, route53.InvalidInput)
    _keep_full_zones(route53.Route53Backend, route53.HostedZoneNotEmpty)
    _refuse_changes_that_do_not_fit(route53.Route53Backend, route53.InvalidInput)


def _give_own_name_servers(delegation_set: Any, random_below: Callable[[int], int]) -> None:
    """Moto gives all zones the same four name servers; AWS four of its two thousand."""
    plain = delegation_set.__init__

    @wraps(plain)
    def with_servers(self: Any, caller_reference: str, name_servers: Any, delegation_set_id: Any) -> None:
        plain(self, caller_reference, name_servers, delegation_set_id)
        if name_servers is None:
            self.name_servers = [_server(place, random_below(_SERVERS_EACH)) for place in range(len(_ENDINGS))]

    delegation_set.__init__ = with_servers


def _server(place: int, number: int) -> str:
    return f"ns-{place * _SERVERS_EACH + number}.awsdns-{number // 8:02d}.{_ENDINGS[place]}"


def _make_zones_once(backend: Any, refused: Any) -> None:
    """Moto makes as many zones with one caller reference as it is asked for; AWS one: HostedZoneAlreadyExists (409)."""
    plain = backend.create_hosted_zone

    @wraps(plain)
    def create_hosted_zone(
        self: Any,
        name: str,
        private_zone: bool,
        caller_reference: str | None = None,
        **more: Any,
    ) -> Any:
        if caller_reference and any(zone.caller_reference == caller_reference for zone in self.zones.values()):
            refusal = refused("A hosted zone has already been created with the specified caller reference.")
            refusal.code = "HostedZoneAlreadyExists"
            raise refusal
        return plain(self, name, private_zone, caller_reference, **more)

    backend.create_hosted_zone = create_hosted_zone


def _keep_full_zones(backend: Any, not_empty: Any) -> None:
    """Moto deletes a zone that still delegates a part of itself; AWS only one that has nothing but its own NS and SOA.

    Refused: HostedZoneNotEmpty.
    """
    plain = backend.delete_hosted_zone

    @wraps(plain)
    def delete_hosted_zone(self: Any, id_: str) -> Any:
        zone = self.get_hosted_zone(id_)
        if any(not _is_its_own(record, zone) for record in zone.rrsets):
            raise not_empty
        return plain(self, id_)

    backend.delete_hosted_zone = delete_hosted_zone


def _is_its_own(record: Any, zone: Any) -> bool:
    return record.type in _APEX and _plain(record.name) == _plain(zone.name)


def _refuse_changes_that_do_not_fit(backend: Any, invalid: Any) -> None:
    """Moto makes a record that is there already, lets go what isn't, and takes names that only end like the zone's.

    Refused: InvalidChangeBatch, and with it the whole batch.
    """
    plain = backend.change_resource_record_sets

    @wraps(plain)
    def change_resource_record_sets(self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> Any:
        zone = self.get_hosted_zone(zoneid)
        deleted = {_key(change) for change in change_list if change["Action"] == "DELETE"}
        for change in change_list:
            problem = _problem(change, zone, deleted)
            if problem:
                refusal = invalid(f"[{problem}]")
                refusal.code = _BATCH_REFUSED
                raise refusal
        # What moto knows of earlier changes says nothing of what is there now; that was looked at above.
        adapted = [{**change, "Action": "UPSERT"} if change["Action"] == "CREATE" else change for change in change_list]
        return plain(self, zoneid, adapted)

    backend.change_resource_record_sets = change_resource_record_sets


def _problem(change: dict[str, Any], zone: Any, deleted: set[tuple[str, str, str]]) -> str:
    asked, action = change["ResourceRecordSet"], change["Action"]
    name, kind = _plain(asked["Name"]), asked["Type"]
    words = f"[name='{name}.', type='{kind}']"
    if name != _plain(zone.name) and not name.endswith(f".{_plain(zone.name)}"):
        return f"RRSet with DNS name {name}. is not permitted in zone {_plain(zone.name)}."
    if kind == "CNAME" and action != "DELETE" and name == _plain(zone.name):
        return f"RRSet of type CNAME with DNS name {name}. is not permitted at apex in zone {_plain(zone.name)}."
    current = [found for found in zone.rrsets if _key_of(found) == _key(change)]
    if action == "CREATE" and current and _key(change) not in deleted:
        return f"Tried to create resource record set {words} but it already exists"
    if action == "DELETE" and not current:
        return f"Tried to delete resource record set {words} but it was not found"
    if action == "DELETE" and _values(asked) != sorted(map(str, current[0].records or ())):
        return f"Tried to delete resource record set {words} but the values provided do not match the current values"
    return ""


def _key(change: dict[str, Any]) -> tuple[str, str, str]:
    asked = change["ResourceRecordSet"]
    return _plain(asked["Name"]), asked["Type"], asked.get("SetIdentifier") or ""


def _key_of(record: Any) -> tuple[str, str, str]:
    return _plain(record.name), record.type, record.set_identifier or ""


def _values(asked: dict[str, Any]) -> list[str]:
    return sorted(str(item["Value"]) for item in asked.get("ResourceRecords") or ())


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
