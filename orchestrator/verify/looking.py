"""Looks into accounts for ways in: their roles, listed by IAM, as whoever can ask there.

On a twin that is its administrator. On AWS it is the management role at hand, by the roles of its own row and with
sessions that may list roles and do nothing else; an account where it has none, or whose role may not list, is left out
and told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from landing_zone.documents.statements import document
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn
from landing_zone.probes import Expect
from orchestrator.verify.answers import Pair
from orchestrator.verify.computed import SESSION
from orchestrator.verify.documents import FleetDocuments
from orchestrator.verify.matrix import NOT_CREATED
from orchestrator.verify.own_row import OwnRow
from orchestrator.verify.ways_in import Looked, RoleFound, roles_in, ways_in
from orchestrator.workers.pool import ChildDied

if TYPE_CHECKING:
    from orchestrator.rehearse.access import Access, Credentials

_AT_A_TIME = 8
_IN_ONE_CHILD = 20
"""Accounts that one process looks into."""
_LIST = json.dumps(document({"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}), separators=(",", ":"))
_SHORTEST = 900
"""Seconds. Source: AWS STS API Reference, AssumeRole, DurationSeconds."""

Answers = Mapping[str, tuple[RoleFound, ...] | str]
"""The roles of each account, or why they are not known."""
Asked = tuple[str, tuple[str, ...]]
"""Account id, and roles to try one after the other."""


def look_as_administrator(
    access: Access, administrator: Credentials, ids: Mapping[str, str], accounts: Sequence[str], on: FleetDocuments
) -> Looked:
    """Look into accounts of a twin as its administrator."""
    answers = {name: _as_keeper(access, administrator, ids.get(name, "")) for name in accounts}
    return _looked(accounts, answers, on, on_twin=True)


def _as_keeper(access: Access, administrator: Credentials, account_id: str) -> tuple[RoleFound, ...] | str:
    if not account_id:
        return NOT_CREATED
    try:
        keeper = access.assume(administrator, role_arn(account_id, ACCOUNT_ACCESS_ROLE), SESSION)
        return roles_in(access.client("iam", keeper).get_paginator("list_roles").paginate())
    except (ClientError, BotoCoreError) as error:
        return str(error)


def look_as_own(
    own: OwnRow,
    pairs: Sequence[Pair],
    ids: Mapping[str, str],
    accounts: Sequence[str],
    on: FleetDocuments,
    children: Executor,
) -> Looked:
    """Look into the accounts of a management role's own row, in processes of their own."""
    granted: dict[str, list[str]] = {name: [] for name in accounts}
    for pair in pairs:
        if pair.caller == own.role and pair.expect is Expect.ALLOW and pair.account in granted:
            granted[pair.account].append(pair.role)
    answers: dict[str, tuple[RoleFound, ...] | str] = {
        name: NOT_CREATED if name not in ids else f"{own.role} is granted no role there"
        for name in accounts
        if name not in ids or not granted[name]
    }
    there = [name for name in accounts if name not in answers]
    parts = [there[at : at + _IN_ONE_CHILD] for at in range(0, len(there), _IN_ONE_CHILD)]
    waiting: list[tuple[list[str], Future[list[tuple[RoleFound, ...] | str]]]] = [
        (part, children.submit(look_in_own_process, dict(own.environment), [(ids[n], tuple(granted[n])) for n in part]))
        for part in parts
    ]
    for part, future in waiting:
        try:
            answers.update(zip(part, future.result(), strict=True))
        except ChildDied as died:
            words = f"the process that asks was ended: {died}; too little memory is the common cause"
            answers.update(dict.fromkeys(part, words))
    return _looked(accounts, answers, on, on_twin=False)


def look_in_own_process(env: Mapping[str, str], asked: Sequence[Asked]) -> list[tuple[RoleFound, ...] | str]:
    """List the roles of each account, several at a time; for a process that is there for nothing else."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    retries = {"total_max_attempts": 5, "mode": "adaptive"}
    config = Config(connect_timeout=10, read_timeout=20, retries=retries, max_pool_connections=_AT_A_TIME)
    try:
        session = unasked_session()
        sts = session.client("sts", config=config)
    except (BotoCoreError, ClientError) as error:
        return [str(error)] * len(asked)

    def iam_with(credentials: Mapping[str, str]) -> Any:
        return session.client(
            "iam",
            config=config,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        return list(threads.map(lambda one: list_roles(sts, iam_with, *one), asked))


def list_roles(
    sts: Any,
    iam_with: Any,
    account_id: str,
    roles: Sequence[str],
) -> tuple[RoleFound, ...] | str:
    """Return the roles of an account, asked for as the first of some roles that may; else AWS's words for each."""
    words = []
    for role in roles:
        arn = role_arn(account_id, role)
        try:
            answer = sts.assume_role(RoleArn=arn, RoleSessionName=SESSION, DurationSeconds=_SHORTEST, Policy=_LIST)
            return roles_in(iam_with(answer["Credentials"]).get_paginator("list_roles").paginate())
        except (ClientError, BotoCoreError) as error:
            words.append(f"as {role}: {error}")
    return "; ".join(words)


def _looked(accounts: Sequence[str], answers: Answers, on: FleetDocuments, *, on_twin: bool) -> Looked:
    found = {name: roles for name in accounts if not isinstance(roles := answers[name], str)}
    return Looked(
        tuple(way for account, roles in found.items() for way in ways_in(account, roles, on, on_twin=on_twin)),
        tuple(found),
        {name: words for name in accounts if isinstance(words := answers[name], str)},
    )
