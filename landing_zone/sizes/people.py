"""How large the documents of people and last-resort users are, beside AWS's limits."""

from __future__ import annotations

from collections.abc import Iterator

from landing_zone import limits
from landing_zone.documents.people import may_become, use_pattern
from landing_zone.fleet import Manifest
from landing_zone.identifiers import role_arn

GROUP_INLINE_POLICIES = 5120
"""Characters, all inline policies of a group together. Source: IAM User Guide, "IAM and AWS STS quotas"."""

EVENT_PATTERN = 4096
"""Characters. Source: EventBridge API Reference, PutRule, EventPattern."""

Size = tuple[str, int, int, tuple[str | int, ...]]
"""What is measured, its size, the limit, and the path of the manifest's block that makes it grow."""


def people_sizes(manifest: Manifest) -> Iterator[Size]:
    """Yield the size of every group's policy and of the alarm's pattern."""
    management_id = manifest.management_account.id
    for group in manifest.people.groups.values():
        arns = [role_arn(management_id, name) for name in group.management_roles]
        if arns:
            size = limits.measure(may_become(arns))
            yield f"policy of group {group.name}", size, GROUP_INLINE_POLICIES, ("people", "groups", group.name)
    if manifest.last_resort.users:
        size = limits.measure(use_pattern(management_id, manifest.last_resort.users))
        yield "pattern of the last-resort alarm", size, EVENT_PATTERN, ("last_resort", "users")
