"""EC2: what an account has once per region, encryption of new volumes and how new instances give their metadata.

Neither can be away: deleting puts back what a new account has.
Source: pulumi_aws 7.51.1 (`ebs/encryption_by_default.py`, `ec2/instance_metadata_defaults.py`), terraform-provider-aws
`internal/service/ec2/ebs_encryption_by_default.go`, `ec2_instance_metadata_defaults.go`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, WHOLE
from rehearsal.aws.operations import operation
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import Change, ResourceType
from rehearsal.aws.wire import Value

_NO_PREFERENCE = "no-preference"
_NO_HOP_LIMIT = -1
_NONE_SUCH = ()
_SWITCHED = ("enabled", "disabled", _NO_PREFERENCE)


def _switch_encryption(call: Call) -> Any:
    if call["enabled"]:
        call.aws.enable_ebs_encryption_by_default()
    else:
        call.aws.disable_ebs_encryption_by_default()
    # terraform's own `id.UniqueId`: a moment, of which nothing is read back.
    return {"Id": f"terraform-{datetime.now(UTC).strftime('%Y%m%d%H%M%S%f')}00000001"}


def _read_encryption(call: Call) -> Any:
    return {"Enabled": call.aws.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]}


ENCRYPTION_BY_DEFAULT = ResourceType(
    type="aws:ebs/encryptionByDefault:EncryptionByDefault",
    title="EBS encryption by default",
    service="ec2",
    properties=(Property("enabled", FLAG, default=True),),
    id="Id",
    create=_switch_encryption,
    read=_read_encryption,
    changes=(Change(("enabled",), _switch_encryption),),
    delete=operation("disable_ebs_encryption_by_default"),
    not_found=_NONE_SUCH,
)

_DEFAULTS: dict[str, Value] = {
    "HttpEndpoint": _NO_PREFERENCE,
    "HttpPutResponseHopLimit": _NO_HOP_LIMIT,
    "HttpTokens": _NO_PREFERENCE,
    "InstanceMetadataTags": _NO_PREFERENCE,
}
_METADATA = (
    Property("httpEndpoint", default=_NO_PREFERENCE, one_of=_SWITCHED),
    Property("httpPutResponseHopLimit", WHOLE, default=_NO_HOP_LIMIT),
    Property("httpTokens", default=_NO_PREFERENCE, one_of=("optional", "required", _NO_PREFERENCE)),
    Property("instanceMetadataTags", default=_NO_PREFERENCE, one_of=_SWITCHED),
)


def _put_metadata(call: Call) -> Any:
    given = {item.aws: call[item.name] for item in _METADATA if call[item.name] is not None}
    call.aws.modify_instance_metadata_defaults(**{**_DEFAULTS, **given})
    return {"Id": call.account.account_id}


def _read_metadata(call: Call) -> Any:
    found = call.aws.get_instance_metadata_defaults().get("AccountLevel")
    # What has no preference is not among the answer's parts.
    return {**_DEFAULTS, **{name: value for name, value in found.items() if value}} if found else None


def _clear_metadata(call: Call) -> None:
    call.aws.modify_instance_metadata_defaults(**_DEFAULTS)


METADATA_DEFAULTS = ResourceType(
    type="aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    title="EC2 Instance Metadata Defaults",
    service="ec2",
    properties=_METADATA,
    id="Id",
    create=_put_metadata,
    read=_read_metadata,
    changes=(Change(tuple(item.name for item in _METADATA), _put_metadata),),
    delete=_clear_metadata,
    not_found=_NONE_SUCH,
)

TYPES = (ENCRYPTION_BY_DEFAULT, METADATA_DEFAULTS)
