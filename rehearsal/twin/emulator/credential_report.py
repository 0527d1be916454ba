"""The root user's row of the credential report, which moto leaves out.

moto's modules have no types and are changed here, hence `Any` for them.
Source: IAM User Guide, "Generate credential reports for your AWS account": the root user comes first, as
`<root_account>`; accounts of an organisation have a root user without keys.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

_USED = ("N/A", "N/A", "N/A", "N/A")
"""Of a key that is not there: when it was rotated, and when, where and for what it was last used."""
_CERTIFICATE = ("false", "N/A")


def report_the_root_user(iam: Any) -> None:  # noqa: ANN401 - moto's module
    """Let moto's report begin with the account's root user."""
    backend = iam.IAMBackend
    begin, plain = backend.__init__, backend.get_credential_report

    @wraps(begin)
    def remember_when(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - moto's own signature
        begin(self, *args, **kwargs)
        self.fleetyard_begun = iam.utcnow()

    @wraps(plain)
    def get_credential_report(self: Any) -> str:  # noqa: ANN401 - moto's own signature
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
            *("false", *_USED),
            *("false", *_USED),
            *_CERTIFICATE,
            *_CERTIFICATE,
        )
        return f"{header}\n{','.join(row)}\n{users}"

    backend.__init__, backend.get_credential_report = remember_when, get_credential_report
