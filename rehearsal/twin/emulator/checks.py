"""Checks put before one of moto's operations: what AWS refuses and moto would carry out.

moto's modules have no types, hence `Any` for what is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request as moto has read it: what a check looks at."""

    response: Any

    def param(self, name: str) -> Any:
        """Return a parameter, None if it was not sent."""
        return self.response._get_param(name)

    def text(self, name: str) -> str:
        """Return a parameter as text, "" if it was not sent."""
        value = self.param(name)
        return "" if value is None else str(value)

    @property
    def backend(self) -> Any:
        """Return the backend of the request's account and region."""
        return self.response.backend


def check_first(response: Any, operation: str, check: Callable[[Call], None]) -> None:
    """Let `check` look at each call of an operation of moto's, named as its method, and raise moto's errors."""
    plain = getattr(response, operation)

    @wraps(plain)
    def checked(self: Any) -> Any:
        check(Call(self))
        return plain(self)

    setattr(response, operation, checked)
