"""Errors about people's own tools: the AWS config file, links into the console, signing in."""

from __future__ import annotations

from orchestrator.errors import AccessError, PlanError


class NoHome(PlanError):
    """There is no place for an AWS config file: no home folder is known, or it does not exist.

    AWS's tools read `~/.aws/config`. Set HOME to your home folder, or AWS_CONFIG_FILE to the file that you use.
    """

    code = "FY330"
    title = "No home folder"


class AwsConfigMalformed(PlanError):
    """The AWS config file is not one that AWS's tools can read, so nothing was added to it.

    The message names the line: a line outside of any section, a section or key that is there twice, or text that is not
    UTF-8. Mend it (`aws configure list` then works again) and repeat the command. The file was left as it is.
    """

    code = "FY331"
    title = "AWS config file malformed"


class BlockNotOurs(PlanError):
    """The marks around Fleetyard's block in the AWS config file are not as Fleetyard wrote them.

    One mark is missing, there twice or in the wrong order, or lines that belong to no section follow the block. Where
    the block begins and ends can't be known then, so nothing was written. Put the marks right, or remove what is left
    of the block, marks included, and let `fleetyard profiles write` add it anew.
    """

    code = "FY332"
    title = "Marks of the block are damaged"


class ProfileTaken(PlanError):
    """A profile that would be written exists already, outside of Fleetyard's block.

    Fleetyard changes only what lies between its marks. Remove or rename your profile at the line named; or, if it holds
    a session as that management role, build on it: `fleetyard profiles write --session ROLE=PROFILE`.
    `fleetyard profiles sign-in` writes a session, which no profile with a `role_arn` of the same name may stand beside:
    AWS's tools would go by the `role_arn`. The message says how to write the other profiles without it.
    """

    code = "FY333"
    title = "Profile exists already"


class AwsConfigUnwritable(PlanError):
    """The AWS config file cannot be written: a read-only disk, missing rights, a full disk, or a change meanwhile.

    The file is replaced as a whole or not at all, so it is as it was. Mend what the message names and repeat.
    """

    code = "FY334"
    title = "AWS config file cannot be written"


class AwsConfigUnreadable(PlanError):
    """The AWS config file is there and cannot be read: missing rights, a folder in its place, a loop of links.

    Nothing was written, since what it holds would be lost.
    """

    code = "FY335"
    title = "AWS config file cannot be read"


class NameTooLong(PlanError):
    """A name made from the manifest's names is longer than AWS takes, or has characters that AWS does not take.

    Nothing is shortened in silence, since two names could become one. The message names the limit. Shorten the
    account's or role's name in `fleet.yaml`, or leave it out.
    """

    code = "FY336"
    title = "Name not possible in AWS"


class NotGranted(PlanError):
    """No link or profile exists for what was asked, because the manifest does not grant it.

    `fleetyard console` without arguments lists everything that is granted, for each management role.
    """

    code = "FY337"
    title = "Not granted"


class SessionUnfit(AccessError):
    """The credentials in use cannot sign in to the console: AWS makes a sign-in link from a role's session only.

    A long-term access key, the root user's key or a session of `get-session-token` will not do. Become a management
    role first: by a profile (`--profile NAME`, see `fleetyard profiles write`), in a rehearsal by `fleetyard twin env`.
    """

    code = "FY338"
    title = "Credentials cannot sign in"


class SignInRefused(AccessError):
    """AWS's sign-in endpoint refused to make a link from the session.

    The session has expired, or a length was asked for that it may not have: a session got by role chaining takes no
    `--minutes` at all. Become the role anew, leave `--minutes` away, and repeat.
    """

    code = "FY339"
    title = "Sign-in refused"


class CodeRefused(AccessError):
    """AWS refused the MFA code: mistyped, too old, or used already.

    A code is good for about half a minute, and once. Wait for the next one and repeat the command. If every code is
    refused, the clock of the device that shows them is wrong, or the device is another one (`--mfa-serial ARN`).
    """

    code = "FY344"
    title = "MFA code refused"


class DeviceRefused(AccessError):
    """AWS knows no such MFA device of this user.

    Without `--mfa-serial` the device is taken to be the virtual one named like the user. Name yours:
    `fleetyard profiles sign-in --mfa-serial ARN`; `aws iam list-mfa-devices` and the page "Security credentials" in the
    console show it. Security keys and passkeys give no codes: add an authenticator app, a user may have eight devices.
    """

    code = "FY345"
    title = "MFA device refused"


class RoleRefused(AccessError):
    """The user may not become the management role, or not for so long.

    Either the manifest does not list the user under the role's `trusted.users`, or AWS refuses: the role is not
    deployed yet, not as the manifest has it now, or the session asked for is longer than the role's own maximum in AWS.
    `fleetyard up --stack bootstrap`, run by the administrator, brings AWS to the manifest's state.
    """

    code = "FY346"
    title = "Management role refused"


class NotAUsersKey(AccessError):
    """The profile to sign in with does not hold the long-lived key of an IAM user of the management account.

    A session cannot be signed in with: not a role's, which would be chained and end within the hour, and not one of
    Identity Center or SAML, which are sessions already. Nor can the root user or another account's user. Name the
    profile of your own key: `fleetyard profiles sign-in --user-profile NAME`.
    """

    code = "FY347"
    title = "Not a user's key"


class NoCode(PlanError):
    """There is no MFA code to sign in with: nobody is there to type it, or what came is not six digits.

    Run the command on a terminal, or give the code on standard input with `--code-stdin`. It is never an argument,
    since the list of processes would show it.
    """

    code = "FY348"
    title = "No MFA code"


class ClockWrong(AccessError):
    """AWS refused the request because of its time: the clock of this machine is wrong by more than some minutes.

    Set the clock, best by network time; `fleetyard doctor` says by how much it is off.
    """

    code = "FY349"
    title = "Clock is wrong"
