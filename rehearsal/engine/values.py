"""The values that flow through a deployment: JSON values plus Pulumi's special ones.

Properties are plain Python values; the special ones are the classes below. How they are written on the wire is in
`properties`, how they are written to disk in `checkpoint`. Source: Pulumi `sdk/go/common/resource/sig/sig.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, Union

UNKNOWN_ID = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The sentinel that stands for a value not known before the update has run."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is known only once the update has run."""


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is encrypted in state and masked in output; never nested in another secret."""

    value: Value


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's content: exactly one of text, path and uri is set."""

    text: str | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """A tree of files: exactly one of assets, path and uri is set."""

    assets: Mapping[str, Asset | Archive] | None = None
    path: str | None = None
    uri: str | None = None
    hash: str = ""


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """A resource passed as a value."""

    urn: str
    id: Value = None
    package_version: str = ""


Value: TypeAlias = Union[  # noqa: UP007  (a recursive alias needs the quoted form)
    bool, int, float, str, list["Value"], dict[str, "Value"], Unknown, Secret, Asset, Archive, ResourceReference, None
]
Properties: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class PropertyDiff:
    """How one property differs: the path, add | delete | update, whether it replaces, and whether inputs differ."""

    kind: str
    replaces: bool = False
    input_diff: bool = False


@dataclass(frozen=True, slots=True)
class DetailedDiff:
    """A provider's answer to Diff: property path to its difference."""

    paths: Mapping[str, PropertyDiff] = field(default_factory=dict)
