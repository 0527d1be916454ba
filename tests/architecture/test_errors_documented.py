"""Every error code is one class, has a page entry that is current, and a test that causes it."""

from __future__ import annotations

import re
from collections import Counter

from orchestrator.error_catalogue import error_classes
from tests.support.error_pages import render_error_pages
from tests.support.repository import ROOT, tracked_files


def test_every_code_names_one_error() -> None:
    """No two error classes share a code, and each code has the form FYnnn."""
    written = re.compile(r'^    code = "(FY\d{3})"$', re.MULTILINE)
    sources = tracked_files("landing_zone/*errors.py", "orchestrator/*errors.py", "rehearsal/*errors.py")
    codes = Counter(code for path in sources for code in written.findall(path.read_text(encoding="utf-8")))
    assert [code for code, count in codes.items() if count > 1] == []
    assert set(codes) == set(error_classes())


def test_every_error_has_title_and_exit_code() -> None:
    """Each error class says in a line what it is, and which of the stable exit codes it ends with."""
    stable = {0, 1, 2, 3, 4, 5, 70, 130}
    assert [error for error in error_classes().values() if not error.title or error.exit_code not in stable] == []


def test_the_error_page_is_current() -> None:
    """docs/errors.md is what the classes' docstrings say; `make docs` writes it anew."""
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == render_error_pages(error_classes().values())


def test_every_error_is_caused_by_a_test() -> None:
    """Some test names each error, by its class or its code."""
    here = {"error_pages.py", "repository.py", "test_errors_documented.py"}
    words = "\n".join(p.read_text(encoding="utf-8") for p in tracked_files("tests/*.py") if p.name not in here)
    untested = [
        f"{e.code} {e.__name__}" for e in error_classes().values() if e.__name__ not in words and e.code not in words
    ]
    assert untested == []
