"""What moto's VPC endpoints lack: types that fit the service, routes and interfaces that follow a change, their end.

moto's modules have no types and are changed here, hence `Any` for them.
Source: Amazon EC2 API Reference, "CreateVpcEndpoint" (interfaces without a security group get the VPC's default one),
"ModifyVpcEndpoint", "DeleteVpcEndpoints", "Error codes" (InvalidServiceName, InvalidVpcEndpointId.NotFound,
RouteAlreadyExists); AWS PrivateLink Guide, "Gateway endpoints", "Access an AWS service using an interface VPC endpoint"
(one subnet per zone; private DNS wants DNS hostnames and DNS resolution of the VPC; names of the endpoint).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial, wraps
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first

_GATEWAYS = ("s3", "dynamodb", "s3express")
_OF_AWS = re.compile(r"com\.amazonaws\.([a-z0-9-]+)\.(.+)")
_WRONG_TYPE = "Endpoint type ({}) does not match available service types ([{}])."
_NO_DNS = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}"
_DNS_TAKEN = "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {} in the VPC {}"
_NO_INTERFACE = "Subnets and security groups cannot be specified for an endpoint of type Gateway."
"""How AWS words it is not known."""
_SAME_ZONE = "Found another VPC endpoint subnet in the availability zone of {}"
_ROUTE_TAKEN = "route table {} already has a route with destination-prefix-list-id {}"


def make_vpc_endpoints_like_aws(response: Any, models: Any, exceptions: Any) -> None:
    """Change moto's EC2: its class of responses, and its modules of models and errors."""
    from moto.ec2.models.vpcs import VPCEndPoint

    endpoint: Any = VPCEndPoint
    endpoint.requester_managed = False
    endpoint.ip_address_type = "ipv4"
    endpoint.service_region = property(lambda self: self.ec2_backend.region_name)
    endpoint.dns_entries = property(_names, lambda _self, _value: None)
    _create(models.EC2Backend)
    check_first(response, "create_vpc_endpoint", partial(_check_creation, exceptions))
    _modify(response, exceptions)
    _delete(response)


def _check_creation(exceptions: Any, call: Call) -> None:
    service, kind = call.text("ServiceName"), call.text("VpcEndpointType") or "Gateway"
    found, ec2 = _OF_AWS.fullmatch(service), call.response.ec2_backend
    if found is None or found[1] != ec2.region_name or found[2] not in _services():
        raise exceptions.InvalidServiceName(service)
    offered = [*(["Gateway"] if found[2] in _GATEWAYS else []), "Interface"]
    if kind not in offered:
        raise _invalid(exceptions, _WRONG_TYPE.format(kind, ", ".join(offered)))
    vpc, subnets = ec2.get_vpc(call.text("VpcId")), call.param("SubnetIds") or []
    if kind == "Gateway":
        if subnets or call.param("SecurityGroupIds"):
            raise _invalid(exceptions, _NO_INTERFACE)
        _check_tables(exceptions, ec2, service, call.param("RouteTableIds") or [])
        return
    _check_zones(exceptions, ec2, [], subnets)
    if _is_on(call.param("PrivateDnsEnabled"), unsaid=True):
        _check_dns(exceptions, ec2, vpc, service)


def _services() -> frozenset[str]:
    from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, COVERED_ENDPOINT_SERVICES

    return frozenset((*AWS_ENDPOINT_SERVICES, *COVERED_ENDPOINT_SERVICES, *_GATEWAYS))


def _invalid(exceptions: Any, words: str) -> Exception:
    error: Exception = exceptions.EC2ClientError("InvalidParameter", words)
    return error


def _check_tables(exceptions: Any, ec2: Any, service: str, tables: Iterable[str]) -> None:
    prefixes = _prefix_list(ec2, service)
    for table in tables:
        routes = ec2.get_route_table(table).routes
        if any(getattr(route.destination_prefix_list, "id", None) == prefixes for route in routes):
            raise exceptions.EC2ClientError("RouteAlreadyExists", _ROUTE_TAKEN.format(table, prefixes))


def _check_zones(exceptions: Any, ec2: Any, there: Iterable[str], added: Iterable[str]) -> None:
    zones = {ec2.get_subnet(subnet).availability_zone for subnet in there}
    for subnet in added:
        if (zone := ec2.get_subnet(subnet).availability_zone) in zones:
            raise exceptions.EC2ClientError("DuplicateSubnetsInSameZone", _SAME_ZONE.format(subnet))
        zones.add(zone)


def _check_dns(exceptions: Any, ec2: Any, vpc: Any, service: str, own: str = "") -> None:
    if not (_is_on(vpc.enable_dns_support) and _is_on(vpc.enable_dns_hostnames)):
        raise _invalid(exceptions, _NO_DNS.format(vpc.id))
    for other in ec2.vpc_end_points.values():
        rival = other.vpc_id == vpc.id and other.service_name == service and other.id != own
        if rival and _is_interface(other) and other.private_dns_enabled:
            raise _invalid(exceptions, _DNS_TAKEN.format(_private_name(other), vpc.id))


def _create(backend: Any) -> None:
    """Make a gateway's routes and an interface's network interfaces by what AWS does when nothing else is asked."""
    plain = backend.create_vpc_endpoint

    @wraps(plain)
    def create_vpc_endpoint(self: Any, **asked: Any) -> Any:
        kind = asked["endpoint_type"] = asked.get("endpoint_type") or "Gateway"
        interface = kind == "Interface"
        subnets = asked.pop("subnet_ids", None) or []
        made = plain(self, **asked, subnet_ids=[])
        made.subnet_ids, made.network_interface_ids = [], []
        made.private_dns_enabled = interface and bool(asked.get("private_dns_enabled"))
        if interface and not made.security_group_ids:
            made.security_group_ids = [self.get_security_group_from_name("default", vpc_id=made.vpc_id).id]
        if interface:
            _add_interfaces(self, made, subnets)
        return made

    backend.create_vpc_endpoint = create_vpc_endpoint


