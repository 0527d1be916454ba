"""The block of the manifest that keeps probes: calls with the answer that AWS has to give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from landing_zone.manifest.blocks import ListedSelectorBlock
from landing_zone.manifest.text_types import ACTION, ACTION_OR_KEY, CONTEXT_KEY, Description, Region, RoleName, Word

Action = Annotated[str, StringConstraints(pattern=ACTION)]
ContextKey = Annotated[str, StringConstraints(pattern=CONTEXT_KEY)]
ActionOrKey = Annotated[str, StringConstraints(pattern=ACTION_OR_KEY)]
_Several = Annotated[list[str], Field(min_length=1)]


def _several(written: object) -> object:
    return written if isinstance(written, list) else [written]


ContextValues = Annotated[_Several, BeforeValidator(_several, json_schema_input_type=str | _Several)]
"""One value may stand alone; a list in any case, so that what is wrong is told once."""


class ProbeBlock(ListedSelectorBlock):
    """Actions that somebody in the accounts selected may do, or may not: `fleetyard verify` asks for each."""

    actions: list[Action] = Field(min_length=1, description="Actions such as cloudtrail:StopLogging, one call each.")
    expect: Literal["allow", "deny"] = Field(description="What AWS has to answer.")
    by: Literal["scp", "rcp", "identity", "boundary", "resource"] | None = Field(
        default=None, description="The kind of policy that has to deny; with expect: deny."
    )
    role: RoleName = Field(
        default="",
        description="The role that tries it, a name from roles or OrganizationAccountAccessRole; without it an "
        "administrator of the account whom no policy names.",
    )
    region: Region = Field(default="", description="Where it is tried; the fleet's region without it.")
    resource: Word = Field(
        default="",
        description="ARN of the resource; ${account.id}, ${organization} and others are filled in. Without it one that "
        "the action takes.",
    )
    context: dict[ContextKey, ContextValues] = Field(
        default={}, description="Condition keys of the request, such as aws:RequestTag/owner, with a value or several."
    )
    also_known: list[ActionOrKey] = Field(
        default=[],
        min_length=1,
        description="Actions and condition keys among these that AWS has and the linter does not know yet.",
    )
    description: Description = Field(default="", max_length=512, description="What it is for.")
