"""EC2's tags without a value, which are empty ones: moto needs the parameter.

Source: Amazon EC2 API Reference, "Tag" and "CreateTags" (a key without a value has an empty string for one).
"""

from __future__ import annotations

import re

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.requests.http_request import replace_body

_TAG = re.compile(r"((?:TagSpecification\.\d+\.)?Tag\.\d+)\.Key")


def give_tags_values(asked: Asked) -> None:
    """Give each tag that a request of EC2 sets without a value an empty one; a deletion means any value by it."""
    operation, request = asked.operation, asked.request
    if operation.service != "ec2" or operation.name == "DeleteTags" or request.method != "POST":
        return
    tags = (found[1] for name in operation.params if name.startswith("Tag") and (found := _TAG.fullmatch(name)))
    empty = [f"&{tag}.Value=" for tag in tags if f"{tag}.Value" not in operation.params]
    if empty:
        replace_body(request, request.body + "".join(empty).encode())
