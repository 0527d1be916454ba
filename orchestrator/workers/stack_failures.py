"""Says in our words why a stack failed, from what Pulumi and AWS said in theirs.

The Automation API gives failures as text. The first rule that fits the text names the error; the text itself is always
quoted. Sources of the phrases: Pulumi `pkg/backend/diy/lock.go`, `pkg/secrets/passphrase/manager.go`,
`pkg/resource/deploy/step*.go`, `pkg/resource/stack`, `sdk/go/common/diag/errors.go`, `sdk/python/cmd`; hashicorp
`aws-sdk-go-base` for the account guard and for roles (`CannotAssumeRoleError`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from landing_zone.errors import FleetyardError
from orchestrator import errors
from orchestrator.accounts.errors import AccountEmailTaken
from orchestrator.error_catalogue import error_classes
from orchestrator.files.project_files import program_folder
from orchestrator.next_steps import in_rehearsal
from orchestrator.running.job import CallerName, Operation, StackErrorInfo, StackJob
from orchestrator.workers.environment import RUN_FILE_VARIABLE

LONGEST_QUOTE = 1200
"""Characters of foreign text in a message; the rest is in Pulumi's own log of the stack."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What was seen of a failed operation: errors as (URN or empty, text), failed URNs, and all that was printed."""

    messages: Sequence[tuple[str, str]]
    failed: Sequence[str]
    output: str


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    error: type[errors.StackError | errors.AccessError]
    summary: str


_PROTECTED_ACCOUNT = re.compile(
    r"""(?P<replaced>unable to replace )?resource ["']\S+aws:organizations/account:Account::(?P<name>[^\s"']+)["']"""
)
"""An account that would be deleted or replaced, by the name in its URN, in the words of both engines."""

_UNPROTECTING = re.compile(r" ?To unprotect [^\n]*(?:\n *`?pulumi state unprotect [^\n]*)?")
"""The engines' advice for a protected resource. Source: Pulumi `pkg/resource/deploy/step*.go`."""

_BUSY = (
    r"(?:api error |, )(?:\w*Throttl\w+|TooManyRequestsException|\w*LimitExceeded(?:Exception)?|SlowDown|"
    r"ProvisionedThroughputExceededException|TransactionInProgressException|PriorRequestNotComplete|"
    r"InternalFailure|InternalError|ServiceUnavailable|RequestTimeout\w*): |StatusCode: (?:429|5\d\d)|"
    r"connection reset by peer|connection refused|i/o timeout|no such host|Client\.Timeout|deadline exceeded|: EOF\b"
)
"""What AWS and the SDK for Go say of a request that may succeed later.

Source: botocore `retries/standard.py` (codes); aws-sdk-go-v2 `aws/retry`, `ResponseError`; Go `net`, `net/http`.
"""

_RULES = (
    _Rule(re.compile(r"the stack is currently locked by"), errors.StackLocked, "{stack} is locked by another run"),
    _Rule(
        re.compile(r"incorrect passphrase|cipher: message authentication failed|wrong passphrase", re.IGNORECASE),
        errors.WrongPassphrase,
        "the passphrase does not open the secrets of {stack}",
    ),
    _Rule(
        re.compile(r"passphrase must be set"),
        errors.PassphraseMissing,
        "no passphrase is set for the secrets of {stack}",
    ),
    _Rule(
        re.compile(r"Default provider for .* disabled"),
        errors.ProviderForgotten,
        "a resource of {stack} has no explicit provider",
    ),
    _Rule(
        re.compile(r"AWS account ID not allowed"),
        errors.WrongAccount,
        "a provider of {stack} reached an account that it may not act in",
    ),
    _Rule(
        re.compile(rf"FY663: |operation error STS: [^\n]*(?:{_BUSY})"),
        errors.RoleNotNow,
        "AWS lets a provider of {stack} assume no role at the moment",
    ),
    _Rule(
        re.compile(r"IAM Role (?:\(\S*\) )?cannot be assumed"),
        errors.RoleRefused,
        "a provider of {stack} may not assume its role",
    ),
    _Rule(
        re.compile(r"EMAIL_ALREADY_EXISTS"),
        AccountEmailTaken,
        "AWS makes no account for {stack}, as another account has its email",
    ),
    _Rule(
        re.compile(r"because it is protected|currently marked for protection"),
        errors.ResourceProtected,
        "{stack} holds a protected resource that would be deleted or replaced",
    ),
    _Rule(
        re.compile(
            r"could not deserialize deployment|failed to load checkpoint|unsupported checkpoint version|"
            r"snapshot integrity failure|corrupt store|invalid character .* looking for"
        ),
        errors.StateUnreadable,
        "the state of {stack} cannot be read",
    ),
    _Rule(
        re.compile(
            r"unhandled exception|python inline source runtime error|exited with non-zero exit code|"
            r"an unhandled error occurred"
        ),
        errors.ProgramRaised,
        "the program of {stack} raised",
    ),
)


