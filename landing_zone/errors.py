"""Errors a user can cause or mend: one class per code, each with what happened, why, and what to type next.

The tree (codes FY1xx here; FY2xx to FY4xx and FY9xx in `orchestrator.errors`; FY5xx and FY6xx in `rehearsal`):

    FleetyardError
        ManifestError                FY1xx   the manifest or the lock file, exit 2
            ManifestInvalid          FY101   problems in fleet.yaml, all at once
            ManifestUnreadable       FY102   fleet.yaml is missing or not readable
            AccountUnknown           FY103   a command names an account that the manifest has not
            PolicyTooLarge           FY110   an IAM document would exceed AWS's limit
            LockUnreadable           FY120   fleet.lock.yaml is not what Fleetyard wrote
            LockConflict             FY121   fleet.lock.yaml and fleet.yaml disagree
            AccountNotCreated        FY122   an account has no id yet
            PolicyLocksOut           FY140   a policy of the organisation keeps Fleetyard from deploying
            AccountMapUnreadable     FY150   the account map can't be read
            AccountNotInMap          FY151   the account map has no such account
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from landing_zone.manifest.problems import Problem


class FleetyardError(Exception):
    """Carries what failed and where, why, what did not run because of it, and the next step.

    `docs/errors.md` is generated from the docstrings of its subclasses.
    """

    code: ClassVar[str] = ""
    title: ClassVar[str] = ""
    exit_code: ClassVar[int] = 70

    def __init__(self, summary: str, *, subject: str = "", why: str = "", not_run: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.subject = subject
        self.why = why
        self.not_run = not_run
        self.hint = hint

    def __str__(self) -> str:
        """Return the message in the order a reader needs it, the next step last."""
        head = f"{self.code}: {self.summary}" if self.code else self.summary
        lines = [f"{head} [{self.subject}]" if self.subject else head]
        lines += [f"  why: {self.why}"] if self.why else []
        lines += [f"  not run: {self.not_run}"] if self.not_run else []
        lines += [f"  next: {self.hint}"] if self.hint else []
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes: pickle by state, since subclasses have constructors of their own."""
        return (_restored, (type(self), self.args, self.__dict__))


def _restored(kind: type[FleetyardError], args: tuple[object, ...], state: dict[str, object]) -> FleetyardError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ManifestError(FleetyardError):
    """The manifest or its lock file can't be used as it is; nothing was started."""

    exit_code = 2


class ManifestInvalid(ManifestError):
    """`fleet.yaml`, or a file that it imports, has problems.

    All of them are listed at once, each as `file:line:column: message`, with the nearest valid name where a name is
    unknown. Correct them and run `fleetyard validate`. Every key is described in docs/manifest.md.
    """

    code = "FY101"
    title = "The manifest has problems"

    def __init__(self, problems: Sequence[Problem], file: str) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(
            "\n".join([f"{file} has {count}", *(f"  {problem}" for problem in problems)]),
            not_run="anything",
            hint=f"correct the file, then: fleetyard validate --fleet {file}",
        )
        self.problems = tuple(problems)


class ManifestUnreadable(ManifestError):
    """`fleet.yaml` is not there, can't be read as text, or is larger than 5 MB.

    Fleetyard looks for it in the working directory and upwards, or takes the file named by `--fleet`. A manifest is
    UTF-8; one of a thousand accounts has a fraction of that size.
    """

    code = "FY102"
    title = "The manifest can't be read"


class AccountUnknown(ManifestError):
    """A command names an account that the manifest does not have.

    `fleetyard accounts list` has the accounts. Names are given as they are written in `fleet.yaml` and the files it
    imports.
    """

    code = "FY103"
    title = "No such account in the manifest"

    def __init__(self, account: str, file: str, meant: str) -> None:
        super().__init__(
            f"no account is called {account}" + (f' (did you mean "{meant}"?)' if meant else ""),
            subject=file,
            hint="see the accounts: fleetyard accounts list",
        )


