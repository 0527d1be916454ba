"""What a proof stands on: the fleet, its stacks, who signs in, and the driver's two verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landing_zone.fleet import Manifest
    from landing_zone.lock import Lock
    from orchestrator.files.workspace import Workspace
    from orchestrator.rehearse.access import Access, Credentials
    from orchestrator.rehearse.people import Person
    from orchestrator.running.job import Operation, StackJob, StackResult
    from orchestrator.stack_id import StackId


class FleetDriver(Protocol):
    """The driver as a proof sees it; every call goes the way a user's command goes."""

    def run(self, operation: Operation, stacks: Sequence[StackId]) -> tuple[StackResult, ...]:
        """Run one operation on exactly these stacks, in the plan's order."""

    def job(self, operation: Operation, stack: StackId) -> StackJob:
        """Return the job that the driver would run, for a proof to change and run by `run_job`."""

    def run_job(self, job: StackJob) -> StackResult:
        """Run one job in a worker."""


@dataclass(frozen=True)
class Scene:
    """A deployed fleet on the running twin.

    `management_roles` are sessions that people signed in to; `before` is what each account held after the
    organisation alone, by account name.
    """

    manifest: Manifest
    lock: Lock
    workspace: Workspace
    access: Access
    administrator: Credentials
    people: tuple[Person, ...]
    management_roles: Mapping[str, Credentials]
    driver: FleetDriver
    foundation: tuple[StackId, ...]
    subaccounts: tuple[StackId, ...]
    workloads: tuple[StackId, ...]
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def stacks(self) -> tuple[StackId, ...]:
        """Every stack of the fleet."""
        return (*self.foundation, *self.subaccounts, *self.workloads)

    @property
    def nobody_left(self) -> str:
        """Say why no proof can try anything in member accounts; empty where runs work on at least one."""
        if not self.manifest.members:
            return "nothing to try: the fleet has no member account"
        if all(account.suspended for account in self.manifest.members):
            return "nothing to try: every member account is suspended"
        return ""

    def administrator_of(self, account: str) -> Credentials:
        """Return credentials that may read everything in this account."""
        if account == self.manifest.management_account.name:
            return self.administrator
        role = f"arn:aws:iam::{self.lock.accounts[account]}:role/OrganizationAccountAccessRole"
        return self.access.assume(self.administrator, role, "fleetyard-inventory")
