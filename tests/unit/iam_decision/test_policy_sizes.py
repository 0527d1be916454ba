"""How large policies may be and how AWS counts. AWS page: "IAM and AWS STS quotas"."""

from __future__ import annotations

import json

import pytest

from iam_decision import SIZE_LIMITS, DocumentKind, measure
from tests.unit.iam_decision.policy_builders import allow, document


def test_white_space_is_not_counted() -> None:
    """IAM leaves spaces, tabs and line ends out ("IAM and AWS STS quotas", character limits)."""
    assert measure(' {\t"a b": \r\n"c"}\n') == len('{"ab":"c"}')


def test_an_object_is_measured_as_its_json() -> None:
    """An object counts as much as its JSON text, however that is indented."""
    body = document(allow("s3:*", Sid="Data"))
    assert measure(body) == measure(json.dumps(body, indent=4))


@pytest.mark.parametrize(
    ("kind", "maximum"),
    [
        (DocumentKind.MANAGED_POLICY, 6144),
        (DocumentKind.INLINE_ROLE_POLICIES, 10240),
        (DocumentKind.INLINE_USER_POLICIES, 2048),
        (DocumentKind.INLINE_GROUP_POLICIES, 5120),
        (DocumentKind.TRUST_POLICY, 2048),
        (DocumentKind.SESSION_POLICY, 2048),
        (DocumentKind.SCP, 10240),
        (DocumentKind.BUCKET_POLICY, 20480),
        (DocumentKind.KEY_POLICY, 32768),
    ],
)
def test_limits(kind: DocumentKind, maximum: int) -> None:
    """Each kind of document has AWS's default maximum."""
    assert SIZE_LIMITS[kind].maximum == maximum


def test_every_kind_of_document_has_a_limit() -> None:
    """The table leaves no kind out."""
    assert set(SIZE_LIMITS) == set(DocumentKind)


def test_the_trust_policy_limit_can_be_raised() -> None:
    """A role trust policy may grow to 4096 characters on request ("IAM and AWS STS quotas")."""
    assert SIZE_LIMITS[DocumentKind.TRUST_POLICY].maximum_on_request == 4096


@pytest.mark.parametrize(
    ("kind", "size"),
    [(DocumentKind.MANAGED_POLICY, 9), (DocumentKind.SCP, 11), (DocumentKind.BUCKET_POLICY, 12)],
)
def test_each_limit_counts_in_its_own_way(kind: DocumentKind, size: int) -> None:
    """IAM ignores white space, an SCP counts every character, a bucket policy every byte."""
    assert SIZE_LIMITS[kind].size_of('{ "a": "é"}') == size
