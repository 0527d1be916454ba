"""Who would act: each caller of the fleet, whether it is the right one, and for how long it still is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from landing_zone.fleet import Manifest, StateRights
from landing_zone.lock import Lock
from orchestrator.callers import AnswerKind, assumed_role
from orchestrator.doctor.caller_probe import CallerAnswer
from orchestrator.doctor.finding import Finding, Outcome, Topic
from orchestrator.next_steps import SIGN_IN, code_beforehand, sign_in_again
from orchestrator.running.job import CallerName
from orchestrator.workers.environment import caller_environment

SHORT = timedelta(minutes=15)
"""Less than this is likely to end within a run."""

AskCallers = Callable[[Sequence[Mapping[str, str]]], Sequence[CallerAnswer]]
"""Answers for each environment what `probe_caller` finds."""


@dataclass(frozen=True, slots=True)
class ExpectedCaller:
    """A caller that the manifest names. `roles` are those of which it must be one; empty for whoever is allowed."""

    name: str
    profile: str
    account: str
    roles: tuple[str, ...] = ()


def expected_callers(manifest: Manifest, lock: Lock) -> tuple[ExpectedCaller, ...]:
    """Return the administrator, the management caller if there are workloads, and accounts with profiles of their own.

    An account that AWS has not made yet has no caller to look at.
    """
    management = manifest.management_account.id
    with_state = tuple(r.name for r in manifest.management_roles.values() if r.state is not StateRights.NONE)
    callers = [ExpectedCaller(CallerName.ADMINISTRATOR, manifest.callers.administrator, management)]
    if manifest.workloads:
        callers += [ExpectedCaller(CallerName.MANAGEMENT, manifest.callers.management, management, with_state)]
    callers += [
        ExpectedCaller(f"administrator of {account.name}", account.profile, lock.accounts[account.name])
        for account in manifest.members
        if account.profile and account.name in lock.accounts and not account.suspended
    ]
    return tuple(callers)


def check_callers(
    callers: Sequence[ExpectedCaller], env: Mapping[str, str], region: str, ask: AskCallers
) -> tuple[Finding, ...]:
    """Ask about every caller; one without credentials is a failure only if no caller has any."""
    answers = ask([caller_environment(env, caller.profile, region) for caller in callers])
    nobody = all(answer.identity.kind is AnswerKind.MISSING for answer in answers)
    return tuple(_judged(caller, answer, nobody=nobody) for caller, answer in zip(callers, answers, strict=True))


def _judged(caller: ExpectedCaller, answer: CallerAnswer, *, nobody: bool) -> Finding:
    management = caller.name == CallerName.MANAGEMENT
    sign_in = sign_in_again(caller.profile, management=management)
    identity = answer.identity
    match identity.kind:
        case AnswerKind.NEEDS_CODE:
            return _finding(
                caller, Outcome.WARNING, identity.words, code_beforehand(caller.profile, management=management)
            )
        case AnswerKind.MISSING:
            words = f"profile {caller.profile}: {identity.words}" + ("" if nobody else "; its stacks are skipped")
            hint = f"aws configure --profile {caller.profile}" + (f", or: {SIGN_IN}" if management else "")
            return _finding(caller, Outcome.FAILED if nobody else Outcome.WARNING, words, hint)
        case AnswerKind.REFUSED:
            return _finding(caller, Outcome.FAILED, f"profile {caller.profile}: {identity.words}", sign_in)
        case AnswerKind.UNREACHABLE:
            words = f"AWS does not answer: {identity.words}"
            return _finding(caller, Outcome.FAILED, words, "check the network; in a rehearsal: fleetyard twin status")
    return _wrong(caller, answer) or _lasting(caller, answer, sign_in)


def _wrong(caller: ExpectedCaller, answer: CallerAnswer) -> Finding | None:
    """Return what is wrong about who it is; None if it is the right one."""
    identity, profile = answer.identity, caller.profile
    if identity.account != caller.account:
        words = f"profile {profile} is {identity.arn}, in account {identity.account} instead of {caller.account}"
        hint = f"correct the profile {profile}, or management_account_id and callers in fleet.yaml"
        return _finding(caller, Outcome.FAILED, words, hint)
    if identity.arn.endswith(":root"):
        words = f"profile {profile} is the account's root user, who cannot assume any role"
        hint = f"make an administrator in account {caller.account} and put its keys into profile {profile}"
        return _finding(caller, Outcome.FAILED, words, hint)
    if caller.roles and assumed_role(identity.arn) not in caller.roles:
        words = f"profile {profile} is {identity.arn}, and workloads are run by {' or '.join(caller.roles)} only"
        return _finding(caller, Outcome.FAILED, words, f"let profile {profile} sign in to {caller.roles[0]}")
    return None


def _lasting(caller: ExpectedCaller, answer: CallerAnswer, sign_in: str) -> Finding:
    words = f"profile {caller.profile} is {answer.identity.arn}, in account {caller.account}; {_life(answer)}"
    left = answer.ends - datetime.now(tz=UTC) if answer.ends and not answer.renewed else None
    if left is not None and left < SHORT:
        return _finding(caller, Outcome.WARNING, words, sign_in)
    return _finding(caller, Outcome.OK, words)


def _life(answer: CallerAnswer) -> str:
    """Say how long the credentials last, and whether they are a chained session, which lasts an hour at most.

    Source: IAM User Guide, "Role chaining".
    """
    if not answer.session:
        return "a long-lived key, which does not end"
    parts = []
    if answer.renewed:
        parts.append("renewed by itself while its source lasts")
    elif answer.ends is None:
        parts.append("a session, and nothing says when it ends")
    if answer.ends is not None:
        minutes = max(0, int((answer.ends - datetime.now(tz=UTC)).total_seconds() // 60))
        parts.append(f"this session ends in {minutes} minutes")
    return ", ".join([*parts, _chaining(answer)])


def _chaining(answer: CallerAnswer) -> str:
    if not assumed_role(answer.identity.arn):
        return "not chained"
    if answer.source:
        return "chained: an hour at most" if assumed_role(answer.source) else "not chained"
    by_itself = answer.method in {"sso", "assume-role-with-web-identity"}
    return "not chained" if by_itself else "chained or not is not known"


def _finding(caller: ExpectedCaller, outcome: Outcome, words: str, hint: str = "") -> Finding:
    return Finding(f"caller {caller.name}", Topic.ACCESS, outcome, words, hint)
