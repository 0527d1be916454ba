"""Values between engine and provider."""

from __future__ import annotations

import pytest
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.aws.errors import ValueNotSupported
from rehearsal.aws.wire import UNKNOWN, Files, Secret, from_struct, has_unknown, to_struct

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

names = st.text(min_size=1, max_size=8).filter(lambda name: name != SIGNATURE)
leaves = st.one_of(
    st.booleans(),
    st.integers(-(2**50), 2**50),
    st.text().filter(lambda text: text != UNKNOWN_TEXT),
    st.just(UNKNOWN),
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(names, values, max_size=4))
def test_values_come_back_as_they_were_sent(properties: dict[str, object]) -> None:
    """A struct made from values yields the same values."""
    assert from_struct(to_struct(properties)) == properties


def test_whole_numbers_stay_whole() -> None:
    """The wire knows only doubles; a number without a fraction arrives as an integer."""
    arrived = from_struct(to_struct({"seconds": 3600, "ratio": 0.5}))
    assert (arrived["seconds"], type(arrived["seconds"])) == (3600, int)
    assert arrived["ratio"] == 0.5


def test_an_unknown_value_is_the_sentinel_on_the_wire() -> None:
    """Unknown values travel as Pulumi's sentinel text, also inside objects."""
    struct = to_struct({"a": UNKNOWN, "b": {"c": [UNKNOWN]}})
    assert struct.fields["a"].string_value == UNKNOWN_TEXT
    assert has_unknown(from_struct(struct)["b"])


def test_a_secret_arrives_in_clear() -> None:
    """A secret the engine sent all the same is unwrapped, as plain values are what this provider accepts."""
    assert from_struct(to_struct({"a": {SIGNATURE: SECRET, "value": "hush"}})) == {"a": "hush"}


def test_a_secret_leaves_marked() -> None:
    """A secret output is sent with Pulumi's secret marker."""
    sent = to_struct({"a": Secret("hush")}).fields["a"].struct_value
    assert sent.fields[SIGNATURE].string_value == SECRET
    assert sent.fields["value"].string_value == "hush"


def test_nulls_are_the_same_as_not_given() -> None:
    """Null values are dropped in both directions."""
    struct = to_struct({"a": None, "b": "x"})
    struct.fields["c"].null_value = struct_pb2.NULL_VALUE
    assert from_struct(struct) == {"b": "x"}


def test_a_resource_reference_is_refused_by_name() -> None:
    """A value of a kind that this provider does not accept is an error that names the property and the kind."""
    struct = to_struct({"parent": {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "x"}})
    with pytest.raises(ValueNotSupported, match="FY661: parent is a resource reference"):
        from_struct(struct)


def test_archives_go_both_ways() -> None:
    """An archive comes back as it was sent, with what is in it and the hashes that are known."""
    inner = Files(is_archive=False, text="print()", hash="abc")
    archive = Files(is_archive=True, assets={"main.py": inner, "lib": Files(is_archive=True, path="lib")})
    assert from_struct(to_struct({"code": archive})) == {"code": archive}
