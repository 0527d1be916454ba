"""AssumeRole: decided by the role's trust and the caller's policies, with all that a chain of roles carries along.

Sources: AWS STS API Reference, "AssumeRole"; IAM User Guide, "Roles terms and concepts" (role chaining: an hour at
most), "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from iam_decision import ResourceKind
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.callers.authorise import Authorise
from rehearsal.twin.callers.callers import Caller, CallerKind, Session, SessionPolicy, Sessions
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.mfa import MfaCode, UsedCodes
from rehearsal.twin.callers.session_contents import (
    SessionTags,
    packed_size,
    read_policies,
    read_source_identity,
    requested_tags,
)
from rehearsal.twin.callers.sessions import lifetime, new_credentials
from rehearsal.twin.callers.sts_answers import (
    MFA_TEXTS,
    ROLE_TEXTS,
    TextRule,
    check_texts,
    credentials_answer,
    requested_seconds,
    within_role,
)
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[!-~]*/)?([\w+=,.@-]{1,64})", re.ASCII)
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = TextRule(2, 1224, r"[\w+=,.@:\/-]*", needed=False)
_TEXTS = {**ROLE_TEXTS, "ExternalId": _EXTERNAL_ID, **MFA_TEXTS}
LONGEST = 43200  # seconds a role's session lasts at most
ACCOUNT_ROLE = "OrganizationAccountAccessRole"
"""The role that Organizations makes in a new account unless another name is asked for."""
_CHAINED_LIMIT = 3600  # seconds
_ROOT = "Roles may not be assumed by root accounts."
_CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a request asks a session of, checked as far as it can be without looking at the role."""

    arn: str
    account_id: str
    name: str
    session_name: str
    seconds: int
    tags: SessionTags
    policies: tuple[SessionPolicy, ...] | None
    packed: int
    source_identity: str


@dataclass(frozen=True, slots=True)
class AssumeRole:
    """Answers AssumeRole."""

    state: AwsState
    sessions: Sessions
    authorise: Authorise
    delays: Delays
    tries: dict[str, int] = field(default_factory=dict)
    """How often somebody tried to become an account's own role, by the account's id."""

    def answer(self, asked: Asked, now: datetime, *, gate: bool, account_tries: int, used: UsedCodes | None) -> Answer:
        """Answer a request; `now` is the clock that sessions end by. Raises: Refusal.

        Of each account, so many tries to become its OrganizationAccountAccessRole are refused first.
        """
        wish = _read(asked, self.state)
        role = self._role(wish, account_tries)
        if gate:
            _refuse_root_users(asked.caller, wish.arn)
            self._check_right(asked, wish, role, now, used)
        session = _session(asked, wish, role, now)
        self.sessions.add(session, now)
        more = {"PackedPolicySize": str(wish.packed or ""), "SourceIdentity": wish.source_identity}
        return credentials_answer("AssumeRole", session, more)

    def _role(self, wish: _Wish, account_tries: int) -> Any | None:
        if wish.name == ACCOUNT_ROLE:
            self.tries[wish.account_id] = self.tries.get(wish.account_id, 0) + 1
            if self.tries[wish.account_id] <= account_tries:
                return None  # AWS makes it some time after the account
        role = self.state.role(wish.account_id, wish.name)
        return role if role is not None and role.arn == wish.arn else None  # another path is another role

    def _check_right(
        self,
        asked: Asked,
        wish: _Wish,
        role: Any | None,
        now: datetime,
        used: UsedCodes | None,
    ) -> None:
        mfa = _mfa_keys(asked, self.state, used)
        problem = self._why_nobody_can(wish, role, now)
        if role is None or problem:
            raise _plain_denial(asked.caller, wish.arn, note=problem)
        trust = self.delays.trust_in_force(role.arn, str(role.assume_role_policy_document), now)
        context = {**_context(asked, wish), **mfa}
        demand = Demand("sts:AssumeRole", wish.arn, wish.account_id, trust, ResourceKind.TRUST, context)
        self.authorise(asked, demand)
        if wish.source_identity:
            _refuse_other_identity(asked, wish)
            self.authorise(asked, replace(demand, action="sts:SetSourceIdentity"))
        if wish.tags.needs_right():
            self.authorise(asked, replace(demand, action="sts:TagSession"))

    def _why_nobody_can(self, wish: _Wish, role: Any | None, now: datetime) -> str:
        if role is None:
            return "there is no such role"
        if self.state.is_suspended(wish.account_id):
            return f"account {wish.account_id} is closed"
        return "the role is new: role_delay_s has not passed yet" if self.delays.is_new(role.arn, now) else ""


