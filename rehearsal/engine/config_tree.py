"""Stack configuration as data: keys, values with sealed parts, and changes by path.

A value is text at the top level; inside lists and maps it is whatever YAML holds; a `Sealed` is a ciphertext.
Source: Pulumi `sdk/go/common/resource/config/{key,map,object,value}.go`, `resource/properties_path.go`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, Union

from rehearsal.engine.errors import ConfigRefusedError
from rehearsal.engine.go_json import compact, plain_json

_SECURE = "secure"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret configuration value, encrypted."""

    ciphertext: str


ConfigNode: TypeAlias = Union[  # noqa: UP007  (a recursive alias needs the quoted form)
    str, bool, int, float, Sealed, list["ConfigNode"], dict[str, "ConfigNode"], None
]
ConfigData: TypeAlias = dict[str, ConfigNode]
"""Configuration by fully qualified key, `<namespace>:<name>`."""
KeyPath: TypeAlias = tuple[str | int, ...]
Decrypt: TypeAlias = Callable[[str], str]


def parse_key(text: str, project: str, *, path: bool = False) -> tuple[str, KeyPath]:
    """Return a key in full and the path inside its value; raises ConfigRefusedError.

    Without a namespace the project's is meant. With `path`, `outer.inner`, `names[0]` and `["a.b"]` go inside.
    """
    if not path:
        return _qualified(text, project), ()
    first = re.search(r"[\[.]", text)
    head, rest = (text[: first.start()], text[first.start() :]) if first and first.start() else (text, "")
    if text.startswith("["):
        steps = _steps(text)
        return _qualified(str(steps[0]), project), steps[1:]
    return _qualified(head, project), _steps(rest)


def is_object(node: ConfigNode) -> bool:
    """Tell whether a value is a list or a map, which programs read as JSON."""
    return isinstance(node, list | dict)


def is_secure(node: ConfigNode) -> bool:
    """Tell whether a value is secret or holds a secret."""
    if isinstance(node, list):
        return any(is_secure(item) for item in node)
    if isinstance(node, dict):
        return any(is_secure(item) for item in node.values())
    return isinstance(node, Sealed)


def text_of(node: ConfigNode, decrypt: Decrypt | None) -> str:
    """Return a value as programs get it: text, or JSON of a list or map; `[secret]` for secrets without `decrypt`."""
    opened = _opened(node, decrypt)
    if isinstance(opened, str):
        return opened
    return "" if opened is None else compact(plain_json(opened), escape_html=True)


def to_json_data(node: ConfigNode) -> Any:
    """Return a value as the history stores it: sealed parts as `{secure: CIPHERTEXT}`."""
    if isinstance(node, Sealed):
        return {_SECURE: node.ciphertext}
    if isinstance(node, list):
        return [to_json_data(item) for item in node]
    if isinstance(node, dict):
        return {key: to_json_data(node[key]) for key in sorted(node)}
    return node


def from_json_data(data: Any) -> ConfigNode:
    """Return the value that JSON or YAML data stands for; a map with the one key `secure` is a sealed text."""
    if isinstance(data, dict):
        if data.keys() == {_SECURE} and isinstance(data[_SECURE], str):
            return Sealed(data[_SECURE])
        return {str(key): from_json_data(value) for key, value in data.items()}
    if isinstance(data, list):
        return [from_json_data(item) for item in data]
    scalar: str | bool | int | float | None = data
    return scalar


def get_at(node: ConfigNode, path: KeyPath) -> tuple[ConfigNode, bool]:
    """Return what is at a path inside a value, and whether there is anything."""
    for step in path:
        if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
            node = node[step]
            continue
        if isinstance(node, dict) and isinstance(step, str) and step in node:
            node = node[step]
            continue
        return None, False
    return node, True


def set_at(node: ConfigNode, path: KeyPath, value: ConfigNode, *, outer: bool = True) -> ConfigNode:
    """Return a value with something set at a path; the original is left alone. Raises ConfigRefusedError.

    A scalar in the way is replaced at the top level only; a list grows by one element at most.
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if not isinstance(node, list | dict):
        if node is not None and not outer:
            raise ConfigRefusedError(f"cannot set {step!r} there: expected {'a list' if _is_index(step) else 'a map'}")
        node = [] if isinstance(step, int) else {}
    if isinstance(node, list):
        return _set_in_list(node, step, rest, value)
    if not isinstance(step, str):
        raise ConfigRefusedError(f"cannot set [{step}] there: the key of a map must be text")
    if step == _SECURE and not rest and isinstance(value, str) and node.keys() <= {_SECURE}:
        raise ConfigRefusedError('maps with the single key "secure" are reserved')
    return {**node, step: set_at(node.get(step), rest, value, outer=False)}


def remove_at(node: ConfigNode, path: KeyPath) -> ConfigNode:
    """Return a value without what is at a path; nothing there is no error. Raises ConfigRefusedError."""
    step, rest = path[0], path[1:]
    if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
        changed = [remove_at(node[step], rest)] if rest else []
        return [*node[:step], *changed, *node[step + 1 :]]
    if isinstance(node, dict) and isinstance(step, str) and step in node:
        if rest:
            return {**node, step: remove_at(node[step], rest)}
        kept = {key: value for key, value in node.items() if key != step}
        if kept.keys() == {_SECURE} and isinstance(kept[_SECURE], str):
            raise ConfigRefusedError('maps with the single key "secure" are reserved')
        return kept
    return node


def coerced(text: str) -> ConfigNode:
    """Return a text set inside a list or map: `true`, `false` and whole numbers lose their quotes."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if _INTEGER.fullmatch(text) and text != "-0" else text


def _set_in_list(node: list[ConfigNode], step: str | int, rest: KeyPath, value: ConfigNode) -> ConfigNode:
    if not isinstance(step, int):
        raise ConfigRefusedError(f"cannot set {step!r} there: the key of a list must be a number")
    if not 0 <= step <= len(node):
        raise ConfigRefusedError(f"list index {step} is out of range: there are {len(node)} elements")
    old = node[step] if step < len(node) else None
    return [*node[:step], set_at(old, rest, value, outer=False), *node[step + 1 :]]


def _opened(node: ConfigNode, decrypt: Decrypt | None) -> Any:
    if isinstance(node, Sealed):
        return decrypt(node.ciphertext) if decrypt else "[secret]"
    if isinstance(node, list):
        return [_opened(item, decrypt) for item in node]
    if isinstance(node, dict):
        return {key: _opened(value, decrypt) for key, value in node.items()}
    return node


def _qualified(name: str, project: str) -> str:
    parts = name.split(":")
    if len(parts) == 3 and parts[1] == "config":  # The older form <namespace>:config:<name>.
        parts = [parts[0], parts[2]]
    if len(parts) == 1:
        parts = [project, name]
    if len(parts) != 2 or not parts[1]:
        raise ConfigRefusedError(
            f"could not parse {name} as a configuration key",
            why="configuration keys should be of the form `<namespace>:<name>`",
        )
    return ":".join(parts)


def _steps(text: str) -> KeyPath:
    """Read `.name`, `[0]` and `["name"]` one after the other."""
    steps: list[str | int] = []
    at = 0
    pattern = re.compile(r"""\.(?P<name>[^.\[]+)|\[(?P<index>-?\d+)\]|\["(?P<quoted>(?:\\"|[^"])+)"\]""")
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            raise ConfigRefusedError(f"invalid configuration path at {text[at:]!r}")
        if match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(match["name"] or match["quoted"].replace('\\"', '"'))
        at = match.end()
    return tuple(steps)


def _is_index(step: str | int) -> bool:
    return isinstance(step, int)
