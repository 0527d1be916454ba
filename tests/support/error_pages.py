"""Renders docs/errors.md from the error classes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from orchestrator.error_catalogue import ErrorClass, error_classes
from tests.support.repository import ROOT

HEAD = """# Errors

Every error carries a code. `fleetyard explain CODE` prints its entry from here.
This page is generated from the error classes: `make docs`.

| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | some stacks failed |
| 2 | bad invocation, manifest or plan |
| 3 | access |
| 4 | changes where none were expected |
| 5 | engine or twin |
| 70 | a bug in Fleetyard |
| 130 | interrupted |
"""


def render_error_pages(errors: Iterable[ErrorClass]) -> str:
    """Return the page: one entry per class, in the order of the codes."""
    entries = [
        f"\n## {e.code}: {e.title}\n\nExit code {e.exit_code}.\n\n{inspect.cleandoc(e.__doc__ or '')}\n" for e in errors
    ]
    return HEAD + "".join(entries)


if __name__ == "__main__":
    (ROOT / "docs" / "errors.md").write_text(render_error_pages(error_classes().values()), encoding="utf-8")
