"""What holds for every type of the catalogue, whatever a program gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rehearsal.aws.catalogue import full_catalogue
from rehearsal.aws.checking import CheckContext, check
from rehearsal.aws.difference import difference
from rehearsal.aws.kinds import FLAG, NUMBER, WHOLE, Archive, Document, Kind, ListOf, MapOf, Record
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.services.dynamodb import TABLE
from rehearsal.aws.services.lambda_functions import FUNCTION
from rehearsal.aws.tags import TagRules
from rehearsal.aws.wire import UNKNOWN, Files, from_struct, to_struct

TYPES = list(full_catalogue().types.values())
CONTEXT = CheckContext("made", b"seed", "eu-west-1", TagRules({"org": "acme"}))
texts = st.text(alphabet="abc-/: 1", min_size=1, max_size=8)
documents = st.sampled_from([{"Statement": []}, {"Statement": [{"Effect": "Allow", "Action": ["a:B", "c:D"]}]}])
# Twenty of each type: the types differ more than their inputs do. Deadlines belong to benchmarks.
few = settings(max_examples=20, deadline=None)
each_type = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.type) for kind in TYPES])


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return right values of a kind."""
    match kind:
        case Document():
            return documents.map(json.dumps)
        case Archive():
            return texts.map(_archive)
        case ListOf(element=element):
            return st.lists(values(element), max_size=3)
        case MapOf(element=element):
            return st.dictionaries(texts, values(element), max_size=3)
        case Record(fields=fields):
            return objects(fields)
    if kind == FLAG:
        return st.booleans()
    numbers = {WHOLE: st.integers(0, 9999), NUMBER: st.integers(0, 9999) | st.floats(0, 9999)}
    return numbers.get(kind, texts)  # type: ignore[call-overload]


def _archive(text: str) -> Files:
    return Files(is_archive=True, assets={"main.py": Files(is_archive=False, text=text)})


def _fitting_table(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a table's inputs with its attributes, stream and capacities as they have to be together."""
    for index in inputs.get("globalSecondaryIndexes", ()):
        index.update(readCapacity=1, writeCapacity=1)
    places = (inputs, *inputs.get("globalSecondaryIndexes", ()), *inputs.get("localSecondaryIndexes", ()))
    keys = {place[name] for place in places for name in ("hashKey", "rangeKey") if name in place}
    inputs["attributes"] = [{"name": key, "type": "S"} for key in sorted(keys)]
    stream = {"streamEnabled": True, "streamViewType": "KEYS_ONLY"} if inputs.pop("streamViewType", "") else {}
    return {**inputs, "streamEnabled": False, **stream}


def _fitting_function(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a function's inputs with what code in a ZIP file needs, and the two names of code in a bucket or none."""
    stored = {"s3Key": "code.zip"} if "s3Bucket" in inputs else {}
    inputs.pop("s3Key", None)
    return {"handler": "main.run", "runtime": "python3.13", **inputs, **stored}


FITTING = {TABLE.type: _fitting_table, FUNCTION.type: _fitting_function}
"""Of the types whose values are right only together: from inputs that are right one by one to such as go together."""


def objects(properties: tuple[Property, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with these properties: the required ones, and any of the others."""
    right = {item.name: st.sampled_from(item.one_of) if item.one_of else values(item.kind) for item in properties}
    needed = {item.name for item in properties if item.required}
    return st.fixed_dictionaries(
        {name: right[name] for name in needed}, optional={n: v for n, v in right.items() if n not in needed}
    )


def programs(kind: ResourceType) -> st.SearchStrategy[dict[str, Any]]:
    """Return right inputs of a type, exactly one where only one may be given."""

    def settle(inputs: dict[str, Any]) -> dict[str, Any]:
        for names in (*kind.exactly_one_of, *kind.at_most_one_of):
            for name in [name for name in names if name in inputs][1:]:
                del inputs[name]
        for names in kind.exactly_one_of:
            if not any(name in inputs for name in names):
                inputs[names[0]] = _one(kind.by_name[names[0]].kind)
        return FITTING.get(kind.type, dict)(inputs)

    return objects(tuple(item for item in kind.given if item.name != "tagsAll")).map(settle)


def _one(kind: Kind) -> Any:
    if isinstance(kind, Archive):
        return _archive("one")
    return ["one"] if isinstance(kind, ListOf) else "one"


@each_type
@few
@given(data=st.data())
def test_right_inputs_are_accepted_and_differ_from_nothing(kind: ResourceType, data: st.DataObject) -> None:
    """Inputs of the right kinds pass Check; a resource that is what they ask for shows no difference."""
    checked = check(kind, data.draw(programs(kind)), {}, CONTEXT)
    assert checked.problems == ()
    assert difference(kind, checked.inputs, checked.inputs).items == ()


@each_type
@few
@given(data=st.data())
def test_checking_again_changes_nothing(kind: ResourceType, data: st.DataObject) -> None:
    """The same program checked against what was recorded of it yields the same inputs, whatever the seed is now."""
    program = data.draw(programs(kind))
    first = check(kind, program, {}, CONTEXT).inputs
    later = CheckContext("made", b"another seed", CONTEXT.region, CONTEXT.tag_rules)
    assert check(kind, program, first, later).inputs == first


@each_type
@few
@given(data=st.data())
def test_the_wire_changes_nothing(kind: ResourceType, data: st.DataObject) -> None:
    """Inputs sent to the engine and back are the same."""
    inputs = check(kind, data.draw(programs(kind)), {}, CONTEXT).inputs
    assert from_struct(to_struct(inputs)) == inputs


@each_type
@few
@given(data=st.data())
def test_a_value_not_known_yet_is_accepted_and_is_a_change(kind: ResourceType, data: st.DataObject) -> None:
    """In a preview any one property may be unknown: it passes, and counts as a change of that property."""
    program = data.draw(programs(kind))
    assume(program)
    name = data.draw(st.sampled_from(sorted(program)))
    old = check(kind, program, {}, CONTEXT).inputs
    now = check(kind, {**program, name: UNKNOWN}, old, CONTEXT)
    assert now.problems == ()
    assert name in difference(kind, old, now.inputs).properties
