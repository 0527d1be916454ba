"""What Lambda refuses of a function's settings: numbers out of range, names of no form, variables that are its own.

Sources: AWS Lambda API Reference, "CreateFunction", "UpdateFunctionConfiguration" and botocore's model; AWS Lambda
Developer Guide, "Lambda quotas" (a quarter of an hour, 10,240 MB, 4 KB of variables), "Defined runtime environment
variables" (reserved ones). The words of the model's constraints are those of AWS's validation of requests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.gate.model_input import problem_of
from rehearsal.twin.requests.refusals import Refusal

_WRITES = frozenset({"CreateFunction", "UpdateFunctionConfiguration"})
_TEXTS = ("FunctionName", "Handler", "Runtime")
_LIMITS = {"Timeout": (1, 900), "MemorySize": (128, 10240), "EphemeralStorage": (512, 10240)}
"""Of functions that run on no capacity provider: seconds, MB, MB."""
_LONGEST = 4096
"""Bytes of all variables."""
_RESERVED = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"),
        *("AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
        *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY"),
        *("AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT"),
    }
)
_VARIABLES = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
)
_ARE_RESERVED = (
    "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {}"
)
_ARE_LONG = "exceeded the 4KB limit. String measured: {}"


def check_function_input(asked: Asked) -> None:
    """Refuse a function's settings that Lambda does not take; raises Refusal."""
    operation, params = asked.operation, asked.operation.params
    name = operation.name.partition("2")[0]
    if name not in _WRITES:
        return
    texts = {one: params[one] for one in _TEXTS if isinstance(params.get(one), str)}
    if problem := problem_of("lambda", name, texts):
        raise Refusal.of("ValidationException", problem)
    if not params.get("CapacityProviderConfig"):
        _check_numbers(params)
    for layer in operation.listed("Layers"):
        if not layer.startswith("arn:") or ":layer:" not in layer:
            raise _invalid("layers", f"[{layer}]", "satisfy constraint: [Member must be the ARN of a layer's version]")
    variables = params.get("Environment")
    if isinstance(variables, Mapping) and isinstance(variables.get("Variables"), Mapping):
        _check_variables(variables["Variables"])


def _check_numbers(params: Mapping[str, Any]) -> None:
    for name, (least, most) in _LIMITS.items():
        value = params.get(name)
        number, told = (value.get("Size"), f"{name}.size") if isinstance(value, Mapping) else (value, name)
        if not isinstance(number, int) or least <= number <= most:
            continue
        bound = f"greater than or equal to {least}" if number < least else f"less than or equal to {most}"
        raise _invalid(told[0].lower() + told[1:], number, f"have value {bound}")


def _check_variables(variables: Mapping[str, Any]) -> None:
    reserved = sorted(_RESERVED & set(variables))
    if reserved:
        raise Refusal.of("InvalidParameterValueException", _VARIABLES + _ARE_RESERVED.format(", ".join(reserved)))
    written = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(written.encode()) > _LONGEST:
        raise Refusal.of("InvalidParameterValueException", _VARIABLES + _ARE_LONG.format(written))


def _invalid(field: str, value: object, constraint: str) -> Refusal:
    words = f"Value '{value}' at '{field}' failed to satisfy constraint: Member must {constraint}"
    return Refusal.of("ValidationException", f"1 validation error detected: {words}")
