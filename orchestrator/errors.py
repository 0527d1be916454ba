"""Errors of the driver: one class per code, each with what happened, why, and what to type next.

AccessError    FY2xx   who the caller is and what they may do, exit 3
PlanError      FY3xx   what was asked for, exit 2
StackError     FY4xx   one stack, exit 1 unless it is about access (3), unexpected changes (4) or the engine (5)
InternalError  FY9xx   our own fault, exit 70
"""

from __future__ import annotations

from landing_zone.errors import FleetyardError


class AccessError(FleetyardError):
    """The caller is missing, refused or someone else."""

    exit_code = 3


class WrongCaller(AccessError):
    """The credentials belong to another account than the manifest's `management_account_id`.

    Nothing was touched. Sign in to the account that the manifest names, correct the profile under `callers:`, or
    correct `management_account_id`.
    """

    code = "FY201"
    title = "The caller is in another account"


class CallerRefused(AccessError):
    """AWS refused the caller's credentials: expired, revoked, or wrongly signed.

    Nothing was touched. Sign in again (`aws sso login --profile NAME`, or renew the keys) and repeat the command.
    """

    code = "FY202"
    title = "AWS refused the caller"


class NoCaller(AccessError):
    """None of the callers that the selected stacks need has credentials here.

    A run that holds one of the two callers does its half and reports the rest as skipped (`caller_missing`); a run that
    holds none has nothing to do. Add the profiles that the manifest names under `callers:` to your AWS config.
    """

    code = "FY203"
    title = "No caller has credentials"


class PassphraseMissing(AccessError):
    """The stacks' secrets are encrypted with a passphrase and none is set.

    Set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it. An empty passphrase is
    allowed if it is set.
    """

    code = "FY204"
    title = "No passphrase"


class AwsUnreachable(AccessError):
    """AWS, or the twin, did not answer when asked who the caller is, throttled the question, or failed by itself.

    It is no matter of credentials. Nothing was touched, and the command can be repeated a little later. If it stays so,
    check the network and AWS_ENDPOINT_URL; for the twin: `fleetyard twin status`, and `fleetyard twin faults list` for
    what it was told to do wrong.
    """

    code = "FY205"
    title = "AWS does not answer"
    exit_code = 5


class NotManagementRole(AccessError):
    """The caller of workloads is someone else than a management role with state rights.

    Workloads are run by a management role and nobody else: it may touch its state and assume the roles it is granted,
    so a program that forgets its provider is denied by IAM. An administrator's keys would let it through. Nothing was
    touched. Let the profile under `callers.management` sign in to a management role with `state: write` or `read`.
    """

    code = "FY206"
    title = "The caller is not a management role"


class CallerCheckDied(AccessError):
    """The process that asks AWS who the caller is was ended from outside before it had an answer.

    Nothing was touched. Too little memory is the common cause (the system then kills a process): close something, or
    lower `--concurrency`, and repeat the command.
    """

    code = "FY207"
    title = "The caller check was killed"
    exit_code = 5


class PlanError(FleetyardError):
    """The command cannot be carried out as asked."""

    exit_code = 2


class NothingSelected(PlanError):
    """No stack of the fleet matches the selection.

    `fleetyard plan` lists every stack with its account. A glob must match the whole name: `plat-*`, not `plat`.
    """

    code = "FY301"
    title = "Nothing selected"


class BadSelector(PlanError):
    """A selector is written in a form it does not have, such as a tag without a value.

    Forms: `--account GLOB`, `--unit PATH`, `--tag KEY=VALUE`, `--stack GLOB`, `--exclude GLOB`.
    """

    code = "FY302"
    title = "Bad selector"


class ConfirmationNeeded(PlanError):
    """The command changes or destroys something, and there is no terminal to ask on.

    Add `--yes`. To destroy foundation stacks as well, `--confirm NAME` with the management account's name.
    """

    code = "FY303"
    title = "Confirmation needed"


class ConfirmationWrong(PlanError):
    """What was typed is not the name that was asked for, so nothing was done. Repeat the command and type that."""

    code = "FY304"
    title = "Not confirmed"


class StillNeeded(PlanError):
    """A selected stack may not be destroyed while stacks outside the selection still rest on it.

    A workload reaches its account through the role that `bootstrap-subaccount` made there: without it the workload can
    no longer be destroyed at all. Select the named stacks too, or destroy them first; destroy never widens by itself.
    """

    code = "FY305"
    title = "Still needed by others"


class RootNotFound(PlanError):
    """No folder at or above the manifest holds the project file of the repository.

    The manifest belongs into a clone of Fleetyard (or below it): the folder whose `Pulumi.yaml` is named `org`.
    """

    code = "FY306"
    title = "No repository root"


