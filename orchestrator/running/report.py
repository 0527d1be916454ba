"""What a run came to: for machines one JSON object, for people a table whose last lines say what to type next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.next_steps import GO_ON_RETIRING
from orchestrator.running.job import (
    QUIET_OPS,
    Operation,
    Reason,
    ResourceChange,
    StackErrorInfo,
    StackResult,
    StackStatus,
)

INTERRUPTED_EXIT = 130
CHANGES_EXIT = 4
FAILED_EXIT = 1
SHOWN_CHANGES = 12
"""Changed resources listed per stack in the table; the JSON has them all."""

SHOWN_NAMES = 5
"""Stacks named in a line; more are counted."""

REASONS = {
    Reason.FAILED: "failed",
    Reason.DEPENDENCY_FAILED: "what it rests on did not succeed",
    Reason.DEPENDENCY_MISSING: "what it rests on is not deployed",
    Reason.CALLER_MISSING: "no credentials for its caller here",
    Reason.ACCOUNT_NOT_CREATED: "account not created",
    Reason.STATE_NOT_CREATED: "state bucket not created",
    Reason.NOT_DEPLOYED: "nothing deployed",
    Reason.PROTECTED: "kept; --include-foundation destroys it too",
    Reason.SUSPENDED: "suspended in the manifest, left alone",
    Reason.RETIRING: f"being retired, left alone; go on with it: {GO_ON_RETIRING}",
    Reason.INTERRUPTED: "interrupted",
    Reason.WORKER_DIED: "its worker died; outcome unknown",
}


NEXT = {
    Reason.ACCOUNT_NOT_CREATED: "fleetyard up --stack organization",
    Reason.STATE_NOT_CREATED: "fleetyard up --stack bootstrap",
    Reason.DEPENDENCY_MISSING: "fleetyard up --stack {below}",
    Reason.CALLER_MISSING: "add the profiles that `callers` in the manifest names to your AWS config, and sign in "
    "(for workloads: fleetyard profiles sign-in)",
}
"""What to do about stacks that could not run yet."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run, over: every concerned stack's result, in the order of the operation."""

    operation: Operation
    results: tuple[StackResult, ...]
    seconds: float = 0.0
    interrupted: bool = False
    expect_no_changes: bool = False

    @property
    def exit_code(self) -> int:
        """Return the command's exit code.

        130 when interrupted; the failed stacks' own code if they agree on one, else 1; 4 for changes where none were
        expected. A blocked stack fails an `up`, as it was asked for, but not a preview.
        """
        if self.interrupted:
            return INTERRUPTED_EXIT
        failed = [result for result in self.results if result.status is StackStatus.FAILED]
        if failed:
            codes = {result.error.exit_code if result.error else FAILED_EXIT for result in failed}
            return codes.pop() if len(codes) == 1 else FAILED_EXIT
        unfinished = {StackStatus.CANCELLED} if self.operation.dry else {StackStatus.CANCELLED, StackStatus.BLOCKED}
        if any(result.status in unfinished for result in self.results):
            return FAILED_EXIT
        if self.expect_no_changes and any(result.changed for result in self.results):
            return CHANGES_EXIT
        return 0


def stack_as_json(result: StackResult) -> dict[str, object]:
    """Return one stack's result as a JSON object; a key whose value says nothing is left out."""
    fields: dict[str, object] = {
        "id": str(result.id),
        "account_id": result.account_id,
        "result": result.status.value,
        "resource_changes": dict(result.resource_changes),
        "seconds": round(result.seconds, 3),
    }
    if result.reason:
        fields["reason"] = result.reason.value
    if result.cause:
        fields["cause"] = str(result.cause)
    if result.changes:
        fields["changes"] = [_change_as_json(change) for change in result.changes]
    if result.error:
        fields["error"] = _error_as_json(result.error)
    if result.warnings:
        fields["warnings"] = list(result.warnings)
    if result.peak_memory:
        fields["peak_memory"] = result.peak_memory
    return fields


def run_as_json(report: RunReport) -> dict[str, object]:
    """Return a run as one JSON object."""
    return {
        "operation": report.operation.value,
        "exit_code": report.exit_code,
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
        "stacks": [stack_as_json(result) for result in report.results],
    }


def run_as_text(report: RunReport) -> str:
    """Return a run for people: one line per stack, then what changes where, then failures with the next command."""
    lines = list(_table(report.results))
    changed = [result for result in report.results if result.changes]
    for result in changed:
        lines += ["", f"{result.id} ({result.account_id or 'no account yet'})", *_change_lines(result.changes)]
    lines += list(_warnings(report.results))
    lines += list(_failures(report.results))
    lines += list(_waiting(report.results))
    return "\n".join([*lines, "", verdict(report)])


