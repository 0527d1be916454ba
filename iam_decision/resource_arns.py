"""The Resource element: ARN patterns checked and compiled.

Sources: IAM User Guide, "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from iam_decision.text_patterns import ARN_FIELDS, Matching, TextSet

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_PARTITION = re.compile(r"\*|aws(?:-[a-z]+)*")
_VENDOR = re.compile(r"[a-z0-9-]+")


def compile_resources(texts: Iterable[str], *, any_vendor: bool, variables: bool) -> TextSet:
    """Compile ARN patterns and `*`; raises ValueError naming a malformed one.

    `*` and `?` match any characters, colons and slashes included. `any_vendor` admits wildcards for the service.
    """
    completed = [_completed(text, any_vendor=any_vendor, variables=variables) for text in texts]
    return TextSet.compile(completed, Matching.LIKE, variables=variables)


def _completed(text: str, *, any_vendor: bool, variables: bool) -> str:
    """Return the pattern with the fields that it lacks as `*`."""
    if text == "*":
        return text
    head, _, rest = text.partition(":")
    if head != "arn" or not rest:
        raise ValueError(f'Resource {text} must be in ARN format or "*".')
    if variables and "${" in text and text[: text.index("${")].count(":") < ARN_FIELDS - 1:
        raise ValueError(f"Resource {text} has a policy variable before the fifth colon of its ARN.")
    fields = _VARIABLE.sub("", text).split(":", ARN_FIELDS - 1)
    _check_fields(text, fields, any_vendor=any_vendor)
    return text + ":*" * (ARN_FIELDS - len(fields))


def _check_fields(text: str, fields: list[str], *, any_vendor: bool) -> None:
    partition, vendor, region = (*fields[1:4], "", "")[:3]
    if not _PARTITION.fullmatch(partition):
        raise ValueError(f'Partition "{partition}" is not valid for resource "{text}".')
    if not any_vendor and not _VENDOR.fullmatch(vendor):
        raise ValueError("Resource vendor must be fully qualified and cannot contain regexes.")
    if vendor == "iam" and region not in {"", "*"}:
        raise ValueError(f"IAM resource {text} cannot contain region information.")
