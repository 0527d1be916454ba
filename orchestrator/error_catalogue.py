"""Every error there is, by its code. Their docstrings are what `explain` prints and docs/errors.md is made of."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil

from landing_zone.errors import FleetyardError
from orchestrator.composition import REHEARSAL_ERROR
from orchestrator.errors import UnknownCode

PACKAGES = ("landing_zone", "orchestrator", "rehearsal")

ErrorClass = type[FleetyardError] | type[REHEARSAL_ERROR]


def error_classes() -> dict[str, ErrorClass]:
    """Return every error class with a code of its own, by code; imports the modules named `errors` of each package."""
    for package in PACKAGES:
        _import_errors(package)
    found: dict[str, ErrorClass] = {}
    waiting: list[ErrorClass] = [FleetyardError, REHEARSAL_ERROR]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            if "code" in vars(child):
                found[child.code] = child
    return dict(sorted(found.items()))


def explain_code(code: str) -> str:
    """Return what a code means and what to do; raises UnknownCode, naming the nearest codes."""
    error = _of_code(code)
    return f"{error.code}: {error.title}\nExit code {error.exit_code}.\n\n{inspect.cleandoc(error.__doc__ or '')}"


def entry_of(code: str) -> dict[str, object]:
    """Return the same as a JSON object; raises UnknownCode."""
    error = _of_code(code)
    return {
        "code": error.code,
        "title": error.title,
        "exit_code": error.exit_code,
        "text": inspect.cleandoc(error.__doc__ or ""),
    }


def _of_code(code: str) -> ErrorClass:
    known = error_classes()
    error = known.get(code.upper())
    if error is None:
        near = difflib.get_close_matches(code.upper(), known, n=3, cutoff=0.6)
        raise UnknownCode(
            f"no error has the code {code}",
            why=f"near: {', '.join(near)}" if near else "codes look like FY201",
            hint="docs/errors.md lists them all",
        )
    return error


def _import_errors(package: str) -> None:
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
        if module.name.rsplit(".", 1)[-1].endswith("errors"):
            importlib.import_module(module.name)
