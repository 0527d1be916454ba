"""Tags of an organisation's accounts, units, root and policies. moto takes any.

Source: AWS Organizations API Reference, "TagResource", and its InvalidInputException and ConstraintViolationException.
"""

from __future__ import annotations

import re
from typing import Any

from rehearsal.twin.emulator.organization import Answer, AwsError, Organization, Params, invalid, page, violation

_TEXT = re.compile(r"[\w\s_.:/=+\-@]*")


def tags_given(organization: Organization, params: Params) -> dict[str, str]:
    """Return the tags something is to be made with. Raises: AwsError."""
    return checked_tags(organization, params.get("Tags") or (), {})


def checked_tags(organization: Organization, given: Any, present: dict[str, str]) -> dict[str, str]:
    """Return the tags that `given` (a request's list) leaves, of those present. Raises: AwsError."""
    keys = [tag["Key"] for tag in given]
    if len(set(keys)) < len(keys):
        raise invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    if any(key.lower().startswith("aws:") for key in keys):
        words = "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys."
        raise invalid("INVALID_SYSTEM_TAGS_PARAMETER", words)
    if not all(_TEXT.fullmatch(text) for tag in given for text in (tag["Key"], tag["Value"])):
        raise invalid("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
    after = present | {tag["Key"]: tag["Value"] for tag in given}
    if len(after) > organization.quota("tags"):
        raise violation("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
    return after


def tag_resource(organization: Organization, params: Params) -> Answer:
    """TagResource."""
    present = _tags_of(organization, params["ResourceId"])
    after = checked_tags(organization, params["Tags"], present)
    present.update(after)
    return {}


def untag_resource(organization: Organization, params: Params) -> Answer:
    """UntagResource."""
    present = _tags_of(organization, params["ResourceId"])
    for key in params["TagKeys"]:
        present.pop(key, None)
    return {}


def list_tags_for_resource(organization: Organization, params: Params) -> Answer:
    """ListTagsForResource."""
    present = _tags_of(organization, params["ResourceId"])
    return page("Tags", list(present.items()), params, lambda tag: {"Key": tag[0], "Value": tag[1]}, 50)


def _tags_of(organization: Organization, resource_id: str) -> dict[str, str]:
    """Return the tags of anything that has some, to be changed where they are."""
    beside = organization.beside.resource_policy
    if beside is not None and beside["Id"] == resource_id:
        tags: dict[str, str] = beside["Tags"]
        return tags
    if resource_id.startswith("p-"):
        try:
            found = organization.policy(resource_id)
        except AwsError as error:
            raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.") from error
    else:
        found = organization.target(resource_id)
    kept: dict[str, str] = found.tags
    return kept
