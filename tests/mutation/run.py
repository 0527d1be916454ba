"""Shows that the rules are kept: takes out one step after the other and waits for a rule test over HTTP to fail.

    python -m tests.mutation.run [--only WORDS ...] [--jobs N]

Each mutation is applied to a copy of the source; its own rule tests run first, then all others, until one fails. Prints
a table: mutation, the test that noticed it, or SURVIVED. A test that fails counts, one that could not be set up does
not. Exits 1 if a mutation survived, and at once if the rule tests fail without any. Takes some minutes; it is not part
of the tests, but that every edit still applies is.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.condition_table import OPERATORS, VARIABLES
from tests.mutation.decision_table import EVALUATION, STATEMENTS
from tests.mutation.gate_table import GATE
from tests.mutation.mutation import Mutation
from tests.mutation.principal_table import PRINCIPALS
from tests.support.repository import ROOT

MUTATIONS = (*EVALUATION, *STATEMENTS, *PRINCIPALS, *OPERATORS, *VARIABLES, *GATE)
_COPIED = ("iam_decision", "rehearsal", "landing_zone", "orchestrator", "tests", "pyproject.toml")
_TESTS = "tests/rehearsed/twin"
_FORMS = ("rules/test_rules_{}", "test_twin_{}")
_OLDER = ("assume_role", "credentials", "saml", "web_identity")
"""Rules over HTTP that are kept beside the folder of rules."""
_UNTRIED = "NOTHING COULD BE TRIED"
_FAILED = re.compile(r"^FAILED (?:[\w./]*/)?(.+?)(?: - .*)?$", re.MULTILINE)
_BROKEN = re.compile(r"^ERROR (?:[\w./]*/)?(.+?)(?: - .*)?$", re.MULTILINE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutations and print the table; return the exit code."""
    parser = argparse.ArgumentParser(description="Take out one evaluation step after the other.")
    parser.add_argument("--only", default=[""], nargs="+", help="only mutations whose name or file has one of these")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    chosen = parser.parse_args(arguments)
    wanted = [one for one in MUTATIONS if any(words in one.name or words in one.path for words in chosen.only)]
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        copies = [_copy(Path(folder) / str(number)) for number in range(max(1, chosen.jobs))]
        modules = sorted({module for one in wanted for module in one.rules})
        if noticed := _first_failure(copies[0], modules):
            print(f"The rule tests fail without any mutation: {noticed}", flush=True)  # noqa: T201
            return 1
        return _report(_tried(wanted, copies))


def _tried(wanted: list[Mutation], copies: list[Path]) -> Iterable[tuple[Mutation, str]]:
    free: queue.Queue[Path] = queue.Queue()
    for copy in copies:
        free.put(copy)

    def tried(mutation: Mutation) -> tuple[Mutation, str]:
        copy = free.get()
        try:
            return mutation, _notice(mutation, copy)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(tried, wanted)


def _notice(mutation: Mutation, copy: Path) -> str:
    """Return the test that fails under a mutation, "" if none does."""
    mutation.apply(copy)
    try:
        return _first_failure(copy, mutation.rules) or _first_failure(copy, _other_modules(mutation, copy))
    finally:
        shutil.copyfile(ROOT / mutation.path, copy / mutation.path)


def _other_modules(mutation: Mutation, copy: Path) -> list[str]:
    found = (path.stem.removeprefix("test_rules_") for path in (copy / _TESTS).glob("rules/test_rules_*.py"))
    return sorted({*found, *_OLDER} - set(mutation.rules))


def _files(copy: Path, modules: Iterable[str]) -> list[str]:
    named = (f"{_TESTS}/{form.format(module)}.py" for module in modules for form in _FORMS)
    return [file for file in named if (copy / file).is_file()]


def _first_failure(copy: Path, modules: Iterable[str]) -> str:
    files = _files(copy, modules)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *files]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return ""
    if found := _FAILED.search(run.stdout):
        return found[1]
    broken = _BROKEN.search(run.stdout)
    return f"{_UNTRIED}: {broken[1] if broken else run.stdout[-300:] + run.stderr[-300:]}"


def _copy(target: Path) -> Path:
    without = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=without)
        else:
            shutil.copyfile(ROOT / name, target / name)
    return target


def _report(results: Iterable[tuple[Mutation, str]]) -> int:
    survived = total = 0
    for mutation, test in results:
        total += 1
        survived += not test or test.startswith(_UNTRIED)
        print(f"{mutation.name}: {test or 'SURVIVED'}", flush=True)  # noqa: T201
    print(f"{total} mutations, {total - survived} noticed, {survived} survived", flush=True)  # noqa: T201
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