class PolicyTooLarge(ManifestError):
    """An IAM document that the manifest asks for would be larger than AWS accepts.

    Sizes are counted as AWS counts them, without white space. A trust policy grows with the number of people or
    management roles trusted, a role's own policy with the number of different roles granted: grant fewer, or trust
    one federated identity in place of many users. Permissions and boundaries are as large as their files, the alarm's
    event pattern grows with the names of the last-resort users. The message says what to make smaller.
    """

    code = "FY110"
    title = "An IAM document is larger than AWS accepts"


class PolicyLocksOut(ManifestError):
    """A policy of the organisation would keep a role from what Fleetyard deploys with.

    Each line names the policy, its statement, and what could no longer be done: the administrator's role in an account
    making the member roles or anything at all, a workload's role doing anything in the region its workload runs in, a
    management role becoming a member role, the last-resort users getting into an account. Exempt the role in the
    statement's Condition (the shipped policies have `vars: {exempt: [...]}` for that), attach the policy elsewhere, or
    write `allow_lockout: true` beside it if it is meant. docs/policies.md lists what has to stay possible.
    """

    code = "FY140"
    title = "A policy would lock Fleetyard out"

    def __init__(self, found: Sequence[str]) -> None:
        self.found = tuple(found)
        super().__init__(
            "\n".join(["policies of this fleet would lock Fleetyard out", *(f"  {line}" for line in found)]),
            not_run="anything",
            hint="exempt the role in the statement's Condition, or write allow_lockout: true beside the policy",
        )


class LockUnreadable(ManifestError):
    """`fleet.lock.yaml` is damaged: not YAML, an unknown key, an id that is none, two names with one id, or too large.

    Fleetyard writes this file after `up` of the organisation, and only it should. Take back the last good version
    from your repository, or move the file away and run `fleetyard up --stack 'organization/*'`, which writes it anew
    from the organisation's own outputs.
    """

    code = "FY120"
    title = "The lock file is damaged"


class LockConflict(ManifestError):
    """`fleet.lock.yaml` says another account id than `fleet.yaml`.

    Either the manifest belongs to another organisation than the lock file, or an `id:` was mistyped. Nothing is
    guessed, since stacks would then act in the wrong account: make both files say the same.
    """

    code = "FY121"
    title = "Lock file and manifest disagree"


class AccountNotCreated(ManifestError):
    """A stack needs the id of an account that AWS has not made yet.

    Such a stack previews as `blocked: account not created`, which is no failure. `fleetyard up` of the organisation
    creates the account and records its id in `fleet.lock.yaml`.
    """

    code = "FY122"
    title = "The account is not created yet"

    def __init__(self, account: str) -> None:
        super().__init__(
            f"account {account} is not created yet",
            subject=account,
            why="fleet.lock.yaml holds no id for it",
            hint="fleetyard up --stack 'organization/*'",
        )
        self.account = account


class AccountMapUnreadable(ManifestError):
    """The account map can't be read: no right to, another region, or no map.

    It is in the management account, in the fleet's home region, below `/fleetyard/accounts`. Who may read it: the
    `readers` of `account_map` in the manifest, and `organization_reader`. See docs/account-map.md.
    """

    code = "FY150"
    title = "The account map can't be read"

    def __init__(self, why: str) -> None:
        super().__init__(
            "the account map can't be read",
            why=why,
            hint="read it as one of account_map.readers, in the management account and the fleet's home region; "
            "it is written by: fleetyard up --stack 'bootstrap/*'",
        )


class AccountNotInMap(ManifestError):
    """A program looks up an account that the account map does not have.

    Names are those of the manifest. An account is in the map once `bootstrap` has run after the organisation made it.
    """

    code = "FY151"
    title = "No such account in the account map"

    def __init__(self, field: str, wanted: str, known: Sequence[str]) -> None:
        from landing_zone.manifest.problems import nearest  # noqa: PLC0415  (costs start-up time in programs)

        meant = nearest(wanted, known)
        super().__init__(
            f"the account map has no account of {field} {wanted}" + (f' (did you mean "{meant}"?)' if meant else ""),
            hint="see the accounts: fleetyard plan; after a new one: fleetyard up --stack 'bootstrap/*'",
        )
