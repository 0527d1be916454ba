"""The root user's row of the credential report, which moto leaves out.

moto's modules have no types and are changed here, hence `Any` for them.
Source: IAM User Guide, "Generate credential reports for your AWS account": the root user comes first, as
`<root_account>`; accounts of an organisation have a root user without keys to begin with. IAM API Reference,
"GetAccountSummary", AccountAccessKeysPresent.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from rehearsal.twin.emulator.root_users import ACTIVE, MOST_KEYS, root_keys

_USED = ("N/A", "N/A", "N/A")
"""Of a key that was not used: when, where and for what it was last used."""
_CERTIFICATE = ("false", "N/A")


def _counting_root_keys(plain: property) -> property:
    """Let moto's summary of the account say whether its root user has a key."""

    def summary_map(self: Any) -> dict[str, Any]:
        present = 1 if root_keys(self._iam_backend) else 0
        return {**plain.__get__(self), "AccountAccessKeysPresent": present}

    return property(summary_map)


def _keys(iam: Any) -> list[str]:
    """Return the fields of both keys; nobody notes when one was last used."""
    told: list[str] = []
    kept = list(root_keys(iam).values())
    for key in (*kept, *[None] * (MOST_KEYS - len(kept))):
        active = key is not None and key.status == ACTIVE
        rotated = f"{key.created:%Y-%m-%dT%H:%M:%S+00:00}" if key is not None else "N/A"
        told += ["true" if active else "false", rotated, *_USED]
    return told


def report_the_root_user(iam: Any) -> None:
    """Let moto's report begin with the account's root user."""
    backend = iam.IAMBackend
    iam.AccountSummary.summary_map = _counting_root_keys(iam.AccountSummary.summary_map)
    begin, plain = backend.__init__, backend.get_credential_report

    @wraps(begin)
    def remember_when(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self.fleetyard_begun = iam.utcnow()

    @wraps(plain)
    def get_credential_report(self: Any) -> str:
        header, _, users = plain(self).partition("\n")
        begun = f"{self.fleetyard_begun:%Y-%m-%dT%H:%M:%S+00:00}"
        row = (
            "<root_account>",
            f"arn:aws:iam::{self.account_id}:root",
            begun,
            "not_supported",
            "no_information",
            "not_supported",
            "not_supported",
            "false",
            *_keys(self),
            *_CERTIFICATE,
            *_CERTIFICATE,
        )
        return f"{header}\n{','.join(row)}\n{users}"

    backend.__init__, backend.get_credential_report = remember_when, get_credential_report
