"""Errors of the embedded engine's files and commands (FY500-FY549).

Each summary is worded so that `pulumi.automation` recognises it where it looks for words: a missing stack, an existing
one, a locked one. Source: `pulumi/automation/errors.py`. The exit code of the command itself is Pulumi's
(`pulumi_exit_code`); Fleetyard's own is `exit_code`.
"""

from __future__ import annotations

from typing import ClassVar

from rehearsal.errors import RehearsalError


class EngineError(RehearsalError):
    """A command of the embedded engine failed; carries the exit code that Pulumi's CLI would give."""

    pulumi_exit_code: ClassVar[int] = 1


class InvocationRefusedError(EngineError):
    """The command line holds a command, an option or a combination that the embedded engine does not carry out.

    Nothing was done: an option is never ignored. Leave the option out, or run the stack with the real Pulumi CLI.
    """

    code = "FY500"
    title = "command line refused"
    exit_code = 2
    pulumi_exit_code = 2


class NameRefusedError(EngineError):
    """A stack, project or organisation name is not one that Pulumi's self-managed backend can hold.

    Stack names are letters, digits, hyphens, underscores and periods, at most 100; the organisation is `organization`.
    """

    code = "FY501"
    title = "name refused"
    exit_code = 2


class StackMissingError(EngineError):
    """There is no stack of that name in the backend, or no stack is selected.

    List what there is with `pulumi stack ls --all`; make the stack with `pulumi stack init NAME`.
    """

    code = "FY502"
    title = "no such stack"
    exit_code = 2
    pulumi_exit_code = 6


class StackExistsError(EngineError):
    """A stack of that name is in the backend already; `pulumi stack select NAME` uses it."""

    code = "FY503"
    title = "stack exists already"
    exit_code = 2


class StackLockedError(EngineError):
    """Another process is working on the stack; its lock names user, host, process and time.

    Wait for it. A lock whose process is gone is broken without asking when it ran on this machine; one from another
    machine is removed with `pulumi cancel`, once you are sure that nothing runs there.
    """

    code = "FY504"
    title = "stack locked"


class StateCorruptError(EngineError):
    """A state file is not what Pulumi writes: torn, edited by hand, or breaking one of Pulumi's integrity rules.

    The file was left as it is. The previous state lies beside it (`.bak`) and in the `backups` folder.
    """

    code = "FY505"
    title = "state file corrupt"


class StateUnsupportedError(EngineError):
    """A state file is sound but of a kind that the embedded engine cannot carry on: newer, older, compressed.

    The file was left as it is. Use the real Pulumi CLI for this stack, or upgrade the state with it.
    """

    code = "FY506"
    title = "state file not supported"


class StateNotWrittenError(EngineError):
    """The backend could not be written: no space, no permission, or an integrity rule would be broken.

    What was recorded before is intact. The resources changed since are named in the message.
    """

    code = "FY507"
    title = "state not written"


class WrongPassphraseError(EngineError):
    """The passphrase is not the one that the stack's secrets were encrypted with. Nothing was changed.

    Set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the right one.
    """

    code = "FY508"
    title = "wrong passphrase"
    exit_code = 3


class PassphraseMissingError(EngineError):
    """The stack has secrets and no passphrase was given. Nothing was changed.

    Set PULUMI_CONFIG_PASSPHRASE (it may be empty) or PULUMI_CONFIG_PASSPHRASE_FILE.
    """

    code = "FY509"
    title = "passphrase missing"
    exit_code = 3


class SecretUnreadableError(EngineError):
    """A secret cannot be decrypted: it is damaged, or was encrypted by another secrets provider than the file names.

    Usual cause: the stack file's `encryptionsalt` was replaced while encrypted values stayed.
    """

    code = "FY510"
    title = "secret unreadable"


class SecretsProviderUnsupportedError(EngineError):
    """The stack's secrets provider is neither a passphrase nor `awskms://`, or its URL cannot be carried out.

    A key is named as `awskms:///KEY_ARN`; `?region=`, `profile=`, `role=`, `endpoint=` and `context_NAME=` are options.
    """

    code = "FY511"
    title = "secrets provider not supported"


class BackendUnusableError(EngineError):
    """The backend URL is missing, is of a kind that the embedded engine does not have, or names no folder.

    Supported are `file://DIR` with an existing folder, and `s3://BUCKET[/FOLDER]` with the options of Pulumi's CLI.
    """

    code = "FY512"
    title = "backend not usable"


class ProjectUnusableError(EngineError):
    """No project file was found upwards of the working directory, or it cannot be used as it stands."""

    code = "FY513"
    title = "project file not usable"
    exit_code = 2


class ConfigRefusedError(EngineError):
    """A stack's configuration is unreadable, a key or value is malformed, or a required value is missing."""

    code = "FY514"
    title = "stack configuration refused"
    exit_code = 2


class StackNotEmptyError(EngineError):
    """A stack that still holds resources is not removed: `pulumi destroy` first, or `stack rm --force`."""

    code = "FY515"
    title = "stack still holds resources"
    exit_code = 2


