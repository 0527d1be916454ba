"""Names of stacks: our own id, and what Pulumi calls the same stack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


@dataclass(frozen=True, order=True)
class StackId:
    """One stack of a fleet: `program/account` or `program/account/region`; sorts by program, account, region.

    `program` is the folder's name (`organization`, `bootstrap`, `network`), which need not be Pulumi's project name.
    """

    program: str
    account: str
    region: str | None = None

    def __post_init__(self) -> None:
        for part in self._parts:
            if not _PART.match(part):
                raise ValueError(f"{part!r} is no part of a stack id")

    def __str__(self) -> str:
        return "/".join(self._parts)

    @classmethod
    def parse(cls, text: str) -> StackId:
        """Return the id that `str()` gave; raises ValueError for anything else."""
        parts = text.split("/")
        if len(parts) not in {2, 3}:
            raise ValueError(f"{text!r} is no stack id: program/account or program/account/region")
        return cls(*parts)

    @property
    def stack_name(self) -> str:
        """Pulumi's name of this stack within its project: `account` or `account.region`."""
        return self.account if self.region is None else f"{self.account}.{self.region}"

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        return (self.program, self.account, *([self.region] if self.region is not None else []))
