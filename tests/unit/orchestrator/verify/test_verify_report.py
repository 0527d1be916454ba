"""How a verification is told."""

from __future__ import annotations

import pytest

from landing_zone.probes import DeniedBy, Expect
from orchestrator.verify.answers import Answer, Found, How, Outcome, Pair, Question, Row
from orchestrator.verify.matrix import NOBODY
from orchestrator.verify.report import as_json, as_text
from orchestrator.verify.verification import Verification

PAIR = Pair("Management-Admin", "root", "prod", "Admin", Expect.ALLOW)
PROBE = Question("own", "fleet.yaml:3:3", "iam:CreateUser", "prod", "", "eu-west-1", "*", Expect.DENY, DeniedBy.SCP)
ALLOWED = Answer(Found.ALLOW, How.CALLED, "trust", "trust of Admin", "GrantedManagementRoles")
IDS = {"prod": "200000000002"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(Answer(Found.DENY, How.COMPUTED, "scp"), Outcome.OK, id="by the kind expected"),
        pytest.param(Answer(Found.DENY, How.COMPUTED, "identity"), Outcome.DIFFERS, id="by another kind"),
        pytest.param(Answer(Found.DENY, How.CALLED), Outcome.UNKNOWN, id="by nobody knows whom"),
        pytest.param(Answer(Found.ALLOW, How.CALLED), Outcome.DIFFERS, id="allowed"),
        pytest.param(Answer(Found.UNKNOWN, How.CALLED), Outcome.UNKNOWN, id="not known"),
    ],
)
def test_not_knowing_is_never_ok(answer: Answer, outcome: Outcome) -> None:
    """An answer is as expected when it is known to be, and by the kind of policy that was expected."""
    row = Row(PROBE, answer)
    assert row.outcome is outcome
    assert Verification((), (row,)).exit_code == (0 if outcome is Outcome.OK else 1)


def test_what_is_not_known_is_told() -> None:
    """Like what differs, with what it rests on; what is as expected is counted alone."""
    unknown = Answer(Found.UNKNOWN, How.COMPUTED, "scp", "lan on the root", "Lan", "it rests on aws:sourcevpc")
    text = as_text(Verification((Row(PAIR, ALLOWED),), (Row(PROBE, unknown),)), IDS)
    what = "own: iam:CreateUser as an administrator in prod (200000000002), eu-west-1"
    assert text.splitlines() == [
        f"unknown  {what}: not known, expected denied by scp; computed",
        "  decided: scp: lan on the root, statement Lan",
        "  why: it rests on aws:sourcevpc",
        "  probe: fleet.yaml:3:3",
        "",
        "Reach: 1 pair, 1 as expected: 1 allowed (1 called)",
        "Probes: 1 call, 0 as expected: 1 not known (1 computed)",
        "NOT as the manifest says: 1 not known.",
    ]


def test_lockouts_and_suspended_accounts_are_told() -> None:
    """Both beside the rows; a lockout alone is enough for all not to be well."""
    found = Verification((Row(PAIR, ALLOWED),), (), ("lab",), ("own on the root, statement Hand: nobody gets in",))
    text = as_text(found, IDS)
    assert "LOCKS OUT  own on the root, statement Hand: nobody gets in" in text
    assert "Suspended in the manifest, left alone: lab" in text
    assert text.splitlines()[-2:] == [
        "NOT as the manifest says: 1 locked out.",
        (
            "  next: a policy that was attached by hand: as the administrator, aws organizations detach-policy; "
            "one of the manifest: mend its file, then fleetyard up --stack 'organization/*'"
        ),
    ]
    assert (as_json(found, IDS)["verified"], as_json(found, IDS)["suspended"]) == (False, ["lab"])


def test_the_next_step_where_what_is_deployed_differs() -> None:
    """Where AWS answers otherwise than the documents, the way to see the drift is named."""
    differs = Answer(Found.DENY, How.CALLED, words="not authorized; the documents say allow")
    text = as_text(Verification((Row(PAIR, differs),), ()), IDS)
    assert text.splitlines()[-1] == (
        "  next: what is deployed is not what the manifest says: fleetyard refresh --preview"
    )


def test_there_is_no_next_step_where_all_is_well() -> None:
    """What was answered as expected needs none, whatever the documents say of it."""
    fine = Answer(Found.ALLOW, How.CALLED, words="the documents say deny")
    assert as_text(Verification((Row(PAIR, fine),), ()), IDS).splitlines()[-1] == "Everything is as the manifest says."


def test_the_next_step_where_a_policy_of_the_organisation_denies() -> None:
    """A denial by a policy that the documents do not have was attached by hand: the way to judge it is named."""
    differs = Answer(Found.DENY, How.CALLED, by="scp", words="not authorized; the documents say allow")
    text = as_text(Verification((Row(PAIR, differs),), ()), IDS)
    assert text.splitlines()[-1] == (
        "  next: with the policies that somebody attached by hand: fleetyard verify --attached"
    )


def test_what_was_not_called_is_not_counted_as_called() -> None:
    """A row of an account that AWS has not made says that nothing was called."""
    text = as_text(Verification((Row(PAIR, NOBODY),), ()), IDS)
    assert "not known, expected allowed; not called" in text
    assert "Reach: 1 pair, 0 as expected: 1 not known (1 not called)" in text


def test_the_next_step_where_aws_throttled() -> None:
    """Where an answer may come later, that is the next step."""
    throttled = Answer(Found.UNKNOWN, How.CALLED, words="Throttling: Rate exceeded", later=True)
    text = as_text(Verification((Row(PAIR, throttled),), ()), IDS)
    assert text.splitlines()[-1].startswith("  next: run the command again a little later")
