"""Parameters of a request to AWS Organizations against the service's model, which moto does not look at.

Source: botocore's model of the service (lengths, patterns, enumerations); AWS Organizations API Reference,
InvalidInputException and its reasons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rehearsal.twin.emulator.organization import AwsError, Params, invalid

_Shape = Any
"""A shape of botocore's, which has no types."""
_PATTERN_WORDS = "You provided a value that does not match the required pattern."
_ENUMERATIONS = {"PolicyType": ("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type string.")}
_ENUMERATIONS["EffectivePolicyType"] = _ENUMERATIONS["PolicyType"]
_PATTERNS = {
    "PolicyId": ("INVALID_SYNTAX_POLICY_ID", "You specified an invalid policy ID."),
    "PolicyTargetId": ("INVALID_PATTERN_TARGET_ID", "You specified a policy target ID that doesn't match the pattern."),
}
_UNREADABLE = r"\p{"
"""Of patterns that `re` does not read; tags are checked on their own."""


class InputModel:
    """Checks parameters; reads the model at its first use."""

    def __init__(self) -> None:
        self._operations: dict[str, _Shape] = {}
        self._model: Any = None

    def check(self, operation: str, params: Params) -> None:
        """Raise AwsError for parameters that the service's model does not allow."""
        if operation not in self._operations:
            if self._model is None:
                import botocore.session

                self._model = botocore.session.get_session().get_service_model("organizations")
            self._operations[operation] = self._model.operation_model(operation).input_shape
        shape = self._operations[operation]
        if shape is not None:
            _check(shape, params)


def _check(shape: _Shape, value: Any) -> None:
    if shape.type_name == "structure":
        _check_structure(shape, value)
    elif shape.type_name == "list":
        if not isinstance(value, list):
            raise _no_such_type()
        for item in value:
            _check(shape.member, item)
    elif shape.type_name == "string":
        _check_text(shape, value)
    elif shape.type_name == "integer":
        _check_number(shape, value)


def _check_structure(shape: _Shape, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise _no_such_type()
    for name in shape.required_members:
        if value.get(name) is None:
            raise invalid("INPUT_REQUIRED", "You must include a value for all required parameters.")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            _check(member, value[name])


def _check_text(shape: _Shape, value: Any) -> None:
    if not isinstance(value, str):
        raise _no_such_type()
    if getattr(shape, "enum", None):
        if value not in shape.enum:
            raise invalid(*_ENUMERATIONS.get(shape.name, ("INVALID_ENUM", "You specified an invalid value.")))
        return
    limits = shape.metadata
    if len(value) < limits.get("min", 0):
        raise invalid("MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed.")
    pattern = limits.get("pattern", "")
    if pattern and _UNREADABLE not in pattern and not _compiled(pattern).fullmatch(value):
        raise invalid(*_PATTERNS.get(shape.name, ("INVALID_PATTERN", _PATTERN_WORDS)))
    if len(value) > limits.get("max", len(value)):
        raise invalid("MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed.")


def _check_number(shape: _Shape, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _no_such_type()
    if value < shape.metadata.get("min", value):
        raise invalid("MIN_VALUE_EXCEEDED", "You provided a numeric parameter that has a smaller value than allowed.")
    if value > shape.metadata.get("max", value):
        raise invalid("MAX_VALUE_EXCEEDED", "You provided a numeric parameter that has a larger value than allowed.")


def _no_such_type() -> AwsError:
    return AwsError("SerializationException", "A parameter is of another type than the operation's model says.")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
