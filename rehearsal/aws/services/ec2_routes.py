"""EC2, routing: route tables with inline routes, single routes, associations.

Source: pulumi_aws 7.51.1 (`ec2/route*.py`), terraform-provider-aws `internal/service/ec2`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import set_of
from rehearsal.aws.operations import EC2_TAGS, operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import Change, ResourceType
from rehearsal.aws.services.ec2_networks import ec2_tagging
from rehearsal.aws.wire import Value

_NO_TABLE = "InvalidRouteTableID.NotFound"
_NO_ROUTE = "InvalidRoute.NotFound"

# Pulumi's name on a single route -> EC2's parameter; inline routes drop "destination" from the two address blocks.
_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_INLINE_DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "networkInterfaceId": "NetworkInterfaceId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
}


def _table(call: Call, table_id: str) -> dict[str, Any]:
    table: dict[str, Any] = call.aws.describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]
    return table


def _read_table(call: Call) -> Any:
    table = _table(call, call.id)
    # The route within the VPC comes with the table, and others (gateway propagation) are not the program's.
    routes = [r for r in table["Routes"] if r.get("GatewayId") != "local" and r.get("Origin") == "CreateRoute"]
    return {**table, "Routes": routes, "Arn": call.arn("ec2", f"route-table/{call.id}")}


def _inline(route: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return an inline route as EC2's parameters: where to, and by what."""
    destination = {aws: route[name] for name, aws in _INLINE_DESTINATIONS.items() if route.get(name)}
    return destination, {aws: route[name] for name, aws in _TARGETS.items() if route.get(name)}


def _set_routes(call: Call) -> None:
    old = [_inline(route) for route in call.state.get("routes") or ()]
    new = [_inline(route) for route in call["routes"] or ()]
    for destination, target in new:
        before = next((via for to, via in old if to == destination), None)
        if before is None:
            call.aws.create_route(RouteTableId=call.id, **destination, **target)
        elif before != target:
            call.aws.replace_route(RouteTableId=call.id, **destination, **target)
    wanted = [destination for destination, _ in new]
    for destination, _ in old:
        if destination not in wanted:
            call.aws.delete_route(RouteTableId=call.id, **destination)


def _delete_table(call: Call) -> None:
    for association in _table(call, call.id)["Associations"]:
        call.aws.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    call.aws.delete_route_table(RouteTableId=call.id)


ROUTE_TABLE = ResourceType(
    type="aws:ec2/routeTable:RouteTable",
    title="EC2 Route Table",
    service="ec2",
    properties=(
        Property("vpcId", required=True, replaces=True),
        Property(
            "routes",
            set_of(*(Property(name, aws=aws) for name, aws in (_INLINE_DESTINATIONS | _TARGETS).items())),
            computed=True,
        ),
        output("arn"),
        output("ownerId"),
    ),
    id="RouteTable.RouteTableId",
    create=operation("create_route_table", VpcId="vpcId", TagSpecifications=EC2_TAGS),
    read=_read_table,
    changes=(Change(("routes",), _set_routes),),
    delete=_delete_table,
    tagging=ec2_tagging("route-table"),
    not_found=(_NO_TABLE,),
)


def _destination(values: Mapping[str, Value]) -> dict[str, str]:
    return {aws: str(values[name]) for name, aws in _DESTINATIONS.items() if values.get(name)}


def _route_id(values: Mapping[str, Value]) -> str:
    """Return the id as terraform-provider-aws makes it: `internal/service/ec2/vpc_route.go`, routeCreateID."""
    destination = next(iter(_destination(values).values()))
    return f"r-{values['routeTableId']}{zlib.crc32(destination.encode())}"


def _read_route(call: Call) -> Any:
    values = call.asked or call.state
    destination = _destination(values)
    routes = _table(call, values["routeTableId"])["Routes"]
    found = next((r for r in routes if destination.items() <= r.items()), None)
    return {**found, "RouteTableId": values["routeTableId"]} if found else None


_ROUTE_PARAMETERS = {aws: name for name, aws in (_DESTINATIONS | _TARGETS).items()}

ROUTE = ResourceType(
    type="aws:ec2/route:Route",
    title="EC2 Route",
    service="ec2",
    properties=(
        Property("routeTableId", required=True, replaces=True),
        *(Property(name, aws=aws, replaces=True) for name, aws in _DESTINATIONS.items()),
        *(Property(name, aws=aws) for name, aws in _TARGETS.items()),
        output("origin"),
        output("state"),
        output("instanceId"),
        output("instanceOwnerId"),
    ),
    id=_route_id,
    import_id="{routeTableId}_{destinationCidrBlock}",
    create=operation("create_route", RouteTableId="routeTableId", **_ROUTE_PARAMETERS),
    read=_read_route,
    changes=(Change(tuple(_TARGETS), operation("replace_route", RouteTableId="routeTableId", **_ROUTE_PARAMETERS)),),
    delete=lambda call: call.aws.delete_route(RouteTableId=call["routeTableId"], **_destination(call.state)),
    exactly_one_of=(tuple(_DESTINATIONS), tuple(_TARGETS)),
    not_found=(_NO_TABLE, _NO_ROUTE),
    already_exists=("RouteAlreadyExists",),
)


def _read_association(call: Call) -> Any:
    """Find it by what is associated: its id changes whenever the table does (API ReplaceRouteTableAssociation)."""
    values = call.asked or call.state
    key, wanted = next(
        (
            (aws, values[name])
            for name, aws in (("subnetId", "SubnetId"), ("gatewayId", "GatewayId"))
            if values.get(name)
        ),
        ("RouteTableAssociationId", call.id),
    )
    names = {"SubnetId": "association.subnet-id", "GatewayId": "association.gateway-id"}
    name = names.get(key, "association.route-table-association-id")
    tables = call.aws.describe_route_tables(Filters=[{"Name": name, "Values": [wanted]}])["RouteTables"]
    found = (item for table in tables for item in table["Associations"] if item.get(key) == wanted)
    return next(found, None)


def _replace_association(call: Call) -> None:
    current = _read_association(call)
    association = current["RouteTableAssociationId"] if current else call.id
    call.aws.replace_route_table_association(AssociationId=association, RouteTableId=call["routeTableId"])


def _delete_association(call: Call) -> None:
    if found := _read_association(call):
        call.aws.disassociate_route_table(AssociationId=found["RouteTableAssociationId"])


ROUTE_TABLE_ASSOCIATION = ResourceType(
    type="aws:ec2/routeTableAssociation:RouteTableAssociation",
    title="EC2 Route Table Association",
    service="ec2",
    properties=(
        Property("routeTableId", required=True),
        Property("subnetId", replaces=True),
        Property("gatewayId", replaces=True),
    ),
    id="AssociationId",
    id_in_answer="RouteTableAssociationId",
    import_id="{subnetId}/{routeTableId}",
    create=operation("associate_route_table", RouteTableId="routeTableId", SubnetId="subnetId", GatewayId="gatewayId"),
    read=_read_association,
    changes=(Change(("routeTableId",), _replace_association),),
    delete=_delete_association,
    exactly_one_of=(("subnetId", "gatewayId"),),
    not_found=(_NO_TABLE, "InvalidAssociationID.NotFound"),
)

TYPES = (ROUTE_TABLE, ROUTE, ROUTE_TABLE_ASSOCIATION)
