"""Performs probes on the twin: becomes whoever tries, and makes the call that is ready for the action.

Only a twin is asked this way: what a probe tries may change things. On AWS its answers are computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn
from landing_zone.limits import compact
from orchestrator.verify.answers import Answer, Found, How, Question
from orchestrator.verify.calls import DENIALS, of_error, without_answer
from orchestrator.verify.computed import SESSION, Computing
from orchestrator.verify.documents import ADMINISTRATOR_ACCESS
from orchestrator.verify.matrix import explained
from orchestrator.verify.prober_role import PROBER, is_prober, prober_trust
from orchestrator.verify.ready_calls import ReadyCall, ready_calls

if TYPE_CHECKING:
    from orchestrator.rehearse.access import Access, Credentials

_NOT_KNOWN = frozenset({"UnsupportedOperation", "EmulationFailed", "NotImplemented"})
"""Codes by which the twin says that it does not emulate a call."""

_OF_THE_KEY = (
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "ExpiredToken",
)


@dataclass(frozen=True)
class SignedIn:
    """Who can act on a twin: the administrator, and sessions of management roles by name.

    `refused` has the words for each role that somebody should have become and could not.
    """

    access: Access
    administrator: Credentials
    management_roles: Mapping[str, Credentials]
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prober:
    """Tries probes on a twin; whoever it makes for that is gone at the end of `probing`."""

    signed_in: SignedIn
    computing: Computing
    _sessions: dict[tuple[str, str], Credentials | str] = field(default_factory=dict, repr=False)

    @cached_property
    def _ready(self) -> Mapping[str, ReadyCall]:
        return ready_calls()

    @contextmanager
    def probing(self, questions: Sequence[Question]) -> Iterator[None]:
        """Make an administrator in each account where one has to try, and remove them at the end."""
        accounts = dict.fromkeys(each.account for each in questions if not each.role and self._is_ready(each))
        with ExitStack() as made:
            for account in accounts:
                try:
                    self._sessions[account, ""] = made.enter_context(self._made_administrator(account))
                except (ClientError, BotoCoreError) as refused:
                    self._sessions[account, ""] = f"the administrator that tries could not be made: {refused}"
            yield

    @contextmanager
    def _made_administrator(self, account: str) -> Iterator[Credentials | str]:
        """Make whoever tries, and remove it; a role of that name that somebody else made is left alone, and told."""
        iam = self.signed_in.access.client("iam", self._keeper(account))
        management = self.computing.documents.manifest.management_account.id
        try:
            iam.create_role(RoleName=PROBER, AssumeRolePolicyDocument=compact(prober_trust(management)))
        except iam.exceptions.EntityAlreadyExistsException:  # left by a run that was ended in the middle, or not ours
            there = iam.get_role(RoleName=PROBER)["Role"]
            if not is_prober(PROBER, there["AssumeRolePolicyDocument"], management):
                yield f"{there['Arn']} is there already, and verify did not make it: see who did, and delete it"
                return
        try:
            iam.attach_role_policy(RoleName=PROBER, PolicyArn=ADMINISTRATOR_ACCESS)
            yield self._assumed(self.signed_in.administrator, account, PROBER)
        finally:
            # What cannot be removed must not hide what was found out; the next run takes it over.
            with suppress(ClientError, BotoCoreError):
                iam.detach_role_policy(RoleName=PROBER, PolicyArn=ADMINISTRATOR_ACCESS)
                iam.delete_role(RoleName=PROBER)

    def answer(self, question: Question) -> Answer:
        """Try one call, if one is ready that does no harm; else compute what AWS would answer, and say why."""
        computed = self.computing.question(question)
        ready = self._ready.get(question.action.lower())
        if ready is None or question.context:
            return computed
        if computed.found is not Found.DENY and ready.does_harm(question.resource):
            return replace(computed, words=computed.words or "not called, since it would really be done")
        who = self._session(question)
        if isinstance(who, str):
            return Answer(Found.UNKNOWN, How.NOT_CALLED, words=who)
        called = self._call(ready, question, who)
        return computed if called is None else explained(called, computed)

    def _is_ready(self, question: Question) -> bool:
        return question.action.lower() in self._ready and not question.context

    def _call(self, ready: ReadyCall, question: Question, who: Credentials) -> Answer | None:
        """Return what came of the call; None where the twin does not emulate it."""
        client = replace(self.signed_in.access, region=question.region).client(ready.client, who)
        try:
            getattr(client, ready.method)(**ready.parameters(question.resource))
        except ClientError as refused:
            return _meaning(refused)
        except BotoCoreError as failed:
            return without_answer(failed)
        return Answer(Found.ALLOW, How.CALLED)

    def _session(self, question: Question) -> Credentials | str:
        """Return whoever tries, or why there is nobody."""
        key = question.account, question.role
        if key not in self._sessions:
            try:
                self._sessions[key] = self._become(*key)
            except (ClientError, BotoCoreError) as refused:
                self._sessions[key] = f"nobody could become {question.role} in {question.account}: {refused}"
        return self._sessions[key]

    def _become(self, account: str, role: str) -> Credentials | str:
        if role == ACCOUNT_ACCESS_ROLE:
            return self._keeper(account)
        here = next(each for each in self.computing.documents.manifest.roles_in(account) if each.role.name == role)
        for name in here.allowed:
            if credentials := self.signed_in.management_roles.get(name):
                return self._assumed(credentials, account, role)
        return f"nobody here can become {role}: it is granted to {', '.join(here.allowed)}"

    def _keeper(self, account: str) -> Credentials:
        return self._assumed(self.signed_in.administrator, account, ACCOUNT_ACCESS_ROLE)

    def _assumed(self, who: Credentials, account: str, role: str) -> Credentials:
        arn = role_arn(self.computing.documents.lock.account_id(account), role)
        return self.signed_in.access.assume(who, arn, SESSION)


def _meaning(refused: ClientError) -> Answer | None:
    """Return what an error says of the right to make the call: any that is not about rights came after it."""
    from orchestrator.passing_failures import passes  # noqa: PLC0415  (costs start-up time)

    error: Mapping[str, Any] = refused.response.get("Error", {})
    code = str(error.get("Code", ""))
    if code in DENIALS or code.startswith(_OF_THE_KEY) or passes(refused):
        return of_error(refused)
    if code in _NOT_KNOWN:
        return None
    return Answer(Found.ALLOW, How.CALLED, words=f"answered {code}")
