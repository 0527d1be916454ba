"""What Route 53 operations ask for: zones and changes by ARN, records by the condition keys of their change.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Route 53"; Route 53
Developer Guide, "Using IAM policy conditions for fine-grained access control to manage resource record sets".
"""

from __future__ import annotations

import re
from xml.sax.saxutils import unescape

from rehearsal.twin.actions.demand import Asked, Demand

_RECORDS = "ChangeResourceRecordSets"
_CHANGE = re.compile(r"<Change>(.*?)</Change>", re.DOTALL)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def route53_demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what a Route 53 request asks for; what names no zone is asked for on "*"."""
    operation = asked.operation
    demand = Demand(f"route53:{operation.name}", _resource(asked))
    if operation.name != _RECORDS:
        return (demand,)
    changes = _CHANGE.findall(asked.request.body.decode("utf-8", "replace"))
    context: dict[str, str | list[str]] = {
        f"route53:{_RECORDS}Actions": [_first("Action", change) for change in changes],
        f"route53:{_RECORDS}RecordTypes": [_first("Type", change) for change in changes],
        f"route53:{_RECORDS}NormalizedRecordNames": [normalised(_first("Name", change)) for change in changes],
    }
    return (Demand(demand.action, demand.resource, context=context),)


def normalised(name: str) -> str:
    """Return a record's name as policies have to write it: lower case, no last dot, other characters in octal."""
    return "".join(
        letter if letter in _PLAIN else "".join(f"\\{byte:03o}" for byte in letter.encode())
        for letter in name.rstrip(".").lower()
    )


def _resource(asked: Asked) -> str:
    operation = asked.operation
    zone = operation.text("HostedZoneId") or operation.text("Id") or operation.text("ResourceId")
    zone = zone.rpartition("/")[2]
    if not zone:
        return "*"
    kind = "change" if operation.name == "GetChange" else "hostedzone"
    return f"arn:aws:route53:::{kind}/{zone}"


def _first(element: str, text: str) -> str:
    found = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
    return unescape(found[1]) if found else ""