def _read(asked: Asked, state: AwsState) -> _Wish:
    operation, before = asked.operation, asked.caller.session
    arn, session_name = operation.text("RoleArn"), operation.text("RoleSessionName")
    check_texts(operation, _TEXTS)
    found = ROLE_ARN.fullmatch(arn)
    if not found:
        raise Refusal.of("ValidationError", f"{arn} is invalid")
    account_id, name = found.groups()
    tags = requested_tags(operation, before)
    policies = read_policies(operation, account_id, state)
    return _Wish(
        arn=arn,
        account_id=account_id,
        name=name,
        session_name=session_name,
        seconds=requested_seconds(operation, 3600, LONGEST),
        tags=tags,
        policies=policies,
        packed=packed_size(policies, tags),
        source_identity=read_source_identity(operation.text("SourceIdentity"), before),
    )


def _context(asked: Asked, wish: _Wish) -> dict[str, str | list[str]]:
    context: dict[str, str | list[str]] = {"sts:RoleSessionName": wish.session_name}
    if asked.operation.text("ExternalId"):
        context["sts:ExternalId"] = asked.operation.text("ExternalId")
    if wish.source_identity:
        context["sts:SourceIdentity"] = wish.source_identity
    if wish.tags.transitive:
        context["sts:TransitiveTagKeys"] = list(wish.tags.transitive)
    return context


def _mfa_keys(asked: Asked, state: AwsState, used: UsedCodes | None) -> dict[str, str | list[str]]:
    code = MfaCode(asked.operation.text("SerialNumber"), asked.operation.text("TokenCode"))
    if not code.serial and not code.code:
        return {}
    code.check(asked.caller, state, used, datetime.now(UTC))
    return {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}


def _refuse_root_users(caller: Caller, arn: str) -> None:
    if caller.kind is CallerKind.ROOT:
        refusal = Refusal(Fault.DENIED, _ROOT, note="the root user cannot assume roles, whatever policies say")
        refusal.action, refusal.resource = "sts:AssumeRole", arn
        raise refusal


def _refuse_other_identity(asked: Asked, wish: _Wish) -> None:
    before = asked.caller.session
    carried = before.source_identity if before is not None else ""
    if carried and carried != wish.source_identity:
        note = f"the session carries the source identity {carried}, which cannot be changed"
        raise _plain_denial(asked.caller, wish.arn, "sts:SetSourceIdentity", note=note)


def _session(asked: Asked, wish: _Wish, role: Any | None, now: datetime) -> Session:
    if asked.caller.kind is CallerKind.ROLE and wish.seconds > _CHAINED_LIMIT:
        raise Refusal.of("ValidationError", _CHAINED)
    seconds = within_role(wish.seconds, int(getattr(role, "max_session_duration", None) or 3600))
    return Session(
        *new_credentials(wish.account_id),
        account_id=wish.account_id,
        kind=CallerKind.ROLE if role is not None else CallerKind.UNCHECKED,
        principal_name=wish.name,
        principal_id=str(getattr(role, "id", "AROA0000000000000000")),
        session_name=wish.session_name,
        issued=now,
        expires=lifetime(now, seconds),
        policies=wish.policies,
        source_identity=wish.source_identity,
        tags=wish.tags.all,
        transitive=wish.tags.passed_on,
        chained=asked.caller.session is not None,
    )


def _plain_denial(caller: Caller, arn: str, action: str = "sts:AssumeRole", *, note: str) -> Refusal:
    """Return a denial that no policy made, in the words of one across accounts."""
    words = f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn}"
    refusal = Refusal(Fault.DENIED, words, note=note)
    refusal.action, refusal.resource = action, arn
    return refusal
