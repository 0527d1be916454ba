"""What to say, and to keep, of operations that a killed run left open.

Source: Pulumi `pkg/resource/deploy/deployment_executor.go` (printPendingOperationsWarning), `pkg/backend/journal.go`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.engine.state import PendingKind, PendingOperation

_ADVICE = (
    "These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to these "
    "resources to complete. You should confirm whether or not the operations listed completed successfully by checking "
    "the state of the appropriate provider. For example, if you are using AWS, you can confirm using the AWS Console.\n"
    "\n"
    "Once you have confirmed the status of the interrupted operations, you can repair your stack using "
    "`pulumi refresh` which will refresh the state from the provider you are using and clear the pending operations if "
    "there are any.\n"
    "\n"
    "Note that `pulumi refresh` will need to be run interactively to clear pending CREATE operations."
)
CLEARING = (
    "The embedded engine does not ask: once you know what became of the pending CREATE operations, forget them with "
    "`pulumi refresh --clear-pending-creates --yes`."
)


def warning(operations: Sequence[PendingOperation]) -> str:
    """Return Pulumi's warning about operations that had begun when the last run ended."""
    listed = "".join(f"  * {operation.resource.urn}, interrupted while {operation.kind}\n" for operation in operations)
    count = len(operations)
    return (
        f"Attempting to deploy or update resources with {count} pending operations from previous deployment.\n"
        f"{listed}{_ADVICE}"
    )


def kept(operations: Sequence[PendingOperation]) -> tuple[PendingOperation, ...]:
    """Return what stays in the state until a person has settled it: creates, of which nobody knows the id."""
    return tuple(operation for operation in operations if operation.kind is PendingKind.CREATING)


def without_creates(operations: Sequence[PendingOperation]) -> tuple[PendingOperation, ...]:
    """Return the operations that a refresh settles by itself, for a person who has settled the creates."""
    return tuple(operation for operation in operations if operation.kind is not PendingKind.CREATING)