class UnexpectedChangesError(EngineError):
    """`--expect-no-changes` was given and there were changes; an update has carried them out all the same."""

    code = "FY516"
    title = "changes where none were expected"
    exit_code = 4
    pulumi_exit_code = 7


class UpdateFailedError(EngineError):
    """A preview, update, refresh or destroy did not succeed; what it had done until then is recorded.

    The diagnostics above the message say which resource failed and why. Correct that and run the command again.
    """

    code = "FY517"
    title = "update failed"
    exit_code = 1


class UpdateCancelledError(EngineError):
    """A preview, update, refresh or destroy was interrupted; steps in hand were finished and recorded.

    Run the command again to carry on from there.
    """

    code = "FY518"
    title = "update cancelled"
    exit_code = 130
    pulumi_exit_code = 8


class ImportRefusedError(EngineError):
    """A deployment to import belongs to another stack or breaks an integrity rule. The state was left as it is."""

    code = "FY519"
    title = "import refused"
    exit_code = 2


class EntryMissingError(EngineError):
    """The stack has no output or tag of that name; `pulumi stack output` and `pulumi stack tag ls` list them."""

    code = "FY520"
    title = "no such output or tag"
    exit_code = 2


class StateUnwrittenError(EngineError):
    """The last update did what the stored state does not have: its last state could not be written to the backend.

    It is kept in a file under PULUMI_HOME, which the message names. An update of the stored state would do the same a
    second time, so nothing was changed. Put the file back with `pulumi cancel`, then `pulumi stack import --file FILE`,
    which removes it; delete it to give up what was done. A stored state that is newer takes it out of the way as well.
    A preview goes on, with a warning.
    """

    code = "FY521"
    title = "last state not written yet"


class BucketMissingError(EngineError):
    """The bucket that `s3://` names does not exist, or is not in the region that was asked. Nothing was changed.

    The state bucket is made by `bootstrap`, its name is an output of that stack.
    """

    code = "FY530"
    title = "state bucket missing"
    exit_code = 3


class StateAccessDeniedError(EngineError):
    """AWS refused to read, list or write the stack's state; the message names the action and has AWS's own words.

    What was recorded before is intact. In the middle of an update, the last state is kept in a file under PULUMI_HOME:
    get the right back, then `pulumi cancel`, `pulumi stack import --file FILE`, and run the command again.
    """

    code = "FY531"
    title = "no access to state"
    exit_code = 3


class CredentialsMissingError(EngineError):
    """No AWS credentials, or no region, were found for the stack's state or secrets.

    Asked in this order: `?profile=` and `?role=` of the URL, the environment, the profile of AWS_PROFILE. A metadata
    service is not asked, and nobody is asked for an MFA code.
    """

    code = "FY532"
    title = "no AWS credentials for state or secrets"
    exit_code = 3


class CredentialsRefusedError(EngineError):
    """AWS does not know the credentials, or the session is past its end; also in the middle of an update.

    What was recorded before is intact. Sign in again and run the command again: it goes on from what is recorded. In
    the middle of an update, the last state is kept in a file under PULUMI_HOME, and the lock is left behind:
    `pulumi cancel`, then `pulumi stack import --file FILE`, then the command again.
    """

    code = "FY533"
    title = "AWS credentials refused or expired"
    exit_code = 3


class StateUnreachableError(EngineError):
    """The bucket's endpoint did not answer, or answered with an error of its own, several times over.

    What was recorded before is intact. Run the command again once it answers.
    """

    code = "FY534"
    title = "state not reachable"


class StateConflictError(EngineError):
    """Something else wrote the same object first: S3 refused a write that was only good if nothing was there.

    Nothing was overwritten. Look who else works on the stack, then run the command again.
    """

    code = "FY535"
    title = "state written by somebody else"


class SecretsKeyMissingError(EngineError):
    """The KMS key or alias that `awskms://` names, or that encrypts the bucket's objects, does not exist there."""

    code = "FY536"
    title = "secrets or state key missing"
    exit_code = 3


class SecretsKeyUnusableError(EngineError):
    """The KMS key of the stack's secrets or of its state is disabled, pending deletion, or not one that encrypts.

    What was recorded before is intact. In the middle of an update, the last state is kept in a file under PULUMI_HOME.
    An administrator can take that back: `aws kms enable-key`, after `aws kms cancel-key-deletion` where it is needed.
    """

    code = "FY537"
    title = "secrets or state key not usable"
    exit_code = 3


class SecretsKeyDeniedError(EngineError):
    """AWS refused the use of the KMS key; the message names the action and has AWS's own words. Nothing was changed."""

    code = "FY538"
    title = "no access to secrets key"
    exit_code = 3


class SecretsKeyMismatchError(EngineError):
    """The stack file's `encryptedkey` is not the state's, or was not wrapped by the key that is named.

    Usual cause: a stack file copied from another stack, or restored from before the secrets provider was changed.
    Nothing was changed. The right one stands in the state: `pulumi config refresh` takes it from there.
    """

    code = "FY539"
    title = "secrets key of another stack"
    exit_code = 2