class ProgramMissing(PlanError):
    """A program that the plan needs has no readable project file.

    Every program, each workload too, is a folder with a `Pulumi.yaml` of its own: `workloads/<name>/Pulumi.yaml`. Those
    of workloads are missed when the manifest is read already (FY101), with file, line and column.
    """

    code = "FY307"
    title = "Program missing"


class FleetNotFound(PlanError):
    """No `fleet.yaml` was found in the working directory or above it.

    Name one with `--fleet FILE` or FLEETYARD_FLEET. A sample is in `examples/acme/fleet.yaml`.
    """

    code = "FY308"
    title = "No manifest found"


class RehearsalGone(PlanError):
    """FLEETYARD_REHEARSAL names a kept rehearsal that is not there any more.

    Unset what `twin env` had exported with `eval "$(fleetyard twin env --unset)"`, or make a new one with
    `fleetyard rehearse --keep`.
    """

    code = "FY309"
    title = "The kept rehearsal is gone"


class UnknownCode(PlanError):
    """`explain` was asked for a code that no error has.

    docs/errors.md lists them all.
    """

    code = "FY310"
    title = "Unknown error code"


class BadOption(PlanError):
    """An option has a value it cannot have; the message names the option and what it allows."""

    code = "FY311"
    title = "Unusable option"


class FilesUnusable(PlanError):
    """A file or folder that Fleetyard needs cannot be read or written: a wrong kind, missing rights, a full disk.

    Mend what the message names; nothing was deployed.
    """

    code = "FY312"
    title = "Files cannot be used"


class RehearsalInTheWay(PlanError):
    """This checkout has a rehearsal already: one that is going on, or a kept one whose twin is up.

    A checkout has room for one, as its files lie in `.fleetyard/`. Nothing of the other was touched. Wait for it, join
    it or end it as the message says, or rehearse in another clone. `twin stop` ends the twin of a rehearsal that is
    going on, and so the rehearsal, only with `--force`.
    """

    code = "FY313"
    title = "Another rehearsal is in the way"


class NobodyRehearses(PlanError):
    """The workloads are run by a management role that nobody can become: its groups of `people` are empty.

    A rehearsal plays IAM users, permission sets of Identity Center, people of groups, pipelines of `ci`, and the other
    side of SAML and OpenID Connect providers made by hand. It plays nobody whom the manifest does not let in: name
    somebody of such a group, or trust others, in the manifest or in a copy of it for rehearsals.
    """

    code = "FY315"
    title = "Nobody of a rehearsal runs the workloads"


class HalfJoined(PlanError):
    """The environment leads to a twin only in part, so files and endpoint would belong to different worlds.

    `fleetyard twin env` prints everything that belongs together, `fleetyard twin env --unset` takes it all away.
    Nothing was touched.
    """

    code = "FY314"
    title = "Half of a twin's environment"


class StateElsewhere(PlanError):
    """The state of a workload is not where the manifest's `workload_state` says, or not in its account's state bucket.

    A run would find no state and deploy everything a second time, so nothing was done to the stack. Move the state with
    `fleetyard state migrate`, or correct `workload_state` or `state_buckets`.
    """

    code = "FY320"
    title = "State in another backend"


class StateNotMade(PlanError):
    """A workload's state belongs into the state bucket, which the management account's bootstrap has not made yet.

    Deploy that first: `fleetyard up --stack bootstrap`. `fleet.lock.yaml` then names bucket and key.
    """

    code = "FY321"
    title = "No state bucket yet"


class StackError(FleetyardError):
    """One stack did not do what it was asked; other stacks that do not rest on it went on."""

    exit_code = 1


class StackFailed(StackError):
    """Pulumi reported a failure for this stack; its own words, and AWS's, are quoted.

    What was done before the failure is recorded in the state. Correct the cause and run the same command again: it goes
    on from there.
    """

    code = "FY401"
    title = "Stack failed"


class StackLocked(StackError):
    """Another run holds this stack's lock, so nothing was done to the stack.

    Wait for that run to end. If its process is gone (killed, or on a machine that is off), remove the lock file that
    the message names, then run the command again.
    """

    code = "FY402"
    title = "Stack locked by another run"


class ProgramRaised(StackError):
    """The stack's own program ended with an exception or by `sys.exit`, or could not be run; its words are quoted.

    Resources registered before the exception may have been created and are recorded in the state.
    """

    code = "FY403"
    title = "The program raised"


class WrongPassphrase(StackError):
    """The passphrase does not open this stack's secrets, so nothing was done to the stack.

    Set PULUMI_CONFIG_PASSPHRASE to the passphrase that the stack was made with. Is the stack's settings file
    (`Pulumi.<stack>.yaml`) the one that belongs to its state?
    """

    code = "FY404"
    title = "Wrong passphrase"
    exit_code = 3


