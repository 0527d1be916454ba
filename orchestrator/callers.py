"""Who a run acts as: asks AWS once per caller, before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.errors import AwsUnreachable, CallerCheckDied, CallerRefused, NoCaller, NotManagementRole, WrongCaller
from orchestrator.next_steps import LATER, SIGN_IN, code_beforehand, in_rehearsal, sign_in_again
from orchestrator.running.job import Caller, CallerName
from orchestrator.workers.environment import caller_environment


class AnswerKind(StrEnum):
    """What came of asking AWS who somebody is."""

    KNOWN = "known"
    MISSING = "missing"
    NEEDS_CODE = "needs_code"
    """Signing in takes an MFA code from a person, so nothing was asked."""
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    """AWS did not answer, throttled, or failed by itself: later the same credentials may do."""


ABSENT = (AnswerKind.MISSING, AnswerKind.NEEDS_CODE)
"""Of a caller that cannot act here; the others still can."""


@dataclass(frozen=True, slots=True)
class Identity:
    """AWS's answer: account and ARN when known, else the words that say why not."""

    kind: AnswerKind
    account: str = ""
    arn: str = ""
    words: str = ""


Identify = Callable[[Sequence[Mapping[str, str]]], Sequence[Identity]]
"""Answers for each environment who its credentials belong to."""


def identify_in_own_process(env: Mapping[str, str]) -> Identity:
    """Ask STS who the credentials of this environment are; for a process that is there for nothing else.

    Nobody is asked for an MFA code. Source: AWS STS API Reference, GetCallerIdentity: needs no permission, so a refusal
    means the credentials.
    """
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import (  # noqa: PLC0415
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    from orchestrator.passing_failures import passes  # noqa: PLC0415
    from orchestrator.unasked_session import CodeNeeded, unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    try:
        config = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": 2})
        answer = unasked_session().client("sts", config=config).get_caller_identity()
    except CodeNeeded as error:
        return Identity(AnswerKind.NEEDS_CODE, words=str(error))
    except (ProfileNotFound, NoCredentialsError, PartialCredentialsError) as error:
        return Identity(AnswerKind.MISSING, words=str(error))
    except (ClientError, BotoCoreError) as error:
        return Identity(AnswerKind.UNREACHABLE if passes(error) else AnswerKind.REFUSED, words=str(error))
    return Identity(AnswerKind.KNOWN, account=str(answer["Account"]), arn=str(answer["Arn"]))


def identify_in(pool: Executor) -> Identify:
    """Return what asks AWS in processes of the pool, each a second time if it is ended from outside.

    It raises CallerCheckDied for one that is ended twice.
    """
    from orchestrator.workers.pool import ChildDied  # noqa: PLC0415  (children, who import this module, need no pool)

    def identify(environments: Sequence[Mapping[str, str]]) -> list[Identity]:
        futures = [pool.submit(identify_in_own_process, dict(environment)) for environment in environments]
        answers = []
        for environment, future in zip(environments, futures, strict=True):
            try:
                answers.append(future.result())
            except ChildDied:
                answers.append(ask_again(environment))
        return answers

    def ask_again(environment: Mapping[str, str]) -> Identity:
        # The question changes nothing, and the memory that was short may be free again.
        try:
            return pool.submit(identify_in_own_process, dict(environment)).result()
        except ChildDied as died:
            raise CallerCheckDied(
                "the process that asks AWS who the caller is was ended, twice",
                subject=f"profile {environment.get('AWS_PROFILE', '')}",
                why=f"{died}; too little memory is the common cause",
                not_run="any stack",
                hint="free some memory or lower --concurrency, then repeat the command",
            ) from died

    return identify


def missing_callers(
    callers: Sequence[Caller], base: Mapping[str, str], region: str, identify: Identify
) -> frozenset[Caller]:
    """Return the callers that have no credentials here, having made sure that all others are who they should be.

    Raises: WrongCaller, NotManagementRole, CallerRefused or AwsUnreachable for the first that is not, NoCaller if none
    is left.
    """
    answers = identify([caller_environment(base, caller.profile, region) for caller in callers])
    known = list(zip(callers, answers, strict=True))
    for caller, identity in known:
        _refuse_stranger(caller, identity, base)
    missing = frozenset(caller for caller, identity in known if identity.kind in ABSENT)
    if callers and len(missing) == len(callers):
        raise NoCaller(
            "none of the callers that these stacks need has credentials here",
            subject=", ".join(f"{caller.name}: profile {caller.profile}" for caller in callers),
            why="; ".join(dict.fromkeys(identity.words for _, identity in known)),
            not_run="any stack",
            hint=in_rehearsal(base, _first_step(*known[0])),
        )
    return missing


def _first_step(caller: Caller, identity: Identity) -> str:
    management = caller.name is CallerName.MANAGEMENT
    if identity.kind is AnswerKind.NEEDS_CODE:
        return code_beforehand(caller.profile, management=management)
    return f"aws configure --profile {caller.profile}" + (f", or: {SIGN_IN}" if management else "")


def assumed_role(arn: str) -> str:
    """Return the name of the role that a session's ARN is of; empty for anybody else.

    Source: IAM User Guide, "IAM identifiers": arn:aws:sts::<account>:assumed-role/<role>/<session>.
    """
    resource = arn.split(":", 5)[-1].split("/")
    return resource[1] if resource[0] == "assumed-role" and len(resource) == 3 else ""


def _refuse_stranger(caller: Caller, identity: Identity, base: Mapping[str, str]) -> None:
    subject = f"{caller.name}: profile {caller.profile}"
    match identity.kind:
        case AnswerKind.KNOWN if identity.account != caller.expected_account:
            raise WrongCaller(
                f"the profile {caller.profile} belongs to account {identity.account}, not {caller.expected_account}",
                subject=subject,
                why=f"AWS says it is {identity.arn}",
                not_run="any stack",
                hint=f"correct the profile {caller.profile}, or management_account_id and callers in fleet.yaml",
            )
        case AnswerKind.KNOWN if caller.roles and assumed_role(identity.arn) not in caller.roles:
            raise NotManagementRole(
                f"the profile {caller.profile} is no management role with state rights",
                subject=subject,
                why=f"AWS says it is {identity.arn}; workloads are run by {' or '.join(caller.roles)}",
                not_run="any stack",
                hint=in_rehearsal(
                    base,
                    f"let the profile {caller.profile} assume "
                    f"arn:aws:iam::{caller.expected_account}:role/{caller.roles[0]} (role_arn in your AWS config)",
                ),
            )
        case AnswerKind.REFUSED:
            raise CallerRefused(
                f"AWS refuses the credentials of profile {caller.profile}",
                subject=subject,
                why=identity.words,
                not_run="any stack",
                hint=in_rehearsal(base, sign_in_again(caller.profile, management=caller.name is CallerName.MANAGEMENT)),
            )
        case AnswerKind.UNREACHABLE:
            raise AwsUnreachable(
                "AWS does not say at the moment who the caller is",
                subject=subject,
                why=identity.words,
                not_run="any stack",
                hint=LATER,
            )
        case _:
            return
