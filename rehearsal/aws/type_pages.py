"""A page of documentation for each resource type, from its table and its code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rehearsal.aws.api_calls import calls_by_step
from rehearsal.aws.not_emulated import not_emulated, package_of
from rehearsal.aws.properties import ReplacesIf
from rehearsal.aws.real_replacements import ALWAYS, SOURCES, Rule, rules
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.sdk_reference import real_type

# ruff: noqa: E501 - the pages have one sentence per line, as all pages have


def page_name(kind: ResourceType) -> str:
    """Return the file name of a type's page: `iam.Role.md`."""
    return f"{package_of(kind)}.{kind.type.rsplit(':', 1)[-1]}.md"


def type_page(kind: ResourceType) -> str:
    """Return a type's page as Markdown."""
    return "".join(f"{line}\n" for line in _lines(kind))


def _lines(kind: ResourceType) -> Iterator[str]:
    yield f"# `{kind.type}`"
    yield ""
    yield "What the rehearsal provider does for this type; generated from its table by `make docs`. [All types](../provider-types.md)"
    yield ""
    yield f"Imported by: {f'`{kind.id_form}`' if kind.id_form else 'the id that AWS gives it'}."
    yield from _section("Operations", _operations(kind))
    yield from _section("Changed in place", [f"{_names(_in_place(kind))}."])
    yield from _section("A change makes another resource", _replacing(kind))
    offered = {item.name for item in kind.given}
    real = real_type(kind.type)
    yield from _section(
        "Not offered",
        [
            f"Arguments, refused by name at preview: {_names(real.inputs - offered)}.",
            f"Outputs, not known in a rehearsal: {_names(real.outputs - real.inputs - kind.by_name.keys())}.",
        ],
    )
    notes = [
        *not_emulated(kind),
        "Besides, what [the twin's own page](../../rehearsal/twin/README.md) says of all services.",
    ]
    yield from _section("Not emulated", notes)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines


def _operations(kind: ResourceType) -> Iterator[str]:
    yield "Each is decided by the policies in force, as any call is. Not all of a step's are called each time."
    yield ""
    yield "| To | Calls |"
    yield "| --- | --- |"
    for step in calls_by_step(kind):
        yield f"| {step.step} | {', '.join(f'`{one}`' for one in step.operations)} |"


def _in_place(kind: ResourceType) -> set[str]:
    return {item.name for item in kind.given if item.replaces is not True and item.name != "tagsAll"}


def _replacing(kind: ResourceType) -> Iterator[str]:
    """Yield our table next to the real provider's source and to the text of the installed package."""
    given = {item.name: item for item in kind.given}
    ours = ", ".join(
        f"`{name}`{f' ({item.replaces.words})' if isinstance(item.replaces, ReplacesIf) else ''}"
        for name, item in sorted(given.items())
        if item.replaces
    )
    found = [rule for rule in rules(kind) if rule.name != "region"]
    source = SOURCES.get(kind.type)
    where = f" (`internal/service/{source.file}`)" if source else ""
    yield f"- Here: {ours or '-'}."
    yield f"- By the real provider's source{where}: {_worded({rule.name: rule.source for rule in found})}."
    yield f"- By the text of the installed `pulumi_aws`: {_names(rule.name for rule in found if rule.in_package)}."
    for rule in found:
        if not rule.agrees:
            yield f"- `{rule.name}` differs: {_reason(rule)}."


def _reason(rule: Rule) -> str:
    return (rule.reason or "no reason given").removesuffix(".")


def _worded(found: Mapping[str, str]) -> str:
    words = (f"`{name}`" + ("" if when == ALWAYS else f" ({when})") for name, when in sorted(found.items()) if when)
    return ", ".join(words) or "-"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "-"
