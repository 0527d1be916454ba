"""Blocks of the manifest about the management account: Identity Center, state buckets, how long they keep versions."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from landing_zone.fleet import StateRights
from landing_zone.manifest.blocks import Block, ListedSelectorBlock
from landing_zone.manifest.text_types import PermissionSet

_RIGHTS = tuple(right.value for right in StateRights)
EXPECTED_RIGHTS = "'write', 'read' or 'none'"


def _rights(value: Any) -> Any:
    """Return one word or a mapping of buckets to words; the rules look at the mapping, as they know the buckets."""
    if isinstance(value, dict) or (isinstance(value, str) and value in _RIGHTS):
        return value
    raise PydanticKnownError("literal_error", {"expected": EXPECTED_RIGHTS})


WrittenRights = Annotated[
    str | dict[str, str],
    PlainValidator(_rights),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(_RIGHTS), "type": "string"},
                {"additionalProperties": {"enum": list(_RIGHTS), "type": "string"}, "type": "object"},
            ]
        }
    ),
]
"""`write`, `read` or `none`, or one of them for each state bucket by its name."""


class IdentityCenterBlock(Block):
    """People who sign in by Identity Center; the permission sets are assigned to them in the management account."""

    permission_sets: list[PermissionSet] = Field(
        min_length=1, description="Names of permission sets, as Identity Center has them."
    )
    direct: bool = Field(
        default=True,
        description="Whether the member roles granted trust these permission sets as well, so that the console's "
        "switch-role links work at once.",
    )


class StateBucketBlock(ListedSelectorBlock):
    """A state bucket with a key of its own, for the workloads of the accounts selected."""


class StateRetentionBlock(Block):
    """How long the state buckets keep versions of objects that were replaced or deleted."""

    old_versions_days: int = Field(ge=1, le=36500, description="Days after which such a version may go.")
    newest_versions: int = Field(
        default=10, ge=1, le=100, description="How many of them are kept of each object, however old."
    )


class StateAccessLogBlock(Block):
    """S3's log of every request to the state buckets, in a small bucket of its own."""

    days: int = Field(default=365, ge=1, le=36500, description="Days after which a log file goes.")
