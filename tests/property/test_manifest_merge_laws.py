"""The laws of merging layers: grouping does not matter, the same twice is the same, later wins."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from landing_zone.manifest.merging import Merger
from landing_zone.manifest.parts import Part, document_of
from landing_zone.manifest.problems import Place, Problems

NAMES = ("a", "b", "c")
Value = int | list[int] | dict[str, "Value"]

SCALARS = st.integers(0, 9)
LISTS = st.tuples(st.booleans(), st.lists(SCALARS, max_size=3))
SHAPES = st.recursive(
    st.fixed_dictionaries({}, optional={"n": SCALARS, "l": LISTS}),
    lambda inner: st.fixed_dictionaries({}, optional={"n": SCALARS, "l": LISTS, "m": inner}),
    max_leaves=4,
)
"""Blocks in which a name has one kind: n a number, l a list and whether it appends, m a block."""


def _part(shape: object, file: str) -> Part:
    """Return a shape as a part, each value at a place of its own in the file."""
    lines = iter(range(1, 10_000))

    def at() -> Place:
        return Place(file, next(lines), 1)

    def build(value: object) -> Part:
        if isinstance(value, dict):
            return Part(at(), at(), parts={name: build(inner) for name, inner in value.items()})
        if isinstance(value, tuple):
            appends, entries = value
            return Part(at(), at(), items=tuple(Part(None, at(), each) for each in entries), appends=appends)
        return Part(at(), at(), value)

    return build(shape)


LAYERS = st.lists(SHAPES, min_size=1, max_size=4).map(
    lambda shapes: [_part(shape, f"{at}.yaml") for at, shape in enumerate(shapes)]
)


def _over(layers: Sequence[Part]) -> Part:
    problems = Problems()
    merged = Merger(problems).over(layers)
    assert not problems.sorted()
    return merged


def _beside(parts: Sequence[Part]) -> tuple[Part, Problems]:
    problems = Problems()
    return Merger(problems).beside(parts), problems


def _said(part: Part) -> object:
    """Return everything a merged part says: values, their places, those beaten, and the order of keys."""
    document = document_of(part, "x")
    return repr(document.values), document.keys, document.places, document.beaten


@given(LAYERS, st.data())
def test_grouping_does_not_matter(layers: list[Part], data: st.DataObject) -> None:
    """Layers merged in any groups of neighbours say what they say merged at once: values, places, what was beaten."""
    cut = data.draw(st.integers(0, len(layers) - 1))
    groups = [*([_over(layers[:cut])] if cut else []), _over(layers[cut:])]
    assert _said(_over(groups)) == _said(_over(layers))


def test_a_list_wins_over_what_was_added_too() -> None:
    """A list that replaces one that was added to names both places, grouped or not."""
    layers = [_part({"l": written}, f"{at}.yaml") for at, written in enumerate([(False, []), (True, []), (False, [])])]
    for groups in (layers, [_over(layers[:2]), layers[2]]):
        (beaten,) = document_of(_over(groups), "x").beaten.values()
        assert [place.file for place in beaten] == ["1.yaml", "0.yaml"]


@given(LAYERS)
def test_the_same_twice_is_the_same(layers: list[Part]) -> None:
    """A layer over itself adds nothing, in lists that append neither."""
    once = _over(layers)
    assert _said(_over([once, once])) == _said(once)
    beside, problems = _beside([once, once])
    assert (_said(beside), len(problems)) == (_said(once), 0)


@given(LAYERS)
def test_later_wins(layers: list[Part]) -> None:
    """Each value is that of the last layer that has it; no value of any layer's key is lost."""
    merged = _over(layers).plain()
    for name in ("n", "m"):
        having = [layer.plain()[name] for layer in layers if layer.inside(name) is not None]
        assert (name in merged) == bool(having)
        if name == "n" and having:
            assert merged["n"] == having[-1]


@given(LAYERS)
def test_lists_replace_unless_marked(layers: list[Part]) -> None:
    """A list has the entries of the last layer that replaces it, and of all that append after that one."""
    lists = [part for layer in layers if (part := layer.inside("l")) is not None]
    start = max((at for at, part in enumerate(lists) if not part.appends), default=0)
    expected = [entry for part in lists[start:] for entry in part.plain()]
    assert _over(layers).plain().get("l", []) == expected


@given(LAYERS)
def test_beside_loses_nothing_or_tells(layers: list[Part]) -> None:
    """Parts of one layer say everything that any of them says, else a problem is told."""
    merged, problems = _beside(layers)
    if not problems:
        everything = _over([_all_appending(layer) for layer in layers])
        assert _without_order(merged.plain()) == _without_order(everything.plain())
    else:
        assert any(" is defined twice at one layer" in problem.message for problem in problems.sorted())


@given(LAYERS)
def test_what_clashes_does_so_in_any_order(layers: list[Part]) -> None:
    """Whether files of one layer clash does not depend on their names."""
    assert bool(_beside(layers)[1]) == bool(_beside(layers[::-1])[1])


def _all_appending(part: Part) -> Part:
    parts = {name: _all_appending(inner) for name, inner in part.parts.items()} if part.parts is not None else None
    return dataclasses.replace(part, parts=parts, appends=part.items is not None)


def _without_order(value: object) -> object:
    """Return a value whose lists are sorted: in one layer a definition comes before what is added to it."""
    if isinstance(value, dict):
        return {name: _without_order(inner) for name, inner in value.items()}
    return sorted(value) if isinstance(value, list) else value
