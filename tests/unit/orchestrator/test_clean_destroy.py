"""What the proof of a clean destroy finds wrong in an account."""

from __future__ import annotations

import pytest

from orchestrator.rehearse.proofs.clean_destroy import dangling_delegations, left_or_lost

BEFORE, FULL = frozenset({"role Own"}), frozenset({"role Own", "role Admin", "vpc v", "bucket logs"})


@pytest.mark.parametrize(
    ("kept", "after", "wrong"),
    [
        pytest.param((False, False), {"role Own"}, [], id="all gone"),
        pytest.param((False, False), {"role Own", "vpc v"}, ["+ vpc v"], id="something left"),
        pytest.param((), {"role Own", "vpc v"}, ["+ vpc v"], id="an account without stacks"),
        pytest.param((True, True), FULL, [], id="all kept"),
        pytest.param((True, True), FULL - {"bucket logs"}, ["- bucket logs"], id="something of the kept ones lost"),
        pytest.param((True, False), FULL - {"vpc v"}, [], id="some kept"),
        pytest.param((True, False), {"vpc v", "vpc new"}, ["+ vpc new", "- role Own"], id="some kept, others wrong"),
    ],
)
def test_left_or_lost(kept: tuple[bool, ...], after: set[str], wrong: list[str]) -> None:
    """Without kept stacks an account is as before, with all kept as just before the destroy, else in between."""
    assert left_or_lost(BEFORE, FULL, frozenset(after), kept) == wrong


def test_a_delegation_goes_with_the_zone_it_leads_to() -> None:
    """A kept account may lose the delegation of a zone that was destroyed, and may not keep it."""
    full = FULL | {"zone acme.example. with 2 records", "delegation dev.acme.example."}
    assert left_or_lost(BEFORE, full, full - {"delegation dev.acme.example."}, (True,)) == []
    assert dangling_delegations(full) == ["delegation dev.acme.example. without its zone"]
    assert dangling_delegations({*full, "zone dev.acme.example. with 2 records"}) == []
