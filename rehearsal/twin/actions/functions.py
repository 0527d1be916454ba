"""What Lambda operations ask for: a function by name, ARN or part of one, with the version or alias that is called.

Whoever makes a function of code in a bucket has to be allowed to read it there.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Lambda"; AWS Lambda Developer
Guide, "Using resource-based policies": a version or an alias has an ARN, and a policy, of its own; API Reference,
"CreateFunction", "UpdateFunctionCode" (code in Amazon S3), "Error occurred while GetObject".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from iam_decision import ResourceKind
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.generic import demand_on, generic_demands

_PART_OF_ARN = re.compile(r"arn:aws:lambda:([^:]+):([^:]+):function:(\d{12}):function:(.+)")


def lambda_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Lambda request asks for."""
    return (*(_on_what_is_called(asked, demand) for demand in generic_demands(asked)), *_code_in_bucket(asked))


def _code_in_bucket(asked: Asked) -> Iterator[Demand]:
    operation = asked.operation
    if operation.name.partition("2")[0] not in ("CreateFunction", "UpdateFunctionCode"):
        return
    for under in ("Code.", ""):
        named = {part: operation.values(f"{under}S3{part}") for part in ("Bucket", "Key", "ObjectVersion")}
        if named["Bucket"] and named["Key"]:
            action = "s3:GetObjectVersion" if named["ObjectVersion"] else "s3:GetObject"
            arn, bucket = f"arn:aws:s3:::{named['Bucket'][0]}/{named['Key'][0]}", asked.state.bucket(named["Bucket"][0])
            if bucket is None:
                yield Demand(action, arn)
            else:
                yield Demand(action, arn, bucket.account_id, bucket.policy, ResourceKind.BUCKET)


def _on_what_is_called(asked: Asked, demand: Demand) -> Demand:
    resource = demand.resource
    if ":function:" not in resource or not demand.action.startswith("lambda:"):
        return demand
    if found := _PART_OF_ARN.fullmatch(resource):
        resource = f"arn:aws:lambda:{found[1]}:{found[3]}:function:{found[4]}"
    qualifier = asked.operation.text("Qualifier")
    if qualifier and resource.count(":") == 6:
        resource = f"{resource}:{qualifier}"
    if resource == demand.resource:
        return demand
    return replace(demand_on(asked, demand.action, resource), context=demand.context)
