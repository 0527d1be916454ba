"""`${...}` in a workload's config takes the value it names."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from landing_zone.substitution import account_in, references, substitute, unclosed

KNOWN: dict[str, Any] = {"vars.zones": 2, "vars.tags": {"a": "b"}, "account.name": "dev"}
WITHOUT_REFERENCES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text().filter(lambda text: "${" not in text),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_reference_alone_keeps_its_type() -> None:
    """A text that is one reference becomes the value itself, also a number or a mapping."""
    assert substitute({"a": "${vars.zones}", "b": ["${vars.tags}"]}, KNOWN.__getitem__) == {"a": 2, "b": [{"a": "b"}]}


def test_a_reference_in_a_text_is_written_out() -> None:
    """Inside a longer text the value is written out, and several may stand in one."""
    assert substitute("x-${account.name}-${vars.zones}", KNOWN.__getitem__) == "x-dev-2"


def test_an_escaped_reference_stays() -> None:
    """`$${` stands for `${`, and names nothing."""
    assert substitute("$${account.name}", KNOWN.__getitem__) == "${account.name}"
    assert list(references("$${account.name}")) == []


def test_references_are_found_with_their_path() -> None:
    """Every reference is found, with the keys and indexes that lead to its text."""
    assert list(references({"a": ["x", "${vars.b}${c}"]})) == [("vars.b", ("a", 1)), ("c", ("a", 1))]


def test_references_without_a_closing_brace_are_found() -> None:
    """A `${` that nothing closes is found with its path; one that is closed or escaped is not."""
    value = {"a": ["${x}", "y-${vars.b"], "c": "${d ${e}", "f": "$${g"}
    assert list(unclosed(value)) == [("${vars.b", ("a", 1)), ("${d", ("c",))]
    assert list(references(value)) == [("x", ("a", 0)), ("e", ("c",))]


def test_another_account_is_named_by_its_id() -> None:
    """`accounts.NAME.id` names an account; nothing else does."""
    assert account_in("accounts.core-network.id") == "core-network"
    assert account_in("accounts.core-network.email") == ""
    assert account_in("account.id") == ""


@given(WITHOUT_REFERENCES)
def test_values_without_references_stay_as_they_are(value: object) -> None:
    """What holds no reference is not changed."""
    assert substitute(value, KNOWN.__getitem__) == value
