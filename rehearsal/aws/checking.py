"""Check: a program's inputs, verified against the type's table and completed with defaults, names, tags and region."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rehearsal.aws.archives import UnreadableFilesError, with_hash
from rehearsal.aws.kinds import DOCUMENT, Problem
from rehearsal.aws.properties import AutoName, Property
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.suggestions import unknown_property
from rehearsal.aws.tags import TagRules
from rehearsal.aws.wire import UNKNOWN, Files, Properties, Value, has_unknown

DEFAULTS_KEY = "__defaults"
"""Lists the inputs that the provider filled in. Source: pulumi-terraform-bridge, `pkg/tfbridge/schema.go`."""
_HEX_DIGITS = 7


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What Check knows besides the inputs: the resource's name and seed, and the provider's settings."""

    name: str
    seed: bytes = b""
    region: str = ""
    tag_rules: TagRules = field(default_factory=TagRules)


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs ready for the state, or what is wrong with them."""

    inputs: Properties
    problems: tuple[Problem, ...] = ()


def check(kind: ResourceType, news: Mapping[str, Value], olds: Mapping[str, Value], context: CheckContext) -> Checked:
    """Return the inputs completed, and every problem at once.

    Values the provider filled in before (`olds`) stay, so that a made-up name is made up once.
    """
    inputs = {name: value for name, value in news.items() if name not in (DEFAULTS_KEY, "id")}
    for item in kind.given:
        if item.kind is DOCUMENT and isinstance(inputs.get(item.name), dict):
            inputs[item.name] = _document_text(inputs[item.name])
    problems = [*_problems(kind, inputs), *_hash_files(inputs)]
    if problems:
        return Checked(inputs, tuple(problems))
    filled = [item.name for item in kind.given if _fill_in(item, inputs, olds, context)]
    inputs[DEFAULTS_KEY] = sorted(filled)
    if kind.regional and not inputs.get("region") and context.region:
        inputs["region"] = context.region
    if kind.tagging:
        inputs["tagsAll"] = context.tag_rules.all_tags(inputs.get("tags"))
    too_long = [problem for item in kind.given if (problem := _name_problem(item, inputs))]
    return Checked(inputs, (*too_long, *_problems_together(kind, inputs)))


def _problems(kind: ResourceType, inputs: Mapping[str, Value]) -> Iterator[Problem]:
    known = {item.name for item in kind.given}
    for name in inputs.keys() - known:
        yield Problem(name, str(unknown_property(kind.type, name, known)))
    for item in kind.given:
        yield from item.problems(inputs.get(item.name), item.name)
    for names in (*kind.exactly_one_of, *kind.at_most_one_of):
        found = [name for name in names if inputs.get(name) is not None]
        if len(found) > 1:
            yield Problem(found[1], f"only one of {', '.join(names)} may be given")
    for names in kind.exactly_one_of:
        if all(inputs.get(name) is None for name in names):
            yield Problem(names[0], f"one of {', '.join(names)} is required")


def _hash_files(inputs: Properties) -> Iterator[Problem]:
    """Give files the hash of what is in them, by which a change is seen; yield which can't be read."""
    for name, value in inputs.items():
        if isinstance(value, Files):
            try:
                inputs[name] = with_hash(value)
            except UnreadableFilesError as error:
                yield Problem(name, str(error))


def _problems_together(kind: ResourceType, inputs: Mapping[str, Value]) -> Iterator[Problem]:
    """Yield what is wrong with values that are right one by one; defaults are filled in."""
    if kind.wrong_together:
        yield from kind.wrong_together(inputs)


def _fill_in(item: Property, inputs: Properties, olds: Mapping[str, Value], context: CheckContext) -> bool:
    if inputs.get(item.name) is not None:
        return False
    if item.auto_name:
        kept = olds.get(item.name) if item.name in (olds.get(DEFAULTS_KEY) or ()) else None
        inputs[item.name] = kept or _made_up_name(item.auto_name, inputs, context)
        return True
    if item.named_after:
        inputs[item.name] = context.name
        return True
    if item.default is None:
        return False
    inputs[item.name] = item.default
    return True


def _made_up_name(rule: AutoName, inputs: Mapping[str, Value], context: CheckContext) -> str:
    digits = hashlib.sha256(context.seed).hexdigest()[:_HEX_DIGITS]
    name = f"{context.name}-{digits}{rule.suffix if inputs.get(rule.suffix_if) is True else ''}"
    name = name if name.startswith(rule.prefix) else rule.prefix + name
    return name.lower() if rule.lower else name


def _name_problem(item: Property, inputs: Mapping[str, Value]) -> Problem | None:
    name = inputs.get(item.name)
    if not item.auto_name or not isinstance(name, str) or len(name) <= item.auto_name.longest:
        return None
    return Problem(item.name, f'"{name}" has {len(name)} characters, AWS takes at most {item.auto_name.longest}')


def _document_text(document: Value) -> Value:
    return UNKNOWN if has_unknown(document) else json.dumps(document, sort_keys=True, separators=(",", ":"))
