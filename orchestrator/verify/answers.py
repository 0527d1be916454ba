"""What is asked and what was found out, as data: pairs of the reach matrix, and probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from landing_zone.probes import DeniedBy, Expect


class Found(StrEnum):
    """What AWS answers. What is not known is said to be so, and is never taken for what was expected."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"


class How(StrEnum):
    """How it was found out: by really calling, or from the documents that the programs would deploy; or not at all."""

    CALLED = "called"
    COMPUTED = "computed"
    NOT_CALLED = "not called"
    NOT_ANSWERED = "not answered"
    """A call was sent, or may have been, and nothing came back."""


class Outcome(StrEnum):
    """How what was found compares with what was expected."""

    OK = "ok"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and what decided it: the kind of policy, its name with where it is attached, and the statement.

    These are empty where nothing single decided. `words` are AWS's own, or say why nothing is known; `later` tells that
    the same call may be answered a little later.
    """

    found: Found
    how: How
    by: str = ""
    policy: str = ""
    statement: str = ""
    words: str = ""
    later: bool = False

    @property
    def decided(self) -> str:
        """What decided, in a few words; empty where that is not known."""
        parts = [self.policy, f"statement {self.statement}".replace("statement statement", "statement")]
        named = ", ".join(part for part, given in zip(parts, (self.policy, self.statement), strict=True) if given)
        return f"{self.by}: {named}" if self.by and named else named or self.by


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of the reach matrix: whether the caller may become the role, as the manifest has it.

    `caller` is a role's name and `caller_account` the account that it is in.
    """

    caller: str
    caller_account: str
    account: str
    role: str
    expect: Expect


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a probe: one action in one account."""

    probe: str
    place: str
    action: str
    account: str
    role: str
    region: str
    resource: str
    expect: Expect
    by: DeniedBy | None = None
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """The role that tries it, in words."""
        return self.role or "an administrator"


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer."""

    asked: Pair | Question
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """Compare: a denial by another kind of policy than the expected one differs."""
        if self.answer.found is Found.UNKNOWN:
            return Outcome.UNKNOWN
        if self.answer.found.value != self.asked.expect.value:
            return Outcome.DIFFERS
        wanted = self.asked.by if isinstance(self.asked, Question) else None
        if wanted is None or self.answer.found is Found.ALLOW:
            return Outcome.OK
        if not self.answer.by:
            return Outcome.UNKNOWN
        return Outcome.OK if self.answer.by == wanted.value else Outcome.DIFFERS


def counted(number: int, thing: str) -> str:
    """Return `1 account`, `2 accounts`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
