"""The AWS config files of a rehearsal: one profile per caller, in files of the rehearsal's own.

The driver finds its callers by profile, on the twin as on AWS. Here the profiles live in two files that
`AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` point to, so that the user's own files are never touched.
"""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path

from orchestrator.rehearse.access import Credentials


@dataclass(frozen=True, slots=True)
class ProfileFiles:
    """The folder with `config` and `credentials` of a rehearsal."""

    folder: Path

    def environment(self) -> dict[str, str]:
        """Return the variables that make AWS's SDKs read these files."""
        return {
            "AWS_CONFIG_FILE": str(self.folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "credentials"),
        }

    def write(self, profile: str, region: str, credentials: Credentials) -> None:
        """Add or renew one profile; both files are readable by their owner only."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _merge(self.folder / "config", f"profile {profile}", {"region": region})
        keys = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
        }
        token = {"aws_session_token": credentials.session_token} if credentials.session_token else {}
        ends = {"x_security_token_expires": credentials.expires} if credentials.expires else {}
        _merge(self.folder / "credentials", profile, keys | token | ends)


def _merge(path: Path, section: str, values: dict[str, str]) -> None:
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    if parser.has_section(section) and dict(parser[section]) == values:
        return  # writing would lose the comments, those around `profiles write`'s block too
    parser[section] = values
    descriptor = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        parser.write(file)
    path.with_suffix(".new").replace(path)
