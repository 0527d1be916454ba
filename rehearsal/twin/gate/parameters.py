"""Systems Manager's parameters on their way in: their names, the length of their values. moto takes any.

Checked here and not in moto: moto's Systems Manager loads EC2, for which the twin's start does not wait.
"""

from __future__ import annotations

import re

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.requests.refusals import Refusal

LONGEST_STANDARD = 4096
LONGEST_ADVANCED = 8192
"""Characters. Source: Systems Manager User Guide, "Managing parameter tiers"."""

_NAME = re.compile(r"(arn:[A-Za-z0-9:_-]+)?[A-Za-z0-9_./-]*")
_NO_NAME = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of '
    "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 "
    "symbols .-_"
)
"""Source: AWS Systems Manager API Reference, "PutParameter", Name."""


def check_parameter(asked: Asked) -> None:
    """Refuse a name of other signs, a value that is too long for its tier; raises Refusal with AWS's words."""
    operation = asked.operation
    if (operation.service, operation.name) != ("ssm", "PutParameter"):
        return
    if not _NAME.fullmatch(operation.text("Name")):
        raise Refusal.of("ValidationException", _NO_NAME)
    length = len(operation.text("Value"))
    if length > LONGEST_ADVANCED:
        words = f"Advanced tier parameters support a maximum parameter value of {LONGEST_ADVANCED} characters."
        raise Refusal.of("ValidationException", words)
    if length > LONGEST_STANDARD and operation.text("Tier") in ("", "Standard"):
        raise Refusal.of(
            "ValidationException",
            f"Standard tier parameters support a maximum parameter value of {LONGEST_STANDARD} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
        )
