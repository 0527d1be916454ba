"""What to do with one registered resource: pure functions from old state, new inputs and the provider's answer.

Source: Pulumi `pkg/resource/deploy/step_generator.go`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from rehearsal.engine.comparing import covers, differing, path_parts, root_of
from rehearsal.engine.provider_calls import Difference
from rehearsal.engine.state import ResourceState
from rehearsal.engine.values import Properties, PropertyDiff, Secret, Value


class Action(Enum):
    """What a registration leads to."""

    CREATE = "create"
    SAME = "same"
    UPDATE = "update"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Choice:
    """The action, and what it is due to."""

    action: Action
    keys: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    detailed: Mapping[str, PropertyDiff] = field(default_factory=dict)
    delete_first: bool = False


INIT_ERROR = "#initerror"
"""How `replaceOnChanges` names an initialisation that failed. Source: Pulumi step_generator.go."""


def choose(old: ResourceState, inputs: Properties, diff: Difference, replace_on: tuple[str, ...]) -> Choice:
    """Return what to do, given the provider's comparison of the old resource with the new inputs."""
    diff = with_forced_replacement(settled(old, inputs, diff), replace_on, half_made=bool(old.init_errors))
    if old.pending_replacement or (diff.changes and replaces(diff)):
        return Choice(Action.REPLACE, diff.replaces, diff.diffs, diff.detailed, diff.delete_before_replace)
    if diff.changes or old.init_errors:
        return Choice(Action.UPDATE, (), diff.diffs, diff.detailed)
    return Choice(Action.SAME)


def settled(old: ResourceState, inputs: Properties, diff: Difference) -> Difference:
    """Return a difference in which a provider that can't tell is answered for by comparing inputs."""
    if diff.changes is not None:
        return diff
    detailed = differing(old.inputs, inputs)
    roots = tuple(sorted({root_of(path) for path in detailed}))
    return replace(diff, changes=bool(detailed), diffs=roots or diff.diffs, detailed=detailed or diff.detailed)


def replaces(diff: Difference) -> bool:
    """Whether a difference can only be had by making the resource anew."""
    return bool(diff.replaces) or any(item.replaces for item in diff.detailed.values())


def with_forced_replacement(diff: Difference, rules: tuple[str, ...], *, half_made: bool) -> Difference:
    """Return a difference as `replaceOnChanges` sees it."""
    if not diff.changes and not half_made:
        return diff
    detailed = {
        path: replace(item, replaces=True) if any(covers(rule, path) for rule in rules) else item
        for path, item in diff.detailed.items()
    }
    forced = [key for key in diff.diffs if any(covers(rule, key) for rule in rules)]
    unready = half_made and any(covers(rule, INIT_ERROR) for rule in rules)
    return replace(
        diff,
        changes=diff.changes or unready,
        detailed=detailed,
        replaces=tuple(dict.fromkeys((*diff.replaces, *forced, *([INIT_ERROR] if unready else [])))),
    )


def ignore_changes(old: Mapping[str, Value], new: Properties, paths: tuple[str, ...]) -> Properties:
    """Return new inputs with the old value at each ignored path, and absent where the old had none."""
    for path in paths:
        parts = path_parts(path)
        if parts == ("*",):
            return dict(old)
        result = _reset(dict(old), dict(new), parts)
        new = result if isinstance(result, dict) else new
    return new


_ABSENT = object()


def _reset(old: object, new: object, parts: tuple[str | int, ...]) -> object:
    old_inner = old.value if isinstance(old, Secret) else old
    if isinstance(new, Secret):
        inner = _reset(old_inner, new.value, parts)
        return Secret(inner)  # type: ignore[arg-type]  # it has new's own shape
    part, rest = parts[0], parts[1:]
    if isinstance(new, dict):
        before = old_inner if isinstance(old_inner, dict) else {}
        names = sorted(before.keys() | new.keys()) if part == "*" else [part]
        return _reset_keys(before, dict(new), names, rest)
    if isinstance(new, list) and isinstance(old_inner, list):
        indexes = range(min(len(new), len(old_inner))) if part == "*" else [part]
        items = list(new)
        for index in indexes:
            if isinstance(index, int) and index < len(items) and index < len(old_inner):
                items[index] = old_inner[index] if not rest else _reset(old_inner[index], items[index], rest)
        return items
    return new


def _reset_keys(
    before: dict[str, Value], after: dict[str, Value], names: list[str | int], rest: tuple[str | int, ...]
) -> dict[str, Value]:
    for name in (str(name) for name in names):
        if rest:
            if name in after and name in before:
                after[name] = _reset(before[name], after[name], rest)  # type: ignore[assignment]
        elif name in before:
            after[name] = before[name]
        else:
            after.pop(name, None)
    return after


def seed(urn: str, generation: str) -> bytes:
    """Return the 32 bytes from which a provider makes names: the same after a crash, another for a replacement."""
    return hashlib.sha256(f"{urn}\n{generation}".encode()).digest()
