"""A problem of the manifest is one line that can be read, whatever stands in the file."""

from __future__ import annotations

import pytest

from landing_zone.manifest.problems import in_short
from tests.unit.landing_zone.fleets import SMALL, problems_of

ARN = f"arn:aws:s3:::{'x' * 6000}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"expect: '{ARN}'", "probes.one.expect must be 'allow' or 'deny', not 'arn:aws:s3:::xxx"),
        (f'expect: deny, resource: "{ARN} two\\n"', "probes.one.resource must be text without white space"),
        (f"expect: deny, description: '{ARN}'", "probes.one.description is too long: 6,0"),
    ],
)
def test_a_very_long_value_is_not_repeated_whole(written: str, said: str) -> None:
    """Its beginning and its length tell which one is meant; the place leads to the rest."""
    probe = f"one: {{actions: [iam:CreateRole], accounts: ['*'], {written}}}"
    found = problems_of(f"{SMALL}probes:\n  {probe}\n")
    assert found
    assert all(len(problem) < 500 and "\n" not in problem for problem in found)
    assert any(said.replace(",", "") in problem.replace(",", "") for problem in found)


def test_what_stands_between_two_quotes_of_a_sentence_is_no_value() -> None:
    """Apostrophes, long sentences and the paths of files stay as they are."""
    sentence = (
        f"an account's unit is {'the one ' * 30}that the accounts' owner's file names: /{'folder/' * 40}fleet.yaml"
    )
    assert in_short(sentence) == sentence


def test_what_a_value_alone_lacks_is_told_of_its_key() -> None:
    """A value may stand alone where a list may stand, and has no number then; in a list it has one."""
    block = "one: {actions: [iam:CreateRole], accounts: ['*'], expect: deny, context: {'aws:SourceIp': %s}}"
    said = "probes.one.context.aws:SourceIp%s is a number here"
    for written, number in (("7", ""), ("[7]", ".0")):
        found = problems_of(f"{SMALL}probes:\n  {block % written}\n")
        assert any(said % number in problem for problem in found), found
