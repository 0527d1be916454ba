"""Errors of `fleetyard state`. Whenever one is told, the state it speaks of is where it was."""

from __future__ import annotations

from orchestrator.errors import AccessError, StackError


class StatesDiffer(StackError):
    """Both backends hold a state of this stack and the two differ, so neither may be thrown away.

    Nothing was changed. It happens when somebody deployed the stack in one backend after it had been copied to the
    other, or with a manifest that said otherwise. The message says how many resources each holds, when each was
    written, and how to look at each. Keep the one that tells what AWS holds (the newer one as a rule): move the other
    aside with the command in the message, then migrate again.
    """

    code = "FY322"
    title = "Two states of one stack"


class OperationsPending(StackError):
    """The state has operations that were under way when an engine died, and Pulumi drops them when a state is moved.

    Nothing was changed. Settle them where the state is: put `workload_state` or `state_buckets` in the manifest back to
    what it was, look whether AWS made what was being created, and run `fleetyard refresh --clear-pending-creates` for
    the stack; then change the manifest again and migrate.
    """

    code = "FY323"
    title = "Operations pending in the state to be moved"


class BackendUnreadable(AccessError):
    """AWS does not let the caller of workloads read the state bucket; its own words are quoted.

    Nothing was moved. `fleetyard doctor` tries the bucket and its key, and says what is missing.
    """

    code = "FY324"
    title = "The state bucket cannot be read"


class MoveUnproven(StackError):
    """What arrived in the other backend is not what was sent, so the source was kept as it is.

    The message names the first resources that differ; their values are not shown. Nothing is lost: the source still
    holds the state. Was the stack deployed while it was moved? Then migrate again. If it happens twice, please report.
    """

    code = "FY325"
    title = "The copy differs from its source"


class SettingsChanged(StackError):
    """The stack's settings file was changed by somebody else while its secrets were encrypted anew.

    That change was not overwritten, and both backends hold the state. Repeat the command: it goes on from there, with
    the file as it is now.
    """

    code = "FY326"
    title = "Settings changed during the move"
