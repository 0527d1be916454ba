"""Pulumi's names of resources: `urn:pulumi:<stack>::<project>::<parentType$...$type>::<name>`.

Source: Pulumi `sdk/go/common/resource/urn/urn.go`.
"""

from __future__ import annotations

STACK_TYPE = "pulumi:pulumi:Stack"


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Return the URN of a resource; the root stack's type is left out of the chain of parents."""
    above = qualified_type(parent) if parent else ""
    chain = f"{above}${type_}" if above and above != STACK_TYPE else type_
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def qualified_type(urn: str) -> str:
    """Return the chain of types in a URN."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """Return the resource's own type."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """Return the resource's name."""
    return urn.split("::", 3)[3]


def package_of(type_: str) -> str:
    """Return the package of a type: of `pulumi:providers:aws` it is `aws`."""
    parts = type_.split(":")
    return parts[2] if type_.startswith("pulumi:providers:") else parts[0]


def is_provider(type_: str) -> bool:
    """Whether the type is a provider's."""
    return type_.startswith("pulumi:providers:")
