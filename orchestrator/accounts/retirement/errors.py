"""Errors of retiring an account."""

from __future__ import annotations

from orchestrator.errors import PlanError


class RetirementRefused(PlanError):
    """The account cannot be retired: others need it, or what retiring it takes is not there.

    The management account is never closed. Nor is an account that something rests on: a delegated administrator, the
    log archive, the hub, the account of the people. A suspended account is left alone by runs, so its stacks could not
    be destroyed: resume it first. The suspended unit with its deny-all policy has to be there: write `suspended_unit`
    into the manifest and deploy the organisation. Nor is an account while something is in the way of destroying its
    stacks: a resource that its program protects, a stack that the manifest does not have any more, a lock; each is
    named with the step that settles it. Nothing was changed.
    """

    code = "FY378"
    title = "The account cannot be retired"


class RetirementStopped(PlanError):
    """A step of retiring an account failed, in the words of AWS or of the engine.

    What was done is noted in fleet.retired.yaml. Mend what is named, then `fleetyard accounts retire --continue`: it
    goes on with the step that failed. The account is not closed before every step before that is done.
    """

    code = "FY379"
    title = "Retiring stopped"
    exit_code = 1


class RetirementUnderWay(PlanError):
    """Another `accounts retire` is at work in this checkout; two would not know of each other's steps.

    Nothing was started. Wait until it has ended, then repeat the command; whoever it is, is named. A process that is
    gone holds nothing: the system lets go of its lock.
    """

    code = "FY382"
    title = "Another retirement is under way"


class RetirementHalfDone(PlanError):
    """A retirement was cut short where the manifest and the organisation's state do not agree on the account.

    `up` and `preview` of the organisation are refused until it has gone on: they would try to delete or to move what
    the retirement is about to take out. Nothing was started; runs that leave the organisation's stack out go on. Type
    `fleetyard accounts retire --continue`.
    """

    code = "FY384"
    title = "A retirement was broken off"


class RetiredFileUnreadable(PlanError):
    """`fleet.retired.yaml` is not what Fleetyard wrote, so what was done to which account is not known.

    Nothing was started. Take back the last good one from the repository's history; it is committed beside the lock.
    """

    code = "FY380"
    title = "The file of retired accounts is damaged"
