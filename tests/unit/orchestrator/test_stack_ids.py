"""Names of stacks."""

from __future__ import annotations

import pytest

from orchestrator.stack_id import StackId


@pytest.mark.parametrize("text", ["network/plat-dev", "network/plat-dev/eu-west-1"])
def test_an_id_is_read_back_from_its_text(text: str) -> None:
    """Parsing what str() gave returns the same id."""
    assert str(StackId.parse(text)) == text


@pytest.mark.parametrize("text", ["", "network", "a/b/c/d", "net work/x", "network//eu-west-1", "/x", "../x"])
def test_what_is_no_id_is_refused(text: str) -> None:
    """Parsing anything but program/account or program/account/region raises ValueError."""
    with pytest.raises(ValueError, match="stack id"):
        StackId.parse(text)


def test_pulumis_name_of_a_stack_has_the_region_only_where_the_id_has() -> None:
    """The stack is named after its account, and after its region where it has one of its own."""
    assert StackId("network", "plat-dev").stack_name == "plat-dev"
    assert StackId("network", "plat-dev", "eu-west-1").stack_name == "plat-dev.eu-west-1"
