"""AWS managed policies, brought into an account when a request first names them there.

moto carries all of them as one text; loaded its own way they cost 32 MB and 0.8 s per account. Documents are shared
between accounts.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

_PREFIX = "arn:aws:iam::aws:policy/"


def bring_in(account_id: str, arn: str) -> None:
    """Make the AWS managed policy `arn` known to the account; an ARN that AWS has none of stays unknown."""
    if not arn.startswith(_PREFIX):
        return
    from moto.iam.models import AWSManagedPolicy, iam_backends

    backend = iam_backends[account_id]["aws"]
    if arn in backend.managed_policies:
        return
    found = _read_policy(arn.rpartition("/")[2])
    if found is None:
        return
    policy = AWSManagedPolicy(
        found["name"],
        account_id=account_id,
        region="aws",
        default_version_id=found["version"],
        path=found["path"],
        document=found["document"],
        create_date=found["created"],
        update_date=found["updated"],
    )
    if policy.arn == arn:
        backend.managed_policies[arn] = policy
        backend.aws_managed_policies.append(policy)


@lru_cache(maxsize=64)
def _read_policy(name: str) -> dict[str, Any] | None:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    # One entry is read out of the 4.7 MB of text: each stands on a line of its own, one space deep.
    start = aws_managed_policies_data.find(f"\n {json.dumps(name)}:")
    if start < 0:
        return None
    entry, _ = json.JSONDecoder().raw_decode(aws_managed_policies_data, aws_managed_policies_data.index("{", start))
    return {
        "name": name,
        "version": entry["DefaultVersionId"],
        "path": entry["Path"],
        "document": json.dumps(entry["Document"]),
        "created": datetime.fromisoformat(entry["CreateDate"]),
        "updated": datetime.fromisoformat(entry["UpdateDate"]),
    }
