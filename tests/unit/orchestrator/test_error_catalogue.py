"""Every error can be explained."""

from __future__ import annotations

import pytest

from orchestrator.error_catalogue import error_classes, explain_code
from orchestrator.errors import UnknownCode


def test_a_code_is_explained_by_its_class() -> None:
    """The explanation has title, exit code and what to do, whatever the case of the code."""
    text = explain_code("fy402")
    assert text.startswith("FY402: Stack locked by another run\nExit code 1.")
    assert "Wait for that run to end" in text


def test_an_unknown_code_proposes_near_ones() -> None:
    """A code that no error has is FY310 and names codes like it."""
    with pytest.raises(UnknownCode) as raised:
        explain_code("FY4002")
    assert "FY402" in raised.value.why


def test_codes_of_all_packages_are_known() -> None:
    """Manifest, driver, engine and twin errors are all in the catalogue."""
    assert {code[:3] for code in error_classes()} >= {"FY1", "FY2", "FY3", "FY4", "FY5", "FY6", "FY9"}
