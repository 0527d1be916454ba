"""What must hold for accounts that runs leave alone."""

from __future__ import annotations

from landing_zone.manifest.outline import AccountLine
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems


def check_suspended(accounts: tuple[AccountLine, ...], document: Document, problems: Problems) -> None:
    """Note a management account that is suspended: all others rest on its stacks."""
    for line in accounts:
        if line.management and line.suspended:
            problems.add(
                document.key(*line.path, "suspended"),
                f"{line.name} is the management account, which cannot be suspended: everything rests on its stacks",
            )
