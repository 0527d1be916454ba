"""Which accounts a selector means: globs, stages and units, combined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar


class Candidate(Protocol):
    """What a selector looks at in an account."""

    @property
    def name(self) -> str:
        """The account's name."""

    @property
    def stage(self) -> str:
        """The account's stage, or empty."""

    @property
    def unit(self) -> str:
        """The path of the account's unit, such as plat/eu."""

    @property
    def management(self) -> bool:
        """Whether it is the management account, which no selector means."""


Account = TypeVar("Account", bound=Candidate)


@dataclass(frozen=True, slots=True)
class Selector:
    """An account must fit every list that holds something, and fits a list by any of its entries."""

    accounts: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    listed: tuple[str, ...] | None = None
    """Names and globs of the account lists that are given; None if none is."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is given; such a selector selects no account, never all of them."""
        return self.listed is None and not (self.accounts or self.stages or self.units)

    def fits(self, account: Candidate) -> bool:
        """Return whether the account is meant."""
        if account.management or self.is_empty:
            return False
        return (
            (not self.accounts or any(fnmatchcase(account.name, glob) for glob in self.accounts))
            and (not self.stages or account.stage in self.stages)
            and (not self.units or any(is_within(account.unit, unit) for unit in self.units))
            and (self.listed is None or any(fnmatchcase(account.name, glob) for glob in self.listed))
        )


def select(accounts: Iterable[Account], selector: Selector) -> tuple[Account, ...]:
    """Return the member accounts that fit, in their own order."""
    return tuple(account for account in accounts if selector.fits(account))


def is_within(unit: str, above: str) -> bool:
    """Return whether a unit is the other one or stands below it; both are paths such as plat/eu."""
    return unit == above or unit.startswith(f"{above}/")


def matching(names: Sequence[str], glob: str) -> bool:
    """Return whether the glob matches any of the names."""
    return any(fnmatchcase(name, glob) for name in names)
