"""Whatever is parsed, the answer is a policy or a PolicyError; pattern matching agrees with a plain definition."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from iam_decision import Policies, PolicyError, PolicyKind, Request, decide, measure, parse_policy
from tests.unit.iam_decision.policy_builders import allow, identity, user

KINDS = st.sampled_from(PolicyKind)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ELEMENTS = [
    "Version",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "AWS",
    "Service",
    "Action",
    "NotAction",
]
ELEMENTS += [
    "Resource",
    "NotResource",
    "Condition",
    "StringLike",
    "ForAllValues:StringEquals",
    "DateEquals",
    "IpAddress",
]
TEXTS = [
    "2012-10-17",
    "2008-10-17",
    "Allow",
    "Deny",
    "s3:*",
    "*",
    "arn:aws:s3:::x",
    "aws:key",
    "${aws:username}",
    "${",
    "1",
]
WORDS = st.sampled_from([*ELEMENTS, *TEXTS])
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=5),
    max_leaves=12,
)
VALUES = WORDS | st.lists(WORDS | SCALARS, max_size=3) | SCALARS
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]) | VALUES, "Action": VALUES},
    optional={
        "Sid": VALUES,
        "Resource": VALUES,
        "NotResource": VALUES,
        "Principal": VALUES | st.dictionaries(WORDS, VALUES, max_size=2),
        "NotPrincipal": VALUES | st.dictionaries(WORDS, VALUES, max_size=2),
        "Condition": st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=2), max_size=2) | VALUES,
    },
)
NEARLY = st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": STATEMENTS | st.lists(STATEMENTS)})


def parses_or_refuses(document: object, kind: PolicyKind) -> None:
    """Parse, accepting a PolicyError and nothing else."""
    with suppress(PolicyError):
        parse_policy(document, "any", kind=kind)  # type: ignore[arg-type]


@given(JSON | NEARLY, KINDS)
def test_arbitrary_objects_raise_nothing_but_policy_error(document: object, kind: PolicyKind) -> None:
    """An object of any shape parses or is refused with a PolicyError."""
    parses_or_refuses(document, kind)


@given(JSON | NEARLY, KINDS)
def test_arbitrary_json_text_raises_nothing_but_policy_error(document: object, kind: PolicyKind) -> None:
    """JSON text of any shape parses or is refused with a PolicyError."""
    parses_or_refuses(json.dumps(document), kind)


@given(st.text(), KINDS)
def test_arbitrary_text_raises_nothing_but_policy_error(text: str, kind: PolicyKind) -> None:
    """Text that is no JSON is refused with a PolicyError."""
    parses_or_refuses(text, kind)


@given(st.text())
def test_measuring_never_counts_white_space(text: str) -> None:
    """A text measures as many characters as it has besides blanks, tabs and line ends."""
    assert measure(text) == sum(character not in " \t\r\n" for character in text)


ALPHABET = "ab:/"


@given(st.text(alphabet=ALPHABET + "*?", max_size=10), st.text(alphabet=ALPHABET, max_size=10))
def test_wildcards_mean_what_they_say(pattern: str, text: str) -> None:
    """Compiled resource patterns agree with the definition: `*` is any run of characters, `?` any one."""
    policies = Policies(identity=(identity(allow(Resource=f"arn:aws:s3:::{pattern}")),))
    decision = decide(Request(user(), "s3:GetObject", f"arn:aws:s3:::{text}"), policies)
    assert decision.allowed is by_definition(pattern, text)


@cache
def by_definition(pattern: str, text: str) -> bool:
    """Tell whether a wildcard pattern fits, one character at a time."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return by_definition(pattern[1:], text) or (bool(text) and by_definition(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and by_definition(pattern[1:], text[1:])
