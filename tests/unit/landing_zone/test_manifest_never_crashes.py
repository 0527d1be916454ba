"""Whatever is written in a manifest, reading it ends in a manifest or in problems told, never in a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from landing_zone.errors import ManifestError
from landing_zone.fleet import Manifest
from landing_zone.manifest import load_manifest
from tests.unit.landing_zone.fleet_files import write_files
from tests.unit.landing_zone.fleets import SMALL, parsed

Path = tuple[str | int, ...]


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value inside a value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in entries:
            yield from _paths(inner, (*path, key))


PLAIN: dict[str, object] = YAML(typ="safe", pure=True).load(SMALL)
WORDS = st.sampled_from(["", "*", "prod", "Admin", "${vars.cidr}", "${", "${}", "$${x}", "a/b", "[", "é", "users"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def _placed(path: Path, value: object) -> str:
    """Return the small manifest with a value put at a path, as JSON, which is YAML."""
    changed = copy.deepcopy(PLAIN)
    inside: Any = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return json.dumps(changed)


def _told_or_read(text: str) -> bool:
    return _ends_well(lambda: parsed(text))


def _ends_well(read: Callable[[], Manifest]) -> bool:
    try:
        read()
    except ManifestError as error:
        return error.code in {"FY101", "FY110"} and bool(str(error))
    return True


@given(st.sampled_from(list(_paths(PLAIN))), VALUES)
def test_any_value_anywhere(path: Path, value: object) -> None:
    """A value of any kind in any place is accepted or told as a problem."""
    assert _told_or_read(_placed(path, value))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
@example("\ufeff")
@example("a: !!int x")
@example("a: !!bool maybe")
@example("? {a: b}\n: c")
@example("<<: 3")
@example("a: 0b1_0\nb: 1e999\nc: .nan")
def test_any_text(text: str) -> None:
    """A text of any kind is told as a problem."""
    assert _told_or_read(text)


@given(st.integers(0, len(SMALL)), st.integers(0, 30))
def test_any_piece_lost(start: int, length: int) -> None:
    """A manifest from which a piece is lost is read, or its problems are told."""
    assert _told_or_read(SMALL[:start] + SMALL[start + length :])


@given(
    path=st.sampled_from(list(_paths(PLAIN))), value=VALUES, start=st.integers(0, len(SMALL)), length=st.integers(0, 9)
)
def test_any_value_below_any_piece_lost(
    tmp_path_factory: pytest.TempPathFactory, path: Path, value: object, start: int, length: int
) -> None:
    """An imported file with any value anywhere, below a manifest that lost a piece, is read or told as problems."""
    own = SMALL[:start] + SMALL[start + length :]
    defaults = f"defaults: {json.dumps({'accounts': {'vars': value}})}\n"
    files = {"fleet.yaml": f"imports: [a.yaml]\n{own}{defaults}", "a.yaml": _placed(path, value)}
    fleet = write_files(tmp_path_factory.mktemp("layers"), files)
    assert _ends_well(lambda: load_manifest(fleet))


@given(entry=st.text(max_size=12) | st.text(alphabet="*?[]./~x\\", max_size=8))
def test_any_import(tmp_path_factory: pytest.TempPathFactory, entry: str) -> None:
    """Whatever an entry of imports is, it is imported or told."""
    text = f"imports: {json.dumps([entry])}\n{SMALL}"
    with pytest.raises(ManifestError) as caught:
        load_manifest(write_files(tmp_path_factory.mktemp("imports"), {"fleet.yaml": text}))
    assert caught.value.code == "FY101"
