"""The policies that resources carry in moto's state, by ARN: topics, secrets, functions, tables, streams, event buses.

Buckets, keys, queues and repositories are read where their services' requests are (`actions/`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rehearsal.twin.emulator.backends import backend_of
from rehearsal.twin.emulator.resource_tags import function_of


@dataclass(frozen=True, slots=True)
class PolicyOf:
    """What is known of a resource: whether it is there, and its policy."""

    exists: bool
    document: str | None = None
    arn: str = ""
    """Its own ARN, where requests may name it by less."""


_ABSENT = PolicyOf(exists=False)


def policy_of(arn: str) -> PolicyOf:
    """Return the policy of the resource of this ARN; absent too where the service's resources have none here."""
    parts = arn.split(":", 5)
    reader = _READERS.get(parts[2]) if len(parts) == 6 and "*" not in arn else None
    return reader(arn, parts[4], parts[3], parts[5]) if reader is not None else _ABSENT


def _topic(arn: str, account_id: str, region: str, _resource: str) -> PolicyOf:
    backend = backend_of("sns", "sns", account_id, region)
    topic = backend.topics.get(arn) if backend is not None else None
    return PolicyOf(exists=True, document=topic.policy, arn=arn) if topic is not None else _ABSENT


def _secret(arn: str, account_id: str, region: str, resource: str) -> PolicyOf:
    backend = backend_of("secretsmanager", "secretsmanager", account_id, region)
    if backend is None:
        return _ABSENT
    secret = backend.secrets.get(arn) or backend.secrets.get(resource.removeprefix("secret:"))
    if secret is None:
        return _ABSENT
    return PolicyOf(exists=True, document=getattr(secret, "policy", None) or None, arn=str(secret.arn))


def _function(arn: str, account_id: str, region: str, resource: str) -> PolicyOf:
    function = function_of(account_id, region, resource.removeprefix("function:").partition(":")[0])
    if function is None:
        return _ABSENT
    kept = list(function.policy.statements) if function.policy is not None else []
    statements = [{**each, "Principal": _principal(each.get("Principal"))} for each in kept]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None
    return PolicyOf(exists=True, document=document, arn=arn)


def _principal(named: object) -> object:
    """Return whom AddPermission lets in, as AWS writes it; moto keeps the plain text."""
    if not isinstance(named, str) or named == "*":
        return named
    return {"Service": named} if named.endswith(".amazonaws.com") else {"AWS": named}


def _table(arn: str, account_id: str, region: str, resource: str) -> PolicyOf:
    """Return the policy of a table, which is that of its indexes too; a stream of its changes has one of its own.

    Source: Amazon DynamoDB Developer Guide, "Using resource-based policies for DynamoDB".
    """
    backend = backend_of("dynamodb", "dynamodb", account_id, region)
    name, _, kind = resource.removeprefix("table/").partition("/")
    if backend is None or name not in backend.tables:
        return _ABSENT
    holder = arn if kind.startswith("stream/") else f"arn:aws:dynamodb:{region}:{account_id}:table/{name}"
    found = backend.resource_policies.get(holder)
    return PolicyOf(exists=True, document=found.policy_doc if found is not None else None, arn=arn)


def _stream(arn: str, account_id: str, region: str, resource: str) -> PolicyOf:
    """Return the policy of a data stream or of one of its consumers."""
    backend = backend_of("kinesis", "kinesis", account_id, region)
    if backend is None or resource.removeprefix("stream/").partition("/")[0] not in backend.streams:
        return _ABSENT
    return PolicyOf(exists=True, document=backend.resource_policies.get(arn), arn=arn)


def _event_bus(arn: str, account_id: str, region: str, resource: str) -> PolicyOf:
    backend = backend_of("events", "events", account_id, region)
    kind, _, name = resource.partition("/")
    bus = backend.event_buses.get(name) if backend is not None and kind == "event-bus" else None
    return PolicyOf(exists=True, document=bus.policy, arn=arn) if bus is not None else _ABSENT


_READERS: Mapping[str, Callable[[str, str, str, str], PolicyOf]] = {
    "dynamodb": _table,
    "events": _event_bus,
    "kinesis": _stream,
    "lambda": _function,
    "secretsmanager": _secret,
    "sns": _topic,
}
