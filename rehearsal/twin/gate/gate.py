"""The gate: every AWS request passes here, from its signature to moto's answer.

read -> identify -> recognise the caller -> check the signature -> decide -> check documents -> moto (or STS) -> answer
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.demands import demands_of
from rehearsal.twin.actions.iam import OWN_USER
from rehearsal.twin.actions.owners import acting_account
from rehearsal.twin.actions.s3 import may_know_what_is_missing
from rehearsal.twin.callers.authorisation_messages import MessageCoder
from rehearsal.twin.callers.callers import ANYBODY, Caller, CallerKind, Sessions
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.federation import Federation
from rehearsal.twin.callers.mfa import check_enabling
from rehearsal.twin.callers.saml import Saml
from rehearsal.twin.callers.sessions import recognise, recognise_unchecked
from rehearsal.twin.callers.sts import Sts
from rehearsal.twin.callers.web_identity import WebIdentity
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.emulator import Emulator, failed
from rehearsal.twin.emulator.managed_policies import bring_in
from rehearsal.twin.gate.account_access import check_account
from rehearsal.twin.gate.aftermath import Aftermath
from rehearsal.twin.gate.authorisation import Denied, authorise, refuse_limited_session
from rehearsal.twin.gate.bucket_region import refuse_wrong_region
from rehearsal.twin.gate.bucket_rules import check_bucket_rules
from rehearsal.twin.gate.deletions import NOTHING_KEPT, Kept, deletes_many, keep_what_may_not_go
from rehearsal.twin.gate.documents import check_document, key_policy_demand
from rehearsal.twin.gate.dry_run import refuse_dry_run
from rehearsal.twin.gate.faults import ConnectionDropped, Faults
from rehearsal.twin.gate.function_roles import check_function_role
from rehearsal.twin.gate.inputs import check_input
from rehearsal.twin.gate.notifications import check_notifications
from rehearsal.twin.gate.opt_in import refuse_disabled_region
from rehearsal.twin.gate.organization_account import organization_account
from rehearsal.twin.gate.parameters import check_parameter
from rehearsal.twin.gate.public_access import check_buckets
from rehearsal.twin.gate.rates import RateLimits
from rehearsal.twin.gate.root_credentials import is_about_root_itself, root_answer
from rehearsal.twin.gate.root_features import is_about_root_access, root_access_answer
from rehearsal.twin.gate.saml_metadata import check_saml_metadata
from rehearsal.twin.gate.service_errors import throttled
from rehearsal.twin.gate.service_refusals import refusal_in
from rehearsal.twin.gate.settings import Settings
from rehearsal.twin.gate.simulation import simulate, simulates
from rehearsal.twin.gate.tags_without_values import give_tags_values
from rehearsal.twin.gate.trails import check_trail
from rehearsal.twin.requests.http_request import HttpRequest, replace_body
from rehearsal.twin.requests.operation import UNKNOWN, Operation, identify
from rehearsal.twin.requests.refusals import Answer, Fault, Protocol, Refusal, error_code, render_refusal
from rehearsal.twin.requests.signature import Signature, check_signature, read_signature
from rehearsal.twin.serving.events import EventLog
from rehearsal.twin.serving.record import BY_SERVICE, LOOK, CallRecord, Denial, timestamp

_WITHOUT_SIGNATURE = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
_LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
_NOT_A_USER = "Must specify userName when calling with non-User credentials"


class Gate:
    """Answers AWS requests; one instance serves all threads."""

    def __init__(self, state: AwsState, emulator: Emulator, settings: Settings, record: CallRecord) -> None:
        self._state = state
        self._emulator = emulator
        self._settings = settings
        self._record = record
        self._sessions = Sessions()
        self._delays = Delays()
        self._aftermath = Aftermath(self._delays)
        self._coder = MessageCoder()
        self._sts = Sts(state, self._sessions, self._authorise_for_sts, self._delays, self._coder)
        self._rates = RateLimits()
        self.faults = Faults()
        self.events = EventLog()
        self.federation = Federation(state, self._sessions, self._clock, record)

    def answer(self, request: HttpRequest) -> Answer:
        """Answer one request; raises nothing but ConnectionDropped, where that is on order."""
        signature, malformed = _signature_of(request)
        operation, unknown = _operation_of(request, signature)
        malformed = unknown or malformed
        self._record.called(operation.service, operation.name)
        if self._settings.latency_ms:
            time.sleep(self._settings.latency_ms / 1000)
        caller: Caller | None = None
        try:
            _refuse(malformed)
            if operation.service == "sts" and operation.name in _WITHOUT_SIGNATURE:
                self._disturb(operation, None)
                _refuse(operation.unreadable)
                return self._for_newcomer(operation)
            caller = self._caller(request, signature, operation)
            self._disturb(operation, caller)
            return self._noted(Asked(request, operation, caller, self._state))
        except ConnectionDropped:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the twin stumbles over has its answer
            refusal = error if isinstance(error, Refusal) else failed(operation, error)
            self._remember(refusal, operation, caller, request)
            self.events.note(operation, caller, error_code(refusal, operation.protocol, operation.service))
            return render_refusal(refusal, operation.protocol, head=request.method == "HEAD", service=operation.service)

    def _disturb(self, operation: Operation, caller: Caller | None) -> None:
        """Throttle what exceeds a rate, and do what is on order."""
        limited = self._settings.rate_limits == "aws" and caller is not None
        if limited and not self._rates.admits(operation, caller.account_id if caller else ""):
            raise throttled(operation)
        self.faults.strike(operation, caller, self._clock)

    def _for_newcomer(self, operation: Operation) -> Answer:
        if operation.name == "AssumeRoleWithSAML":
            return Saml(self._state, self._sessions, self._delays).answer(operation, self._clock())
        issuers = self._settings.issuers
        return WebIdentity(self._state, self._sessions, self._delays, issuers).answer(operation, self._clock())

    def _noted(self, asked: Asked) -> Answer:
        answer = self._serve(asked)
        self.events.note(asked.operation, asked.caller)
        refused = refusal_in(answer)
        if refused is not None and LOOK not in asked.request.header("User-Agent"):
            code, words = refused
            self._record.denied(_by_service(asked, code, words))
        return answer

    def _caller(self, request: HttpRequest, signature: Signature | None, operation: Operation) -> Caller:
        if not self._settings.gate:
            key = signature.access_key_id if signature else ""
            return recognise_unchecked(key, self._state, self._sessions)
        if signature is None and operation.service == "s3" and self._state.bucket(operation.text("Bucket")):
            return ANYBODY  # the bucket's policy decides
        if signature is None:
            raise Refusal(Fault.NO_CREDENTIALS)
        known = recognise(signature, self._state, self._sessions, self._delays, self._clock())
        check_signature(request, signature, known.secret, datetime.now(UTC))
        return known.caller

    def _serve(self, asked: Asked) -> Answer:
        operation, gate = asked.operation, self._settings.gate
        _refuse(operation.unreadable)
        if gate:
            refuse_limited_session(asked)
            refuse_wrong_region(asked)
            refuse_disabled_region(asked, self._clock().timestamp())
        if operation.service == "sts" and self._sts.answers(operation.name):
            return self._sts.answer(
                asked,
                self._clock(),
                gate=gate,
                account_tries=self._settings.account_tries,
                codes_once=self._settings.mfa_codes_once,
            )
        kept = self._decide(asked) if gate else NOTHING_KEPT
        refuse_dry_run(asked)
        if simulates(operation):
            return simulate(asked)
        self._prepare(asked)
        if is_about_root_itself(asked):
            return root_answer(asked)
        if is_about_root_access(asked):
            return root_access_answer(asked)
        if not kept.some_left:
            return kept.alone()
        before = self._aftermath.look(asked)
        answer = self._emulator.call(asked.request.environ, operation, self._acting_account(asked))
        self._aftermath.follow(asked, before, answer, self._clock(), self._settings.role_delay_s)
        if answer.status == 404 and gate and operation.service == "s3":
            hidden = may_know_what_is_missing(asked)
            if hidden is not None:
                self._authorise(asked, (hidden,))
        return kept.told_in(answer)

    def _decide(self, asked: Asked) -> Kept:
        """Raise Denied for what may not be; returns what a deletion of many objects has to leave."""
        try:
            self._authorise(asked, demands_of(asked))
        except Denied:
            if not deletes_many(asked):
                raise
            return keep_what_may_not_go(
                asked,
                lambda demands: self._authorise(asked, demands),
                lambda denied: self._remember(denied, asked.operation, asked.caller, asked.request),
            )
        return NOTHING_KEPT

    def _prepare(self, asked: Asked) -> None:
        """Do what moto leaves out: check documents and MFA codes, know AWS's managed policies, know who "I" am."""
        check_input(asked)
        give_tags_values(asked)
        self._aftermath.named.note(asked, check_document(asked, self._is_new))
        check_bucket_rules(asked)
        check_buckets(asked, gate=self._settings.gate)
        check_notifications(asked)
        check_trail(asked)
        check_account(asked)
        check_parameter(asked)
        check_saml_metadata(asked)
        check_function_role(asked)
        if asked.operation.service == "kms" and self._settings.gate:
            self._refuse_lockout(asked)
        if asked.operation.service == "iam":
            self._prepare_iam(asked)

    def _prepare_iam(self, asked: Asked) -> None:
        operation, account_id = asked.operation, asked.caller.account_id
        for parameter in ("PolicyArn", "PermissionsBoundary"):
            bring_in(account_id, operation.text(parameter))
        if operation.name == "EnableMFADevice":
            codes = (operation.text("AuthenticationCode1"), operation.text("AuthenticationCode2"))
            check_enabling(account_id, operation.text("SerialNumber"), codes, self._state, datetime.now(UTC))
        if operation.name in OWN_USER and not operation.text("UserName"):
            if is_about_root_itself(asked):
                return
            if asked.caller.kind is not CallerKind.USER:
                raise Refusal.of("ValidationError", _NOT_A_USER)
            replace_body(asked.request, asked.request.body + f"&UserName={quote(asked.caller.name)}".encode())

    def _refuse_lockout(self, asked: Asked) -> None:
        demand = key_policy_demand(asked)
        if demand is None:
            return
        try:
            self._authorise(asked, (demand,))
        except Denied as denied:
            raise Refusal.of("MalformedPolicyDocumentException", _LOCKED_OUT) from denied

    def _acting_account(self, asked: Asked) -> str:
        if asked.operation.service == "organizations":
            return organization_account(asked, self._authorise)
        return acting_account(asked)

    def _authorise(self, asked: Asked, demands: Iterable[Demand]) -> None:
        authorise(asked, demands, self._clock(), self._coder)

    def _authorise_for_sts(self, asked: Asked, demand: Demand) -> None:
        if self._settings.gate:
            self._authorise(asked, (demand,))

    def _is_new(self, arn: str) -> bool:
        return self._delays.is_new(arn, self._clock())

    def _clock(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._settings.clock_ahead_s)

    def _remember(self, refusal: Refusal, operation: Operation, caller: Caller | None, request: HttpRequest) -> None:
        denial = Denial(
            time=timestamp(datetime.now(UTC)),
            service=operation.service,
            operation=operation.name,
            code=error_code(refusal, operation.protocol, operation.service),
            message=str(refusal),
            principal=caller.arn if caller else "",
            action=refusal.action,
            resource=refusal.resource,
            reason=refusal.note,
            region=operation.region,
            own="look" if LOOK in request.header("User-Agent") else "",
        )
        self._record.denied(_with_decision(denial, refusal) if isinstance(refusal, Denied) else denial)


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise refusal


