"""Retires accounts step by step: destroys, moves, drops, closes; noted before and after each, so it can be cut short.

    destroy stacks ─▶ move to the suspended unit ─▶ drop from manifest, state and lock ─▶ close, within AWS's quota

How many accounts may be closed in 30 days AWS alone knows: it is asked, one account after the other, and what it
refuses for that reason waits in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from landing_zone.errors import FleetyardError
from orchestrator.accounts.organization_acts import GONE, Act, Acted, ActKind, Perform
from orchestrator.accounts.retirement.errors import RetirementStopped
from orchestrator.accounts.retirement.retired_file import Retirement, Step, load_retired, now_words, write_retired
from orchestrator.next_steps import GO_ON_RETIRING

CLOSED = ("SUSPENDED", "CLOSED")
"""AWS's words for an account that is closed. Source: AWS Organizations API Reference, Account, Status and State."""

MakeAct = Callable[[ActKind, str, str], Act]
"""Makes the act of this kind on an account; the last is the unit to move to."""


class FleetSide(Protocol):
    """What retiring does to the fleet itself."""

    def destroy(self, name: str) -> None:
        """Destroy every stack of an account; raises RetirementStopped, or what a run refuses."""

    def left(self, name: str) -> Sequence[str]:
        """Return what is deployed in an account, in words; empty if its states are."""

    def quarantined(self, name: str) -> bool:
        """Return whether an account is written into the suspended unit: nothing in it can be destroyed any more."""

    def quarantine(self, name: str) -> None:
        """Write an account into the suspended unit of the manifest."""

    def note_move(self, account_id: str, unit_id: str) -> None:
        """Note in the organisation's state to which unit AWS has moved an account."""

    def drop(self, name: str, account_id: str) -> None:
        """Take an account out of manifest, state and lock."""


@dataclass(frozen=True, slots=True)
class AwsSide:
    """What retiring does in AWS. `unit_id` finds the suspended unit, when it is needed."""

    perform: Perform
    act: MakeAct
    unit_id: Callable[[], str]


