"""What moto's NAT gateways lack: their addresses in an answer, what AWS says of one that can't work, and their end.

moto's modules have no types and are changed here, hence `Any` for them.
Source: Amazon EC2 API Reference, "CreateNatGateway", "DeleteNatGateway", "DescribeNatGateways", "NatGateway" (failure
codes and their words), "NatGatewayAddress", "DeleteSubnet"; Amazon VPC User Guide, "Work with NAT gateways".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, wraps
from typing import Any

from rehearsal.twin.emulator.checks import Call, check_first

_NOT_ATTACHED = ("Gateway.NotAttached", "Network {} has no Internet gateway attached")
_HELD = "The subnet '{}' has dependencies and cannot be deleted."


def make_nat_gateways_like_aws(response: Any, models: Any, exceptions: Any) -> None:
    """Change moto's EC2: its class of responses, and its modules of models and errors."""
    from moto.ec2.models.nat_gateways import NatGateway

    gateway: Any = NatGateway
    gateway.nat_gateway_addresses = property(_addresses)
    gateway.availability_mode = "zonal"
    gateway.failure_code = gateway.failure_message = gateway.delete_time = None
    _create_with_address(response)
    _let_go(models.EC2Backend)
    check_first(response, "create_nat_gateway", partial(_check_creation, exceptions))
    check_first(response, "describe_nat_gateways", partial(_check_names, exceptions))
    check_first(response, "delete_nat_gateway", partial(_check_deletion, exceptions))
    check_first(response, "delete_subnet", partial(_keep_held_subnets, exceptions))


def _check_creation(exceptions: Any, call: Call) -> None:
    if not call.param("SubnetId"):
        raise exceptions.MissingParameterError("SubnetId")
    private = call.text("ConnectivityType") == "private"
    if not private and not call.param("AllocationId"):
        raise exceptions.MissingParameterError("AllocationId")
    if private and call.param("AllocationId"):
        raise exceptions.InvalidParameterCombination("AllocationId is not supported for private NAT gateways.")


def _check_names(exceptions: Any, call: Call) -> None:
    for named in call.param("NatGatewayIds") or ():
        if named not in call.response.ec2_backend.nat_gateways:
            raise _missing(exceptions, named)


def _check_deletion(exceptions: Any, call: Call) -> None:
    found = call.response.ec2_backend.nat_gateways.get(call.text("NatGatewayId"))
    if found is None or found.state == "deleted":
        raise _missing(exceptions, call.text("NatGatewayId"))


def _keep_held_subnets(exceptions: Any, call: Call) -> None:
    """Refuse to delete a subnet with network interfaces in it, such as a NAT gateway's or an endpoint's."""
    subnet, interfaces = call.text("SubnetId"), call.response.ec2_backend.enis.values()
    if any(getattr(one.subnet, "id", one.subnet) == subnet for one in interfaces):
        raise exceptions.DependencyViolationError(_HELD.format(subnet))


def _missing(exceptions: Any, named: str) -> Exception:
    error: Exception = exceptions.EC2ClientError("NatGatewayNotFound", f"NatGateway {named} was not found")
    return error


def _addresses(gateway: Any) -> list[Mapping[str, Any]]:
    """Return a gateway's addresses as its answers have them; one that is being made or has failed may have fewer."""
    return [
        {
            **{name[0].upper() + name[1:]: value for name, value in address.items() if value},
            "IsPrimary": True,
            "Status": "failed" if gateway.state == "failed" else "succeeded",
        }
        for address in gateway.address_set
    ]


def _create_with_address(response: Any) -> None:
    """Give it the private address asked for, or one of its subnet, and fail where nothing leads out of the VPC."""
    from moto.ec2.utils import random_private_ip

    plain = response.create_nat_gateway

    @wraps(plain)
    def create_nat_gateway(self: Any) -> Any:
        answer = plain(self)
        ec2, gateway = self.ec2_backend, answer.result["NatGateway"]
        own = self._get_param("PrivateIpAddress") or random_private_ip(ec2.get_subnet(gateway.subnet_id).cidr_block)
        gateway.private_ip = gateway._eni.private_ip_address = own
        for address in gateway.address_set:
            address["privateIp"] = own
        ways_out = (one.vpc.id for one in ec2.internet_gateways.values() if one.vpc is not None)
        if gateway.connectivity_type != "private" and gateway.vpc_id not in ways_out:
            code, words = _NOT_ATTACHED
            gateway.state, gateway.failure_code, gateway.failure_message = "failed", code, words.format(gateway.vpc_id)
            _release(ec2, gateway)
        return answer

    response.create_nat_gateway = create_nat_gateway


def _let_go(backend: Any) -> None:
    """Give back what a deleted gateway held: its network interface, and the Elastic IP for somebody else to take."""
    plain = backend.delete_nat_gateway

    @wraps(plain)
    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        gateway = plain(self, nat_gateway_id)
        _release(self, gateway)
        return gateway

    backend.delete_nat_gateway = delete_nat_gateway


def _release(ec2: Any, gateway: Any) -> None:
    for address in gateway.address_set:
        if associated := address.get("associationId"):
            ec2.disassociate_address(association_id=associated)
        ec2.enis.pop(address["networkInterfaceId"], None)
