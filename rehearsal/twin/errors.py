"""Errors of the twin (FY60x-FY64x)."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.errors import RehearsalError


class NotOurTwin(RehearsalError):
    """The AWS endpoint is not the twin its run file names, so nothing was sent to it.

    The embedded engine and its `aws` provider speak to a running twin of ours and to nothing else. Start one with
    `fleetyard twin start` and take its settings with `eval "$(fleetyard twin env)"`, or use the real Pulumi CLI
    against AWS.
    """

    code = "FY601"
    title = "The endpoint is not our twin"


class TwinAlreadyRunning(RehearsalError):
    """A twin is already running under this run file.

    One run file belongs to one twin. Use the running one, end it with `fleetyard twin stop`, or name another run file.
    """

    code = "FY602"
    title = "A twin is already running"


class PortInUse(RehearsalError):
    """The port asked for is taken by another program.

    Leave the port out and a free one is chosen, or end the program that holds it.
    """

    code = "FY603"
    title = "Port in use"


class TwinDidNotStart(RehearsalError):
    """The twin ended, or did not become healthy in time, while starting.

    Its log, named in the message, says why.
    """

    code = "FY604"
    title = "The twin did not start"


class NoTwinRunning(RehearsalError):
    """No twin runs under this run file: the file is missing, or names a process that has ended.

    Start one with `fleetyard twin start`, or rehearse with `fleetyard rehearse --keep`.
    """

    code = "FY605"
    title = "No twin is running"


class RunFileUnreadable(RehearsalError):
    """The run file exists but is none: it is damaged, or another program wrote it.

    Remove the file (after ending the twin that wrote it, if one still runs) and start again.
    """

    code = "FY606"
    title = "The run file cannot be read"


class BadTwinOption(RehearsalError):
    """An option of the twin has a value it cannot have; the message names the option and what it allows."""

    code = "FY607"
    title = "Unusable twin option"
    exit_code = 2


class TwinRefused(RehearsalError):
    """The twin refused a request to its control interface: wrong token, unknown path or an unusable body."""

    code = "FY608"
    title = "The twin refused a control request"


class BadFault(RehearsalError):
    """A fault on order cannot be: a field, or a name of AWS's, that does not exist, or a value that is not possible.

    The message lists every problem, with the nearest name that exists; in a file each with its line. None of the
    faults given was taken. `fleetyard twin faults add --help` lists the fields, docs/twin.md explains them.
    """

    code = "FY609"
    title = "Unusable fault"
    exit_code = 2

    def __init__(self, problems: Sequence[object], subject: str = "") -> None:
        super().__init__(
            "the faults were not taken" if len(problems) > 1 else "the fault was not taken",
            subject=subject,
            why="; ".join(str(problem) for problem in problems),
            not_run="nothing was changed",
            hint="fleetyard twin faults add --help",
        )
        self.problems = tuple(problems)
