"""Renames principals in policies that moto keeps: of roles, buckets, keys, queues, topics, secrets, repositories."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_PARTITION = "aws"
Rename = Callable[[str], str]
"""Gives a principal's new name, or the one it has."""


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """Where policies are kept: a service's of an account, in a region where the service has regions."""

    service: str
    """As in `Operation.service`."""
    account_id: str
    region: str = ""


SERVICES = frozenset({"iam", "s3", "kms", "sqs", "sns", "secretsmanager", "ecr"})
"""Services whose policies name principals."""


def rename_principals(place: PolicyPlace, rename: Rename) -> None:
    """Rename the principals of every policy and grant of a place; what names none is left as it is."""
    if place.service == "kms":
        for grant in [grant for key in list(_regional(place).values()) for grant in list(key.grants.values())]:
            grant.grantee_principal = rename(grant.grantee_principal)
            grant.retiring_principal = rename(grant.retiring_principal) if grant.retiring_principal else None
    for owner, attribute in _holders(place):
        kept = getattr(owner, attribute)
        if not kept:
            continue
        text = kept.decode() if isinstance(kept, bytes) else str(kept)
        changed = _renamed(text, rename)
        if changed != text:
            setattr(owner, attribute, changed.encode() if isinstance(kept, bytes) else changed)


def _holders(place: PolicyPlace) -> Iterator[tuple[Any, str]]:
    """Yield moto's objects that have a policy, and the attribute it is in."""
    match place.service:
        case "iam":
            from moto.iam.models import iam_backends

            roles = list(iam_backends[place.account_id][_PARTITION].roles.values())
            yield from ((role, "assume_role_policy_document") for role in roles)
        case "s3":
            from moto.s3.models import s3_backends

            yield from _policies_of(s3_backends[place.account_id][_PARTITION].buckets)
        case _:
            yield from _policies_of(_regional(place))


def _regional(place: PolicyPlace) -> Any:
    from moto.backends import get_backend

    backends: Any = get_backend(place.service)
    backend = backends[place.account_id][place.region]
    names = {"kms": "keys", "sqs": "queues", "sns": "topics", "secretsmanager": "secrets", "ecr": "repositories"}
    return getattr(backend, names[place.service])


def _policies_of(holders: Any) -> Iterator[tuple[Any, str]]:
    yield from ((holder, "policy") for holder in list(holders.values()))


def _renamed(text: str, rename: Rename) -> str:
    try:
        document = json.loads(text)
        statements = document["Statement"]
    except (ValueError, KeyError, TypeError):
        return text
    changed = False
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if not isinstance(named, dict) or "AWS" not in named:
                continue
            before = named["AWS"]
            after = [rename(one) for one in before] if isinstance(before, list) else rename(before)
            changed = changed or after != before
            named["AWS"] = after
    return json.dumps(document) if changed else text
