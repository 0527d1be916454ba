"""Tags: the provider's default tags under the resource's own, and the ones that are nobody's business here.

Source: terraform-provider-aws, "Default tags" and "Ignore tags" of the provider's configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws.resource_type import TagShape
from rehearsal.aws.wire import UNKNOWN, Properties, Value, has_unknown


@dataclass(frozen=True, slots=True)
class TagRules:
    """The provider's `defaultTags` and `ignoreTags`."""

    defaults: Mapping[str, str] = field(default_factory=dict)
    ignored_keys: tuple[str, ...] = ()
    ignored_prefixes: tuple[str, ...] = ()

    def all_tags(self, tags: Value) -> Value:
        """Return the tags a resource is to have: the default ones with its own on top; unknown if one is."""
        if has_unknown(tags):
            return UNKNOWN
        return self.without_ignored({**self.defaults, **(tags or {})})

    def without_ignored(self, tags: Mapping[str, str]) -> dict[str, str]:
        """Return the tags that count: neither AWS's own nor those the provider is told to ignore."""
        prefixes = ("aws:", *self.ignored_prefixes)
        return {k: v for k, v in tags.items() if k not in self.ignored_keys and not k.startswith(prefixes)}

    def read(self, found: Mapping[str, str], own: Mapping[str, str]) -> Properties:
        """Return `tags` and `tagsAll` of a resource found with these tags.

        A tag equal to a default one counts as the resource's own only if it was asked for there (`own`).
        """
        everything = self.without_ignored(found)
        tags = {k: v for k, v in everything.items() if self.defaults.get(k) != v or own.get(k) == v}
        return {"tags": tags or None, "tagsAll": everything}


def tags_to_aws(tags: Mapping[str, str], shape: TagShape) -> Any:
    """Return tags as the service's requests have them, sorted by key."""
    match shape:
        case TagShape.MAP:
            return dict(tags)
        case TagShape.KMS_PAIRS:
            return [{"TagKey": key, "TagValue": tags[key]} for key in sorted(tags)]
        case TagShape.PAIRS:
            return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tags_from_aws(found: Any, shape: TagShape) -> dict[str, str]:
    """Return the tags in an answer of the service; None means none."""
    match shape:
        case TagShape.MAP:
            return dict(found or {})
        case TagShape.KMS_PAIRS:
            return {item["TagKey"]: item["TagValue"] for item in found or ()}
        case TagShape.PAIRS:
            return {item["Key"]: item["Value"] for item in found or ()}