class Retiring:
    """Carries retirements on. `tell` hears of each step that is done."""

    def __init__(
        self,
        path: Path,
        fleet: FleetSide,
        aws: AwsSide,
        tell: Callable[[str], None],
        now: Callable[[], str] = now_words,
    ) -> None:
        self._path = path
        self._fleet = fleet
        self._aws = aws
        self._tell = tell
        self._now = now
        self._accounts: dict[str, Retirement] = {}
        self._read()

    @property
    def accounts(self) -> tuple[Retirement, ...]:
        """All accounts that are retired or on the way."""
        return tuple(self._accounts.values())

    def begin(self, name: str, account_id: str, email: str) -> None:
        """Note an account as to be retired; one that is noted already stays as it is."""
        self._read()
        if account_id not in self._accounts:
            self._note(Retirement(name, account_id, email, self._now()))

    def carry_on(self, ids: Sequence[str] = ()) -> tuple[Retirement, ...]:
        """Carry these accounts on as far as AWS lets them, by default all that are not gone; returns them.

        Raises: RetirementStopped for the accounts at which a step failed, once the others are carried on. Everything
        done before is noted.
        """
        self._read()
        wanted = [each.id for each in self.accounts if each.id in ids or (not ids and not each.gone)]
        stopped: list[RetirementStopped] = []
        full = False
        for account_id in wanted:
            try:
                full = self._carry_one(account_id, full=full)
            except FleetyardError as error:
                stopped.append(_stopped(self._accounts[account_id], error))
        for account_id in wanted:
            self._look(self._accounts[account_id])
        if len(stopped) > 1:
            for each in stopped:
                self._tell(str(each))
        if stopped:
            raise _together(stopped)
        return tuple(self._accounts[account_id] for account_id in wanted)

    def _carry_one(self, account_id: str, *, full: bool) -> bool:
        """Carry one account on; returns whether AWS's quota of closings is used up."""
        redone = False
        while (step := self._accounts[account_id].next_step) is not None:
            if step is Step.MOVE and (left := self._held(self._accounts[account_id].name)):
                if redone:
                    raise _refilled(self._accounts[account_id], left)
                redone = True
                self._begin_again(self._accounts[account_id], left)
                continue
            if (step is Step.CLOSE and full) or not self._carry_out(self._accounts[account_id], step):
                return True
        return full

    def _held(self, name: str) -> Sequence[str]:
        """Return what is deployed in an account and can be destroyed before it is moved."""
        return () if self._fleet.quarantined(name) else self._fleet.left(name)

    def _carry_out(self, account: Retirement, step: Step) -> bool:
        """Do one step; returns False where AWS's quota is used up, and the account waits."""
        self._note(replace(account, doing=step))
        match step:
            case Step.DESTROY:
                self._fleet.destroy(account.name)
            case Step.MOVE:
                # The unit first: without one the manifest must stay as it is. Then the manifest, so that no run of the
                # organisation moves back what AWS has moved.
                unit_id = self._aws.unit_id()
                self._fleet.quarantine(account.name)
                self._perform(account, ActKind.MOVE, unit_id)
                # Then the state: AWS refuses a run of the organisation that would move it from where it is no more.
                self._fleet.note_move(account.id, unit_id)
            case Step.DROP:
                self._fleet.drop(account.name, account.id)
            case Step.CLOSE:
                acted = self._perform(account, ActKind.CLOSE)
                if acted.later:
                    waiting = replace(account, doing=None, said=acted.words)
                    self._note(waiting)
                    self._tell(f"{account.name}: {waiting.word}")
                    return False
        self._note(self._accounts[account.id].after(step, self._now()))
        self._tell(f"{account.name}: {_DONE[step]}")
        return True

    def _begin_again(self, account: Retirement, left: Sequence[str]) -> None:
        """Go back to destroying, while it can be done: after the move everything is denied."""
        self._note(account.again())
        self._tell(f"{account.name}: something was deployed in it again ({', '.join(left)}), and is destroyed first")

    def _perform(self, account: Retirement, kind: ActKind, parent_id: str = "") -> Acted:
        acted = self._aws.perform(self._aws.act(kind, account.id, parent_id))
        if acted.done or acted.later:
            return acted
        raise RetirementStopped(
            f"AWS did not {kind} the account {account.name}",
            subject=account.id,
            why=acted.words,
            not_run="the steps after it",
            hint=GO_ON_RETIRING,
        )

    def _look(self, account: Retirement) -> None:
        """Note what AWS says of an account that it was asked to close."""
        if Step.CLOSE not in account.done or account.gone:
            return
        acted = self._aws.perform(self._aws.act(ActKind.LOOK, account.id, ""))
        if acted.status == GONE:
            self._note(replace(account, closed=account.closed or self._now(), gone=self._now()))
        elif acted.status in CLOSED and not account.closed:
            self._note(replace(account, closed=self._now()))

    def _read(self) -> None:
        self._accounts = {each.id: each for each in load_retired(self._path)}

    def _note(self, account: Retirement) -> None:
        """Write one account's part of the file; what others wrote of others meanwhile stays."""
        self._read()
        self._accounts[account.id] = account
        write_retired(self._path, self.accounts)


def _stopped(account: Retirement, error: FleetyardError) -> RetirementStopped:
    """Return what stopped one account, whatever it was, as one error that names the account."""
    if isinstance(error, RetirementStopped):
        return error
    subject = f" [{error.subject}]" if error.subject else ""
    why = f": {error.why}" if error.why else ""
    return RetirementStopped(
        f"{account.name} stopped before: {account.next_step}",
        subject=account.id,
        why=f"{error.code} {error.summary}{subject}{why}",
        not_run="the steps after it",
        hint=f"{error.hint}; then: {GO_ON_RETIRING}" if error.hint else GO_ON_RETIRING,
    )


def _together(stopped: Sequence[RetirementStopped]) -> RetirementStopped:
    """Return one error of all, each of which was told."""
    if len(stopped) == 1:
        return stopped[0]
    return RetirementStopped(
        f"{len(stopped)} accounts stopped",
        why="; ".join(each.summary for each in stopped),
        hint=f"mend what is told of each above, then: {GO_ON_RETIRING}",
    )


def _refilled(account: Retirement, left: Sequence[str]) -> RetirementStopped:
    return RetirementStopped(
        f"{account.name} still holds what no run of it destroys",
        subject=", ".join(left),
        why="its stacks were destroyed, and its states are not empty",
        not_run="moving and closing the account",
        hint=f"fleetyard state doctor says what to do about each; then: {GO_ON_RETIRING}",
    )


_DONE = {
    Step.DESTROY: "its stacks are destroyed",
    Step.MOVE: "moved to the suspended unit",
    Step.DROP: "out of manifest, state and lock",
    Step.CLOSE: "AWS closes it",
}
