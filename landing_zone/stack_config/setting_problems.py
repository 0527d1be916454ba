"""Words what is wrong with a workload's `config`, for the author of the manifest."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from landing_zone.manifest.problems import nearest

_KINDS = {
    "string_type": "must be text; put it in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "list_type": "must be a list, such as [a, b]",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
}


def setting_problems(error: ValidationError, model: type[BaseModel]) -> tuple[str, ...]:
    """Return every problem as `key: what is wrong`; a key that is missing because it is mistyped is told once."""
    found = error.errors(include_url=False)
    extra = [each for each in found if each["type"] == "extra_forbidden"]
    meant = {each["loc"]: _meant(each, model) for each in extra}
    mistyped = {(*loc[:-1], name) for loc, name in meant.items()}
    return tuple(
        _words(each, meant.get(each["loc"], ""), model)
        for each in found
        if each["type"] != "missing" or each["loc"] not in mistyped
    )


def _meant(found: ErrorDetails, model: type[BaseModel]) -> str:
    return nearest(str(found["loc"][-1]), _known(found, model))


def _known(found: ErrorDetails, model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys that the model takes where an unknown one stands; none where the model does not tell."""
    inside: object = model
    for part in found["loc"][:-1]:
        fields = inside.model_fields if isinstance(inside, type) and issubclass(inside, BaseModel) else {}
        inside = fields[str(part)].annotation if str(part) in fields else None
    return tuple(inside.model_fields) if isinstance(inside, type) and issubclass(inside, BaseModel) else ()


def _words(found: ErrorDetails, meant: str, model: type[BaseModel]) -> str:
    kind, value = found["type"], found["input"]
    match kind:
        case "extra_forbidden" if meant:
            said = f'unknown key (did you mean "{meant}"?)'
        case "extra_forbidden":
            known = _known(found, model)
            said = f"unknown key; known here: {', '.join(known)}" if known else "unknown key"
        case "missing":
            said = "is missing"
        case _ if kind in _KINDS:
            said = f"{_KINDS[kind]}, not {value!r}" if isinstance(value, str | int | float) else _KINDS[kind]
        case _:
            said = found["msg"].removeprefix("Value error, ")
    where = ".".join(str(part) for part in found["loc"])
    return f"{where}: {said}" if where else said
