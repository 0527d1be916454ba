"""Permissions boundaries: a managed policy that is the most a role may do, whatever else is attached to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from landing_zone.identifiers import managed_policy_arn
from landing_zone.organization_policies import PlacedAction, PlacedKey

FILE_ENDINGS = (".json", ".yaml", ".yml")
NONE = "none"
"""Written in the manifest: this role has no boundary, whatever is said of all roles."""

_OWN_POLICY = re.compile(r"arn:aws:iam::(?P<account>[0-9]{12}|\*):policy/.+")


@dataclass(frozen=True, slots=True)
class Boundary:
    """A boundary as the manifest names it: an ARN, with `*` for the role's own account, or a document to be made.

    `source` is the text in the manifest. A document becomes the policy `name` in each account that has such a role.
    """

    source: str
    arn: str = ""
    name: str = ""
    document: Mapping[str, Any] | None = None
    place: str = ""
    """Where a document's statements stand: `file:line:column`."""
    actions: tuple[PlacedAction, ...] = ()
    """What a document's statements name under Action and NotAction."""
    keys: tuple[PlacedKey, ...] = ()
    """What its conditions ask for."""

    @property
    def of_account(self) -> str:
        """The account in the ARN: twelve digits, `*`, or empty for AWS's own policies and for documents."""
        found = _OWN_POLICY.fullmatch(self.arn)
        return found["account"] if found else ""

    def arn_in(self, account_id: str) -> str:
        """Return the ARN that a role of an account is given; empty while the policy has to be made."""
        return self.arn.replace("::*:", f"::{account_id}:", 1)


def is_file(text: str) -> bool:
    """Return whether a boundary is a file's path rather than a policy's name or ARN."""
    return not text.startswith("arn:") and text.endswith(FILE_ENDINGS)


def boundary_of(text: str) -> Boundary | None:
    """Return the boundary of a manifest's text, None where it says that there is none; a file's is read elsewhere."""
    if text in {"", NONE}:
        return None
    if is_file(text):
        return Boundary(text, name=f"fleetyard-boundary-{PurePosixPath(text).stem}")
    return Boundary(text, arn=managed_policy_arn(text))
