"""Diff: what would change on a resource if it were given these inputs, and what of it means another resource.

Compared are the state (outputs) and the new inputs, so that drift found by a refresh is undone by the next update.
An input that is not given is a change only if AWS has something there that nobody but the program may set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rehearsal.aws.checking import DEFAULTS_KEY
from rehearsal.aws.kinds import Kind, ListOf, MapOf, Record, says_nothing
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.wire import UNKNOWN, Value, has_unknown


class DifferenceKind(StrEnum):
    """What happens to one value."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; `path` leads into the property: `tags.Name`, `rules[0].bucketKeyEnabled`."""

    property: str
    path: str
    kind: DifferenceKind
    replaces: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs; `delete_first` if the old resource has to go before the new one can be."""

    items: tuple[Difference, ...] = ()
    delete_first: bool = False

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties that differ."""
        return tuple(dict.fromkeys(item.property for item in self.items))

    @property
    def replaces(self) -> tuple[str, ...]:
        """The properties whose change means another resource."""
        return tuple(dict.fromkeys(item.property for item in self.items if item.replaces))


def difference(
    kind: ResourceType, state: Mapping[str, Value], news: Mapping[str, Value], ignored: Sequence[str] = ()
) -> Differences:
    """Return what differs between a resource's state and new inputs, apart from the ignored properties."""
    items = tuple(
        found
        for item in kind.given
        if item.name not in ignored and "*" not in ignored
        for found in _compare(item, state.get(item.name), news.get(item.name))
    )
    replaced = any(item.replaces for item in items)
    return Differences(items, replaced and (kind.delete_before_replace or _keeps_given_name(kind, state, news)))


def _compare(item: Property, old: Value, new: Value) -> Iterator[Difference]:
    if new is None:
        if item.computed or says_nothing(item.kind, old) or (item.unread and old == item.default):
            return
    elif item.same(old, new) or (item.unread and old is None and new == item.default):
        return
    replaces = item.replaced_by(old, new)
    for path, kind in _paths(item.kind, item.name, old, new):
        yield Difference(item.name, path, kind, replaces)


def _paths(kind: Kind, path: str, old: Value, new: Value) -> Iterator[tuple[str, DifferenceKind]]:
    """Yield the innermost values that differ; at least one."""
    if new is UNKNOWN or old is None or new is None or old is UNKNOWN:
        yield path, _kind_of(old, new)
        return
    match kind:
        case Record(fields=fields):
            parts = [(f".{f.name}", f.kind, old.get(f.name), new.get(f.name)) for f in fields]
        case MapOf(element=element):
            parts = [(f".{key}", element, old.get(key), new.get(key)) for key in sorted({*old, *new})]
        case ListOf(element=element, ordered=True):
            longest = range(max(len(old), len(new)))
            parts = [(f"[{i}]", element, _item(old, i), _item(new, i)) for i in longest]
        case _:
            yield path, DifferenceKind.UPDATE
            return
    for suffix, part, before, after in parts:
        if not _same(part, before, after):
            yield from _paths(part, path + suffix, before, after)


def _same(kind: Kind, old: Value, new: Value) -> bool:
    if has_unknown(old) or has_unknown(new):
        return False
    if old is None or new is None:
        return says_nothing(kind, old) and says_nothing(kind, new)
    return bool(kind.normal(old) == kind.normal(new))


def _item(values: Sequence[Value], index: int) -> Value:
    return values[index] if index < len(values) else None


def _kind_of(old: Value, new: Value) -> DifferenceKind:
    if old is None:
        return DifferenceKind.ADD
    return DifferenceKind.DELETE if new is None else DifferenceKind.UPDATE


def _keeps_given_name(kind: ResourceType, state: Mapping[str, Value], news: Mapping[str, Value]) -> bool:
    """Tell whether old and new would have the same name: one the program gave, so that both can't exist at once.

    Source: pulumi-terraform-bridge, `nameRequiresDeleteBeforeReplace`.
    """
    made_up = news.get(DEFAULTS_KEY) or ()
    named = [item.name for item in kind.given if item.auto_name]
    return any(name not in made_up and news.get(name) == state.get(name) for name in named)