def verdict(report: RunReport) -> str:
    """Return the run in one line: how many stacks came to what, and how long it took."""
    counts: dict[str, int] = {}
    for result in report.results:
        word = result.status.value
        if result.status is StackStatus.SUCCEEDED:
            word = "changed" if result.changed else "unchanged"
        counts[word] = counts.get(word, 0) + 1
    words = ", ".join(f"{count} {word}" for word, count in counts.items()) or "no stacks"
    return f"{report.operation.value}: {words} ({report.seconds:.1f} s)"


def counts_as_text(result: StackResult) -> str:
    """Return what an operation did with a stack's resources, in Pulumi's words; what stayed the same comes last."""
    loud = [f"{count} {op}" for op, count in sorted(result.resource_changes.items()) if count and op not in QUIET_OPS]
    same = result.resource_changes.get("same", 0)
    return ", ".join([*loud, *([f"{same} same"] if same else [])])


def reason_as_text(result: StackResult) -> str:
    """Return why a stack did not simply succeed."""
    if result.error:
        return f"{result.error.code}: {result.error.summary}"
    words = REASONS[result.reason] if result.reason else ""
    return f"{words} ({result.cause})" if result.cause else words


def _table(results: Sequence[StackResult]) -> Iterator[str]:
    width = max((len(str(result.id)) for result in results), default=0)
    for result in results:
        what = counts_as_text(result) if result.status is StackStatus.SUCCEEDED else reason_as_text(result)
        took = f"{result.seconds:5.1f} s" if result.seconds else " " * 7
        head = f"{result.status.value:<10} {result.id!s:<{width}}  {result.account_id or '-':<12}"
        yield f"{head}  {took}  {what}".rstrip()


def _change_lines(changes: Sequence[ResourceChange]) -> Iterator[str]:
    for change in changes[:SHOWN_CHANGES]:
        diffs = f": {', '.join(change.diffs)}" if change.diffs else ""
        yield f"  {change.op:<8} {change.type} {change.name}{diffs}"
    if len(changes) > SHOWN_CHANGES:
        yield f"  and {len(changes) - SHOWN_CHANGES} more"


def _warnings(results: Sequence[StackResult]) -> Iterator[str]:
    """Yield warnings, equal ones together."""
    together: dict[str, list[str]] = {}
    for result in results:
        for warning in result.warnings:
            together.setdefault(warning, []).append(str(result.id))
    for warning, stacks in together.items():
        first, *rest = warning.splitlines()
        yield ""
        yield f"warning: {_listed(stacks)}: {first}"
        yield from (f"  {line}" for line in rest)


def _failures(results: Sequence[StackResult]) -> Iterator[str]:
    """Yield failures, equal ones together: the cause is told once, whichever stacks it struck."""
    together: dict[tuple[str, str, str], list[StackResult]] = {}
    for result in results:
        if result.error:
            # What to do next may name a file of this stack alone; then it is told for each.
            step = result.error.hint.replace(str(result.id), "")
            together.setdefault((result.error.code, result.error.why, step), []).append(result)
    for same in together.values():
        error = same[0].error
        if error is None:
            continue
        yield ""
        yield f"{error.code}: {error.summary}"
        if len(same) > 1:
            yield f"  also: {_listed([str(result.id) for result in same[1:]])}"
        yield from (f"  why: {line}" if at == 0 else f"       {line}" for at, line in enumerate(error.why.splitlines()))
        because = [str(result.id) for result in results if result.cause in {failed.id for failed in same}]
        if because:
            yield f"  not run: {_listed(because)}"
        if error.hint:
            yield f"  next: {error.hint}"


def _waiting(results: Sequence[StackResult]) -> Iterator[str]:
    """Yield for stacks that did not run what has to be done first."""
    for reason, hint in NEXT.items():
        same = [result for result in results if result.reason is reason]
        below = dict.fromkeys(str(result.cause) for result in same if result.cause)
        if same:
            yield ""
            yield f"{REASONS[reason]}: {_listed([str(result.id) for result in same])}"
            yield f"  next: {hint.format(below=' --stack '.join(list(below)[:SHOWN_NAMES]))}"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _change_as_json(change: ResourceChange) -> dict[str, object]:
    return {"urn": change.urn, "type": change.type, "op": change.op, "diffs": list(change.diffs)}


def _error_as_json(error: StackErrorInfo) -> dict[str, object]:
    fields = {"code": error.code, "message": error.summary, "why": error.why, "hint": error.hint}
    return {name: value for name, value in fields.items() if value}
