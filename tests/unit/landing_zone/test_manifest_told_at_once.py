"""All problems of a manifest are told in one go, whatever their kind."""

from __future__ import annotations

import pytest

from landing_zone.errors import ManifestInvalid, ManifestUnreadable
from landing_zone.manifest import load_manifest
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleets import edited, parsed, problems_of

TYPO = ROOT / "examples" / "mistakes" / "typo"


def test_a_mistyped_key_does_not_hide_a_wrong_name() -> None:
    """Problems of keys, of names and of values stand together, in the order of their places."""
    text = edited(
        ("region:", "regoin:"),
        ("roles: [ReadOnly]", "roles: [ReadOnyl]"),
        ("audit: {email: audit@small.example}", "audit: {emial: audit@small.example}"),
        ("accounts: [prod, dev]", "accounts: [prod, dve]"),
    )
    assert [line.split(":")[0] for line in problems_of(text)] == ["3", "18", "23", "30"]


def test_a_mistyped_required_key_is_told_once() -> None:
    """A key that is missing because it is mistyped is told as mistyped only."""
    assert problems_of(edited(("organization:", "organisation:"))) == [
        '1:1: unknown key "organisation" (did you mean "organization"?)'
    ]


def test_the_error_carries_what_a_user_needs() -> None:
    """The message counts the problems, lists each with its place, and ends with the command to type."""
    with pytest.raises(ManifestInvalid) as caught:
        parsed(edited(("region:", "regoin:"), ("state: write", "state: all")))
    assert str(caught.value).splitlines() == [
        "FY101: fleet.yaml has 2 problems",
        '  fleet.yaml:3:1: unknown key "regoin" (did you mean "region"?)',
        "  fleet.yaml:11:12: management_roles.Management-Admin.state must be 'write', 'read' or 'none', not 'all'",
        "  not run: anything",
        "  next: correct the file, then: fleetyard validate --fleet fleet.yaml",
    ]


def test_the_shipped_typing_mistakes_are_as_their_page_says() -> None:
    """examples/mistakes/typo shows the number of problems and the first lines that its README quotes."""
    with pytest.raises(ManifestInvalid) as caught:
        load_manifest(TYPO / "fleet.yaml")
    readme = (TYPO / "README.md").read_text(encoding="utf-8")
    quoted = readme.split("```")[3].strip().splitlines()
    said = str(caught.value).splitlines()
    assert [line.split("fleet.yaml", 1)[1] for line in quoted[:3]] == [
        line.split("fleet.yaml", 1)[1] for line in said[:3]
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty"),
        ("# only a comment\n", "1:1: the file is empty"),
        ("- a\n- b\n", "1:1: the file must hold keys and values (organization: ...), not a list or a word"),
        ("a:\n\t- b\n", "2:1: a tab stands where YAML wants spaces: indent with spaces"),
        ("a: [1\n", "2:1: not YAML: while parsing a flow sequence, expected ',' or ']'"),
        ("a: b: c\n", "1:5: not YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", "2:1: not YAML: expected a single document in the stream"),
        ("a: *nowhere\n", "1:4: not YAML: found undefined alias"),
        ("a: \x00\n", "1:1: not YAML: unacceptable character"),
    ],
)
def test_what_is_no_manifest_at_all(text: str, problem: str) -> None:
    """A file without YAML, or without keys in it, is told with the place where reading ended."""
    (found,) = problems_of(text)
    assert found[: len(problem)] == problem


def test_no_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A manifest that is not there is its own error, and says how to name another."""
    with pytest.raises(ManifestUnreadable, match="there is no manifest here"):
        load_manifest(tmp_path_factory.mktemp("empty") / "fleet.yaml")


def test_a_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder in place of a manifest is told, with the file that was probably meant."""
    folder = tmp_path_factory.mktemp("folder")
    with pytest.raises(ManifestUnreadable) as caught:
        load_manifest(folder)
    assert caught.value.hint == f"name the file in it: --fleet {folder / 'fleet.yaml'}"


def test_no_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file that is not UTF-8 is told, with the byte at which it is not."""
    path = tmp_path_factory.mktemp("binary") / "fleet.yaml"
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(ManifestUnreadable) as caught:
        load_manifest(path)
    assert caught.value.why == "byte 3 is not UTF-8"
