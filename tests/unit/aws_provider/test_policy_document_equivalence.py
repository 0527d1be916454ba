"""When two IAM documents say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.aws.policy_documents import canonical_document, document_problem


def document(**statement: Any) -> str:
    """Return a document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(Action="s3:Get*"), document(Action=["s3:Get*"])),
        (document(Action=["a:B", "c:D"]), document(Action=["c:D", "a:B"])),
        (document(Principal="*"), document(Principal={"AWS": "*"})),
        (document(Principal={"AWS": "123456789012"}), document(Principal={"AWS": ["arn:aws:iam::123456789012:root"]})),
        (document(Condition={"Bool": {"aws:X": True}}), document(Condition={"Bool": {"aws:X": ["true"]}})),
        (document(Sid=""), document()),
        (json.dumps({"Statement": {"Effect": "Deny"}}), json.dumps({"Statement": [{"Effect": "Deny"}]})),
    ],
)
def test_documents_that_say_the_same_are_equal(one: str, other: str) -> None:
    """Order, lists of one, account ids as principals, flags as text and empty Sids make no difference."""
    assert canonical_document(one) == canonical_document(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(Action="s3:Get*"), document(Action="s3:Put*")),
        (document(Action="s3:*"), document(NotAction="s3:*")),
        (document(Resource="*"), document(Resource="*", Condition={"Bool": {"aws:X": "true"}})),
        (document(Principal={"AWS": "*"}), document(Principal={"Service": "*"})),
        (document(Principal={"AWS": "123456789012"}), document(Principal={"AWS": "210987654321"})),
    ],
)
def test_documents_that_say_something_else_differ(one: str, other: str) -> None:
    """A difference in what is allowed, to whom, or when, is a difference."""
    assert canonical_document(one) != canonical_document(other)


actions = st.lists(st.sampled_from(["a:A", "b:B", "c:C"]), min_size=1, unique=True)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": actions, "Resource": st.sampled_from(["*", ["x", "y"]])}
)


@settings(max_examples=50, deadline=None)
@given(st.lists(statements, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_never_matters(parts: list[dict[str, Any]], random: Any) -> None:
    """Statements, actions and keys in any order say the same."""
    shuffled = [dict(random.sample(list(part.items()), len(part))) for part in parts]
    for part in shuffled:
        part["Action"] = random.sample(part["Action"], len(part["Action"]))
    random.shuffle(shuffled)
    one, other = json.dumps({"Statement": parts}), json.dumps({"Statement": shuffled}, indent=4)
    assert canonical_document(one) == canonical_document(other)


@settings(max_examples=50, deadline=None)
@given(st.lists(statements, max_size=3))
def test_a_canonical_document_is_its_own_canonical_form(parts: list[dict[str, Any]]) -> None:
    """Making a document canonical twice changes nothing."""
    once = canonical_document(json.dumps({"Statement": parts}))
    assert canonical_document(once) == once


def test_what_is_no_json_object_is_a_problem() -> None:
    """Text that is no JSON, or JSON that is no object, is called an invalid policy."""
    assert "invalid JSON policy" in document_problem("{")
    assert "no JSON object" in document_problem("[]")
    assert document_problem("{}") == ""


@pytest.mark.parametrize("odd", ['{"Statement": [1]}', '{"Statement": [{"Principal": "me"}]}', "[]", "x"])
def test_malformed_documents_are_compared_as_they_are(odd: str) -> None:
    """A document outside the grammar is AWS's to refuse: it is compared as JSON, and differs from another."""
    assert json.loads(canonical_document(odd.replace("x", '"x"'))) == json.loads(odd.replace("x", '"x"'))
    assert canonical_document(odd) != canonical_document(document())
