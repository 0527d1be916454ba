"""The tags that a request brings or takes away, wherever its service's model has them.

Source: IAM User Guide, "AWS global condition context keys", aws:RequestTag and aws:TagKeys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import unescape

from rehearsal.twin.actions.reference.table import TagsAt, service_rows
from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Protocol

_TAG = re.compile(r"<Tag>(.*?)</Tag>", re.DOTALL)
_KEY = re.compile(r"<Key>(.*?)</Key>", re.DOTALL)
_VALUE = re.compile(r"<Value>(.*?)</Value>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RequestTags:
    """Tags by key that a request brings, and the keys of those it takes away."""

    given: Mapping[str, str]
    removed: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """All keys, as `aws:TagKeys` has them."""
        return [*self.given, *self.removed]


_NONE = RequestTags({})


def request_tags(operation: Operation, request: HttpRequest | None = None) -> RequestTags:
    """Return the tags of a request; of an XML body only where the request itself is given."""
    if request is not None and operation.protocol is Protocol.REST_XML:
        return RequestTags(tags_in_xml(request))
    places = _places(operation.service, operation.name)
    if places is None:
        return RequestTags(operation.tags(), (*operation.listed("TagKeys"), *operation.listed("tagKeys")))
    if not places:
        return _NONE
    given: dict[str, str] = {}
    removed: list[str] = []
    for place in places:
        if place.keys_only:
            removed += operation.values(place.path)
        else:
            given |= _at(operation, place)
    if not given and operation.is_flat:
        given = operation.tags()  # of services that have been spoken to otherwise (SQS)
    return RequestTags(given, tuple(removed))


@lru_cache(maxsize=4096)
def _places(service: str, operation: str) -> tuple[TagsAt, ...] | None:
    """Return where an operation has tags; None for one that the table does not have."""
    rows = service_rows(service).get(operation)
    if rows is None:
        return None
    return tuple(sorted({place for row in rows for place in row.tags}, key=lambda place: place.path))


def tags_in_xml(request: HttpRequest) -> dict[str, str]:
    """Return the tags in an XML body."""
    found = {}
    for tag in _TAG.findall(request.body.decode("utf-8", "replace")):
        key, value = _KEY.search(tag), _VALUE.search(tag)
        if key:
            found[unescape(key[1])] = unescape(value[1]) if value else ""
    return found


def _at(operation: Operation, place: TagsAt) -> dict[str, str]:
    if not place.key:
        return operation.mapping(place.path)
    return dict(operation.pairs(place.path, place.key, place.value))
