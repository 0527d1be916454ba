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
