"""Calls a provider's function for a program; what goes wrong is the program's to catch.

Source: Pulumi `pkg/resource/deploy/source_eval.go` (resmon.Invoke).
"""

from __future__ import annotations

from typing import Any

from rehearsal.engine.goal import Goal
from rehearsal.engine.properties import UnsupportedValue, from_struct, has_unknown
from rehearsal.engine.provider_calls import ProviderFailure
from rehearsal.engine.provider_registration import ProviderDenied, ProviderRegistrar
from rehearsal.engine.values import Properties

Failures = tuple[tuple[str, str], ...]
"""Property and reason of each argument that is wrong."""


class InvokeFailed(Exception):
    """A function could not be called, or failed; the message is Pulumi's own."""


def invoke(providers: ProviderRegistrar, request: Any, *, dry_run: bool) -> tuple[Properties, Failures] | None:
    """Return a function's result and what is wrong with its arguments; None while something is unknown.

    Raises: InvokeFailed.
    """
    token = str(request.tok)
    try:
        args = from_struct(request.args)
    except UnsupportedValue as error:
        raise InvokeFailed(f"failed to unmarshal {token} args: the embedded engine does not support {error}") from error
    goal = Goal(token, "", custom=True, inputs=args, version=request.version)
    try:
        ref = providers.reference_for(request.provider, goal, token)
    except ProviderDenied as error:
        raise InvokeFailed(f"Invoke: {error}") from error
    if any(has_unknown(value) for value in args.values()):
        return None
    try:
        calls = providers.configured(ref)
        return None if calls is None else calls.invoke(token, args, preview=dry_run)
    except ProviderFailure as error:
        raise InvokeFailed(f"invocation of {token} returned an error: {error}") from error
