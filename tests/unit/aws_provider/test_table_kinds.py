"""Each table's kinds of values are those of the real package, down to the fields of nested objects."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.aws.catalogue import full_catalogue
from rehearsal.aws.kinds import FLAG, NUMBER, WHOLE, Archive, Document, Kind, ListOf, MapOf, Record
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.wire import Files
from tests.support.real_inputs import wrong_inputs

KINDS = [pytest.param(kind, id=kind.type) for kind in full_catalogue().types.values()]


def _values(item: Property) -> list[Any]:
    return list(item.one_of) or [_value(item.kind)]


def _value(kind: Kind) -> Any:
    match kind:
        case ListOf(element=element):
            return [_value(element)]
        case MapOf(element=element):
            return {"name": _value(element)}
        case Record(fields=fields):
            return {item.name: _values(item)[0] for item in fields}
        case Document():
            return "{}"
        case Archive():
            return Files(is_archive=True, path="app")
    return {FLAG: True, WHOLE: 1, NUMBER: 1.5}.get(kind, "text")  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_takes_what_the_real_type_takes(kind: ResourceType) -> None:
    """A value of each property's kind, every value of its choices, is right for pulumi_aws as well."""
    given = [item for item in kind.given if item.name != "tagsAll"]
    inputs = {item.name: _values(item)[0] for item in given}
    wrong = wrong_inputs(kind.type, inputs)
    for item in given:
        for value in _values(item)[1:]:
            wrong += wrong_inputs(kind.type, {**inputs, item.name: value})
    assert wrong == []
