"""S3: the public access block of a whole account.

Source: pulumi_aws 7.51.1 (`s3/account_public_access_block.py`), terraform-provider-aws
`internal/service/s3control/account_public_access_block.go`.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import FLAG
from rehearsal.aws.operations import ID, operation
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import Change, ResourceType

_FLAGS = tuple(
    Property(name, FLAG, default=False)
    for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
)


def _put(call: Call) -> Any:
    account_id = call.id or call["accountId"] or call.account.account_id
    flags = {item.aws: bool(call[item.name]) for item in _FLAGS}
    call.aws.put_public_access_block(AccountId=account_id, PublicAccessBlockConfiguration=flags)
    return {"Id": account_id}


def _read(call: Call) -> Any:
    found = call.aws.get_public_access_block(AccountId=call.id)["PublicAccessBlockConfiguration"]
    return {"AccountId": call.id, **found}


ACCOUNT_PUBLIC_ACCESS_BLOCK = ResourceType(
    type="aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    title="S3 Account Public Access Block",
    service="s3control",
    regional=False,
    properties=(Property("accountId", replaces=True, computed=True), *_FLAGS),
    id="Id",
    create=_put,
    read=_read,
    changes=(Change(tuple(item.name for item in _FLAGS), _put),),
    delete=operation("delete_public_access_block", AccountId=ID),
    not_found=("NoSuchPublicAccessBlockConfiguration",),
)

TYPES = (ACCOUNT_PUBLIC_ACCESS_BLOCK,)
