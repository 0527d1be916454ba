"""The file `fleet.retired.yaml`: which accounts are being retired or were, and how far each has got. Committed.

Written before and after every step, so that whoever comes next knows where to go on. Read by runs too, which leave an
account alone while it is being retired.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from orchestrator.accounts.retirement.errors import RetiredFileUnreadable
from orchestrator.files.project_files import write_if_changed
from orchestrator.files.workspace import FOLDER
from orchestrator.next_steps import ANEW

NAME = "fleet.retired.yaml"
HEADER = "# Written by fleetyard accounts retire; commit it, and leave it to fleetyard.\n"

DAYS_UNTIL_GONE = 90
"""After closing, until AWS deletes the account for good. Source: AWS Account Management Guide, "Close your account"."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")


class Step(StrEnum):
    """The steps in their order."""

    DESTROY = "destroy"
    MOVE = "move"
    DROP = "drop"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Retirement:
    """One account on its way out. `done` says when each step was; `doing` is one that was begun.

    `closed` is when AWS was seen to have closed it; `said` holds AWS's words while it does not let it be closed yet.
    """

    name: str
    id: str
    email: str = ""
    begun: str = ""
    done: Mapping[Step, str] = field(default_factory=dict)
    doing: Step | None = None
    closed: str = ""
    gone: str = ""
    said: str = ""

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done, None after the last."""
        return next((step for step in Step if step not in self.done), None)

    @property
    def finished(self) -> bool:
        """Whether AWS has closed the account."""
        return bool(self.closed)

    @property
    def final_date(self) -> str:
        """The day on which AWS deletes the account for good, in ISO 8601; empty while it is not being closed."""
        asked = self.done.get(Step.CLOSE)
        return (datetime.fromisoformat(asked) + timedelta(days=DAYS_UNTIL_GONE)).date().isoformat() if asked else ""

    @property
    def word(self) -> str:
        """How far it is, for people."""
        if self.gone:
            return f"gone from the organisation since {self.gone[:10]}"
        if self.closed:
            return f"closed, gone for good on {self.final_date}"
        if Step.CLOSE in self.done:
            return f"being closed, gone for good on {self.final_date}"
        if self.next_step is Step.CLOSE:
            return "waits to be closed" + (": AWS's quota of 30 days" if self.said else "")
        past = _PAST[list(self.done)[-1]] if self.done else "nothing is done"
        begun = f", {self.doing} begun and not finished" if self.doing else ""
        return f"retiring: {past}{begun}, next: {self.next_step}"

    @property
    def dropped(self) -> bool:
        """Whether the manifest does not have the account any more."""
        return Step.DROP in self.done

    def again(self) -> Retirement:
        """Return it with nothing done, so that it begins with destroying once more."""
        return replace(self, done={}, doing=None)

    def after(self, step: Step, when: str) -> Retirement:
        """Return it with a step done."""
        return replace(self, done={**self.done, step: when}, doing=None, said="")


_PAST = {Step.DESTROY: "destroyed", Step.MOVE: "moved", Step.DROP: "dropped", Step.CLOSE: "being closed"}


def retired_path(lock_path: Path) -> Path:
    """Return where the file is: beside the lock."""
    return lock_path.with_name(NAME)


def load_retired(path: Path) -> tuple[Retirement, ...]:
    """Return the accounts in their order, none without a file; raises RetiredFileUnreadable."""
    from landing_zone.manifest.positions import read_document  # noqa: PLC0415  (costs start-up time)
    from landing_zone.manifest.problems import Problems  # noqa: PLC0415

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        _refuse(path, str(error))
    problems = Problems()
    values = read_document(text, path.name, problems).values
    accounts = values.get("accounts") if isinstance(values, dict) else None
    if problems or not isinstance(accounts, dict):
        _refuse(path, "; ".join(map(str, problems.sorted()[:3])) or "it has no accounts")
    return tuple(_read(path, str(account_id), fields) for account_id, fields in accounts.items())


def on_its_way(accounts: Sequence[Retirement], name: str, account_id: str | None) -> Retirement | None:
    """Return what is noted of an account: by its id where the fleet knows one, else the last of its name."""
    same = [each for each in accounts if each.name == name and account_id in {None, each.id}]
    return same[-1] if same else None


def being_retired(path: Path) -> frozenset[str]:
    """Return the names of the accounts that the manifest still has and that are on their way out.

    Raises: RetiredFileUnreadable.
    """
    return frozenset(each.name for each in load_retired(path) if not each.dropped)


def write_retired(path: Path, accounts: Sequence[Retirement]) -> None:
    """Write the file whole or not at all."""
    lines = [HEADER, "accounts:", *("" if accounts else (" {}",)), "\n"]
    for each in accounts:
        lines.append(f'  "{each.id}":\n')
        for key, value in _fields(each).items():
            lines.append(f"    {key}: {json.dumps(value, ensure_ascii=False)}\n")
    write_if_changed(path, "".join(lines))


def now_words() -> str:
    """Return the time as the file states it."""
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def _fields(each: Retirement) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": each.name, "email": each.email, "begun": each.begun}
    fields["done"] = {step.value: when for step, when in each.done.items()}
    fields["doing"] = each.doing.value if each.doing else ""
    fields |= {"closed": each.closed, "gone": each.gone, "said": each.said}
    return {key: value for key, value in fields.items() if value}


def _read(path: Path, account_id: str, fields: object) -> Retirement:
    if not isinstance(fields, dict):
        _refuse(path, f"{account_id} holds nothing")
    if unknown := set(fields) - {"name", "email", "begun", "done", "doing", "closed", "gone", "said"}:
        _refuse(path, f"{account_id} has the unknown key {min(map(str, unknown))}")
    if not _ACCOUNT_ID.fullmatch(account_id) or not fields.get("name"):
        _refuse(path, f"{account_id} is no id of 12 digits, or has no name")
    done = fields.get("done", {})
    try:
        steps = {Step(str(step)): datetime.fromisoformat(str(when)).isoformat() for step, when in done.items()}
        doing = Step(str(fields["doing"])) if fields.get("doing") else None
    except (ValueError, AttributeError) as error:
        _refuse(path, f"{account_id}: {error}")
    if list(steps) != list(Step)[: len(steps)]:
        _refuse(path, f"the steps of {account_id} are out of order: {', '.join(steps)}")
    texts = {key: str(fields.get(key, "")) for key in ("name", "email", "begun", "closed", "gone", "said")}
    return Retirement(id=account_id, done=steps, doing=doing, **texts)


def _last_good(path: Path) -> str:
    """Return how the last good file comes back: from the history, but for a kept rehearsal's, which has none."""
    if FOLDER in path.parts:
        return f"it is a kept rehearsal's, which git does not keep: {ANEW}; to keep the rehearsal, correct the file"
    return f"take back the last good one: git checkout -- {path}"


def _refuse(path: Path, why: str) -> NoReturn:
    raise RetiredFileUnreadable(
        "the file of retired accounts is damaged",
        subject=str(path),
        why=why,
        not_run="anything",
        hint=_last_good(path),
    )
