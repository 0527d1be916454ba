"""Tags that AWS Organizations would refuse are refused at their place in the manifest, before any account is made."""

from __future__ import annotations

import pytest

from tests.unit.landing_zone.fleets import edited, problems_of

DEV = "dev: {email: dev@small.example, stage: dev,"
PLAT = "  plat:\n    accounts:"
TAKES = "AWS Organizations takes letters, digits, spaces and _.:/=+-@"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (DEV, f'{DEV} tags: {{owner: "a#b"}},', f"27:65: the value of the tag owner has '#'; {TAKES}"),
        (DEV, f'{DEV} tags: {{"own,er": a}},', f"27:58: the tag \"own,er\" has ','; {TAKES}"),
        (DEV, f"{DEV} tags: {{{'k' * 129}: a}},", 'k" is too long: 129 characters, AWS takes 128'),
        (
            DEV,
            f"{DEV} tags: {{owner: {'v' * 257}}},",
            "27:65: units.plat.accounts.dev.tags.owner is too long: 257 characters, AWS takes 256",
        ),
        (DEV, f"{DEV} tags: {{AWS:owner: a}},", "27:58: the tag AWS:owner is AWS's own"),
        (PLAT, "  plat:\n    tags: {owner: a#b}\n    accounts:", f"25:19: the value of the tag owner has '#'; {TAKES}"),
        (PLAT, "  plat:\n    tags: {aws:owner: a}\n    accounts:", "25:12: the tag aws:owner is AWS's own"),
        ("units:", "defaults: {accounts: {tags: {o: a#b}}}\nunits:", f"19:33: the value of the tag o has '#'; {TAKES}"),
        (
            "units:",
            "defaults: {units: {plat: {tags: {o: '*'}}}}\nunits:",
            f"19:37: the value of the tag o has '*'; {TAKES}",
        ),
        ("units:", "defaults: {stages: {dev: {tags: {'?': a}}}}\nunits:", f"19:34: the tag \"?\" has '?'; {TAKES}"),
    ],
)
def test_tags_that_organizations_refuses(old: str, new: str, problem: str) -> None:
    """Keys and values have the characters of Organizations' pattern, 1 to 128 and 0 to 256, and no key is AWS's own.

    Source: AWS Organizations API Reference, Tag.
    """
    (found,) = problems_of(edited((old, new)))
    assert problem in found


def test_tags_that_organizations_takes() -> None:
    """Letters and digits of any script, spaces and the signs may stand in key and value, and a value may be empty."""
    tags = 'tags: {"Bür o_.:/=+-@1": "é 日本 ٣", "empty": ""},'
    assert problems_of(edited((DEV, f"{DEV} {tags}"))) == []
