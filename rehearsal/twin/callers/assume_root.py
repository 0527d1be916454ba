"""AssumeRoot: a quarter of an hour as a member account's root user, for one of AWS's tasks.

Sources: AWS STS API Reference, "AssumeRoot"; IAM User Guide, "Perform a privileged task on an AWS Organizations member
account", "Centralize root access for member accounts".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.callers.authorise import Authorise
from rehearsal.twin.callers.callers import CallerKind, Session, SessionPolicy, Sessions
from rehearsal.twin.callers.sessions import lifetime, new_credentials
from rehearsal.twin.callers.sts_answers import credentials_answer, invalid
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.emulator.managed_policies import bring_in
from rehearsal.twin.emulator.root_features import CREDENTIALS, SESSIONS
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

_TARGET = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", re.ASCII)
_TASKS = {
    "IAMAuditRootUserCredentials": CREDENTIALS,
    "IAMCreateRootUserPassword": CREDENTIALS,
    "IAMDeleteRootUserCredentials": CREDENTIALS,
    "S3UnlockBucketPolicy": SESSIONS,
    "SQSUnlockQueuePolicy": SESSIONS,
}
"""The managed policies that name a task, and the feature that has to be switched on for each."""
_FOLDER = "arn:aws:iam::aws:policy/root-task/"
_LONGEST = 900  # seconds


@dataclass(frozen=True, slots=True)
class AssumeRoot:
    """Answers AssumeRoot."""

    state: AwsState
    sessions: Sessions
    authorise: Authorise

    def answer(self, asked: Asked, now: datetime) -> Answer:
        """Answer a request; `now` is the clock that sessions end by. Raises: Refusal."""
        target, task, seconds = _wish(asked)
        resource = f"arn:aws:iam::{target}:root"
        if asked.caller.kind is CallerKind.ROOT:
            raise _denied(asked, resource, "the root user cannot call it")
        # Who manages the organisation needs no leave of the member: its own account decides.
        self.authorise(asked, Demand("sts:AssumeRoot", resource, context={"sts:TaskPolicyArn": f"{_FOLDER}{task}"}))
        self._check_organization(asked, target, task, resource)
        arn = f"{_FOLDER}{task}"
        bring_in(target, arn)
        document = self.state.managed_policy_document(target, arn) or ""
        before = asked.caller.session
        session = Session(
            *new_credentials(target),
            account_id=target,
            kind=CallerKind.ROOT,
            principal_name="root",
            principal_id=target,
            session_name="",
            issued=now,
            expires=lifetime(now, seconds),
            policies=(SessionPolicy(arn, document),),
            source_identity=before.source_identity if before is not None else "",
            more_keys={"aws:AssumedRoot": "true"},
            chained=before is not None,
        )
        self.sessions.add(session, now)
        return credentials_answer("AssumeRoot", session, {"SourceIdentity": session.source_identity})

    def _check_organization(self, asked: Asked, target: str, task: str, resource: str) -> None:
        state, own = asked.state, asked.caller.account_id
        management = state.management_of(own)
        if not state.manages_root_users(own):
            raise _denied(asked, resource, "the account neither manages the organisation nor is IAM's administrator")
        if state.management_of(target) != management or target == management or state.is_suspended(target):
            raise _denied(asked, resource, f"{target} is no member account that can be used")
        if _TASKS[task] not in state.root_features(own):
            raise _denied(asked, resource, f"the organisation has not switched on {_TASKS[task]}")


def _wish(asked: Asked) -> tuple[str, str, int]:
    """Return account, task and seconds of a request. Raises: Refusal."""
    operation = asked.operation
    named, policy = operation.text("TargetPrincipal"), operation.text("TaskPolicyArn.arn")
    found, task = _TARGET.fullmatch(named), policy.removeprefix(_FOLDER)
    if not found or named.startswith("arn:") != named.endswith(":root"):
        raise Refusal.of("ValidationError", f"{named} is invalid")
    if not policy.startswith(_FOLDER) or task not in _TASKS:
        raise Refusal.of("ValidationError", f"TaskPolicyArn {policy} is invalid")
    text = operation.text("DurationSeconds") or str(_LONGEST)
    if not text.isdigit() or int(text) > _LONGEST:
        raise invalid("durationSeconds", text, f"have value less than or equal to {_LONGEST}")
    return found[1], task, int(text)


def _denied(asked: Asked, resource: str, note: str) -> Refusal:
    words = f"User: {asked.caller.arn} is not authorized to perform: sts:AssumeRoot on resource: {resource}"
    refusal = Refusal(Fault.DENIED, words, note=note)
    refusal.action, refusal.resource = "sts:AssumeRoot", resource
    return refusal
