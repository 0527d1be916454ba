"""EC2: addresses that stay (Elastic IPs). What an address is bound to is left to what uses it, such as a NAT gateway.

Source: pulumi_aws 7.51.1 (`ec2/eip.py`), terraform-provider-aws `internal/service/ec2/ec2_eip.go`.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.aws_errors import code_of
from rehearsal.aws.call import Call
from rehearsal.aws.operations import EC2_TAGS, operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.services.ec2_networks import ec2_tagging


def _read_address(call: Call) -> Any:
    found = call.aws.describe_addresses(AllocationIds=[call.id])["Addresses"][0]
    return {**found, "Arn": call.arn("ec2", f"elastic-ip/{call.id}")}


def _delete_address(call: Call) -> None:
    if call["associationId"]:
        try:
            call.aws.disassociate_address(AssociationId=call["associationId"])
        except ClientError as error:
            if code_of(error) != "InvalidAssociationID.NotFound":
                raise
    call.aws.release_address(AllocationId=call.id)


EIP = ResourceType(
    type="aws:ec2/eip:Eip",
    title="EC2 EIP",
    service="ec2",
    properties=(
        Property("domain", replaces=True, computed=True, one_of=("standard", "vpc")),
        output("allocationId"),
        output("arn"),
        output("associationId"),
        output("publicIp"),
    ),
    id="AllocationId",
    create=operation("allocate_address", Domain="domain", TagSpecifications=EC2_TAGS),
    read=_read_address,
    delete=_delete_address,
    tagging=ec2_tagging("elastic-ip"),
    not_found=("InvalidAllocationID.NotFound",),
)

TYPES = (EIP,)
