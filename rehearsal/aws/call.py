"""What an AWS call for one resource knows: the client, the resource's values, the account it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from rehearsal.aws.wire import Value

T = TypeVar("T")


class Account(Protocol):
    """An account and the right to act in it."""

    @property
    def account_id(self) -> str:
        """Twelve digits."""

    @property
    def partition(self) -> str:
        """`aws`, or that of another part of AWS."""

    @property
    def user_arn(self) -> str:
        """Who acts."""

    @property
    def user_id(self) -> str:
        """The unique id of who acts."""

    @property
    def region(self) -> str:
        """The provider's region."""

    def client(self, service: str, region: str) -> Any:
        """Return botocore's client of a service in a region."""


class Clock(Protocol):
    """Time, passed in so that tests need not wait."""

    def now(self) -> float:
        """Return seconds since some moment."""

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


@dataclass(frozen=True, slots=True)
class Call:
    """One resource's calls. `call["role"]` is a property: as asked where something is asked, else as it is in state."""

    account: Account
    service: str
    region: str
    clock: Clock
    id: str = ""
    asked: Mapping[str, Value] = field(default_factory=dict)
    """What the program wants; empty when reading or deleting."""
    state: Mapping[str, Value] = field(default_factory=dict)
    """What is known of the resource from before; empty at creation."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """All tags it is to have."""
    timeout: float = 300.0

    @property
    def aws(self) -> Any:
        """The client of the type's own service."""
        return self.account.client(self.service, self.region)

    def __getitem__(self, name: str) -> Value:
        return self.asked.get(name) if self.asked else self.state.get(name)

    def known(self, name: str) -> Value:
        """Return a property from what is asked, else from the state: for outputs such as an ARN."""
        value = self.asked.get(name)
        return self.state.get(name) if value is None else value

    def lost_and_gained(self, name: str) -> tuple[list[Value], list[Value]]:
        """Return what a set-like property loses and what it gains."""
        old, new = self.state.get(name) or [], self.asked.get(name) or []
        return [item for item in old if item not in new], [item for item in new if item not in old]

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something of this account and region."""
        return f"arn:{self.account.partition}:{service}:{self.region}:{self.account.account_id}:{resource}"

    def pages(self, operation: str, items: str, **parameters: Value) -> Iterator[Any]:
        """Yield the items of every page of a listing."""
        for page in self.aws.get_paginator(operation).paginate(**parameters):
            yield from page[items]

    def wait_for(self, look: Callable[[], T | None], what: str) -> T:
        """Ask until there is an answer, with growing pauses.

        Raises: TimeoutError naming `what` when the time is over.
        """
        end, pause = self.clock.now() + self.timeout, 0.05
        while (found := look()) is None:
            if self.clock.now() + pause > end:
                raise TimeoutError(f"{what} took longer than {self.timeout:.0f} seconds")
            self.clock.sleep(pause)
            pause = min(pause * 2, 5.0)
        return found
