"""The command to type next where it differs for somebody who has joined a kept rehearsal."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.environment import REHEARSAL_VARIABLE

JOIN = 'eval "$(fleetyard twin env)"'
"""Leads a shell to the running twin and its kept rehearsal; renews sessions and passphrase."""

LEAVE = 'eval "$(fleetyard twin env --unset)"'
"""Leads a shell away from any twin."""

ANEW = "fleetyard twin stop, then: fleetyard rehearse --keep"
"""Gives a kept rehearsal that is whole again."""


def in_rehearsal(env: Mapping[str, str], otherwise: str, rehearsed: str = JOIN) -> str:
    """Return the step for whoever has joined a kept rehearsal, or the other one for everybody else."""
    return rehearsed if env.get(REHEARSAL_VARIABLE) else otherwise
