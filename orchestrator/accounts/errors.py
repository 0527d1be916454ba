"""Errors of the account commands."""

from __future__ import annotations

from orchestrator.errors import PlanError, StackError


class EditRefused(PlanError):
    """The manifest would not be valid with the change that was asked for.

    Its problems are quoted, all of them, each with its file, line and keys: a name that another account has, an email
    used twice, a unit that is not there, a workload or a grant that still names the account, or a stage or glob that
    only this account satisfied. Nothing was written. Correct the command, or change the lines that are named first. A
    workload that is deployed in the account is destroyed before it is taken out of the manifest: what the manifest does
    not have any more is destroyed by no run.
    """

    code = "FY360"
    title = "The change does not fit the manifest"
    keys: tuple[tuple[str | int, ...], ...] = ()
    """Under which keys of the manifest the problems stand, for whoever can say more of what to do first."""


class ManifestNotEditable(PlanError):
    """The manifest is written in a form in which Fleetyard cannot make the change without touching other values.

    It changes the lines it must and no others. What it cannot do alone: change an account that is written by an alias
    (`*name`) or brought by a merge (`<<:`). Nothing was written. Make the change by hand, then: `fleetyard validate`.
    """

    code = "FY361"
    title = "The manifest has another form"


class ManifestChanged(PlanError):
    """A file of the manifest was changed by somebody else while Fleetyard was changing it.

    Nothing was written. See what was changed, and repeat the command.
    """

    code = "FY362"
    title = "The manifest was changed meanwhile"


class ManifestUnwritable(PlanError):
    """A file of the manifest cannot be written, in the system's own words.

    Every file is as it was. Make the file and its folder writable, and repeat the command.
    """

    code = "FY363"
    title = "The manifest cannot be written"


class AccountNotReady(StackError):
    """A new account could not be used within the time that a run waits for one.

    AWS makes `OrganizationAccountAccessRole` in an account some time after the account itself; until it can be assumed
    nothing can be deployed there. The account's stacks did not run, all others went on. Repeat the command; wait longer
    with `--account-wait SECONDS`. If AWS goes on refusing, see whether the role was renamed or deleted in the account.
    """

    code = "FY364"
    title = "The new account is not usable yet"


class AccountClosed(StackError):
    """AWS says that an account is closed, or is being closed: nobody can act in it.

    Its stacks failed or were skipped, all others went on. To have runs leave it alone: `fleetyard accounts suspend
    NAME`. To take it out of manifest, lock and state: `fleetyard accounts release NAME`, then `fleetyard accounts
    remove NAME`. An account that was closed less than 90 days ago can be opened again by AWS's support.
    """

    code = "FY365"
    title = "The account is closed"


class AccountEmailTaken(StackError):
    """AWS made no account, as an account somewhere has its email.

    Every account of AWS has an email of its own, closed ones keep theirs. If the account is of this organisation, take
    it over in place of making one: `fleetyard accounts discover`, or give its `id:` in the manifest; else give the new
    account another address, such as `aws+NAME@example.com`.
    """

    code = "FY366"
    title = "The email belongs to another account"


class AccountInUse(PlanError):
    """An account cannot be removed while stacks are deployed in it, or while nobody can say whether any are.

    Nothing was touched. Destroy what they made (`fleetyard destroy --account NAME`; runs leave a suspended account
    alone, so `fleetyard accounts resume NAME` comes before), or forget it and keep what it made (`fleetyard accounts
    release NAME`), then repeat the command.
    """

    code = "FY367"
    title = "Stacks run in the account"


class NotReleasable(PlanError):
    """A stack of the account cannot be forgotten now: it is locked, was interrupted, or its state cannot be read.

    Nothing was touched. Forgetting a stack while it is worked on would lose what is being made. Each stack that stands
    in the way is named with the command that settles it.
    """

    code = "FY368"
    title = "The account's stacks cannot be forgotten now"


class ReleaseIncomplete(StackError):
    """Some of the account's states, or the account itself, could not be forgotten; what was done is told.

    Nothing in AWS was changed. Every forgotten state is kept in a file that is named. Correct the cause and repeat the
    command: it goes on from there.
    """

    code = "FY369"
    title = "Not everything could be forgotten"


class AccountNeeded(PlanError):
    """The account cannot be removed, as others need it; whoever does is named.

    The management account is never removed: everything rests on it. A member is needed as the log archive, the hub, the
    account of the people, or as delegated administrator of a service. Nothing was touched. Give that task to another
    account in the manifest and deploy it, then repeat the command.
    """

    code = "FY383"
    title = "Others need the account"


class AccountNotInLock(PlanError):
    """AWS has made an account, and `fleet.lock.yaml` does not have its id: the organisation's state alone knows it.

    A run of the organisation was killed before it could write the id down. Nothing was touched: an account that is
    taken out of the manifest now would stay in the state, and every later run would be refused, as it would delete it.
    `fleetyard up --stack organization` writes the id down, also where it fails; then repeat the command.
    """

    code = "FY385"
    title = "The lock does not know the account"