_ENDED_ITSELF = "the program exited with code "
"""The embedded engine's words for a program that called `sys.exit`, before the number or text it gave."""

_EXIT_CODE = re.compile(r"program exited with non-zero exit code: (\d+)")
_SAID_LAST = re.compile(r"^  pulumi:pulumi:Stack \(.*\):\n(?P<said>(?:    .*\n|\n)*)", re.MULTILINE)
"""The real CLI's words for the same, and among its diagnostics what the program had printed to standard error.

Source: Pulumi `sdk/python/cmd/pulumi-language-python`, `pkg/backend/display/diff.go`.
"""

_OF_ENGINE: Mapping[str, type[errors.StackError | errors.AccessError] | None] = {
    "FY504": errors.StackLocked,
    "FY505": errors.StateUnreadable,
    "FY508": errors.WrongPassphrase,
    "FY509": errors.PassphraseMissing,
    "FY517": None,
}
"""Errors of the embedded engine that the real CLI has too, and ours for both; FY517 only says that there was one."""

_ENGINE_ERROR = re.compile(r"^error: (?P<code>FY\d{3}): (?P<told>.*)", re.MULTILINE | re.DOTALL)
_ENGINE_PART = re.compile(r"^ +(why|not run|next): ", re.MULTILINE)


_REFUSED_BY_POLICY = "is not authorized to perform"
"""AWS's words, whichever service says them."""

_STATE_UNWRITTEN = "FY521"
"""The embedded engine's refusal of a stack for which such a file is there."""

_KEPT_STATE = re.compile(r"the last state could not be written to the backend, and is kept in (?P<file>.+?);")
"""The embedded engine's words for what it had done and could not write down; the real CLI gives such a state up."""


def explain_failure(job: StackJob, failure: Failure) -> StackErrorInfo:
    """Return the error of a failed operation."""
    info = _explained(job, failure)
    if job.env.get(RUN_FILE_VARIABLE) and _REFUSED_BY_POLICY in info.why:
        asked = " --action 'sts:*'" if info.code == errors.RoleRefused.code else ""
        info = replace(info, hint=f"{info.hint}; which policy decided, while the twin runs: fleetyard twin why{asked}")
    kept = _KEPT_STATE.search(failure.output)
    if not kept:
        return info
    if info.code == _STATE_UNWRITTEN:
        give_up = f"; to give up what was done: rm {shlex.quote(kept['file'])}"
        return replace(info, hint=f"{_put_back(job, kept['file'])}{give_up}")
    cause, *_ = info.hint.split(", then run ")
    return replace(info, hint=f"{cause}; {_put_back(job, kept['file'])}")


def _put_back(job: StackJob, file: str) -> str:
    """Return what must come before the next run, and that run: importing the state that could not be written."""
    where = f"--stack {job.id.stack_name} --cwd {shlex.quote(str(job.project_file.parent))}"
    return (
        f"put back what was done and is not in the state: fleetyard pulumi cancel --yes {where} && "
        f"fleetyard pulumi stack import --file {shlex.quote(file)} {where}; "
        f"then fleetyard {_command(job.operation)} --stack {job.id}"
    )


