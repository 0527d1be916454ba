"""The kinds of values properties have: what is accepted, when two values say the same, and their form in AWS's APIs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol

from rehearsal.aws.policy_documents import canonical_document, document_problem
from rehearsal.aws.wire import UNKNOWN, Files, Value

if TYPE_CHECKING:
    from rehearsal.aws.properties import Property


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an input, and where: `rules[0].bucketKeyEnabled`."""

    path: str
    reason: str


class Kind(Protocol):
    """What values a property may have. `None` (not given) is never passed to these methods."""

    @property
    def label(self) -> str:
        """A word for the tables in docs and for messages."""

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield what is wrong with the value; unknown parts are right."""

    def normal(self, value: Value) -> Value:
        """Return a form that is equal for values that say the same; the value holds nothing unknown."""

    def to_aws(self, value: Value) -> Any:
        """Return the value as a request has it."""

    def from_aws(self, value: Any) -> Value:
        """Return the value as the state has it."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, whole number or flag."""

    label: str
    python: type

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield one problem if the value is of another type; a flag is no number."""
        right = isinstance(value, self.python) and (self.python is bool or not isinstance(value, bool))
        if value is not UNKNOWN and not right:
            yield Problem(path, f"must be a {self.label}, not {_word_for(value)}")

    def normal(self, value: Value) -> Value:
        """Return the value itself."""
        return value

    def to_aws(self, value: Value) -> Any:
        """Return the value itself."""
        return value

    def from_aws(self, value: Any) -> Value:
        """Return the value itself, a moment as RFC 3339 text."""
        if isinstance(value, dt.datetime):
            return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return value


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON policy document as text; two are the same if they say the same."""

    label: str = "JSON document"

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield one problem if the value is no text, or the text no JSON object."""
        if value is UNKNOWN:
            return
        if not isinstance(value, str):
            yield Problem(path, f"must be a {self.label}, not {_word_for(value)}")
        elif reason := document_problem(value):
            yield Problem(path, reason)

    def normal(self, value: Value) -> Value:
        """Return the document's canonical form."""
        return canonical_document(value)

    def to_aws(self, value: Value) -> Any:
        """Return the text as it is."""
        return value

    def from_aws(self, value: Any) -> Value:
        """Return the text; botocore hands out documents of IAM parsed."""
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Archive:
    """Files that a program hands over; two are the same if what is in them is."""

    label: str = "archive of files"

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield one problem if the value is no archive."""
        if value is not UNKNOWN and not (isinstance(value, Files) and value.is_archive):
            yield Problem(path, f"must be an {self.label}, not {_word_for(value)}")

    def normal(self, value: Value) -> Value:
        """Return the hash of the content."""
        return value.hash

    def to_aws(self, value: Value) -> Any:
        """Return the value itself; who sends it packs it."""
        return value

    def from_aws(self, value: Any) -> Value:
        """Return the value itself; AWS never tells it."""
        return value


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose order matters, or a set (`ordered=False`) where neither order nor doubles do."""

    element: Kind
    ordered: bool = True

    @property
    def label(self) -> str:
        """Name the element as well."""
        return f"{'list' if self.ordered else 'set'} of {self.element.label}"

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield the problems of the list itself, or of its elements by index."""
        if value is UNKNOWN:
            return
        if not isinstance(value, list):
            yield Problem(path, f"must be a {self.label}, not {_word_for(value)}")
            return
        for index, item in enumerate(value):
            yield from self.element.problems(item, f"{path}[{index}]")

    def normal(self, value: Value) -> Value:
        """Return the normal elements, for a set sorted and without doubles."""
        items = [self.element.normal(item) for item in value]
        if self.ordered:
            return items
        return [json.loads(text) for text in sorted({json.dumps(item, sort_keys=True) for item in items})]

    def to_aws(self, value: Value) -> Any:
        """Return the elements as requests have them."""
        return [self.element.to_aws(item) for item in value]

    def from_aws(self, value: Any) -> Value:
        """Return the elements as the state has them; sets sorted, so that the state stays the same."""
        items = [self.element.from_aws(item) for item in value]
        return items if self.ordered else sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


@dataclass(frozen=True, slots=True)
class MapOf:
    """Names that people choose, such as tag keys, with values of one kind."""

    element: Kind

    @property
    def label(self) -> str:
        """Name the element as well."""
        return f"map of {self.element.label}"

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield the problems of the map itself, or of its values by name."""
        if value is UNKNOWN:
            return
        if not isinstance(value, dict):
            yield Problem(path, f"must be a {self.label}, not {_word_for(value)}")
            return
        for name, item in value.items():
            yield from self.element.problems(item, f"{path}.{name}")

    def normal(self, value: Value) -> Value:
        """Return the normal values by name."""
        return {name: self.element.normal(item) for name, item in value.items()}

    def to_aws(self, value: Value) -> Any:
        """Return the map as it is."""
        return dict(value)

    def from_aws(self, value: Any) -> Value:
        """Return the map as it is."""
        return dict(value)


