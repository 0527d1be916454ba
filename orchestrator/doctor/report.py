"""The findings as people and machines read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestrator.doctor.finding import Finding, Outcome, exit_code

_OUTCOMES = max(len(outcome.value) for outcome in Outcome)


def as_text(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, the next step below it, and how many failed."""
    width = max(len(finding.name) for finding in findings)
    indent = " " * (_OUTCOMES + width + 4)
    lines = []
    for finding in findings:
        words = finding.words.replace("\n", f"\n{indent}")
        lines.append(f"{finding.outcome.value:<{_OUTCOMES}}  {finding.name:<{width}}  {words}")
        lines += [f"{indent}next: {finding.hint}"] if finding.hint else []
    bad = [sum(finding.outcome is outcome for finding in findings) for outcome in (Outcome.FAILED, Outcome.WARNING)]
    lines.append(f"{bad[0]} failed, {bad[1]} warnings" if any(bad) else "All is well.")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings and the exit code that they end with."""
    return {
        "exit_code": exit_code(findings),
        "checks": [
            {
                "name": finding.name,
                "topic": finding.topic.name.lower(),
                "outcome": finding.outcome.value,
                "words": finding.words,
                "next": finding.hint,
            }
            for finding in findings
        ],
    }
