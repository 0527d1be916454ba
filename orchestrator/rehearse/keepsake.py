"""What a kept rehearsal leaves for later commands: its people and the passphrase of its stacks, in one private file.

Both open the twin only, and are made anew with every rehearsal.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.files.private_files import write_private
from orchestrator.rehearse.access import Credentials
from orchestrator.rehearse.people import Person, Pipeline, SamlSignIn

FILE_NAME = "keepsake.json"
PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105  (a variable's name)


@dataclass(frozen=True, slots=True)
class Keepsake:
    """The people of a rehearsal and the passphrase of its stacks."""

    people: tuple[Person, ...]
    passphrase: str = field(repr=False)

    def environment(self) -> Mapping[str, str]:
        """Return the variable from which Pulumi reads the passphrase."""
        return {PASSPHRASE: self.passphrase}


def new_passphrase() -> str:
    """Return a passphrase that nobody has to remember."""
    return secrets.token_urlsafe(18)


def save(directory: Path, keepsake: Keepsake) -> None:
    """Write the file so that only its owner reads it."""
    write_private(directory / FILE_NAME, asdict(keepsake))


def load(directory: Path) -> Keepsake:
    """Read the file; raises FileNotFoundError when the directory holds no rehearsal."""
    stored = json.loads((directory / FILE_NAME).read_text(encoding="utf-8"))
    return Keepsake(tuple(_person(person) for person in stored["people"]), stored["passphrase"])


def _person(stored: dict[str, Any]) -> Person:
    pipeline, saml = stored["pipeline"], stored["saml"]
    parts = {
        "key": Credentials(**stored["key"]),
        "groups": tuple(stored["groups"]),
        "pipeline": Pipeline(**pipeline) if pipeline else None,
        "saml": SamlSignIn(**saml) if saml else None,
    }
    return Person(**{**stored, **parts})
