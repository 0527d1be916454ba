"""Checks keys, types and forms of a document, and words pydantic's findings as problems with their place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Place, Problems, nearest
from landing_zone.manifest.regions import known_regions
from landing_zone.manifest.text_types import FORMS, REGION

Loc = tuple[str | int, ...]

_KINDS = {
    "string_type": "must be text; put it in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "list_type": "must be a list, such as [a, b]",
    "dict_type": "must hold keys and values",
    "model_type": "must hold keys and values",
    "model_attributes_type": "must hold keys and values",
}
_BOUNDS = {"gt": "more than", "ge": "at least", "le": "at most"}
_QUOTED = re.compile(r"'([^']+)'")
_ELSEWHERE = {
    "accounts": "accounts stand under their unit: units: NAME: accounts:",
    "account": "accounts stand under their unit: units: NAME: accounts:",
    "unit": "an account's unit is the one it stands under: units: NAME: accounts:",
    "imports": "imports stand at the top of a file",
    "include": "other files are named at the top of a file: imports: [FILE, ...]",
}
"""Keys that people reach for in a place where they do not belong, and where they do."""


def check_shape(
    document: Document, problems: Problems, *, told_once: frozenset[Place] = frozenset(), whole: bool = True
) -> FleetBlock | None:
    """Return the document as a model, or None after noting every key, type and form that does not fit.

    A value at a place of `told_once` is told where it is a default, not in each account that has it. When the document
    is not `whole`, nothing is said to be missing.
    """
    try:
        return FleetBlock.model_validate(document.values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True)
        _note_all([each for each in found if _is_told(each, document, told_once, whole=whole)], document, problems)
        return None


def _is_told(found: ErrorDetails, document: Document, told_once: frozenset[Place], *, whole: bool) -> bool:
    loc = found["loc"]
    if found["type"] == "missing" and not whole:
        return False
    place = document.key(*loc[:-1]) if loc and loc[-1] == "[key]" else document.value(*loc)
    return not (loc and loc[0] == "units" and place in told_once)


def _note_all(errors: Sequence[ErrorDetails], document: Document, problems: Problems) -> None:
    """Note every finding; a key that is missing because it is mistyped is told once."""
    mistyped: set[Loc] = set()
    for found in errors:
        if found["type"] == "extra_forbidden":
            meant = _note_unknown_key(found["loc"], document, problems)
            mistyped.add((*found["loc"][:-1], meant))
    for found in errors:
        if found["type"] != "extra_forbidden" and not (found["type"] == "missing" and found["loc"] in mistyped):
            _note(found, document, problems)


def _note(found: ErrorDetails, document: Document, problems: Problems) -> None:
    loc, kind = found["loc"], found["type"]
    if loc and loc[-1] == "[key]":
        path = loc[:-1]
        problems.add(document.key(*path), f'the name "{path[-1]}" {_form(found)}')
    elif kind == "missing":
        problems.add(_owner(loc[:-1], document), f'{_subject(loc[:-1])} lacks "{loc[-1]}"')
    elif found["input"] is None and problems.tells_of(document.value(*loc)):
        return  # what could not be read is no value, and was told as it was written
    else:
        problems.add(document.value(*loc), f"{_subject(_written(loc, document))} {_form(found)}", _meant(found))


def _written(loc: Loc, document: Document) -> Loc:
    """Return where a value stands in the file: one that may stand alone is no entry of a list there."""
    values: Any = document.values
    for part in loc[:-1]:
        values = values.get(part) if isinstance(values, Mapping) else None
    return loc[:-1] if loc and isinstance(loc[-1], int) and values is not None and not isinstance(values, list) else loc


def _meant(found: ErrorDetails) -> str:
    """Return the value that was probably meant, where there are only so many."""
    kind, value = found["type"], str(found["input"])
    if kind == "literal_error":
        return nearest(value, _QUOTED.findall(found["ctx"]["expected"]))
    if kind == "string_pattern_mismatch" and found["ctx"]["pattern"] == REGION:
        return nearest(value, known_regions())
    return ""


def _owner(loc: Loc, document: Document) -> Place:
    return document.key(*loc) if loc in document.keys else document.value(*loc)


def _subject(loc: Loc) -> str:
    return ".".join(str(part) for part in loc) if loc else "the manifest"


def _note_unknown_key(loc: Loc, document: Document, problems: Problems) -> str:
    """Note a key that the block does not take, and return the one that was probably meant."""
    key = str(loc[-1])
    known = fields_at(loc[:-1])
    place = document.key(*loc)
    if key in _ELSEWHERE and f"{key}s" not in known:
        problems.add(place, f'unknown key "{key}"; {_ELSEWHERE[key]}')
        return ""
    suggestion = nearest(key, known)
    hint = "" if suggestion else f"; known here: {', '.join(known)}"
    problems.add(place, f'unknown key "{key}"{hint}', suggestion)
    return suggestion


def _form(found: ErrorDetails) -> str:
    """Say what the value should be, in the words of someone who wrote it."""
    kind, context, value = found["type"], found.get("ctx", {}), found["input"]
    match kind:
        case "string_type" if isinstance(value, int | float) and not isinstance(value, bool):
            said = "is a number here; put it in quotes to keep it as it is written"
        case _ if kind in _KINDS:
            said = _KINDS[kind] if value is not None else f"is empty; it {_KINDS[kind]}"
        case "string_pattern_mismatch":
            said = f"must be {FORMS[str(context['pattern'])]}, not {value!r}"
        case "string_too_long":
            said = f"is too long: {len(str(value))} characters, AWS takes {context['max_length']}"
        case "string_too_short":  # addresses alone have a shortest length
            said = f"must be an email address of at least {context['min_length']} characters, not {value!r}"
        case "too_short":
            said = f"must have at least {context['min_length']}, and has {context['actual_length']}"
        case "too_long":
            said = f"must have at most {context['max_length']}, and has {context['actual_length']}"
        case "greater_than" | "greater_than_equal" | "less_than_equal":
            key, words = next((key, words) for key, words in _BOUNDS.items() if key in context)
            said = f"must be {words} {context[key]:.15g}"
        case "literal_error":
            said = f"must be {context['expected']}, not {value!r}"
        case _:
            said = f"does not fit: {found['msg']}"
    return said


def fields_at(loc: Loc) -> tuple[str, ...]:
    """Return the keys that the model takes at a place of the manifest, in the model's order."""
    model: Any = FleetBlock
    for part in loc:
        model = _inside(model, part)
    model = _bare(model)
    return tuple(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else ()


def _bare(annotation: Any) -> Any:
    """Return the type without `Annotated` and without `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in {Union, UnionType}:
            annotation = next(option for option in get_args(annotation) if option is not NoneType)
        else:
            return annotation


def _inside(annotation: Any, part: str | int) -> Any:
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return arguments[1]
    return arguments[0] if arguments else None
