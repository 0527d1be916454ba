"""What AWS says of the organisation's accounts now: asks ListAccounts as the administrator."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LiveAccounts:
    """AWS's word for each account's state, by id; `refused` holds AWS's words when nothing could be read."""

    states: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


AskAccounts = Callable[[Mapping[str, str]], LiveAccounts]


def ask_accounts(env: Mapping[str, str]) -> LiveAccounts:
    """Read every account's state as the caller of an environment; for a process that is there for nothing else.

    Source: AWS Organizations API Reference, Account: State takes the place of Status.
    """
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    config = Config(connect_timeout=10, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 5})
    try:
        pages = unasked_session().client("organizations", config=config).get_paginator("list_accounts").paginate()
        found = {
            str(account["Id"]): str(account.get("State") or account["Status"])
            for page in pages
            for account in page["Accounts"]
        }
    except (ClientError, BotoCoreError) as error:
        return LiveAccounts(refused=str(error))
    return LiveAccounts(found)
