"""What a driver acts through, made at the composition root and passed down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from orchestrator.callers import Identify
from orchestrator.running.job import EngineChoice, StackKeys
from orchestrator.running.runner import StackRunner
from orchestrator.state.bucket_states import BucketQuery, BucketStates, ReadBucket

A = TypeVar("A")
B = TypeVar("B")


class Call(Protocol):
    """Calls a function that is importable by name, in a process that is there for nothing else."""

    def __call__(self, fn: Callable[[A], B], argument: A, /) -> Future[B]:
        """Begin the call."""


KeysOf = Callable[[Path], StackKeys | None]
"""Gives what opens the secrets of the stack with this settings file; None leaves that to the engine."""


def no_keys(_settings_file: Path) -> None:
    """Leave secrets to the engine."""


def no_bucket(_query: BucketQuery) -> BucketStates:
    """Know of no state in any bucket."""
    return BucketStates()


def no_calls(_fn: Callable[[A], B], _argument: A) -> Future[B]:
    """Have no processes."""
    raise RuntimeError("these tools have no processes to call a function in")


@dataclass(frozen=True, slots=True)
class Tools:
    """The outside world as one value. `env` is what every environment is derived from; it is never written to."""

    runner: StackRunner
    identify: Identify
    engine: EngineChoice
    env: Mapping[str, str] = field(repr=False)
    concurrency: int = 4
    """Stacks in flight."""
    parallel: int = 16
    """Steps in flight within a stack."""
    keys_of: KeysOf = no_keys
    read_bucket: ReadBucket = no_bucket
    bucket_options: Mapping[str, str] = field(default_factory=dict)
    """Query options that the URL of the state bucket needs at this endpoint."""
    call: Call = no_calls