def _add_interfaces(ec2: Any, endpoint: Any, subnets: Iterable[str]) -> None:
    from moto.ec2.utils import random_private_ip

    for named in subnets:
        subnet = ec2.get_subnet(named)
        words, groups = f"VPC Endpoint Interface {endpoint.id}", endpoint.security_group_ids
        address = random_private_ip(subnet.cidr_block)
        made = ec2.create_network_interface(subnet, address, group_ids=list(groups), description=words)
        endpoint.subnet_ids.append(named)
        endpoint.network_interface_ids.append(made.id)


def _modify(response: Any, exceptions: Any) -> None:
    """Carry out what moto forgets: routes, interfaces, private DNS, a policy taken back."""
    plain = response.modify_vpc_endpoint

    @wraps(plain)
    def modify_vpc_endpoint(self: Any) -> Any:
        ec2, call = self.ec2_backend, Call(self)
        endpoint = ec2.describe_vpc_endpoints(vpc_end_point_ids=[call.text("VpcEndpointId")])[0]
        tables, subnets = call.param("AddRouteTableIds") or [], call.param("AddSubnetIds") or []
        gone = call.param("RemoveSubnetIds") or []
        _check_tables(exceptions, ec2, endpoint.service_name, tables)
        _check_zones(exceptions, ec2, [one for one in endpoint.subnet_ids or () if one not in gone], subnets)
        private = call.param("PrivateDnsEnabled")
        if _is_on(private):
            _check_dns(exceptions, ec2, ec2.get_vpc(endpoint.vpc_id), endpoint.service_name, endpoint.id)
        for table in tables:
            _lead_to(ec2, endpoint, table)
        for table in call.param("RemoveRouteTableIds") or ():
            ec2.delete_route(table, endpoint.destination_prefix_list_id)
        _remove_interfaces(ec2, endpoint, gone)
        _add_interfaces(ec2, endpoint, subnets)
        if private is not None:
            endpoint.private_dns_enabled = _is_on(private)
        if _is_on(call.param("ResetPolicy")):
            endpoint.policy_document = json.dumps(type(endpoint).DEFAULT_POLICY)
        return plain(self)

    response.modify_vpc_endpoint = modify_vpc_endpoint


def _lead_to(ec2: Any, endpoint: Any, table: str) -> None:
    prefixes = endpoint.destination_prefix_list_id
    ec2.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)


def _remove_interfaces(ec2: Any, endpoint: Any, subnets: Iterable[str]) -> None:
    for named in list(endpoint.network_interface_ids):
        interface = ec2.enis.get(named)
        if interface is None or interface.subnet.id in subnets:
            ec2.enis.pop(named, None)
            endpoint.network_interface_ids.remove(named)
    endpoint.subnet_ids = [one for one in endpoint.subnet_ids or () if one not in subnets]


def _delete(response: Any) -> None:
    """Take away what is deleted, and name in the answer what was not there."""
    from moto.core.responses import ActionResult

    def delete_vpc_endpoints(self: Any) -> Any:
        self.error_on_dryrun()
        ec2, unsuccessful = self.ec2_backend, []
        for named in self._get_param("VpcEndpointIds", []):
            endpoint = ec2.vpc_end_points.get(named)
            if endpoint is None:
                words = f"The Vpc Endpoint Id '{named}' does not exist"
                error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": words}
                unsuccessful.append({"ResourceId": named, "Error": error})
                continue
            if _is_interface(endpoint):
                _remove_interfaces(ec2, endpoint, tuple(endpoint.subnet_ids))
            else:
                for table in endpoint.route_table_ids:
                    ec2.delete_route(table, endpoint.destination_prefix_list_id)
            del ec2.vpc_end_points[named]
        return ActionResult({"Unsuccessful": unsuccessful})

    response.delete_vpc_endpoints = delete_vpc_endpoints


def _prefix_list(ec2: Any, service: str) -> str | None:
    lists = ec2.managed_prefix_lists.values()
    return next((str(one.id) for one in lists if one.prefix_list_name == service), None)


def _is_on(value: object, *, unsaid: bool = False) -> bool:
    """Read a flag as moto hands it out: true, its text, or nothing."""
    return unsaid if value is None else str(value).lower() == "true"


def _is_interface(endpoint: Any) -> bool:
    return bool(endpoint.vpc_endpoint_type == "Interface")


def _private_name(endpoint: Any) -> str:
    region, service = endpoint.ec2_backend.region_name, endpoint.service_name.split(".", 3)[3]
    turned = ".".join(reversed(service.split(".")))
    return f"{turned}.{region}.amazonaws.com"


def _names(endpoint: Any) -> list[dict[str, str]]:
    """Return the names of an interface endpoint: of the region, of each zone, and the private one if it is on."""
    if not _is_interface(endpoint):
        return []
    ec2, turned = endpoint.ec2_backend, _private_name(endpoint).removesuffix(".amazonaws.com")
    stem, zone_id = f"{endpoint.id}-{endpoint.id[-8:]}", f"Z{endpoint.id[-13:].upper()}"
    zones = [ec2.get_subnet(subnet).availability_zone for subnet in endpoint.subnet_ids or ()]
    hosts = [f"{each}.{turned}.vpce.amazonaws.com" for each in (stem, *(f"{stem}-{zone}" for zone in zones))]
    private = [_private_name(endpoint)] if endpoint.private_dns_enabled else []
    return [{"DnsName": host, "HostedZoneId": zone_id} for host in (*hosts, *private)]
