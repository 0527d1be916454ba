"""Merging our block into any AWS config file: nothing outside changes, and a second merge changes nothing at all."""

from __future__ import annotations

import configparser

from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.people.aws_config_block import merge, split_at_marks
from orchestrator.people.aws_profiles import Profile

NAMES = st.text("abc/.-_@", min_size=1, max_size=6).map(lambda name: f"acme/{name}")
SETTINGS = st.dictionaries(st.sampled_from(["role_arn", "source_profile", "region"]), st.text("ab:/", min_size=1))
PROFILES = st.lists(st.builds(Profile, NAMES, SETTINGS), max_size=3, unique_by=lambda profile: profile.name)
ENDINGS = st.sampled_from(["\n", "\r\n"])
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r[]", exclude_categories=("Cc", "Cs", "Zl", "Zp")))


@st.composite
def config_files(draw: st.DrawFn) -> bytes:
    """Return a valid config file: sections with keys, nested values, comments, blank lines; maybe no last line end."""
    ending = draw(ENDINGS)
    lines: list[str] = [f"# {words}" for words in draw(st.lists(WORDS, max_size=2))]
    for number in range(draw(st.integers(0, 3))):
        lines.append(f"[profile theirs-{number}]")
        lines += [f"key{at} = x{draw(WORDS)}" for at in range(draw(st.integers(0, 2)))]
        lines += draw(st.sampled_from([[], [""], ["s3 =", "  nested = 1"], ["; comment", "", ""], ["# >>> other >>>"]]))
    text = ending.join(lines)
    return (text + ending if lines and draw(st.booleans()) else text).encode()


@given(config_files(), PROFILES, PROFILES)
@example(b"", [], [])
@example(b"[default]\r\n", [], [])
def test_nothing_outside_the_block_ever_changes(theirs: bytes, first: list[Profile], second: list[Profile]) -> None:
    """The first block is appended to the untouched file, the second one takes exactly the first one's place."""
    once = merge(theirs, "acme", first, "config")
    assert once.startswith(theirs)
    twice = merge(once, "acme", second, "config")
    before, after = split_at_marks(once, "acme", "config"), split_at_marks(twice, "acme", "config")
    assert (after.before, after.after) == (before.before, before.after)


@given(config_files(), config_files(), PROFILES, PROFILES)
def test_a_block_in_the_middle_keeps_both_sides(
    above: bytes, below: bytes, first: list[Profile], second: list[Profile]
) -> None:
    """Whatever follows the block, too, stays byte for byte."""
    below = below.replace(b"theirs", b"later")
    content = merge(above, "acme", first, "config") + below
    merged = merge(content, "acme", second, "config")
    assert merged.endswith(below)
    assert split_at_marks(merged, "acme", "config").before == split_at_marks(content, "acme", "config").before


@given(config_files(), PROFILES)
def test_writing_twice_is_writing_once(theirs: bytes, profiles: list[Profile]) -> None:
    """The second merge of the same profiles gives the same bytes."""
    once = merge(theirs, "acme", profiles, "config")
    assert merge(once, "acme", profiles, "config") == once


@given(config_files(), PROFILES)
def test_aws_tools_read_what_was_written(theirs: bytes, profiles: list[Profile]) -> None:
    """Parsed as botocore parses it, the file holds each profile with its settings, and their sections as before."""
    read = configparser.RawConfigParser()
    read.read_string(merge(theirs, "acme", profiles, "config").decode().replace("\r\n", "\n"))
    for profile in profiles:
        assert dict(read[f"profile {profile.name}"]) == profile.settings
    before = configparser.RawConfigParser()
    before.read_string(theirs.decode().replace("\r\n", "\n"))
    assert {name: dict(read[name]) for name in before.sections()} == {
        name: dict(before[name]) for name in before.sections()
    }
