"""KMS: grants. A grant never changes; its token, which is a secret for minutes, is not offered.

Source: pulumi_aws 7.51.1 (`kms/grant.py`), terraform-provider-aws `internal/service/kms/grant.go`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG, TAG_MAP, TEXT_SET, set_of
from rehearsal.aws.properties import AutoName, Property, output
from rehearsal.aws.resource_type import ResourceType

_CONSTRAINTS = set_of(Property("encryptionContextEquals", TAG_MAP), Property("encryptionContextSubset", TAG_MAP))


def _key_and_grant(call: Call) -> dict[str, str]:
    """Return what names a grant, from the id: `KEY:GRANT`, where the key may be an ARN."""
    key, _, grant = call.id.rpartition(":")
    return {"KeyId": key, "GrantId": grant}


def _create_grant(call: Call) -> Any:
    asked = {
        "Name": call["name"],
        "RetiringPrincipal": call["retiringPrincipal"],
        "GrantTokens": call["grantCreationTokens"],
    }
    more = {name: value for name, value in asked.items() if value}
    if call["constraints"]:
        more["Constraints"] = _CONSTRAINTS.to_aws(call["constraints"])[0]
    made = call.aws.create_grant(
        KeyId=call["keyId"], GranteePrincipal=call["granteePrincipal"], Operations=call["operations"], **more
    )
    return {"Id": f"{call['keyId']}:{made['GrantId']}"}


def _read_grant(call: Call) -> Any:
    named = _key_and_grant(call)
    grants = call.pages("list_grants", "Grants", KeyId=named["KeyId"])
    found = next((one for one in grants if one["GrantId"] == named["GrantId"]), None)
    if found is None:
        return None
    constraints = found.get("Constraints")
    return {**found, "KeyId": named["KeyId"], "Constraints": [constraints] if constraints else None}


def _delete_grant(call: Call) -> None:
    if call["retireOnDelete"]:
        call.aws.retire_grant(**_key_and_grant(call))
    elif _read_grant(call):
        call.aws.revoke_grant(**_key_and_grant(call))


GRANT = ResourceType(
    type="aws:kms/grant:Grant",
    title="KMS Grant",
    service="kms",
    properties=(
        Property("name", replaces=True, auto_name=AutoName(longest=256)),
        Property("keyId", required=True, replaces=True),
        Property("granteePrincipal", required=True, replaces=True),
        Property("operations", TEXT_SET, required=True, replaces=True),
        Property("constraints", _CONSTRAINTS, replaces=True),
        Property("retiringPrincipal", replaces=True),
        Property("grantCreationTokens", TEXT_SET, replaces=True, unread=True),
        Property("retireOnDelete", FLAG, default=False, replaces=True, unread=True),
        output("grantId"),
    ),
    id="Id",
    create=_create_grant,
    read=_read_grant,
    delete=_delete_grant,
    not_found=("NotFoundException",),
)

TYPES = (GRANT,)
