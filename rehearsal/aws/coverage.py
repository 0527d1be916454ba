"""Writes docs/provider-types.md from the tables: `python -m rehearsal.aws.coverage > docs/provider-types.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from rehearsal.aws.catalogue import Catalogue, full_catalogue
from rehearsal.aws.properties import ReplacesIf
from rehearsal.aws.real_replacements import ALWAYS, SOURCES, Rule, rules
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.sdk_reference import real_arguments, real_type
from rehearsal.aws.settings import HONOURED, REFUSED, WITHOUT_EFFECT

# ruff: noqa: E501 - the page has one sentence per line, as all pages have
_HEAD = """# What the rehearsal provider offers

In a rehearsal the `aws` package is served by a provider of our own (`rehearsal/aws`) that acts on the twin.
It offers the resource types below and refuses everything else by name, at preview: unknown types, unknown properties, unknown settings.
Against AWS your programs run on the real provider and are not limited by this page.

This page is generated from the provider's tables: `make docs`.
To add to it: [add-a-resource-type.md](add-a-resource-type.md).
"""
_LIMITS = """
## What differs from the real provider

- Names, tags and JSON documents are compared as the real provider compares them; other validation of values is left to the twin's AWS.
- A resource whose name is taken is taken over only if this very resource was being created when an earlier run died, and is exactly what was asked. Everybody else's stays, and AWS's error stands.
- Resources AWS names itself (a VPC, a key) are not recognised after such a crash: the next run makes a second one, as with the real provider.
- An assumed role is kept for an hour within a process, so a trust policy changed meanwhile shows in the next process.
- Nothing takes time: a new account or flow log is there at once. Waiting is carried out where the twin is told to be slow.
- `tags` given as a secret are encrypted in state, their copy in `tagsAll` is not.
- Profiles may hold keys, or `role_arn` with `source_profile`; SSO, `credential_process`, MFA and web identity are refused by name.
"""


def coverage_page(catalogue: Catalogue) -> str:
    """Return the page as Markdown."""
    return "".join(f"{line}\n" for line in _lines(catalogue)).replace("\n\n\n", "\n\n")


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield _HEAD
    yield "## Resource types\n"
    yield "Every type can be created, read, refreshed, imported and deleted. Ids to import are AWS's own unless a form is given."
    kinds = sorted(catalogue.types.values(), key=lambda kind: kind.type)
    for service, group in groupby(kinds, key=lambda kind: kind.type.split("/")[0].removeprefix("aws:")):
        yield f"\n### {service}\n"
        yield "| Type | Changed in place | A change makes another resource | Not offered |"
        yield "| --- | --- | --- | --- |"
        yield from (_type_row(kind) for kind in group)
    yield from _replacements(kinds)
    yield "\n## Functions\n"
    yield "| Function | Arguments | Not offered |"
    yield "| --- | --- | --- |"
    for token, function in sorted(catalogue.functions.items()):
        ours = {item.name for item in function.arguments}
        yield f"| `{token}` | {_names(ours)} | {_names(real_arguments(token) - ours)} |"
    yield "\n## Provider settings\n"
    yield f"- Honoured: {_names(HONOURED)}. `endpoints` only if they are the twin's."
    yield f"- Accepted without effect, as the way to the twin is fixed: {_names(WITHOUT_EFFECT)}."
    yield f"- Refused: {_names(REFUSED)}, and anything else."
    yield _LIMITS.rstrip()


_REPLACEMENTS = """
## What makes another resource

What our tables say, next to the real provider's source (`internal/service/` of terraform-provider-aws; written down in `rehearsal/aws/real_replacements.py`) and to the text of the installed `pulumi_aws`, which rarely says it.
A test fails where they differ without a reason given here. `region` makes another resource of every regional type in both, and is left out.
"""


def _replacements(kinds: Iterable[ResourceType]) -> Iterator[str]:
    yield _REPLACEMENTS
    yield "| Type | Ours | The real provider's source | The package's text | Where they differ, and why |"
    yield "| --- | --- | --- | --- | --- |"
    for kind in kinds:
        found = [rule for rule in rules(kind) if rule.name != "region"]
        source = SOURCES.get(kind.type)
        file = f"`{source.file}`{'' if source.opened else ', not opened for this page'}" if source else "not looked up"
        ours = _worded({rule.name: rule.ours for rule in found})
        theirs = _worded({rule.name: rule.source for rule in found})
        said = _names(rule.name for rule in found if rule.in_package)
        differs = "; ".join(f"`{rule.name}`: {_difference(rule)}" for rule in found if not rule.agrees)
        yield f"| `{kind.type}` | {ours} | {theirs} ({file}) | {said} | {differs or '-'} |"


def _difference(rule: Rule) -> str:
    return rule.reason or "no reason given"


def _worded(found: Mapping[str, str]) -> str:
    words = (f"`{name}`" + ("" if when == ALWAYS else f" ({when})") for name, when in sorted(found.items()) if when)
    return ", ".join(words) or "-"


def _type_row(kind: ResourceType) -> str:
    given = {item.name: item for item in kind.given if item.name != "tagsAll"}
    in_place = {name for name, item in given.items() if item.replaces is not True}
    real = real_type(kind.type)
    missing = sorted(real.inputs - given.keys()) + sorted(real.outputs - real.inputs - kind.by_name.keys())
    form = f"<br>id: `{kind.id_form}`" if kind.id_form else ""
    replacing = ", ".join(
        f"`{name}`{f' ({item.replaces.words})' if isinstance(item.replaces, ReplacesIf) else ''}"
        for name, item in sorted(given.items())
        if item.replaces
    )
    return f"| `{kind.type}`{form} | {_names(in_place)} | {replacing or '-'} | {_names(missing)} |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "-"


if __name__ == "__main__":
    sys.stdout.write(coverage_page(full_catalogue()))