def _explained(job: StackJob, failure: Failure) -> StackErrorInfo:
    told = _told_by_engine(failure.output)
    if told and told.code not in _OF_ENGINE:
        known = error_classes().get(told.code)
        told = replace(told, summary=f"{job.id}: {told.summary}")
        return replace(told, exit_code=known.exit_code) if known else told
    text = "\n".join([*(message for _, message in failure.messages), failure.output])
    rule = next((rule for rule in _RULES if _fits(rule, text, told)), None)
    if not failure.failed and (rule is None or rule.error is errors.ProgramRaised):
        ended = errors.ProgramRaised
        if words := _run_error(failure):
            return StackErrorInfo(
                ended.code, f"the program of {job.id} raised", words, _hint(ended, job), ended.exit_code
            )
        if words := _last_words(failure, told):
            summary = f"the program of {job.id} ended itself before its end"
            return StackErrorInfo(ended.code, summary, words, _hint(ended, job), ended.exit_code)
    kind = rule.error if rule else errors.StackFailed
    summary = rule.summary.format(stack=job.id) if rule else f"{_doing(job.operation)} {job.id} failed"
    engines_own = told is not None and rule is not None and _OF_ENGINE[told.code] is rule.error
    words = "\n".join(filter(None, (told.summary, told.why))) if told and engines_own else _quoted(failure, rule)
    accounts = {each["name"]: bool(each["replaced"]) for each in _PROTECTED_ACCOUNT.finditer(text)}
    if kind is errors.ResourceProtected and accounts:
        # The engine's own advice is left out: an account that is unprotected would be deleted from the state.
        words = _UNPROTECTING.sub("", words)
        return StackErrorInfo(kind.code, summary, words, _keeping(accounts, job), kind.exit_code)
    return StackErrorInfo(kind.code, summary, words, _hint(kind, job), kind.exit_code)


def _keeping(accounts: Mapping[str, bool], job: StackJob) -> str:
    """Return what to do where a run would delete accounts, or replace those that are marked so: none is unprotected."""
    gone = [name for name, replaced in accounts.items() if not replaced]
    changed = [name for name, replaced in accounts.items() if replaced]
    again = f"fleetyard {_command(job.operation)} --stack {job.id}"
    first = next(iter([*gone, *changed]))
    leaving = f"fleetyard accounts remove {first}, or to close it: fleetyard accounts retire {first}"
    if job.operation in {Operation.DESTROY, Operation.PREVIEW_DESTROY}:
        return f"no destroy deletes accounts; to take one out of the fleet: {leaving}"
    steps = [f"put {', '.join(gone)} back into the manifest"] if gone else []
    if changed:
        steps.append(f"give {', '.join(changed)} the email and name in the manifest that AWS has")
    return f"{', '.join(steps)}, then {again}" + (f"; to take one out of the fleet: {leaving}" if gone else "")


def _fits(rule: _Rule, text: str, told: StackErrorInfo | None) -> bool:
    if told and (ours := _OF_ENGINE[told.code]):
        return rule.error is ours
    return rule.pattern.search(text) is not None


def _run_error(failure: Failure) -> str:
    """Return what a program said that raised a RunError on the real CLI: an error, and beside it how it ended."""
    said = [text for _, text in failure.messages if not _EXIT_CODE.search(text)]
    return "\n".join(_condensed(text) for text in said) if len(said) < len(failure.messages) else ""


def _last_words(failure: Failure, told: StackErrorInfo | None) -> str:
    """Return what a program that ended itself said by that; empty if it did not."""
    if told and _ENDED_ITSELF in told.summary:
        given = told.summary.partition(_ENDED_ITSELF)[2].strip()
        code, _, said = given.partition(": ")
        if not code.isdecimal():
            code, said = "1", given
    elif found := _EXIT_CODE.search("\n".join([failure.output, *(message for _, message in failure.messages)])):
        printed = _SAID_LAST.search(failure.output)
        lines = [line.strip() for line in printed["said"].splitlines()] if printed else []
        code, said = found[1], "\n".join(line for line in lines if line and not line.startswith(("warning:", "error:")))
    else:
        return ""
    return f"sys.exit, exit code {code}" + (f": {said[:LONGEST_QUOTE]}" if said else "")


def _told_by_engine(output: str) -> StackErrorInfo | None:
    """Return the error that the embedded engine ended a command with, taken apart again."""
    found = _ENGINE_ERROR.search(output)
    if not found:
        return None
    summary, *parts = _ENGINE_PART.split(found["told"])
    named = dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
    return StackErrorInfo(found["code"], summary.strip(), named.get("why", ""), named.get("next", ""))


def _quoted(failure: Failure, rule: _Rule | None) -> str:
    """Return the foreign words that matter: those the rule was found by, else every error, else all output."""
    messages = [(urn, text) for urn, text in failure.messages if not rule or rule.pattern.search(text)]
    named = {urn for urn, _ in messages}
    lines = [f"{_name(urn)}: {_condensed(text)}" if urn else _condensed(text) for urn, text in messages]
    lines += [f"{_name(urn)} failed" for urn in failure.failed if urn not in named and not rule]
    quote = "\n".join(dict.fromkeys(lines)) or _condensed(_told_by(failure.output, rule))
    return quote if len(quote) <= LONGEST_QUOTE else f"{quote[:LONGEST_QUOTE]}..."


