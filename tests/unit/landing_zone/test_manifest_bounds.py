"""A manifest that is made to exhaust its reader is refused, with what it exceeds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from landing_zone.errors import ManifestUnreadable
from landing_zone.manifest import load_manifest
from tests.unit.landing_zone.fleets import SMALL, problems_of

NAMES = "abcdefghi"
DEEP = "nested deeper than 50 levels"
MANY = "more than 100,000 values once aliases are written out"


def _alias_bomb(entry: str) -> str:
    lines = [f"a: &a {{x: {entry}}}"]
    for before, name in pairwise(NAMES):
        inner = ", ".join(f"k{at}: *{before}" for at in range(9))
        lines.append(f"{name}: &{name} {{{inner}}}")
    return "\n".join(lines) + "\n"


def test_nine_levels_of_nine_aliases() -> None:
    """Aliases that multiply each other are refused at the key where they become too many."""
    assert problems_of(_alias_bomb("1")) == [f"6:1: not read: {MANY}"]


def test_merges_that_multiply() -> None:
    """What `<<:` brings counts like what an alias brings."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{at}: &a{at} {{l: {{<<: *a{at - 1}}}, r: {{<<: *a{at - 1}}}}}" for at in range(1, 21)]
    (found,) = problems_of("\n".join(lines) + "\n")
    assert found.endswith(f"not read: {MANY}")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: " + "[" * 3000 + "]" * 3000, "1:54"),
        ("a:\n  " + "- " * 3000 + "x", "2:103"),
        ("{a: " * 3000 + "1" + "}" * 3000, "1:202"),
        ("a: " + "[" * 3000, "1:54"),
    ],
    ids=["brackets", "dashes", "braces", "unclosed"],
)
def test_deep_nesting(text: str, place: str) -> None:
    """Lists and keys nested without end are refused where they become too deep."""
    assert problems_of(text) == [f"{place}: not read: {DEEP}"]


@pytest.mark.parametrize("link", ["[*{}]", "{{<<: *{}}}", "{{p: *{}}}"], ids=["lists", "merges", "keys"])
def test_a_long_chain_of_aliases(link: str) -> None:
    """Aliases that lead through one another count as nesting, though each line is shallow."""
    lines = ["a0: &a0 {x: 1}"] + [f"a{at}: &a{at} {link.format(f'a{at - 1}')}" for at in range(1, 2000)]
    (found,) = problems_of("\n".join(lines) + "\n")
    assert found.endswith(f"not read: {DEEP}")


def test_a_circle_through_two_merges() -> None:
    """A merge that comes back to itself by way of another is told, not followed."""
    found = problems_of("x: &x {p: {<<: &q {r: {<<: *x}}}}\n")
    assert "1:4: an alias contains itself" in found


def test_what_people_write_is_within_bounds() -> None:
    """Forty levels of a workload's own values are taken."""
    nested = "[" * 40 + "1" + "]" * 40
    assert problems_of(SMALL.replace("zones: 2", f"zones: {nested}")) == []


def test_a_file_too_large(tmp_path: Path) -> None:
    """A file of more than 5 MB is refused before it is parsed."""
    path = tmp_path / "fleet.yaml"
    path.write_bytes(b"#" * 5_000_001)
    with pytest.raises(ManifestUnreadable) as caught:
        load_manifest(path)
    assert caught.value.summary == "the manifest is too large"
    assert caught.value.why == "it has more than 5,000,000 bytes"
