"""What a rehearsal ends in: the stacks as they were deployed, the proofs, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.rehearse.proofs.proof import Proof
from orchestrator.running.job import StackResult, StackStatus


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """The outcome of one rehearsal; `seconds` are wall clock by phase, in order.

    `suspended` names the accounts that it left alone.
    """

    stacks: tuple[StackResult, ...]
    proofs: tuple[Proof, ...]
    seconds: Mapping[str, float]
    kept: bool = False
    suspended: tuple[str, ...] = ()

    @property
    def proofs_performed(self) -> bool:
        """Whether it came to the proofs, the last of which destroys what had been deployed."""
        return len(self.proofs) > 1

    @property
    def passed(self) -> bool:
        """Whether every stack succeeded and every proof held."""
        deployed = bool(self.stacks) and all(r.status is StackStatus.SUCCEEDED for r in self.stacks)
        return deployed and bool(self.proofs) and all(proof.passed for proof in self.proofs)

    @property
    def exit_code(self) -> int:
        """0 when it passed, 130 when it was interrupted, else 1."""
        if any(result.status is StackStatus.CANCELLED for result in self.stacks):
            return 130
        return 0 if self.passed else 1


def summary(report: RehearsalReport) -> str:
    """Return what a person reads in ten seconds: stacks by program, proofs line by line, the verdict last."""
    lines = ["", "Stacks"]
    programs = dict.fromkeys(result.id.program for result in report.stacks)
    lines += [f"  {name:<22}{_counted([r for r in report.stacks if r.id.program == name])}" for name in programs]
    lines += [_told(result, report) for result in report.stacks if result.status is not StackStatus.SUCCEEDED]
    if report.suspended:
        lines.append(f"  suspended in the manifest, left alone: {', '.join(report.suspended)}")
    lines += ["", "Proofs"]
    lines += [f"  {proof.word}  {proof.name}: {proof.detail}" for proof in report.proofs]
    took = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in report.seconds.items())
    lines += ["", f"{sum(report.seconds.values()):.1f} s ({took})", _verdict(report)]
    return "\n".join(lines)


def _told(result: StackResult, report: RehearsalReport) -> str:
    head = f"  {result.status:<10}{result.id} ({result.account_id})"
    if result.error is None:
        return f"{head}: {result.reason or ''}"
    error = result.error
    lines = [f"{head}: {error.code}: {error.summary}"]
    lines += [
        f"    {word}: {_indented(told)}"
        for word, told in (("why", error.why), ("next", _next(error.hint, report)))
        if told
    ]
    return "\n".join(lines)


def _next(hint: str, report: RehearsalReport) -> str:
    """Return what to do next; where the twin has ended, a command on the stack would reach for AWS."""
    first, then, _ = hint.partition("then fleetyard ")
    return f"{first}then fleetyard rehearse" if then and not report.kept else hint


def _indented(text: str) -> str:
    return text.replace("\n", "\n         ")


def _counted(results: list[StackResult]) -> str:
    operations: Counter[str] = Counter()
    for result in results:
        operations.update(result.resource_changes)
    done = sum(result.status is StackStatus.SUCCEEDED for result in results)
    changes = ", ".join(f"{count} {operation}" for operation, count in sorted(operations.items()) if count)
    return f"{done} of {len(results)} deployed; {changes or 'nothing to do'}"


def _verdict(report: RehearsalReport) -> str:
    if report.passed:
        idle = sum(not proof.tried for proof in report.proofs)
        proofs = _some(len(report.proofs) - idle, "proof") + (f", {idle} not tried" if idle else "")
        return f"The rehearsal passed: {_some(len(report.stacks), 'stack')}, {proofs}."
    failed = sum(not proof.passed for proof in report.proofs)
    stacks = sum(result.status is not StackStatus.SUCCEEDED for result in report.stacks)
    return f"The rehearsal FAILED: {_some(stacks, 'stack')} did not succeed, {_some(failed, 'proof')} did not hold."


def _some(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def as_json(report: RehearsalReport) -> dict[str, object]:
    """Return the proofs and phases as JSON objects; the stacks are written as every command writes them."""
    return {
        "proofs": [
            {"name": p.name, "passed": p.passed, "detail": p.detail} | ({} if p.tried else {"tried": False})
            for p in report.proofs
        ],
        "suspended": list(report.suspended),
        "seconds": {phase: round(seconds, 2) for phase, seconds in report.seconds.items()},
    }
