"""What a twin is started with; checked here once, before any process is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rehearsal.twin.errors import BadTwinOption

_ACCOUNT_ID = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, slots=True)
class TwinOptions:
    """The settings of one twin. Raises BadTwinOption for values it cannot have."""

    management_account_id: str
    run_file: Path
    region: str = "us-east-1"
    """The region handed to callers; every region can be used."""
    latency_ms: int = 0
    """Added to every AWS call, in milliseconds."""
    gate: bool = True
    """False lets every request pass unauthorised, in the account its access key belongs to: for counter-tests."""
    port: int = 0
    """The ordinary port; 0 takes a free one. The insecure port is always a free one."""
    keep: bool = False
    """True lets the twin outlive the process that started it."""
    warm_up: bool = True
    """False leaves loading the usual services, a second's work, to their first requests."""
    management_email: str = ""
    """The management account's email, from before it has an organisation; empty leaves it to the emulator."""
    management_name: str = ""
    """The management account's name, likewise."""
    seed: int | None = None
    """Makes moto's random ids repeat, as far as requests arrive in the same order; wants `warm_up=False`."""

    def __post_init__(self) -> None:
        if not _ACCOUNT_ID.fullmatch(self.management_account_id):
            raise BadTwinOption(
                f"management_account_id must be 12 digits, not {self.management_account_id!r}", not_run="the twin"
            )
        if not _REGION.fullmatch(self.region):
            raise BadTwinOption(f"region must be a region's name, not {self.region!r}", not_run="the twin")
        if self.latency_ms < 0:
            raise BadTwinOption(f"latency_ms must be 0 or more, not {self.latency_ms}", not_run="the twin")
        if not 0 <= self.port <= 65535:
            raise BadTwinOption(f"port must be 0 to 65535, not {self.port}", not_run="the twin")
