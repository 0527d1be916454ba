"""What a driver acts through, made at the composition root and passed down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.callers import Identify
from orchestrator.job import EngineChoice, StackKeys
from orchestrator.runner import StackRunner

KeysOf = Callable[[Path], StackKeys | None]
"""Gives what opens the secrets of the stack with this settings file; None leaves that to the engine."""


def no_keys(_settings_file: Path) -> None:
    """Leave secrets to the engine."""


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
