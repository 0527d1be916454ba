"""A resource type as a table: its properties, how it is identified, and the AWS calls that carry it out.

The entries are in `rehearsal.aws.services`, one file per service; `docs/add-a-resource-type.md` shows how to write one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from rehearsal.aws.call import Call
from rehearsal.aws.kinds import TAG_MAP, Problem
from rehearsal.aws.operations import Operation
from rehearsal.aws.properties import Property, output
from rehearsal.aws.wire import Value

Step: TypeAlias = Operation | Callable[[Call], Any]
"""One or more AWS calls: declared, or a function where there is something to decide."""


@dataclass(frozen=True, slots=True)
class Change:
    """How some properties are changed on a resource that exists.

    Also used right after creation for whatever was asked and isn't so yet.
    """

    properties: tuple[str, ...]
    step: Step


class TagShape(StrEnum):
    """How a service writes tags."""

    PAIRS = "Key/Value"
    KMS_PAIRS = "TagKey/TagValue"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Tagging:
    """How a type is tagged; `remove` is None where `add` puts the whole set."""

    add: Step
    remove: Step | None
    shape: TagShape = TagShape.PAIRS
    ec2_type: str = ""
    """The resource type in EC2's TagSpecifications, for creation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One resource type of the `aws` package.

    `id`: a template over properties (`{role}:{name}`), a function of them, or a path in the answer to `create`
    (`Vpc.VpcId`).
    Raises ValueError at definition if a property could change with nothing to carry that out.
    """

    type: str
    title: str
    """As AWS's errors are introduced with: "creating <title> (...)"."""
    service: str
    """The service's name in botocore."""
    properties: tuple[Property, ...]
    id: str | Callable[[Mapping[str, Value]], str]
    create: Step
    read: Step
    """Yields what AWS tells of the resource, None if there is no such resource."""
    delete: Step
    changes: tuple[Change, ...] = ()
    ready: Callable[[Call, Any], Any] | None = None
    """Gets the answer to `create`, waits until the resource is usable, and returns the answer that tells its id."""
    tagging: Tagging | None = None
    regional: bool = True
    not_found: tuple[str, ...]
    """AWS's error codes for "there is no such resource"."""
    already_exists: tuple[str, ...] = ()
    """AWS's error codes for "the name is taken"."""
    find: Callable[[Call], str | None] | None = None
    """Finds the id of a resource that exists already, where it can't be told from the properties."""
    id_in_answer: str = ""
    """Where the answer to `read` has the id, if an id may change or imports take another form."""
    import_id: str = ""
    """Another form of the id that imports take: a template over properties."""
    exactly_one_of: tuple[tuple[str, ...], ...] = ()
    at_most_one_of: tuple[tuple[str, ...], ...] = ()
    wrong_together: Callable[[Mapping[str, Value]], Iterable[Problem]] | None = None
    """Yields what is wrong with a program's values taken together, as the real provider finds before it asks AWS."""
    delete_before_replace: bool = False
    by_name: Mapping[str, Property] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "properties", (*self.properties, *self._properties_of_all_types()))
        object.__setattr__(self, "by_name", {item.name: item for item in self.properties})
        self._verify()

    @property
    def given(self) -> Iterable[Property]:
        """The properties that programs may set."""
        return (item for item in self.properties if item.given)

    def id_of(self, values: Mapping[str, Value], answer: Any) -> str:
        """Return the id of the resource just created."""
        if callable(self.id):
            return self.id(values)
        if "{" in self.id:
            return self.id.format_map(values)
        for step in self.id.split("."):
            answer = answer[step]
        return str(answer)

    def id_read(self, answer: Mapping[str, Any], values: Mapping[str, Value], known: str) -> str:
        """Return the id of a resource just read; imports may have known it by another form."""
        if self.id_in_answer:
            return str(answer[self.id_in_answer])
        return self.id(values) if callable(self.id) else known

    def name_in(self, values: Mapping[str, Value]) -> str:
        """Return what a resource that does not exist yet is called by in messages; empty if it has no name."""
        if isinstance(self.id, str) and "{" in self.id:
            return self.id.format_map(values)
        return next((str(values[item.name]) for item in self.given if item.auto_name and values.get(item.name)), "")

    def parts_of(self, resource_id: str) -> dict[str, str]:
        """Return the properties that the id tells; empty if it tells none."""
        for template in (self.import_id, self.id):
            if isinstance(template, str) and "{" in template and (match := _pattern(template).fullmatch(resource_id)):
                return match.groupdict()
        return {}

    @property
    def id_form(self) -> str:
        """The form of ids to import, where they consist of properties; else empty."""
        if callable(self.id):
            return self.import_id
        return self.id if "{" in self.id else ""

    def _properties_of_all_types(self) -> Iterable[Property]:
        if self.tagging:
            yield Property("tags", TAG_MAP)
            yield Property("tagsAll", TAG_MAP, computed=True)
        if self.regional:
            yield Property("region", replaces=True, computed=True)
        yield output("id")

    def _verify(self) -> None:
        if len(self.by_name) != len(self.properties):
            raise ValueError(f"{self.type}: a property is listed twice")
        changed = {name for change in self.changes for name in change.properties}
        template = "" if callable(self.id) else self.id
        named = changed.union(*self.exactly_one_of, *self.at_most_one_of, re.findall(r"{(\w+)}", template))
        if unlisted := named - self.by_name.keys():
            raise ValueError(f"{self.type}: no such property: {', '.join(sorted(unlisted))}")
        fixed = [
            item.name
            for item in self.given
            if item.replaces is not True and not item.unread and item.name not in {*changed, "tags", "tagsAll"}
        ]
        if fixed:
            raise ValueError(f"{self.type}: nothing changes {', '.join(fixed)}")


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"{(\w+)}", template)
    last = len(pieces) - 2
    return re.compile(
        "".join(
            (f"(?P<{piece}>.+)" if index == last else f"(?P<{piece}>.+?)") if index % 2 else re.escape(piece)
            for index, piece in enumerate(pieces)
        )
    )
