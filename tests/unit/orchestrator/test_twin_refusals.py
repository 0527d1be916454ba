"""How refusals of the twin are chosen and told."""

from __future__ import annotations

from typing import Any

from orchestrator.twin_refusals import LOOK, Asking, chosen, left_out_words, told
from rehearsal.twin.serving import record


def refusal(**more: object) -> dict[str, Any]:
    """Return a refusal as the twin tells it."""
    return {
        "time": "2026-01-01T00:00:00.000000Z",
        "service": "iam",
        "operation": "ListUsers",
        "code": "AccessDenied",
        "message": "User: arn:aws:iam::1:user/Ann is not authorized",
        "principal": "arn:aws:iam::1:user/Ann",
        "action": "iam:ListUsers",
        "resource": "*",
        "reason": "implicit deny: identity policy",
        "region": "us-east-1",
        "chain": [],
        "change": "",
        "own": "",
        **more,
    }


def step(**more: object) -> dict[str, Any]:
    """Return a step of a chain."""
    return {
        "kind": "identity-based policy",
        "verdict": "no allow",
        "level": "",
        "policies": [],
        "policy": "",
        "statement": "",
        "document": "",
        "decided": False,
        "nearest": [],
        "held": [],
        **more,
    }


def test_globs_look_at_no_case() -> None:
    """Caller and action are compared without regard to case, as AWS compares actions."""
    assert chosen([refusal()], Asking("*:user/ann", "IAM:LIST*"))[0] == [refusal()]
    assert chosen([refusal()], Asking("*:user/bob"))[0] == []


def test_an_operation_stands_in_for_an_action() -> None:
    """Where nothing was decided the operation is what `--action` is compared with."""
    assert chosen([refusal(action="")], Asking(action="iam:ListUsers"))[0] != []


def test_no_more_than_the_limit_are_chosen() -> None:
    """The limit counts what fits, not what was looked at."""
    refusals = [refusal(action="s3:GetObject"), refusal(), refusal()]
    assert chosen(refusals, Asking(action="iam:*", limit=1))[0] == [refusal()]


def test_fleetyards_own_are_left_out_and_counted() -> None:
    """What Fleetyard itself was refused is counted where it fits the question, and told only where asked for."""
    own = [refusal(own="look"), refusal(own="look", action="s3:GetObject"), refusal(own="rehearsal"), refusal()]
    told_of, left_out = chosen(own, Asking(action="iam:*"))
    assert told_of == [refusal()]
    assert left_out == {"look": 1, "rehearsal": 1}
    assert "1 of Fleetyard's own looks and 1 of the rehearsal and its proofs" in left_out_words(left_out)
    told_of, left_out = chosen(own, Asking(action="iam:*", own=True))
    assert (len(told_of), left_out) == (3, {})


def test_both_sides_know_a_look_by_the_same_word() -> None:
    """The word that Fleetyard's looks carry is the one that the twin knows them by."""
    assert LOOK == record.LOOK


def test_an_unknown_caller_is_said_to_be_one() -> None:
    """A refusal before the caller is known says so, and why."""
    words = told([refusal(principal="", reason="no account has this key")])
    assert "  caller    not known\n" in words
    assert words.endswith("  no policy decided: no account has this key")


def test_the_deciding_step_is_marked_and_its_statement_shown() -> None:
    """The step that decided has a mark; its statement is printed below it, the others' are not."""
    deny = step(verdict="explicit deny", policy="p", statement="S", policies=["p", "q"], document='{"Sid": "S"}')
    words = told([refusal(chain=[step(document='{"Sid": "T"}'), {**deny, "decided": True}], change="Change it.")])
    assert "    identity policies  no allow        none\n" in words
    assert "  > identity policies  explicit deny   p, S (and 1 more looked at)\n" in words
    assert '      {\n        "Sid": "S"\n      }\n  Change it.' in words
    assert '"T"' not in words


def test_a_statement_too_long_is_shown_as_it_is() -> None:
    """A statement that the twin kept a part of is shown as text."""
    cut = step(verdict="explicit deny", policy="p", statement="S", document='{"Sid": "S", "Act', decided=True)
    assert '      "{\\"Sid\\": \\"S\\", \\"Act"' in told([refusal(chain=[cut])])


def test_coded_messages_are_left_out() -> None:
    """EC2's coded message is no news to whoever reads the chain: it is not printed."""
    words = told([refusal(message="You are not authorized. Encoded authorization failure message: gAAAAAB")])
    assert "answer    You are not authorized. Encoded authorization failure message: …" in words


def test_what_does_not_fit_is_worded_by_its_part() -> None:
    """Principals and resources that are left out are told as such, each part in a line of its own."""
    principal = {"part": "principal", "wanted": ["1"], "had": [], "operator": "", "key": "", "secret": False}
    resource = {**principal, "part": "resource", "wanted": ["a", "b"], "had": ["a"], "negated": True}
    near = {"policy": "p", "statement": "statement 2", "number": 2}
    unfit = [{**principal, "negated": False}, resource]
    words = told([refusal(chain=[step(nearest=[{**near, "unfit": unfit}])])])
    assert "      nearest: statement 2 of p would allow it, but:\n" in words
    assert "        it names 1; the caller is nobody known\n" in words
    assert "        it is on everything but a or b; asked was a\n" in words


def test_rules_of_services_are_left_out_and_counted() -> None:
    """What a service refused by a rule of its own is counted, and told only where asked for."""
    taken = refusal(own="service", code="EntityAlreadyExists", reason="a rule of the service's own")
    told_of, left_out = chosen([taken], Asking())
    assert (told_of, left_out_words(left_out)) == (
        [],
        "Left out: 1 by rules of the services' own (--own tells them too).",
    )
    assert "no policy decided: a rule of the service's own" in told(chosen([taken], Asking(own=True))[0])


def test_a_secret_condition_of_a_deny_is_said_to_hold() -> None:
    """Of a Deny that applied a secret value fits, and of an Allow that did not it differs; neither is shown."""
    secret = {"part": "condition", "wanted": [], "had": ["(not shown)"], "operator": "StringEquals"}
    secret |= {"key": "sts:ExternalId", "negated": False, "secret": True}
    words = told([refusal(chain=[step(verdict="explicit deny", decided=True, held=[secret])])])
    assert "StringEquals sts:ExternalId: the request has one that fits (values are not shown)" in words
