"""What the proofs of reach say where a fleet leaves nobody to try something as."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.people import Person
from orchestrator.rehearse.proofs.reach import ReachQuestion, prove_reach, prove_user_alone_refused

NOTHING_ASKED = ReachQuestion({}, {}, (), frozenset(), ("core-root", "100000000001"))


def test_without_users_it_is_not_tried() -> None:
    """A fleet whose people all come by Identity Center has no user to try alone: told so, and no proof that holds."""
    access = Access("http://127.0.0.1:9", "eu-west-1")
    comes_by_center = Person("Administrators", Credentials("key", "secret"), permission_set="Administrators")
    proof = prove_user_alone_refused(access, NOTHING_ASKED, (comes_by_center,))
    assert (proof.word, proof.detail) == ("not tried", "the fleet trusts no IAM user")


def test_a_matrix_of_nothing_does_not_hold() -> None:
    """No pair tried is a failure, unless the fleet leaves no member account to try."""
    access = Access("http://127.0.0.1:9", "eu-west-1")
    assert prove_reach(access, NOTHING_ASKED).word == "FAILS"
    left_alone = replace(NOTHING_ASKED, nobody_left="nothing to try: every member account is suspended")
    proof = prove_reach(access, left_alone)
    assert (proof.word, proof.detail) == ("not tried", "nothing to try: every member account is suspended")
