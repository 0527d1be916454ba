"""A declared AWS call: the operation, and which property goes into which parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

from rehearsal.aws.wire import Value


class Source(Enum):
    """What a parameter takes other than a property."""

    ID = auto()
    """The resource's id."""
    TAGS = auto()
    """All tags, default tags included, in the service's own shape; left out if there are none."""
    TAG_KEYS = auto()
    """The keys of the tags to remove."""
    EC2_TAGS = auto()
    """All tags as EC2 takes them at creation; left out if there are none."""


ID = Source.ID
TAGS = Source.TAGS
TAG_KEYS = Source.TAG_KEYS
EC2_TAGS = Source.EC2_TAGS


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always this value."""

    value: Value


@dataclass(frozen=True, slots=True)
class OrElse:
    """A property, or this value where it isn't given: what AWS takes as "none"."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class ListOfOne:
    """The parameter is a list, the property or source one element of it."""

    of: str | Source


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """A property as EC2's attributes take it: `{"Value": ...}`."""

    name: str


Parameter: TypeAlias = str | Source | Fixed | OrElse | ListOfOne | AttributeValue
"""A property's name, or one of the above."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One AWS call; `name` is boto3's, `answer` a dotted path to the part of the answer that counts."""

    name: str
    parameters: Mapping[str, Parameter]
    answer: str = ""

    def pick(self, answer: Any) -> Any:
        """Return the part of the answer that counts."""
        for step in filter(None, self.answer.split(".")):
            answer = answer[step]
        return answer


def operation(name: str, /, answer: str = "", **parameters: Parameter) -> Operation:
    """Return the declared call of boto3's method `name` with these parameters."""
    return Operation(name, parameters, answer)
