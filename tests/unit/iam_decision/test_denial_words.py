"""How a denial reads. AWS page: "Troubleshoot access denied error messages"."""

from __future__ import annotations

import pytest

from iam_decision import Decision, PolicyKindThatDecided, Reason, denial_words

SCP, RCP, RESOURCE, TRUST, IDENTITY, BOUNDARY, SESSION, _ = PolicyKindThatDecided


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (SCP, "with an explicit deny in a service control policy"),
        (RCP, "with an explicit deny in a resource control policy"),
        (RESOURCE, "with an explicit deny in a resource-based policy"),
        (TRUST, "with an explicit deny in the role trust policy"),
        (IDENTITY, "with an explicit deny in an identity-based policy"),
        (BOUNDARY, "with an explicit deny in a permissions boundary"),
        (SESSION, "with an explicit deny in a session policy"),
    ],
)
def test_an_explicit_deny_names_the_kind_of_policy(by: PolicyKindThatDecided, words: str) -> None:
    """An explicit deny reads "with an explicit deny in a <type> policy"."""
    denied = Decision(allowed=False, reason=Reason.explicit_deny(by), policy="p", statement="s", by=by)
    assert denial_words(denied, "s3:GetObject") == words


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (SCP, "because no service control policy allows the s3:GetObject action"),
        (RESOURCE, "because no resource-based policy allows the s3:GetObject action"),
        (TRUST, "because no role trust policy allows the s3:GetObject action"),
        (IDENTITY, "because no identity-based policy allows the s3:GetObject action"),
        (BOUNDARY, "because no permissions boundary allows the s3:GetObject action"),
        (SESSION, "because no session policy allows the s3:GetObject action"),
    ],
)
def test_an_implicit_deny_names_kind_and_action(by: PolicyKindThatDecided, words: str) -> None:
    """An implicit deny reads "because no <type> policy allows the <action> action"."""
    denied = Decision(allowed=False, reason=Reason.implicit_deny(by), policy="p", statement="", by=by)
    assert denial_words(denied, "s3:GetObject") == words


def test_root_is_told_that_it_cannot_assume_roles() -> None:
    """Root gets its own words, no policy being at fault."""
    denied = Decision(
        allowed=False,
        reason=Reason.ROOT_MAY_NOT_ASSUME_ROLES,
        policy="",
        statement="",
        by=PolicyKindThatDecided.ROOT_USER,
    )
    assert denial_words(denied, "sts:AssumeRole") == "because roles may not be assumed by root accounts"


def test_an_allowed_request_has_no_words() -> None:
    """Nothing is said of an allowed request."""
    allowed = Decision(allowed=True, reason=Reason.ALLOWED, policy="p", statement="s", by=IDENTITY)
    assert denial_words(allowed, "s3:GetObject") == ""


def test_reasons_are_explicit_or_implicit_or_neither() -> None:
    """Every reason knows whether a Deny or a missing Allow decided."""
    assert {reason for reason in Reason if not reason.is_explicit_deny and not reason.is_implicit_deny} == {
        Reason.ALLOWED,
        Reason.ROOT_MAY_NOT_ASSUME_ROLES,
    }
    assert not any(reason.is_explicit_deny and reason.is_implicit_deny for reason in Reason)
