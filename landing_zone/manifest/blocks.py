"""What the blocks of the manifest are made from: strict models, and the selectors of accounts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from landing_zone.manifest.text_types import Word


class Block(BaseModel):
    """A block of the manifest: no unknown keys, no silent conversion of types.

    A text or list that may be left out is then empty; written out it must hold something.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SelectorBlock(Block):
    """Which member accounts are meant: those that fit every key given. At least one key must be given."""

    accounts: list[Word] = Field(default=[], min_length=1, description="Account names or globs, such as plat-*.")
    stages: list[Word] = Field(default=[], min_length=1, description="Stages of accounts, such as prod.")
    units: list[Word] = Field(
        default=[],
        min_length=1,
        description="Paths of units, such as plat or plat/eu; the units below are meant too.",
    )


class ListedSelectorBlock(SelectorBlock):
    """A selector that takes the names of account lists as well."""

    lists: list[Word] = Field(default=[], min_length=1, description="Names from account_lists, such as prod.")
