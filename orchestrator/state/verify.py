"""Whether two exports of a stack say the same, with their secrets in the clear: in memory only, never told or written.

Source: Pulumi `sdk/go/common/apitype/core.go` (ResourceV3), `resource/properties.go` for the mark of a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from orchestrator.state.state_files import is_made

_MARK = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (Pulumi's mark of a secret value)
_PLACES = frozenset({"sourcePosition", "stackTrace"})
"""Where in the program something was declared: no part of what is deployed, and not every engine keeps it."""

NAMED = 3
"""Resources that a message names."""


@dataclass(frozen=True, slots=True)
class Export:
    """A stack's deployment as `pulumi stack export` prints it, `opened` with secrets in the clear."""

    sealed: Mapping[str, Any]
    opened: Mapping[str, Any] = field(repr=False)

    @property
    def deployment(self) -> Mapping[str, Any]:
        """The deployment as it is stored; empty for a stack that was only made."""
        return self.sealed.get("deployment") or {}

    @property
    def resources(self) -> int:
        """How many resources the state has, root and providers not counted."""
        entries = self.deployment.get("resources") or ()
        return sum(1 for entry in entries if is_made(entry))

    @property
    def empty(self) -> bool:
        """Whether the state has no entry at all: the stack was made, and nothing put into it."""
        return not self.deployment.get("resources")

    @property
    def pending(self) -> Sequence[Mapping[str, Any]]:
        """The operations under way when the state was last written."""
        return self.deployment.get("pending_operations") or ()

    @property
    def written(self) -> str:
        """When the state was last written, as Pulumi says it."""
        manifest = self.deployment.get("manifest")
        return str(manifest.get("time", "")) if isinstance(manifest, Mapping) else ""


def differing(one: Export, other: Export) -> tuple[str, ...]:
    """Return the URNs of resources that are not the same in both, in their order; empty if the states are equal.

    Compared is everything that a resource has (ids, inputs, outputs, dependencies, provider, protection, times), and
    the order of the resources, in which Pulumi deletes.
    """
    left, right = _resources(one), _resources(other)
    urns = [urn for urn, _ in left]
    if urns == [urn for urn, _ in right]:
        return tuple(urn for (urn, mine), (_, theirs) in zip(left, right, strict=True) if mine != theirs)
    missing = [urn for urn, _ in left if urn not in {other_urn for other_urn, _ in right}]
    added = [urn for urn, _ in right if urn not in set(urns)]
    return tuple(missing + added) or tuple(urns)


def counted(count: int, word: str) -> str:
    """Return so many of something, in words."""
    return f"1 {word}" if count == 1 else f"{count} {word}s"


def named(urns: Sequence[str]) -> str:
    """Name a few resources by type and name, and count the rest."""
    names = [" ".join(urn.split("::")[2:4]) for urn in urns[:NAMED]]
    return ", ".join(names) + (f" and {len(urns) - NAMED} more" if len(urns) > NAMED else "")


def _resources(export: Export) -> list[tuple[str, str]]:
    deployment = export.opened.get("deployment") or {}
    return [(str(resource.get("urn", "")), _spelled(resource)) for resource in deployment.get("resources") or ()]


def _spelled(resource: Mapping[str, Any]) -> str:
    """Return a resource as text that is equal for equal resources; `1`, `1.0` and `true` differ, as they do in JSON."""
    said = {key: _plain(value) for key, value in resource.items() if key not in _PLACES and not _says_nothing(value)}
    return json.dumps(said, sort_keys=True)


def _says_nothing(value: object) -> bool:
    """Return whether a field of a resource may as well be left out, as one engine does and another does not."""
    return value is None or value is False or value in ("", [], {})


def _plain(value: object) -> object:
    """Return a value with each secret as what it holds, however that was spelled."""
    if isinstance(value, Mapping):
        if value.get(_MARK) == _SECRET and "plaintext" in value:
            return {_MARK: _plain(json.loads(value["plaintext"]))}
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def pending_named(pending: Iterable[Mapping[str, Any]]) -> str:
    """Return the first three of a state's pending operations in words: what was to be done to which resource."""
    first = islice(pending, 3)
    return ", ".join(f"{each.get('type', '')} of {each.get('resource', {}).get('urn', '')}" for each in first)