@dataclass(frozen=True, slots=True)
class Record:
    """An object with named properties of its own; only their name, AWS name, kind and `required` count."""

    fields: tuple[Property, ...] = field(default=())

    @property
    def label(self) -> str:
        """Say what it is; its fields are listed where the type is."""
        return "object"

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield the problems of the object itself, unknown and missing fields, and the fields' own."""
        if value is UNKNOWN:
            return
        if not isinstance(value, dict):
            yield Problem(path, f"must be an {self.label}, not {_word_for(value)}")
            return
        known = {item.name for item in self.fields}
        for name in value.keys() - known - {"__defaults"}:
            yield Problem(f"{path}.{name}", f"is not known; known are {', '.join(sorted(known))}")
        for item in self.fields:
            yield from item.problems(value.get(item.name), f"{path}.{item.name}")

    def normal(self, value: Value) -> Value:
        """Return the fields that say something; false, zero and empty are the same as not given."""
        return {
            item.name: normal
            for item in self.fields
            if value.get(item.name) is not None and (normal := item.kind.normal(value[item.name]))
        }

    def to_aws(self, value: Value) -> Any:
        """Return the fields under AWS's names."""
        return {i.aws: i.kind.to_aws(value[i.name]) for i in self.fields if value.get(i.name) is not None}

    def from_aws(self, value: Any) -> Value:
        """Return the fields under Pulumi's names."""
        return {i.name: found for i in self.fields if (found := i.from_answer(value)) is not None}


@dataclass(frozen=True, slots=True)
class Alike(Scalar):
    """A text with more than one right spelling: an ARN where an id will do, a suffix that says nothing."""

    spelling: Callable[[str], str] = str

    def normal(self, value: Value) -> Value:
        """Return the one spelling."""
        return self.spelling(value)


@dataclass(frozen=True, slots=True)
class AlikeRecord(Record):
    """An object that can be written in more than one right way: with what AWS adds by itself, or without."""

    spelling: Callable[[dict[str, Value]], dict[str, Value]] = dict

    def normal(self, value: Value) -> Value:
        """Return the fields that say something, in the one spelling."""
        return self.spelling(Record.normal(self, value))


@dataclass(frozen=True, slots=True)
class Number(Scalar):
    """A number with or without a fraction: 80 and 80.0 say the same."""

    def normal(self, value: Value) -> Value:
        """Return it with a fraction."""
        return float(value)

    def from_aws(self, value: Any) -> Value:
        """Return it without a fraction where it has none, as the engine's own values are."""
        return int(value) if float(value).is_integer() else value


TEXT = Scalar("text", str)
WHOLE = Scalar("whole number", int)
NUMBER = Number("number", Real)
FLAG = Scalar("flag", bool)
DOCUMENT = Document()
ARCHIVE = Archive()
LAST_PART = Alike("text", str, lambda value: value.rsplit("/", 1)[-1])
"""An id, or an ARN that ends with it."""
TAG_MAP = MapOf(TEXT)
TEXT_LIST = ListOf(TEXT)
TEXT_SET = ListOf(TEXT, ordered=False)


def record(*fields: Property) -> Record:
    """Return the kind of an object with these fields."""
    return Record(fields)


def list_of(*fields: Property) -> ListOf:
    """Return the kind of a list of objects with these fields."""
    return ListOf(Record(fields))


def set_of(*fields: Property) -> ListOf:
    """Return the kind of a set of objects with these fields."""
    return ListOf(Record(fields), ordered=False)


def says_nothing(kind: Kind, value: Value) -> bool:
    """Tell whether a value is the same as not given: none, empty, false or zero."""
    return value is None or (value is not UNKNOWN and not kind.normal(value))


def _word_for(value: Value) -> str:
    match value:
        case bool():
            return "a flag"
        case str():
            return "text"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case Files():
            return "a single file"
        case Mapping():
            return "an object"
        case _:
            return "nothing"
