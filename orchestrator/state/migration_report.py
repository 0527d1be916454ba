"""What a migration came to: for people a line a stack with the next steps below, for machines one JSON object."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from orchestrator.state.migrate import MigrationReport
from orchestrator.state.move_job import MoveResult, Outcome
from orchestrator.state.verify import counted

_DONE = {
    Outcome.MOVED: "moved",
    Outcome.FINISHED: "moved; an earlier move was cut short",
    Outcome.SETTLED: "was there; its settings file now says what opens it",
    Outcome.THERE: "is there already",
    Outcome.ABSENT: "has no state",
    Outcome.FAILED: "not moved",
    Outcome.CANCELLED: "not begun: interrupted",
}
_TO_DO = {
    Outcome.MOVED: "would be moved",
    Outcome.FINISHED: "is in both: the move would be finished",
    Outcome.SETTLED: "is there; its settings file would be made to say what opens it",
    Outcome.FAILED: "could not be moved",
}
_TO_COUNT = {
    Outcome.MOVED: "would be moved",
    Outcome.FINISHED: "would be finished",
    Outcome.SETTLED: "would be settled",
}


def migration_as_json(report: MigrationReport) -> dict[str, object]:
    """Return a migration as one JSON object; a key whose value says nothing is left out."""
    return {
        "from": report.source.value,
        "to": report.target.value,
        "dry_run": report.dry,
        "exit_code": report.exit_code,
        "stacks": [{**_stack_as_json(result), **_way_as_json(report, result)} for result in report.results],
    }


def migration_as_text(report: MigrationReport) -> str:
    """Return a migration for people."""
    words = {**_DONE, **_TO_DO} if report.dry else _DONE
    width = max((len(str(result.id)) for result in report.results), default=0)
    lines = [f"{result.id!s:<{width}}  {_line(result, words)}{_way(report, result)}" for result in report.results]
    lines += _errors(report.results)
    return "\n".join([*lines, "", verdict(report)] if lines else [verdict(report)])


def move_as_text(result: MoveResult) -> str:
    """Return what became of one stack in one line, for while others are still under way."""
    return f"{result.id}: {_line(result, _DONE)}"


def verdict(report: MigrationReport) -> str:
    """Return a migration in one line."""
    told = _TO_COUNT if report.dry else {}
    counts = Counter(told.get(result.outcome, result.outcome.value) for result in report.results)
    words = ", ".join(f"{count} {word}" for word, count in counts.items()) or "no workloads selected"
    head = "state migrate, dry run" if report.dry else "state migrate"
    where = "the state buckets" if report.ways and report.target.bucket else report.target.words
    return f"{head}, to {where}: {words}"


def _way(report: MigrationReport, result: MoveResult) -> str:
    """Say where one of several state buckets it is, or goes."""
    if result.id not in report.ways:
        return ""
    source, target = report.ways[result.id]
    moved = result.outcome in {Outcome.MOVED, Outcome.FINISHED, Outcome.FAILED}
    return f", from {source.words} to {target.words}" if moved else f", {target.words}"


def _way_as_json(report: MigrationReport, result: MoveResult) -> dict[str, object]:
    if result.id not in report.ways:
        return {}
    source, target = report.ways[result.id]
    return {"from": source.value, "to": target.value}


def _line(result: MoveResult, words: dict[Outcome, str]) -> str:
    parts = [words[result.outcome]]
    if result.resources and result.outcome is not Outcome.FAILED:
        parts.append(counted(result.resources, "resource"))
    if result.seconds:
        parts.append(f"{result.seconds:.1f} s")
    return ", ".join(parts)


def _errors(results: Sequence[MoveResult]) -> Iterator[str]:
    """Yield what went wrong, equal causes together: each is told once, whichever stacks it struck."""
    together: dict[tuple[str, str], list[MoveResult]] = {}
    for result in results:
        if result.error:
            together.setdefault((result.error.code, result.error.why), []).append(result)
    for same in together.values():
        error = same[0].error
        if error is None:
            continue
        yield ""
        yield f"{error.code}: {error.summary}"
        if len(same) > 1:
            yield f"  also: {', '.join(str(result.id) for result in same[1:])}"
        if error.why:
            yield textwrap.indent(error.why, "       ").replace("       ", "  why: ", 1)
        if error.hint:
            yield f"  next: {error.hint}"


def _stack_as_json(result: MoveResult) -> dict[str, object]:
    fields: dict[str, object] = {"id": str(result.id), "outcome": result.outcome.value, "resources": result.resources}
    if result.history:
        fields["history"] = result.history
    if result.seconds:
        fields["seconds"] = round(result.seconds, 3)
    if result.error:
        error = result.error
        said = {"code": error.code, "summary": error.summary, "why": error.why, "hint": error.hint}
        fields["error"] = {name: value for name, value in said.items() if value}
    return fields
