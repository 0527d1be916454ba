"""The session of AWS's SDK for processes behind which nobody sits: it never asks for an MFA code.

botocore asks with getpass, which reads the terminal even where standard input is closed: a child in a process group of
its own would stop there and never go on. Import this where a process asks AWS, never at the top: it costs start-up
time.
"""

from __future__ import annotations

from typing import Any, NoReturn

import boto3
import botocore.session
from botocore.exceptions import BotoCoreError

from orchestrator.twin_refusals import LOOK


class CodeNeeded(BotoCoreError):  # type: ignore[misc]  # botocore ships no types
    """A profile's credentials need an MFA code."""

    fmt = "profile {profile} asks for an MFA code, and nobody can be asked in a run"


def unasked_session(region: str | None = None, profile: str | None = None, *, look: bool = True) -> boto3.Session:
    """Return boto3's session of this process's environment, or of a profile and nothing else.

    `look` says that what it is refused is Fleetyard's own to handle, not a command's failure.
    Where its credentials need a code it raises CodeNeeded, as for a profile that leads to another by `source_profile`.
    """
    session = botocore.session.Session(profile=profile)
    session.user_agent_extra = LOOK if look else ""
    used = session.get_config_variable("profile") or "default"

    def refuse(_question: str) -> NoReturn:
        raise CodeNeeded(profile=used)

    chain: Any = session.get_component("credential_provider")
    # botocore has no public way to another prompt; that this one is used is tested.
    chain.get_provider("assume-role")._prompter = refuse  # noqa: SLF001
    return boto3.Session(botocore_session=session, region_name=region)