class StateUnreadable(StackError):
    """The stack's state file is damaged, or is no Pulumi state; nothing was done and the file was left as it is.

    Beside it lies `<stack>.json.bak`, the state before the last change, and each operation's copy in `.pulumi/backups`.
    `fleetyard state doctor` names the newest of them that can be read, and the command that puts it in its place; then
    `fleetyard refresh --preview` shows what differs from AWS.
    """

    code = "FY405"
    title = "State unreadable"
    exit_code = 5


class WrongAccount(StackError):
    """A provider reached another account than the one it is meant for, and refused before any resource was touched.

    Every provider of ours names the only account it may act in. Correct the role or the account id it was given.
    """

    code = "FY406"
    title = "Provider in the wrong account"
    exit_code = 3


class ProviderForgotten(StackError):
    """A resource has no explicit provider, which would have put it into the caller's account.

    Give it one: `opts=pulumi.ResourceOptions(provider=...)`, or the `parent` that carries one.
    """

    code = "FY407"
    title = "Provider forgotten"


class StateHomeReplaced(StackError):
    """`bootstrap` has made another state bucket or key while the state of workloads is under the one before.

    It happens when the key was scheduled for deletion and a refresh took it for gone. The lock file keeps the old one,
    so that nothing is looked for in the wrong place. Bring the old key back, then follow "Another bucket or key" in
    docs/state.md, which moves the states from one to the other.
    """

    code = "FY413"
    title = "Another state bucket or key"
    exit_code = 3


class WorkerDied(StackError):
    """The process that worked on this stack ended without an answer, so how far it came is not known.

    The state holds every step that was recorded, and the steps in hand as pending: `fleetyard status` counts them.
    Look whether AWS made what was being created. If it did, delete it there, or take it over by `import_` in the
    program; otherwise the next run makes it a second time. Then run `fleetyard refresh --clear-pending-creates` for the
    stack, and the same command again; after a preview, which changes nothing, the same command alone. Too little memory
    is a common cause: lower `--concurrency`.
    """

    code = "FY408"
    title = "Worker died, outcome unknown"


class ResourceProtected(StackError):
    """A resource is protected and the operation would have deleted or replaced it.

    Accounts, the state bucket and its key are protected on purpose. An account is never deleted by a run: put it back
    into the manifest, or take it out of the fleet by `fleetyard accounts remove` or `fleetyard accounts retire`. To
    really delete anything else, take `protect` off in the program, run `up`, and destroy again.
    """

    code = "FY409"
    title = "Protected resource"


class ChangesFound(StackError):
    """The preview shows changes though none were expected (`--expect-no-changes`).

    Either somebody changed the fleet's files without deploying them: `fleetyard up` does what they say. Or somebody
    changed AWS behind Pulumi's back: `fleetyard refresh --preview` tells what.
    """

    code = "FY410"
    title = "Changes where none were expected"
    exit_code = 4


class OutputsIncomplete(StackError):
    """The organisation was deployed but its stack does not export what the lock file needs.

    The program `organization` must export `organization_id`, `root_id` and `accounts` (name to account id).
    """

    code = "FY411"
    title = "Outputs missing for the lock file"


class RoleRefused(StackError):
    """AWS refused to let a provider of this stack assume its role; AWS's own words are quoted.

    Both sides must allow it: the caller's own policy, and the role's trust policy in its account. A management role may
    assume what its `grants` in the manifest name, once `bootstrap` and `bootstrap-subaccount` are deployed. See
    docs/access.md.
    """

    code = "FY412"
    title = "A provider may not assume its role"
    exit_code = 3


class RoleNotNow(StackError):
    """STS throttled a provider of this stack, failed by itself, or did not answer; AWS's own words are quoted.

    It is no matter of rights: nothing has to be corrected. The provider had tried several times. Run the command again
    a little later, with a lower `--concurrency` if AWS throttles. On a twin a fault on order is the usual cause:
    `fleetyard twin faults list`.
    """

    code = "FY414"
    title = "AWS lets a provider assume no role at the moment"
    exit_code = 5


class PulumiMissing(StackError):
    """The Pulumi CLI is needed, and it is neither on PATH nor in the Pulumi home.

    Against AWS only the real CLI is used: `fleetyard engine install` installs it, or do it by yourself as
    pulumi.com/docs/install says. To try something without AWS and without the CLI, use `fleetyard rehearse`.
    """

    code = "FY420"
    title = "Pulumi CLI not found"
    exit_code = 5


class PulumiTooOld(StackError):
    """The Pulumi CLI that was found is too old for the Automation API, or does not run.

    `fleetyard engine install` installs one that can be used and leaves the other alone.
    """

    code = "FY421"
    title = "Pulumi CLI unusable"
    exit_code = 5


class InternalError(FleetyardError):
    """Something that must hold in Fleetyard did not: a bug of ours, not a mistake of yours.

    Please report it with the file that the message names; read it first, as it holds a traceback and stack names.
    """

    code = "FY901"
    title = "A bug in Fleetyard"
    exit_code = 70