def _told_by(output: str, rule: _Rule | None) -> str:
    """Return the paragraph of the output that the rule was found by; without one, its last lines."""
    if rule and (found := rule.pattern.search(output)):
        start = output.rfind("\n", 0, found.start()) + 1
        return "\n".join(output[start:].splitlines()[:4])
    return "\n".join(output.strip().splitlines()[-6:])


def _condensed(text: str) -> str:
    """Shorten a Python traceback to where it ended and with what; other text stays."""
    text = text.strip().removeprefix("error: ")
    if "Traceback (most recent call last):" not in text:
        return text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    places = [line for line in lines if line.startswith("File ") and "site-packages" not in line]
    last = _exception_of(text)
    return f"{last} ({places[-1]})" if places else last


_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:: .*)?$")


def _exception_of(text: str) -> str:
    """Return what the last traceback in a text ends with: the exception and its message, which may have many lines."""
    lines = text[text.rindex("Traceback (most recent call last):") :].splitlines()[1:]
    start = next((index for index, line in enumerate(lines) if _EXCEPTION.match(line)), len(lines) - 1)
    return "\n".join(line.rstrip() for line in lines[start:] if line.strip()).strip()


def _name(urn: str) -> str:
    """Return type and name of a resource from its URN, `aws:s3/bucket:Bucket logs`."""
    parts = urn.split("::")
    return f"{parts[2].rsplit('$', 1)[-1]} {parts[3]}" if len(parts) >= 4 else urn


def _doing(operation: Operation) -> str:
    return {"preview": "preview of", "up": "update of"}.get(operation.value, f"{operation.value} of")


def _hint(kind: type[FleetyardError], job: StackJob) -> str:  # noqa: PLR0911 - a step for each kind of error
    again = f"fleetyard {_command(job.operation)} --stack {job.id}"
    match kind:
        case errors.StackLocked:
            if not _in_files(job):
                return f"wait, then {again}; if that run is gone: fleetyard state doctor --stack {job.id}"
            locks = lock_files(job)
            gone = f"; if that run is gone: rm {' '.join(map(str, locks))}" if locks else ""
            return f"wait, then {again}{gone}"
        case _ if kind is AccountEmailTaken:
            return f"fleetyard accounts discover; or give the new account another email, then {again}"
        case errors.WrongPassphrase | errors.PassphraseMissing:
            return f"{in_rehearsal(job.env, 'export PULUMI_CONFIG_PASSPHRASE=...')}, then {again}"
        case errors.RoleNotNow:
            return f"{again}, a little later; in a rehearsal see also: fleetyard twin faults list"
        case errors.RoleRefused:
            looks = job.operation.dry and job.caller.name is CallerName.MANAGEMENT
            out = f"; a pipeline's plan leaves it out: --exclude {job.id.program} (docs/people-and-ci.md)"
            return f"see who may assume it in docs/access.md, correct the role or the grants, then {again}{out * looks}"
        case errors.StateUnreadable:
            return f"fleetyard state doctor --stack {job.id}; see: fleetyard explain {errors.StateUnreadable.code}"
        case errors.ResourceProtected if job.operation in {Operation.DESTROY, Operation.PREVIEW_DESTROY}:
            # The protection that counts is the state's, and an up of the changed program takes it out of there.
            program = program_folder(job.project_file)
            return f"take protect off in {program}, then fleetyard up --stack {job.id}, then {again}"
        case errors.ResourceProtected | errors.WrongAccount | errors.ProviderForgotten | errors.ProgramRaised:
            return f"correct {program_folder(job.project_file)}, then {again}"
        case _:
            return f"correct the cause, then {again}"


def _command(operation: Operation) -> str:
    match operation:
        case Operation.PREVIEW_REFRESH:
            return "refresh --preview"
        case Operation.PREVIEW_DESTROY:
            return "destroy --preview"
        case _:
            return operation.value


def _in_files(job: StackJob) -> bool:
    return job.backend_url.startswith("file://")


def lock_files(job: StackJob) -> list[Path]:
    """Return the files that lock the stack now. Source: Pulumi `pkg/backend/diy`."""
    backend = Path(unquote(urlsplit(job.backend_url).path)) / ".pulumi"
    return sorted((backend / "locks" / "organization" / job.project / job.id.stack_name).glob("*.json"))
