"""How two property bags differ, path by path, for providers that can't tell.

Source: Pulumi `sdk/go/common/resource/properties_diff.go`, `pkg/resource/plugin/provider.go` (detailed diffs).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rehearsal.engine.values import PropertyDiff, Secret, Value

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_PATH_PART = re.compile(r"""\.?([^.\[\]"]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]""")


def differing(old: Mapping[str, Value], new: Mapping[str, Value]) -> dict[str, PropertyDiff]:
    """Return the paths at which inputs differ; secret marks do not count."""
    found: dict[str, PropertyDiff] = {}
    _compare_maps("", dict(old), dict(new), found)
    return found


def _compare_maps(prefix: str, old: dict[str, Value], new: dict[str, Value], found: dict[str, PropertyDiff]) -> None:
    for key in sorted(old.keys() | new.keys()):
        path = key_path(prefix, key)
        if key not in new:
            found[path] = PropertyDiff("delete", input_diff=True)
        elif key not in old:
            found[path] = PropertyDiff("add", input_diff=True)
        else:
            _compare(path, plain(old[key]), plain(new[key]), found)


def _compare(path: str, old: Value, new: Value, found: dict[str, PropertyDiff]) -> None:
    if old == new and type(old) is type(new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        _compare_maps(path, old, new, found)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            if index >= len(new):
                found[f"{path}[{index}]"] = PropertyDiff("delete", input_diff=True)
            elif index >= len(old):
                found[f"{path}[{index}]"] = PropertyDiff("add", input_diff=True)
            else:
                _compare(f"{path}[{index}]", old[index], new[index], found)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        kind = "add" if old is None else "delete" if new is None else "update"
        found[path] = PropertyDiff(kind, input_diff=True)


def plain(value: Value) -> Value:
    """Return a value without secret marks, for comparison."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def key_path(prefix: str, key: str) -> str:
    """Return the path of a key under a path, quoted where it must be."""
    if not _PLAIN_KEY.match(key):
        quoted = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{prefix}["{quoted}"]'
    return f"{prefix}.{key}" if prefix else key


def path_parts(path: str) -> tuple[str | int, ...]:
    """Return the parts of a property path such as `tags.Name`, `rules[0].port`, `tags["a.b"]`, `rules[*]`."""
    parts: list[str | int] = []
    for name, quoted, index in _PATH_PART.findall(path):
        if index and index != "*":
            parts.append(int(index))
        else:
            parts.append(name or index or quoted.replace('\\"', '"').replace("\\\\", "\\"))
    return tuple(parts)


def root_of(path: str) -> str:
    """Return the top-level property that a path is in."""
    parts = path_parts(path)
    return str(parts[0]) if parts else path


def covers(rule: str, path: str) -> bool:
    """Whether a rule of `replaceOnChanges` holds for a property path: the path itself or one above it, `*` for any."""
    ours, theirs = path_parts(rule), path_parts(path)
    return len(ours) <= len(theirs) and all(a in (b, "*") for a, b in zip(ours, theirs, strict=False))
