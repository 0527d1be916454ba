"""Our block in an AWS config file: where it goes, what it never touches, and what makes it refuse."""

from __future__ import annotations

import pytest

from orchestrator.people.aws_config_block import merge, profile_lines, split_at_marks
from orchestrator.people.aws_profiles import Profile
from orchestrator.people.errors import AwsConfigMalformed, BlockNotOurs, ProfileTaken

ONE = (Profile("acme/Admin", {"role_arn": "arn:aws:iam::1:role/Admin", "source_profile": "default"}),)
TWO = (*ONE, Profile("acme/Billing", {"role_arn": "arn:aws:iam::1:role/Billing", "source_profile": "default"}))
THEIRS = b"# mine\n[default]\nregion=eu-west-1\n\n[profile x]\ns3 =\n  max_concurrent_requests = 20\n"
BLOCK = merge(b"", "acme", ONE, "config")


def test_a_new_block_is_appended() -> None:
    """The file's own bytes stay as they are, in front of the block."""
    merged = merge(THEIRS, "acme", ONE, "config")
    assert merged == THEIRS + b"\n" + BLOCK


def test_the_block_is_between_its_marks() -> None:
    """The block names its organisation at both ends and holds a section per profile."""
    lines = BLOCK.decode().splitlines()
    assert lines[0] == "# >>> fleetyard acme >>>"
    assert lines[-1] == "# <<< fleetyard acme <<<"
    assert lines[2:5] == ["[profile acme/Admin]", "role_arn = arn:aws:iam::1:role/Admin", "source_profile = default"]


def test_an_old_block_is_replaced_where_it_stands() -> None:
    """What stands before and after the block stays, byte for byte."""
    after = b"\n; later\n[profile y]\nregion = z\n"
    merged = merge(THEIRS + BLOCK + after, "acme", TWO, "config")
    assert merged.startswith(THEIRS + b"# >>>")
    assert merged.endswith(b"# <<< fleetyard acme <<<\n" + after)
    assert b"[profile acme/Billing]" in merged


def test_blocks_of_two_organisations_live_side_by_side() -> None:
    """Another organisation's block is as foreign as anything else."""
    other = (Profile("zeta/Admin", {"source_profile": "default"}),)
    both = merge(BLOCK, "zeta", other, "config")
    assert both.startswith(BLOCK)
    assert merge(both, "acme", ONE, "config") == both


def test_the_files_own_line_ends_are_kept() -> None:
    """A file with Windows line ends gets a block with Windows line ends."""
    theirs = THEIRS.replace(b"\n", b"\r\n")
    merged = merge(theirs, "acme", ONE, "config")
    assert merged.startswith(theirs)
    assert merged.count(b"\n") == merged.count(b"\r\n")
    assert merge(merged, "acme", ONE, "config") == merged


def test_a_missing_last_line_end_is_added_before_the_block() -> None:
    """A last line without an end does not run into the mark."""
    merged = merge(b"[default]\nregion = x", "acme", ONE, "config")
    assert merged == b"[default]\nregion = x\n\n" + BLOCK
    assert merge(merged, "acme", ONE, "config") == merged


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"# >>> fleetyard acme >>>\n[profile a]\n", 1, "has no end"),
        (b"[default]\n# <<< fleetyard acme <<<\n", 2, "before it begins"),
        (b"# <<< fleetyard acme <<<\n# >>> fleetyard acme >>>\n", 1, "before it begins"),
        (b"# >>> fleetyard acme >>>\n# >>> fleetyard acme >>>\n# <<< fleetyard acme <<<\n", 2, "begins here a second"),
        (b"# >>> fleetyard acme >>>\n# <<< fleetyard acme <<<\n# <<< fleetyard acme <<<\n", 3, "ends here a second"),
        (b"# >>> fleetyard acme >>>\n# >>> fleetyard zeta >>>\n# <<< fleetyard acme <<<\n", 2, "another block's mark"),
        (BLOCK + b"region = x\n", 8, "belongs to no section"),
        (BLOCK + b"\n  [profile z]\n", 9, "belongs to no section"),
    ],
)
def test_damaged_marks_are_refused_with_their_line(content: bytes, line: int, words: str) -> None:
    """Where the block begins or ends is not clear nothing is written."""
    with pytest.raises(BlockNotOurs) as caught:
        merge(content, "acme", ONE, "config")
    assert caught.value.subject == f"config:{line}"
    assert words in caught.value.why


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"region = x\n[default]\n", 1, "before any section"),
        (b"[default]\nregion = x\nnonsense\n", 3, "neither a section"),
        (b"[default]\n\n[default]\n", 3, "there twice"),
        (b"[default]\nregion = x\nregion = y\n", 3, "region is there twice"),
        (b"[default]\nregion = \xff\n", 2, "not UTF-8"),
        (b"\xef\xbb\xbf[default]\n", 1, "before any section"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(content: bytes, line: int, words: str) -> None:
    """What AWS's tools cannot read is not written to."""
    with pytest.raises(AwsConfigMalformed) as caught:
        merge(content, "acme", ONE, "config")
    assert caught.value.subject == f"config:{line}"
    assert words in caught.value.why


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[default]\n\n[profile acme/Admin]\n", 3),
        (b'[profile "acme/Admin"]\n', 1),
        (b"  [profile acme/Admin]\n", 1),
        (BLOCK.replace(b"acme/Admin", b"acme/Old") + b"[profile acme/Admin]\n", 8),
    ],
)
def test_a_profile_of_that_name_outside_is_refused_with_its_line(content: bytes, line: int) -> None:
    """A profile that stands outside of the block is its owner's; the refusal names the line and the way around."""
    with pytest.raises(ProfileTaken) as caught:
        merge(content, "acme", ONE, "config")
    assert caught.value.subject == f"config:{line}"
    assert "--session MANAGEMENT_ROLE=acme/Admin" in caught.value.hint


def test_a_file_without_marks_has_no_block() -> None:
    """All of such a file lies before the block that is not there."""
    split = split_at_marks(THEIRS, "acme", "config")
    assert (split.before, split.block, split.after) == (THEIRS, None, b"")


def test_profiles_are_found_with_their_lines() -> None:
    """Sections of both files count, quoted or not; what cannot be split stands for itself."""
    found = profile_lines(b'[default]\n[profile a]\n[profile "b c"]\n[plain]\n[pro"file]\n')
    assert found == {"default": 1, "a": 2, "b c": 3, "plain": 4, 'pro"file': 5}
