"""Writes docs/provider-types.md and a page for each type from the tables: `python -m rehearsal.aws.coverage docs`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from rehearsal.aws.catalogue import Catalogue, full_catalogue
from rehearsal.aws.not_emulated import package_of
from rehearsal.aws.sdk_reference import real_arguments
from rehearsal.aws.settings import HONOURED, REFUSED, WITHOUT_EFFECT
from rehearsal.aws.type_pages import page_name, type_page

# ruff: noqa: E501 - the page has one sentence per line, as all pages have
_HEAD = """# What the rehearsal provider offers

In a rehearsal the `aws` package is served by a provider of our own (`rehearsal/aws`) that acts on the twin.
It offers the resource types below and refuses everything else by name, at preview: unknown types, unknown properties, unknown settings.
Against AWS your programs run on the real provider and are not limited by this page.

This page is generated from the provider's tables: `make docs`.
To add to it: [add-a-resource-type.md](add-a-resource-type.md).
"""
_TYPES = """## Resource types

Every type can be created, read, refreshed, imported, changed and deleted, and its drift is seen; tests try each of that on the twin, for every property.
A type's page says which operations it calls, what is changed in place, what makes another resource (next to the real provider's source, read in `internal/service/` of terraform-provider-aws), what is not offered and what is not emulated.
A test fails where what makes another resource differs from that source without a reason on the page. `region` makes another resource of every regional type.
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
    yield _TYPES
    yield "| Package | Types |"
    yield "| --- | --- |"
    kinds = sorted(catalogue.types.values(), key=lambda kind: kind.type)
    for package, group in groupby(kinds, key=package_of):
        links = (f"[{kind.type.rsplit(':', 1)[-1]}](provider-types/{page_name(kind)})" for kind in group)
        yield f"| `aws.{package}` | {', '.join(links)} |"
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


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "-"


def pages(catalogue: Catalogue) -> dict[str, str]:
    """Return every page by its path below docs/."""
    types = {f"provider-types/{page_name(kind)}": type_page(kind) for kind in catalogue.types.values()}
    return {"provider-types.md": coverage_page(catalogue), **types}


def write_pages(folder: Path) -> None:
    """Write every page, and take away those of types that are gone."""
    wanted = pages(full_catalogue())
    (folder / "provider-types").mkdir(exist_ok=True)
    for old in (folder / "provider-types").glob("*.md"):
        if f"provider-types/{old.name}" not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
