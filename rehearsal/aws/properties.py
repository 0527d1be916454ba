"""One row of a resource type's table: a property."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.aws.kinds import TEXT, Kind, Problem, says_nothing
from rehearsal.aws.wire import UNKNOWN, Value, has_unknown


@dataclass(frozen=True, slots=True)
class ReplacesIf:
    """Replacement that depends on the values: `test(old, new)`, and the same in words for the docs."""

    words: str
    test: Callable[[Value, Value], bool]


@dataclass(frozen=True, slots=True)
class AutoName:
    """A name the provider makes up when none is given: `<prefix><resource name>-<7 hex digits>`.

    The digits come from the engine's seed for the resource. Source: pulumi-terraform-bridge, auto-naming.
    """

    prefix: str = ""
    longest: int = 255
    lower: bool = False
    suffix: str = ""
    suffix_if: str = ""
    """The flag with which the name gets its suffix."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a resource type; the name is Pulumi's."""

    name: str
    kind: Kind = TEXT
    aws: str = ""
    """Where AWS's answer holds it, a dotted path; left out, the name with a capital letter."""
    required: bool = False
    replaces: bool | ReplacesIf = False
    """A change means another resource instead of an update."""
    default: Value = None
    """What the provider sends when nothing is given."""
    computed: bool = False
    """May be given; when it is not, AWS chooses and any value is right."""
    output: bool = False
    """Never given, only told by AWS."""
    unread: bool = False
    """AWS does not tell it: the state keeps what was given."""
    secret: bool = False
    """Encrypted in state, also where the program did not say so."""
    one_of: tuple[str, ...] = ()
    """The values accepted; empty means any."""
    auto_name: AutoName | None = None
    named_after: bool = False
    """The resource's own name in the program when none is given."""

    def __post_init__(self) -> None:
        if not self.aws:
            object.__setattr__(self, "aws", self.name[:1].upper() + self.name[1:])

    @property
    def given(self) -> bool:
        """Tell whether programs may set it."""
        return not self.output

    def problems(self, value: Value, path: str) -> Iterator[Problem]:
        """Yield what is wrong with a program's value for it, None if there is none."""
        if value is None:
            if self.required:
                yield Problem(path, "is required")
            return
        yield from self.kind.problems(value, path)
        if self.one_of and isinstance(value, str) and value not in self.one_of:
            yield Problem(path, f'must be one of {", ".join(self.one_of)}, not "{value}"')

    def same(self, old: Value, new: Value) -> bool:
        """Tell whether two values say the same; an unknown one differs from everything."""
        if has_unknown(old) or has_unknown(new):
            return False
        if says_nothing(self.kind, old) or says_nothing(self.kind, new):
            return says_nothing(self.kind, old) and says_nothing(self.kind, new)
        return bool(self.kind.normal(old) == self.kind.normal(new))

    def replaced_by(self, old: Value, new: Value) -> bool:
        """Tell whether this change, which is one, means another resource."""
        if isinstance(self.replaces, ReplacesIf):
            return new is UNKNOWN or self.replaces.test(old, new)
        return self.replaces

    def from_answer(self, answer: Mapping[str, Any]) -> Value:
        """Return the value AWS's answer holds, None if it holds none."""
        found: Any = answer
        for step in self.aws.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
            if found is None:
                return None
        return self.kind.from_aws(found)


def output(name: str, kind: Kind = TEXT, aws: str = "", *, secret: bool = False) -> Property:
    """Return a property that only AWS tells."""
    return Property(name, kind, aws, output=True, secret=secret)
