"""Pulumi's integrity rules, each broken once."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.engine.errors import StateCorruptError
from rehearsal.engine.integrity import broken_rule, magic_of, require_sound
from rehearsal.engine.state import ResourceState, Snapshot

PROVIDER = "urn:pulumi:dev::demo::pulumi:providers:test::p"


def urn(name: str) -> str:
    """Return a URN."""
    return f"urn:pulumi:dev::demo::test:index:Thing::{name}"


def state(name: str, **fields: Any) -> ResourceState:
    """Return a resource."""
    return ResourceState(**{"urn": urn(name), "type": "test:index:Thing", "custom": True, "id": "i", **fields})


def provider() -> ResourceState:
    """Return a provider resource."""
    return ResourceState(PROVIDER, "pulumi:providers:test", custom=True, id="1")


@pytest.mark.parametrize(
    ("resources", "rule"),
    [
        ((state("a", urn=""),), "has no urn"),
        ((state("a", type=""),), "has no type"),
        ((state("a", custom=False),), "has an id but is not custom"),
        ((state("a", provider=f"{PROVIDER}::1"), provider()), "unknown provider"),
        ((provider(), state("a", provider=f"{PROVIDER}::2")), "unknown provider"),
        ((state("a", parent=urn("b")), state("b")), "parent"),
        ((state("a", dependencies=(urn("b"),)), state("b")), "dependency"),
        ((state("a", property_dependencies={"x": (urn("b"),)}),), "property dependency"),
        ((state("a", deleted_with=urn("b")),), "deletedWith"),
        ((state("a"), state("a")), "duplicate resource"),
    ],
)
def test_each_broken_rule_is_named_with_its_resource(resources: tuple[ResourceState, ...], rule: str) -> None:
    """A snapshot that breaks a rule is not sound, and the rule says which."""
    assert rule in broken_rule(Snapshot(resources))
    with pytest.raises(StateCorruptError, match="refusing to use it"):
        require_sound(Snapshot(resources))


def test_what_comes_first_may_be_referred_to() -> None:
    """References to earlier resources are sound; so is a deleted twin, and a provider that is to be replaced."""
    resources = (
        provider(),
        state("a", provider=f"{PROVIDER}::1"),
        state("b", parent=urn("a"), dependencies=(urn("a"),), property_dependencies={"x": (urn("a"),)}),
        state("b", delete=True),
        state("c", provider=f"{PROVIDER}::9", pending_replacement=True),
    )
    assert broken_rule(Snapshot(resources)) == ""


def test_the_magic_is_the_digest_of_the_version() -> None:
    """Version 3.259.0 has the magic that the CLI writes for it; no version has none."""
    assert magic_of("3.259.0") == "f034461b2747c82ae2db69bf651fa6eedfae06a2a3db54f575a40a6461a2dd71"
    assert magic_of("") == ""
