"""One right a request needs. A request is allowed when each of its demands is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from iam_decision import ResourceKind
from rehearsal.twin.callers.callers import Caller
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.operation import Operation


@dataclass(frozen=True, slots=True)
class Demand:
    """An action on a resource, with the resource's own policy if it has a kind of policy that counts."""

    action: str
    resource: str = "*"
    account_id: str = ""
    """The account that owns the resource; "" for the caller's own."""
    policy: str | None = None
    """The resource's policy document: bucket, key or trust policy."""
    kind: ResourceKind = ResourceKind.OTHER
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys that only this demand has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with everything its demands are read from."""

    request: HttpRequest
    operation: Operation
    caller: Caller
    state: AwsState

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """Return the ARN of one of the caller's account's resources."""
        where = self.operation.region if region else ""
        return f"arn:aws:{service}:{where}:{self.caller.account_id}:{resource}"


DemandsOf = Callable[[Asked], tuple[Demand, ...]]


def account_in(arn: str) -> str:
    """Return the account id an ARN carries, "" if none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else ""
