"""The blocks of the manifest that govern the organisation: its policies."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from landing_zone.manifest.blocks import Block
from landing_zone.manifest.text_types import Description, Word


class PolicyBlock(Block):
    """A service control policy or resource control policy, and what it is attached to. At least one target is given."""

    file: Word = Field(
        description="The policy document, JSON or YAML, relative to the file this stands in; or a shipped one: "
        "starter/NAME."
    )
    type: Literal["scp", "rcp"] = Field(
        default="scp", description="scp limits principals of the accounts, rcp limits who may use their resources."
    )
    vars: dict[str, JsonValue] = Field(
        default={}, description="Values for the document's ${vars.NAME}, over those that the document has itself."
    )
    root: bool = Field(default=False, description="Whether it is attached to the root: every member account is meant.")
    units: list[Word] = Field(
        default=[], min_length=1, description="Paths of units, such as plat/eu; what is below them is meant too."
    )
    accounts: list[Word] = Field(
        default=[], min_length=1, description="Names or globs of member accounts, such as plat-*."
    )
    description: Description = Field(
        default="", max_length=512, description="What the policy is for; shown in the console."
    )
    """Source of the length: AWS Organizations API Reference, CreatePolicy, Description."""
    allow_lockout: bool = Field(
        default=False,
        description="Whether it may keep the roles that Fleetyard deploys with from their work; refused otherwise.",
    )
