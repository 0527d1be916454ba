"""Whether AWS allows as many accounts as the manifest has."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.doctor.finding import Finding, Outcome, Topic
from orchestrator.workers.environment import caller_environment

SERVICE, QUOTA = "organizations", "L-29A0C5DF"
"""Default maximum number of accounts. Source: AWS Organizations User Guide, "Quotas for AWS Organizations"."""

HOME_REGION = "us-east-1"
"""Where Service Quotas keeps the quotas of global services. Source: Service Quotas User Guide."""


@dataclass(frozen=True, slots=True)
class QuotaAnswer:
    """The quota of accounts and how many ids there are; `words` say why when either is not known."""

    limit: int | None = None
    account_ids: frozenset[str] | None = None
    words: str = ""


AskQuota = Callable[[Mapping[str, str]], QuotaAnswer]


def probe_quota(env: Mapping[str, str]) -> QuotaAnswer:
    """Ask for the quota and the accounts there are; for a process that is there for nothing else."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(env)
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    accounts = None
    try:
        session = unasked_session(HOME_REGION)
        organizations = session.client("organizations", config=config)
        try:
            pages = organizations.get_paginator("list_accounts").paginate()
            accounts = frozenset(str(account["Id"]) for page in pages for account in page["Accounts"])
        except organizations.exceptions.AWSOrganizationsNotInUseException:
            accounts = frozenset()
        answer = session.client("service-quotas", config=config).get_service_quota(ServiceCode=SERVICE, QuotaCode=QUOTA)
    except (BotoCoreError, ClientError) as error:
        return QuotaAnswer(None, accounts, str(error))
    return QuotaAnswer(int(answer["Quota"]["Value"]), accounts)


def check_quota(manifest: Manifest, lock: Lock, env: Mapping[str, str], ask: AskQuota) -> tuple[Finding, ...]:
    """Compare the quota with the accounts there are and those still to be made; unknown is told, and is no failure."""
    answer = ask(caller_environment(env, manifest.callers.administrator, HOME_REGION))
    if answer.limit is None or answer.account_ids is None:
        words = f"the quota of accounts is not known: {answer.words}"
        return (Finding("account quota", Topic.MACHINE, Outcome.NOT_CHECKED, words),)
    missing = [
        account.name for account in manifest.accounts if lock.accounts.get(account.name) not in answer.account_ids
    ]
    needed = len(answer.account_ids) + len(missing)
    words = f"{answer.limit} accounts are allowed, {len(answer.account_ids)} are there, {len(missing)} are to be made"
    if needed <= answer.limit:
        return (Finding("account quota", Topic.MACHINE, Outcome.OK, words),)
    hint = (
        f"aws service-quotas request-service-quota-increase --service-code {SERVICE} --quota-code {QUOTA} "
        f"--desired-value {needed} --region {HOME_REGION} --profile {manifest.callers.administrator}"
    )
    return (Finding("account quota", Topic.MACHINE, Outcome.FAILED, words, hint),)
