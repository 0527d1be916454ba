"""One organisation as an operation of AWS Organizations finds it: what is in it, who asks, what is refused.

moto's models keep the state, since the gate reads it there; what they have no place for is kept beside them. Words of
refusals: AWS Organizations API Reference, the errors of each operation, and what the service is known to answer.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rehearsal.twin.emulator.entities import by_id
from rehearsal.twin.emulator.organization_quotas import QUOTAS

Model = Any
"""An object or a module of moto's, which have no types."""
Params = Mapping[str, Any]
Answer = dict[str, Any]
_PAGE = 20
"""The most of a page. Source: AWS Organizations API Reference, MaxResults."""


class Rules(Protocol):
    """What can be set about organisations while the twin runs; times in seconds."""

    @property
    def clock_ahead_s(self) -> int:
        """How far the twin's clock is ahead."""

    @property
    def account_delay_s(self) -> int:
        """How long making an account takes, and closing one."""

    @property
    def region_delay_s(self) -> int:
        """How long enabling a region takes, and disabling one."""

    @property
    def quotas(self) -> Mapping[str, int]:
        """Quotas other than the usual ones, by name."""


class AwsError(Exception):
    """An operation is refused with one of its own errors; `reason` is that of AWS where the error has one."""

    def __init__(self, code: str, words: str, reason: str = "") -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.reason = reason


def clock(rules: Rules) -> float:
    """Return the time by the twin's clock, in seconds since 1970."""
    return time.time() + rules.clock_ahead_s


def violation(reason: str, words: str) -> AwsError:
    """Return a ConstraintViolationException."""
    return AwsError("ConstraintViolationException", words, reason)


def invalid(reason: str, words: str) -> AwsError:
    """Return an InvalidInputException."""
    return AwsError("InvalidInputException", words, reason)


@dataclass(slots=True)
class Request:
    """A request for an account, while it is made and ever after."""

    id: str
    name: str
    email: str
    role: str
    tags: dict[str, str]
    asked: float
    ready: float
    failure: str = ""
    account_id: str = ""


@dataclass(slots=True)
class Beside:
    """What an organisation has that moto's models have no place for; times are those of the twin's clock."""

    requests: dict[str, Request] = field(default_factory=dict)
    waiting: list[Request] = field(default_factory=list)
    """Those that have not come to an end yet."""
    closings: list[float] = field(default_factory=list)
    """When accounts were closed."""
    pending_closures: dict[str, float] = field(default_factory=dict)
    """When the accounts that are being closed will be, by id."""
    unseen_closings: set[str] = field(default_factory=set)
    """Accounts that nobody has looked at since they were closed."""
    resource_policy: dict[str, Any] | None = None
    """The delegation policy: Id, Content, Tags."""


@dataclass(frozen=True, slots=True)
class Organization:
    """What an operation works on."""

    backend: Model
    """moto's backend of the management account."""
    models: Model
    """moto's module."""
    rules: Rules
    caller: str
    """The account that asks."""

    @property
    def beside(self) -> Beside:
        """Return what is kept beside moto's models."""
        found: Beside = self.backend.__dict__.setdefault("beside", Beside())
        return found

    @property
    def id(self) -> str:
        """Return the organisation's id."""
        return str(self.backend.org.id)

    @property
    def management(self) -> str:
        """Return the management account's id."""
        return str(self.backend.org.master_account_id)

    @property
    def root(self) -> Model:
        """Return the root."""
        return next(unit for unit in self.backend.ou if unit.id == self.backend.org.root_id)

    def now(self) -> float:
        """Return the time by the twin's clock, in seconds since 1970."""
        return clock(self.rules)

    def quota(self, name: str) -> int:
        """Return a quota's value."""
        return self.rules.quotas.get(name, QUOTAS[name])

    def account(self, account_id: str) -> Model:
        """Return an account. Raises: AwsError."""
        found = by_id(self.backend.accounts, account_id)
        if found is None:
            raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
        return found

    def unit(self, unit_id: str) -> Model:
        """Return a unit that is not the root. Raises: AwsError."""
        found = by_id(self.backend.ou, unit_id)
        if found is None or found.id == self.root.id:
            words = "You specified an organizational unit that doesn't exist."
            raise AwsError("OrganizationalUnitNotFoundException", words)
        return found

    def parent(self, parent_id: str, code: str = "ParentNotFoundException", what: str = "a parent") -> Model:
        """Return the root or a unit. Raises: AwsError."""
        found = by_id(self.backend.ou, parent_id)
        if found is None:
            raise AwsError(code, f"You specified {what} that doesn't exist.")
        return found

    def target(self, target_id: str) -> Model:
        """Return the root, a unit or an account. Raises: AwsError."""
        found = by_id((*self.backend.ou, *self.backend.accounts), target_id)
        if found is None:
            raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")
        return found

    def policy(self, policy_id: str) -> Model:
        """Return a policy. Raises: AwsError."""
        found = by_id(self.backend.policies, policy_id)
        if found is None:
            raise AwsError("PolicyNotFoundException", "You specified a policy that doesn't exist.")
        return found

    def above(self, entity: Model) -> list[Model]:
        """Return what an account or unit is in: the root first, its own parent last."""
        units = {unit.id: unit for unit in self.backend.ou}
        found: list[Model] = []
        parent = units.get(entity.parent_id)
        while parent is not None:
            found.append(parent)
            parent = units.get(parent.parent_id)
        return found[::-1]

    def path(self, entity: Model) -> str:
        """Return the path of an account or unit as AWS writes it: `o-…/r-…/ou-…/`."""
        return "/".join([self.id, *(str(each.id) for each in self.above(entity)), str(entity.id)]) + "/"

    def is_enabled(self, kind: str) -> bool:
        """Tell whether a policy type is enabled."""
        return any(each["Type"] == kind for each in self.root.policy_types)

    def require_all_features(self) -> None:
        """Refuse an organisation that only shares a bill."""
        if self.backend.org.feature_set != "ALL":
            words = "This operation requires an organization that has all features enabled."
            raise violation("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", words)


Operation = Callable[[Organization, Params], Answer]


def page(key: str, found: Sequence[Model], params: Params, shape: Callable[[Model], Any], most: int = _PAGE) -> Answer:
    """Return one page of a list, each item in the shape of the answer. Raises: AwsError for a token that is none."""
    start = _start_of(params.get("NextToken"))
    end = start + min(int(params.get("MaxResults") or most), most)
    more = {"NextToken": base64.b64encode(f"from {end}".encode()).decode()} if end < len(found) else {}
    return {key: [shape(each) for each in found[start:end]], **more}


def _start_of(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.b64decode(token, validate=True).decode().partition(" ")
        if word == "from" and number.isdecimal():
            return int(number)
    except ValueError:
        pass
    words = "Get the value for the NextToken parameter from the response to a previous call of the operation."
    raise invalid("INVALID_NEXT_TOKEN", words)
