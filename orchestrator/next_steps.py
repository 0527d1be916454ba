"""The commands to type next that several messages name, and where they differ in a kept rehearsal."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.workers.environment import REHEARSAL_VARIABLE

JOIN = 'eval "$(fleetyard twin env)"'
"""Leads a shell to the running twin and its kept rehearsal; renews sessions and passphrase."""

LEAVE = 'eval "$(fleetyard twin env --unset)"'
"""Leads a shell away from any twin."""

ANEW = "fleetyard twin stop, then: fleetyard rehearse --keep"
"""Gives a kept rehearsal that is whole again."""

SIGN_IN = "fleetyard profiles sign-in"
"""Gives the profile of the management role a session, for which it asks a person for an MFA code."""

LATER = (
    "run the command again a little later; if it stays so, check the network; "
    "in a rehearsal: fleetyard twin status, and fleetyard twin faults list"
)
"""For whoever asked an AWS that throttles, fails by itself or does not answer."""

GO_ON_RETIRING = "fleetyard accounts retire --continue"
"""Goes on with every account that is on its way out."""


def code_beforehand(profile: str, *, management: bool) -> str:
    """Return the step for a profile that asks for an MFA code, as no run can ask; `management` runs workloads."""
    if management:
        return SIGN_IN
    return f"put a session got with the code into profile {profile}: aws sts get-session-token, or aws sts assume-role"


def sign_in_again(profile: str, *, management: bool) -> str:
    """Return the step for a profile whose session AWS refuses."""
    ours = f": {SIGN_IN}, or as your company does" if management else ""
    return f"sign in again{ours}, such as: aws sso login --profile {profile}"


def in_rehearsal(env: Mapping[str, str], otherwise: str, rehearsed: str = JOIN) -> str:
    """Return the step for whoever has joined a kept rehearsal, or the other one for everybody else."""
    return rehearsed if env.get(REHEARSAL_VARIABLE) else otherwise
