"""Who can act on a twin: its administrator, and where a rehearsal was kept on it, everybody of that rehearsal."""

from __future__ import annotations

from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from landing_zone.fleet import Manifest
from orchestrator.rehearse import keepsake
from orchestrator.rehearse.access import Access, Credentials
from orchestrator.rehearse.sequence import sign_in_to_role
from orchestrator.verify.probing import SignedIn


def sign_everybody_in(manifest: Manifest, access: Access, administrator: Credentials, joined: str) -> SignedIn:
    """Become every management role that somebody of a kept rehearsal, given by its folder, may become.

    Without a rehearsal (an empty text) there is the administrator alone. Whom the twin refuses is noted, since it may
    have been changed by hand.
    """
    people = keepsake.load(Path(joined)).people if joined else ()
    sessions: dict[str, Credentials] = {}
    roles: dict[str, Credentials] = {}
    refused: dict[str, str] = {}
    for name, role in manifest.management_roles.items():
        if any(person.may_become(role) for person in people):
            try:
                roles[name] = sign_in_to_role(access, manifest, people, name, sessions)
            except (ClientError, BotoCoreError) as error:
                refused[name] = f"nobody could become {name}: {error}"
    return SignedIn(access, administrator, roles, refused)
