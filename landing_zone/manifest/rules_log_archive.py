"""What must hold for the account that keeps the organisation's logs, and for the workload that makes the archive."""

from __future__ import annotations

from landing_zone.manifest.outline import Outline
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.selection import select

PROGRAM = "log-archive"


def check_log_archive(outline: Outline, document: Document, problems: Problems) -> None:
    """Note a log archive that is no member account, and a workload `log-archive` that runs anywhere else.

    CloudTrail takes an organisation trail only from the management account or an account it is delegated to.
    """
    account, accounts = outline.log_archive, outline.accounts
    if accounts is None:
        return
    if account is not None:
        members = [line.name for line in accounts if not line.management]
        if account.value not in members:
            known = any(line.name == account.value for line in accounts)
            what = f"{account.value} is the management account; logs are kept in a member account"
            if known:
                problems.add(document.value(*account.path), what)
            else:
                problems.add_unknown(document.value(*account.path), "no account is called", account.value, members)
            return
    for workload in outline.workloads:
        if workload.name != PROGRAM or not workload.selector.readable:
            continue
        elsewhere = [
            line.name
            for line in select(accounts, workload.selector.selector)
            if account is None or line.name != account.value
        ]
        if elsewhere or workload.regions:
            what = "once, in the account that log_archive names: one organisation has one trail"
            problems.add(document.key(*workload.path), f"the workload {PROGRAM} runs {what}")
