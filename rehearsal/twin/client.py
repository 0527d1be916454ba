"""Speaks to a running twin's own interface: settings, counts of calls, last refusals, faults. Cheap to import."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from rehearsal.twin.errors import BadFault, BadTwinOption, NotOurTwin, TwinRefused
from rehearsal.twin.fault import Fault, FaultProblem, as_data
from rehearsal.twin.run_file import TwinRun

__all__ = [
    "Fault",
    "add_fault",
    "add_faults",
    "change_settings",
    "clear_faults",
    "count_calls",
    "last_denials",
    "last_events",
    "last_mail",
    "list_faults",
    "make_outside_account",
    "make_root_key",
    "note_rehearsal_over",
    "read_settings",
    "remove_fault",
]

_TIMEOUT = 10.0  # seconds


def change_settings(run: TwinRun, **changes: bool | int | str | Mapping[str, Any]) -> dict[str, Any]:
    """Change `gate` (bool), `latency_ms` or `clock_ahead_s` (how far the clock that ends sessions is ahead).

    `rate_limits` is `aws` (Organizations, IAM and STS throttle) or `off`.
    `account_tries` is how many tries to become a new account's own role are refused first.
    `role_delay_s` is how long a new role, user or key cannot be used and a changed trust has no effect.
    `mfa_codes_once` (bool) tells whether an MFA code is good for one use only, as AWS's are.
    `account_delay_s` is how long making an account takes, and closing one; `region_delay_s`, enabling an opt-in region.
    `quotas` are quotas of Organizations other than the usual ones, all at once, by the names in organization_quotas.
    `issuers` are the issuers of pipelines' tokens, all at once: each one's keys (a JWKS) by host without https://.

    Returns all settings as they are now. Raises: BadTwinOption; TwinRefused, NotOurTwin.
    """
    status, answer = _exchange(run, "POST", "settings", changes)
    if status == 400:
        raise BadTwinOption(
            "the settings were not changed",
            why=str(answer.get("error", "")),
            not_run="nothing was changed",
            hint="fleetyard twin settings shows those there are",
        )
    settings: dict[str, Any] = _accepted(run, "POST settings", status, answer)
    return settings


def read_settings(run: TwinRun) -> dict[str, Any]:
    """Return all settings as they are. Raises: TwinRefused, NotOurTwin."""
    settings: dict[str, Any] = _ask(run, "GET", "settings")
    return settings


def add_fault(run: TwinRun, fault: Fault) -> str:
    """Order one fault and return its id. Raises: BadFault, TwinRefused, NotOurTwin."""
    return str(add_faults(run, [as_data(fault)])[0]["id"])


def add_faults(run: TwinRun, faults: Sequence[Any]) -> list[dict[str, Any]]:
    """Order faults, each as an object of `Fault`'s fields: all of them or none. Return them with their ids.

    Raises: BadFault with every problem; TwinRefused, NotOurTwin.
    """
    status, answer = _exchange(run, "POST", "faults", {"faults": list(faults)})
    if status == 400 and answer.get("problems"):
        problems = tuple(FaultProblem(**each) for each in answer["problems"])
        raise BadFault(problems)
    made: list[dict[str, Any]] = _accepted(run, "POST faults", status, answer)["faults"]
    return made


def list_faults(run: TwinRun) -> list[dict[str, Any]]:
    """Return the faults on order: fields that are not as by default, `id`, `matched` and `hits` so far."""
    faults: list[dict[str, Any]] = _ask(run, "GET", "faults")["faults"]
    return faults


def remove_fault(run: TwinRun, fault_id: str) -> None:
    """Take one fault away. Raises: TwinRefused if there is none of this id, naming those there are."""
    _ask(run, "DELETE", f"faults/{fault_id}")


def clear_faults(run: TwinRun) -> int:
    """Take all faults away and return how many there were; a session that one has ended stays so."""
    return int(_ask(run, "DELETE", "faults")["removed"])


def make_outside_account(run: TwinRun, name: str, email: str) -> dict[str, str]:
    """Make an account that is in no organisation, as signing up on AWS's web page does.

    Returns: `account_id`, and its administrator's `access_key_id` and `secret_access_key`.
    """
    made: dict[str, str] = _ask(run, "POST", "accounts", {"name": name, "email": email})
    return made


def make_root_key(run: TwinRun, account_id: str) -> dict[str, str]:
    """Make an access key for an account's root user, as its owner does on AWS's web page: two at most.

    Returns: `access_key_id` and `secret_access_key`. Raises: TwinRefused for an account that is not there, a third key.
    """
    made: dict[str, str] = _ask(run, "POST", "root-keys", {"account_id": account_id})
    return made


def last_mail(run: TwinRun) -> list[dict[str, str]]:
    """Return the mails with one-time passwords that AWS would have sent, the earliest first: to, account_id, code."""
    mail: list[dict[str, str]] = _ask(run, "GET", "mail")
    return mail


def count_calls(run: TwinRun) -> dict[str, int]:
    """Return how often each operation was called since the start, by `service:operation`."""
    counts: dict[str, int] = _ask(run, "GET", "calls")
    return counts


def last_denials(run: TwinRun, limit: int = 50, *, by_services: bool = False) -> list[dict[str, Any]]:
    """Return the last refused requests, the latest first; with `by_services` those by services' own rules as well.

    Shape: the fields of `rehearsal.twin.serving.record.Denial` by name; what no policy decided has an empty `reason`.
    """
    denials: list[dict[str, Any]] = _ask(
        run, "GET", f"denials?limit={limit}{'&by_services=true' if by_services else ''}"
    )
    return denials


def note_rehearsal_over(run: TwinRun) -> int:
    """Note that the refusals so far belong to a rehearsal that passed, and return how many they are."""
    return int(_ask(run, "POST", "rehearsal-over", {})["marked"])


def last_events(run: TwinRun, limit: int = 50) -> list[dict[str, Any]]:
    """Return the last requests in the form in which CloudTrail hands events to EventBridge, the earliest first."""
    events: list[dict[str, Any]] = _ask(run, "GET", f"events?limit={limit}")
    return events


def _ask(run: TwinRun, method: str, path: str, body: object = None) -> Any:
    return _accepted(run, f"{method} {path}", *_exchange(run, method, path, body))


def _accepted(run: TwinRun, what: str, status: int, document: Any) -> Any:
    if status != 200:
        raise TwinRefused(f"the twin refused {what}", subject=run.endpoint, why=str(document.get("error", "")))
    return document


def _exchange(run: TwinRun, method: str, path: str, body: object) -> tuple[int, Any]:
    parts = urlsplit(run.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        data = None if body is None else json.dumps(body)
        target = f"/_fleetyard/{quote(path, safe='/?=&')}"
        connection.request(method, target, body=data, headers={"X-Fleetyard-Token": run.token})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotOurTwin("the twin does not answer", subject=run.endpoint, why=str(error)) from error
    finally:
        connection.close()
