"""Reading YAML keeps the place of every key and value, and refuses what JSON could not say."""

from __future__ import annotations

from landing_zone.manifest.positions import read_document
from landing_zone.manifest.problems import Place, Problems


def _read(text: str) -> tuple[object, list[str]]:
    problems = Problems()
    document = read_document(text, "f", problems)
    return document.values, [str(problem) for problem in problems.sorted()]


def test_places_of_keys_and_values() -> None:
    """A key, its value, a list entry and a nested key each have their own line and column."""
    document = read_document("a:\n  b: [x, y]\n", "f", Problems())
    assert document.key("a", "b") == Place("f", 2, 3)
    assert document.value("a", "b") == Place("f", 2, 6)
    assert document.value("a", "b", 1) == Place("f", 2, 10)


def test_the_place_of_what_is_not_there_is_the_key_above() -> None:
    """What is missing is told at the key it would stand under."""
    document = read_document("a:\n  b: 1\n", "f", Problems())
    assert document.value("a", "c") == Place("f", 1, 1)
    assert document.key("a", "b", "c") == Place("f", 2, 3)


def test_every_duplicate_key_is_told() -> None:
    """A key that stands twice is told where it stands again; the first value is kept."""
    values, problems = _read("a: 1\nb: 2\na: 3\nb: 4\n")
    assert values == {"a": 1, "b": 2}
    assert problems == [
        'f:3:1: the key "a" stands here twice, first in line 1',
        'f:4:1: the key "b" stands here twice, first in line 2',
    ]


def test_words_that_older_yaml_takes_for_booleans_stay_words() -> None:
    """YAML 1.2 is read: no, yes and on are texts."""
    assert _read("a: [no, yes, on, true, ~, 1.5]\n") == ({"a": ["no", "yes", "on", True, None, 1.5]}, [])


def test_dates_stay_texts() -> None:
    """A date is a text, since JSON has no dates."""
    assert _read("a: 2026-01-31\n") == ({"a": "2026-01-31"}, [])


def test_anchors_and_merges() -> None:
    """An alias repeats its anchor, and a merge adds what is not written out; both keep the anchor's places."""
    problems = Problems()
    document = read_document("base: &base {x: 1, y: 2}\na: *base\nb:\n  <<: *base\n  x: 3\n", "f", problems)
    assert document.values == {"base": {"x": 1, "y": 2}, "a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}}
    assert document.key("b", "y") == Place("f", 1, 20)
    assert not problems


def test_a_circle_of_aliases_is_told() -> None:
    """An alias inside its own anchor is refused, not followed."""
    assert _read("a: &a [*a]\n")[1] == ["f:1:4: an alias contains itself"]
    assert "an alias contains itself" in _read("a: &a {b: {<<: *a}}\n")[1][0]


def test_tags_are_refused_by_name() -> None:
    """A YAML tag that means something to a program only is refused, naming it."""
    assert _read("a: !secret x\n")[1] == ["f:1:4: the YAML tag !secret is not supported"]
    assert _read("a: !!set {x}\n")[1] == ["f:1:4: the YAML tag tag:yaml.org,2002:set is not supported"]


def test_numbers_that_json_lacks_are_refused() -> None:
    """Infinity, not-a-number and a scalar that contradicts its tag are refused."""
    assert _read("a: .inf\n")[1] == ["f:1:4: '.inf' is no float that JSON knows"]
    assert _read("a: .nan\n")[1] == ["f:1:4: '.nan' is no float that JSON knows"]
    assert _read("a: !!bool maybe\n")[1] == ["f:1:4: 'maybe' is no bool that JSON knows"]


def test_a_key_is_a_word() -> None:
    """A list as key is refused."""
    assert _read("? [a]\n: 1\n")[1] == ["f:1:3: a key must be a word"]


def test_numbers_as_keys_are_words() -> None:
    """A key that looks like a number keeps its digits."""
    assert _read("007: x\n") == ({"007": "x"}, [])
