"""Errors of the rehearsal: the embedded engine (FY50x-FY59x), the twin (FY60x-FY64x), the `aws` provider (FY65x-FY69x).

The same shape as the landing zone's errors, on purpose not the same class: the rehearsal imports nothing above it.
"""

from __future__ import annotations

from typing import ClassVar


class RehearsalError(Exception):
    """Carries what failed and where, why, what did not run because of it, and the next step.

    `docs/errors.md` is generated from the docstrings of its subclasses.
    """

    code: ClassVar[str] = ""
    title: ClassVar[str] = ""
    exit_code: ClassVar[int] = 5

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
