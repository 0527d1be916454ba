"""What is changed in moto's EC2: settings of an account and region, the default VPC's way out, what holds a VPC.

moto's modules have no types and are changed here, hence `Any` for them. Done when EC2 is first asked for.
Sources: Amazon EC2 API Reference, the operations named below; Amazon EC2 User Guide, "Block public access to AMIs" (on
in new accounts), "Block public access for Amazon EBS snapshots", "Access to the EC2 Serial Console"; Amazon VPC User
Guide, "Default VPC components", "Delete your VPC".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, wraps
from typing import Any

from rehearsal.twin.emulator.account_settings import give_metadata_defaults
from rehearsal.twin.emulator.checks import Call, check_first
from rehearsal.twin.emulator.firewall_rules import change_rules_wholly
from rehearsal.twin.emulator.nat_gateways import make_nat_gateways_like_aws
from rehearsal.twin.emulator.vpc_endpoints import make_vpc_endpoints_like_aws

_KEPT = "fleetyard_settings"
_EBS_KEY = "alias/aws/ebs"
_EVERYWHERE = "0.0.0.0/0"
_SHARING = {"State": {"block-all-sharing", "block-new-sharing"}, "ImageBlockPublicAccessState": {"block-new-sharing"}}
_BY_A_USER = 'the specified group: "{}" name: "default" cannot be deleted by a user'
_HELD = "The vpc '{}' has dependencies and cannot be deleted."


def make_ec2_like_aws() -> None:
    """Change moto's EC2."""
    from moto.ec2 import exceptions, models
    from moto.ec2.responses import EC2Response

    response: Any = EC2Response
    give_metadata_defaults()
    _keep_sharing(response, "snapshot", "State", "unblocked", exceptions)
    _keep_sharing(response, "image", "ImageBlockPublicAccessState", "block-new-sharing", exceptions)
    _keep_serial_console(response)
    _keep_key_of_volumes(response)
    _let_default_groups_in(models.EC2Backend)
    _lead_out_of_default_vpcs(models.EC2Backend)
    change_rules_wholly(response, models.EC2Backend, exceptions)
    make_nat_gateways_like_aws(response, models, exceptions)
    make_vpc_endpoints_like_aws(response, models, exceptions)
    check_first(response, "delete_security_group", partial(_keep_default_groups, exceptions.EC2ClientError))
    check_first(response, "delete_vpc", partial(_keep_held_vpcs, exceptions.DependencyViolationError))


def _settings(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = response.ec2_backend.__dict__.setdefault(_KEPT, {})
    return found


def _answers(response: Any, **operations: Any) -> None:
    """Give moto operations that return a mapping: the answer's elements."""
    from moto.core.responses import ActionResult

    def operation(answer: Any) -> Any:
        def answered(self: Any) -> Any:
            self.error_on_dryrun()
            return ActionResult(answer(self))

        return answered

    for name, answer in operations.items():
        setattr(response, name, operation(answer))


def _keep_sharing(response: Any, what: str, element: str, at_first: str, exceptions: Any) -> None:
    """Keep whether an account shares snapshots or images with everybody."""

    def told(request: Any) -> Mapping[str, Any]:
        return {element: _settings(request).get(what, at_first), "ManagedBy": "account"}

    def enable(request: Any) -> Mapping[str, Any]:
        wanted = request._get_param(element)
        if wanted not in _SHARING[element]:
            raise exceptions.InvalidParameterValueError(wanted)
        _settings(request)[what] = wanted
        return {element: wanted}

    def disable(request: Any) -> Mapping[str, Any]:
        _settings(request)[what] = "unblocked"
        return {element: "unblocked"}

    _answers(
        response,
        **{
            f"get_{what}_block_public_access_state": told,
            f"enable_{what}_block_public_access": enable,
            f"disable_{what}_block_public_access": disable,
        },
    )


def _keep_serial_console(response: Any) -> None:
    def told(request: Any, switched: bool | None = None) -> Mapping[str, Any]:
        if switched is not None:
            _settings(request)["serial"] = switched
        return {"SerialConsoleAccessEnabled": _settings(request).get("serial", False)}

    _answers(
        response,
        get_serial_console_access_status=told,
        enable_serial_console_access=partial(told, switched=True),
        disable_serial_console_access=partial(told, switched=False),
    )


def _keep_key_of_volumes(response: Any) -> None:
    def told(request: Any) -> Mapping[str, Any]:
        return {"KmsKeyId": _settings(request).get("key", _EBS_KEY)}

    def modify(request: Any) -> Mapping[str, Any]:
        named = str(request._get_param("KmsKeyId"))
        backend = request.ec2_backend
        kind = named if named.startswith("alias/") else f"key/{named}"
        arn = named if named.startswith("arn:") else f"arn:aws:kms:{backend.region_name}:{backend.account_id}:{kind}"
        _settings(request)["key"] = arn
        return {"KmsKeyId": arn}

    def reset(request: Any) -> Mapping[str, Any]:
        _settings(request).pop("key", None)
        return told(request)

    _answers(
        response,
        get_ebs_default_kms_key_id=told,
        modify_ebs_default_kms_key_id=modify,
        reset_ebs_default_kms_key_id=reset,
    )


def _let_default_groups_in(backend: Any) -> None:
    """Moto's default security groups let nobody in; AWS's their own members."""
    plain = backend.create_vpc

    @wraps(plain)
    def create_vpc(self: Any, *args: Any, **kwargs: Any) -> Any:
        vpc = plain(self, *args, **kwargs)
        group = self.get_security_group_from_name("default", vpc_id=vpc.id)
        members = [{"GroupId": group.id}]
        self.authorize_security_group_ingress(group.id, "-1", None, None, [], source_groups=members, vpc_id=vpc.id)
        return vpc

    backend.create_vpc = create_vpc


def _lead_out_of_default_vpcs(backend: Any) -> None:
    """Moto's default VPC has no internet gateway, and no route to one."""
    plain = backend.create_default_vpc

    @wraps(plain)
    def create_default_vpc(self: Any) -> Any:
        vpc = plain(self)
        gateway = self.create_internet_gateway()
        self.attach_internet_gateway(gateway.id, vpc.id)
        main = next(table for table in self.route_tables.values() if table.vpc_id == vpc.id)
        self.create_route(main.id, _EVERYWHERE, gateway_id=gateway.id)
        return vpc

    backend.create_default_vpc = create_default_vpc


def _keep_held_vpcs(violation: Any, call: Call) -> None:
    """Refuse to delete a VPC with a gateway, security groups of its own, network ACLs or endpoints."""
    vpc, ec2 = call.text("VpcId"), call.response.ec2_backend
    gateways = [one for one in ec2.internet_gateways.values() if one.vpc is not None and one.vpc.id == vpc]
    groups = [one for one in ec2.groups.get(vpc, {}).values() if not one.is_default]
    lists = [one for one in ec2.network_acls.values() if one.vpc_id == vpc and one.default in (False, "false")]
    endpoints = [one for one in ec2.vpc_end_points.values() if one.vpc_id == vpc and one.state != "deleted"]
    if gateways or groups or lists or endpoints:
        raise violation(_HELD.format(vpc))


def _keep_default_groups(error: Any, call: Call) -> None:
    """Refuse to delete a VPC's default security group, which goes with its VPC."""
    named, ec2 = call.text("GroupId"), call.response.ec2_backend
    group = ec2.get_security_group_from_id(named) if named else None
    if group is not None and group.is_default:
        raise error("CannotDelete", _BY_A_USER.format(group.id))
