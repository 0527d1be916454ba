"""The one row of the reach matrix that is asked of AWS: that of the management role whose credentials are at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landing_zone.fleet import Manifest
from orchestrator.callers import ABSENT, AnswerKind, Identity, assumed_role
from orchestrator.errors import AwsUnreachable, CallerRefused, WrongCaller
from orchestrator.next_steps import LATER, SIGN_IN, in_rehearsal, sign_in_again
from orchestrator.verify.answers import Answer, Found, How, Pair, Row
from orchestrator.verify.errors import NobodyToAskAs, NoRowOfItsOwn
from orchestrator.verify.matrix import NOBODY
from orchestrator.workers.environment import caller_environment
from orchestrator.workers.pool import ChildDied

if TYPE_CHECKING:
    from orchestrator.callers import Identify

COMPUTE = "let every row be computed: fleetyard verify --computed"
_AT_A_TIME = 8
_IN_ONE_CHILD = 40
"""Pairs that one process asks for: as many as it takes to be worth its start."""

Target = tuple[str, str]
"""Account id and role."""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A management role that can be asked as, and the environment that signs as it."""

    role: str
    environment: Mapping[str, str] = field(repr=False)


def own_row(manifest: Manifest, profile: str, env: Mapping[str, str], identify: Identify) -> OwnRow:
    """Return whose row can be asked for, having asked AWS who the profile is.

    Raises: NobodyToAskAs, NoRowOfItsOwn, WrongCaller, CallerRefused, AwsUnreachable.
    """
    environment = caller_environment(env, profile, manifest.region)
    (identity,) = identify([environment])
    _refuse(identity, manifest, profile, env)
    role = assumed_role(identity.arn)
    if role not in manifest.management_roles:
        raise NoRowOfItsOwn(
            f"the profile {profile} is no management role of this manifest",
            subject=f"profile {profile}",
            why=f"AWS says it is {identity.arn}",
            not_run="any pair or probe",
            hint=f"name the profile of a management role with --profile; or {COMPUTE}",
        )
    return OwnRow(role, environment)


def _refuse(identity: Identity, manifest: Manifest, profile: str, env: Mapping[str, str]) -> None:
    told = {"subject": f"profile {profile}", "not_run": "any pair or probe"}
    expected = manifest.management_account.id
    if identity.kind in ABSENT:
        hint = in_rehearsal(env, f"{SIGN_IN}, or another --profile; or {COMPUTE}")
        raise NobodyToAskAs(f"the profile {profile} has no credentials here", why=identity.words, hint=hint, **told)
    if identity.kind is AnswerKind.REFUSED:
        hint = in_rehearsal(env, sign_in_again(profile, management=profile == manifest.callers.management))
        raise CallerRefused(f"AWS refuses the credentials of profile {profile}", why=identity.words, hint=hint, **told)
    if identity.kind is AnswerKind.UNREACHABLE:
        raise AwsUnreachable("AWS does not say at the moment who the caller is", why=identity.words, hint=LATER, **told)
    if identity.account != expected:
        raise WrongCaller(
            f"the profile {profile} belongs to account {identity.account}, not {expected}",
            why=f"AWS says it is {identity.arn}",
            hint=f"correct the profile {profile}, or name another with --profile",
            **told,
        )


def ask_own_row(own: OwnRow, pairs: Sequence[Pair], ids: Mapping[str, str], children: Executor) -> Iterator[Row]:
    """Yield the rows of a management role as AWS answers them; asked in processes of their own."""
    asked = [pair for pair in pairs if pair.caller == own.role]
    there = [pair for pair in asked if pair.account in ids]
    yield from (Row(pair, NOBODY) for pair in asked if pair.account not in ids)
    parts = [there[at : at + _IN_ONE_CHILD] for at in range(0, len(there), _IN_ONE_CHILD)]
    waiting: list[tuple[list[Pair], Future[list[Answer]]]] = [
        (part, children.submit(ask_in_own_process, dict(own.environment), [(ids[p.account], p.role) for p in part]))
        for part in parts
    ]
    for part, future in waiting:
        yield from (Row(pair, answer) for pair, answer in zip(part, _answered(future, len(part)), strict=True))


def _answered(future: Future[list[Answer]], number: int) -> list[Answer]:
    try:
        return future.result()
    except ChildDied as died:
        words = f"the process that asks was ended: {died}; too little memory is the common cause"
        return [Answer(Found.UNKNOWN, How.NOT_ANSWERED, words=words, later=True)] * number


def ask_in_own_process(env: Mapping[str, str], targets: Sequence[Target]) -> list[Answer]:
    """Ask AWS for each role in turn, several at a time; for a process that is there for nothing else."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415
    from orchestrator.verify.calls import ask_pair  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    retries = {"total_max_attempts": 5, "mode": "adaptive"}
    config = Config(connect_timeout=10, read_timeout=20, retries=retries, max_pool_connections=_AT_A_TIME)
    try:
        sts = unasked_session().client("sts", config=config)
    except (BotoCoreError, ClientError) as error:
        return [Answer(Found.UNKNOWN, How.NOT_CALLED, words=str(error))] * len(targets)
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        return list(threads.map(lambda target: ask_pair(sts, *target), targets))
