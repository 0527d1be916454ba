"""Says which account, unit and stage a program runs in, and stops one that expected another.

Nothing but Python's standard library (3.9 or later), so that a service may copy this file and need nothing else.
Fleetyard writes the parameter `/fleetyard/account` in every account, in the fleet's home region:

    from whereami import where_am_i
    where_am_i(boto3.client("ssm", region_name="eu-west-1")).expect(stage="prod")

A safety net against a wrong deployment, no lock: whoever administers an account can change its parameter.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PARAMETER = "/fleetyard/account"
"""Where an account says what it is; readable with `ssm:GetParameter` on it."""

VARIABLE = "FLEETYARD_ACCOUNT"
"""Holds the same JSON for a program that has no reader: on a laptop, in a test."""

_FIELDS = ("organization", "account", "id", "unit", "stage")


class WhereaboutsUnknown(RuntimeError):
    """Nothing says which account this is, or what says it can't be read."""


class WrongAccount(RuntimeError):
    """The program runs in another account, unit or stage than it expected."""


@dataclass(frozen=True)
class Whereabouts:
    """Where a program runs. `unit` is a path such as plat/eu; `stage` is empty for an account without one."""

    organization: str
    account: str
    id: str
    unit: str
    stage: str

    def expect(
        self,
        *,
        organization: str | None = None,
        account: str | None = None,
        id: str | None = None,  # noqa: A002  (as the field is called)
        unit: str | None = None,
        stage: str | None = None,
    ) -> Whereabouts:
        """Return itself where everything given is so; raises WrongAccount naming what was expected and what is.

        A unit is right for every account in it or below it.
        """
        expected = {"organization": organization, "account": account, "id": id, "unit": unit, "stage": stage}
        given = {name: value for name, value in expected.items() if value is not None}
        if not given:
            raise TypeError("expect() needs something to expect: account, id, unit, stage or organization")
        wrong = [name for name, value in given.items() if not self._fits(name, value)]
        if wrong:
            wanted = ", ".join(f"{name} {given[name]!r}" for name in wrong)
            found = ", ".join(f"{name} {getattr(self, name)!r}" for name in wrong)
            raise WrongAccount(
                f"this program expected {wanted} and runs in {found} (account {self.account}, {self.id}); "
                "it stops before it does anything"
            )
        return self

    def _fits(self, name: str, value: str) -> bool:
        actual: str = getattr(self, name)
        return actual == value or (name == "unit" and actual.startswith(value + "/"))


def where_am_i(
    reader: Any = None,  # noqa: ANN401  (boto3 ships no types, and need not be there)
    environment: Mapping[str, str] = os.environ,
) -> Whereabouts:
    """Return where this program runs.

    `reader` is an SSM client, or a function from a parameter's name to its value. Without one the environment variable
    FLEETYARD_ACCOUNT is read; with one it is not, so that a variable carried along can't hide where it really runs.
    Raises WhereaboutsUnknown; what the reader raises passes through as the cause of one.
    """
    if reader is None:
        text = environment.get(VARIABLE, "")
        if not text:
            raise WhereaboutsUnknown(f"no reader was given and {VARIABLE} is not set")
        return parse(text, VARIABLE)
    try:
        text = _reading(reader)(PARAMETER)
    except Exception as error:
        raise WhereaboutsUnknown(
            f"the parameter {PARAMETER} can't be read: {error}. It is in the fleet's home region; reading it takes "
            "ssm:GetParameter"
        ) from error
    return parse(text, PARAMETER)


def _reading(reader: Any) -> Callable[[str], str]:  # noqa: ANN401
    if not hasattr(reader, "get_parameter"):
        read: Callable[[str], str] = reader
        return read
    return lambda name: str(reader.get_parameter(Name=name)["Parameter"]["Value"])


def parse(text: str, source: str) -> Whereabouts:
    """Return what a text says; raises WhereaboutsUnknown naming the source when it is not what Fleetyard writes."""
    try:
        values = json.loads(text)
        return Whereabouts(**{name: str(values[name]) for name in _FIELDS})
    except (ValueError, TypeError, KeyError) as error:
        raise WhereaboutsUnknown(
            f"{source} holds something else than Fleetyard writes there ({type(error).__name__}: {error})"
        ) from error


def as_text(whereabouts: Whereabouts) -> str:
    """Return the JSON that an account's parameter holds."""
    return json.dumps({name: getattr(whereabouts, name) for name in _FIELDS}, separators=(",", ":"))
