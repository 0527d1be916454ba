"""EC2 requests that only ask whether they would be let in: nothing is done. moto honours that for some operations.

Source: Amazon EC2 API Reference, "Common query parameters", DryRun; "Error codes", DryRunOperation.
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.requests.refusals import Refusal

_WORDS = "Request would have succeeded, but DryRun flag is set."


def refuse_dry_run(asked: Asked) -> None:
    """Answer a dry run, which has been found authorised; raises Refusal (DryRunOperation, 412), as AWS does."""
    if asked.operation.service == "ec2" and asked.operation.text("DryRun").lower() == "true":
        raise Refusal.of("DryRunOperation", _WORDS, 412)