def _operation_of(request: HttpRequest, signature: Signature | None) -> tuple[Operation, Refusal | None]:
    try:
        return identify(request, signature), None
    except Exception as error:  # noqa: BLE001 - as in `answer`, where there is no operation yet
        region = signature.region if signature else "us-east-1"
        unknown = Operation(signature.service if signature else "unsigned", UNKNOWN, Protocol.QUERY, region, {})
        return unknown, failed(unknown, error)


def _signature_of(request: HttpRequest) -> tuple[Signature | None, Refusal | None]:
    try:
        return read_signature(request), None
    except Refusal as refusal:
        return None, refusal


def _by_service(asked: Asked, code: str, words: str) -> Denial:
    operation = asked.operation
    return Denial(
        time=timestamp(datetime.now(UTC)),
        service=operation.service,
        operation=operation.name,
        code=code,
        message=words,
        principal=asked.caller.arn,
        reason="a rule of the service's own",
        region=operation.region,
        own=BY_SERVICE,
    )


def _with_decision(denial: Denial, denied: Denied) -> Denial:
    decision, demand = denied.decision, denied.demand
    return replace(
        denial,
        principal=denial.principal or denied.principal,
        action=demand.action,
        resource=demand.resource,
        reason=denied.note or decision.reason.value,
        policy=decision.policy,
        statement=decision.statement,
        chain=denied.chain,
        change=denied.change,
    )
