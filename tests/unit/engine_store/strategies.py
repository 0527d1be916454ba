"""Values, resources and snapshots for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from rehearsal.engine.integrity import broken_rule
from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, Snapshot
from rehearsal.engine.values import UNKNOWN, Archive, Asset, ResourceReference, Secret, Value

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)  # too short to be the unknown sentinel
names = st.text("abcdefgh:$.", min_size=1, max_size=6)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
assets = st.builds(Asset, text=words, hash=texts) | st.builds(Asset, path=words)
files = assets | st.builds(Archive, assets=st.dictionaries(texts, assets, max_size=2), hash=texts)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | texts
    | files
    | st.just(UNKNOWN)
    | st.builds(ResourceReference, urn=names, id=st.none() | texts, package_version=texts)
)


def _nested(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | inner.map(lambda value: value if isinstance(value, Secret) else Secret(value))
    )


values = st.recursive(scalars, _nested, max_leaves=8)
properties = st.dictionaries(texts, values, max_size=3)


@st.composite
def resources(draw: st.DrawFn, name: str = "a") -> ResourceState:
    """Draw a resource that stands on its own."""
    custom = draw(st.booleans())
    return ResourceState(
        urn=f"urn:pulumi:dev::demo::test:index:Thing::{name}",
        type="test:index:Thing",
        custom=custom,
        id=draw(texts) if custom else "",
        inputs=draw(properties),
        outputs=draw(properties),
        protect=draw(st.booleans()),
        external=draw(st.booleans()),
        init_errors=tuple(draw(st.lists(texts, max_size=2))),
        additional_secret_outputs=tuple(draw(st.lists(names, max_size=2))),
        aliases=tuple(draw(st.lists(names, max_size=2))),
        custom_timeouts=draw(st.dictionaries(st.sampled_from(["create", "update", "delete"]), st.integers(1, 600))),
        import_id=draw(texts),
        retain_on_delete=draw(st.booleans()),
        created=draw(texts),
        source_position=draw(texts),
        stack_trace=tuple(draw(st.lists(st.fixed_dictionaries({"sourcePosition": texts}), max_size=2))),
        ignore_changes=tuple(draw(st.lists(names, max_size=2))),
        extra=draw(st.dictionaries(st.sampled_from(["viewOf", "newFieldOfPulumi"]), texts, max_size=2)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a sound snapshot of a few resources, some under way."""
    states = [draw(resources(name=f"r{index}")) for index in range(draw(st.integers(0, 3)))]
    pending = tuple(
        PendingOperation(state, draw(st.sampled_from(PendingKind))) for state in states if draw(st.booleans())
    )
    snapshot = Snapshot(tuple(states), pending)
    assert broken_rule(snapshot) == ""
    return snapshot
