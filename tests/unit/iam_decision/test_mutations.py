"""The table of `make mutate`: its edits still fit the source."""

from __future__ import annotations

import pytest

from tests.mutation.mutation import Mutation, MutationDoesNotApply
from tests.mutation.run import MUTATIONS
from tests.support.repository import ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_every_edit_applies_exactly_once(mutation: Mutation) -> None:
    """What a mutation replaces stands in its file exactly once, and what comes of it is still Python."""
    source = (ROOT / mutation.path).read_text(encoding="utf-8")
    edited = mutation.edited(source)
    assert edited != source
    compile(edited, mutation.path, "exec")


def test_every_mutation_has_its_own_name() -> None:
    """The table tells mutations apart by their names."""
    names = [mutation.name for mutation in MUTATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("source", ["", "x = 1\nx = 1\n"])
def test_an_edit_that_does_not_fit_is_refused(source: str) -> None:
    """A mutation whose text is not there, or there twice, is refused and not passed over."""
    with pytest.raises(MutationDoesNotApply, match="not once"):
        Mutation("one", "one.py", "x = 1\n", "x = 2\n", ()).edited(source)
