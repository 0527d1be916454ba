"""The permissions boundaries that a manifest names: whether they can be one, and the documents in their files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from landing_zone.boundaries import NONE, Boundary, boundary_of, is_file
from landing_zone.fleet import ManagementRole, Manifest, Role
from landing_zone.limits import POLICY_NAME
from landing_zone.manifest.build_access import with_spoke_boundary
from landing_zone.manifest.outline import Outline
from landing_zone.manifest.policy_files import PolicyFile, PolicyFiles
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.written_actions import written_actions, written_keys

KEY = "permissions_boundary"
_POLICY_ARN = re.compile(r"arn:aws:iam::([0-9]{12}|aws|\*):policy/[A-Za-z0-9_+=,.@/-]+")
_ELEMENTS = ("Version", "Id", "Statement")


def check_boundaries(outline: Outline, document: Document, problems: Problems) -> None:
    """Note boundaries that are no policy's ARN, are another account's, or whose file holds no policy document."""
    files = PolicyFiles(document.file, problems)
    by_name: dict[str, str] = {}
    for text, path in named_boundaries(document.values):
        place = document.value(*path)
        boundary = boundary_of(text)
        if boundary is None:
            continue
        if is_file(text):
            if "*" in text or ":" in text:
                problems.add(place, f'"{text}" is no path relative to this file, with / between its parts')
                continue
            if (excess := len(boundary.name) - POLICY_NAME) > 0:
                what = f"the policy {boundary.name} would have a name of {len(boundary.name)} characters"
                problems.add(place, f"{what}, AWS takes {POLICY_NAME}; shorten the file's name by {excess}")
            found = files.find(text, place)
            if found is not None:
                _check_document(found.document, problems)
                own = found.document.file
                other = by_name.setdefault(boundary.name, own)
                if other != own:
                    problems.add(place, f"{other} and {own} would be one policy, {boundary.name}: rename one")
        elif not _POLICY_ARN.fullmatch(boundary.arn) or ("." in text and not text.startswith("arn:")):
            problems.add(
                place, f'"{text}" is no managed policy: a name, an ARN, or a file that ends in .json, .yaml or .yml'
            )
        else:
            _check_account(boundary, path, outline, document, problems)


def with_boundaries(manifest: Manifest, document: Document) -> Manifest:
    """Return the manifest with the documents of its boundaries' files; they have been checked."""
    files = PolicyFiles(document.file, Problems())
    found = {
        (*path, text): file
        for text, path in named_boundaries(document.values)
        if is_file(text) and (file := files.find(text, document.value(*path))) is not None
    }
    if not found:
        return manifest

    def read(block: str, role: Role | ManagementRole) -> Boundary | None:
        boundary = role.boundary
        if boundary is None or not boundary.name:
            return boundary
        own = found.get((block, role.name, KEY, boundary.source))
        return _with_file(boundary, own if own is not None else found[KEY, boundary.source])

    return replace(
        manifest,
        roles={name: replace(role, boundary=read("roles", role)) for name, role in manifest.roles.items()},
        management_roles={
            name: replace(role, boundary=read("management_roles", role))
            for name, role in manifest.management_roles.items()
        },
        access=with_spoke_boundary(manifest.access, lambda boundary: _with_file(boundary, found[KEY, boundary.source])),
    )


def _with_file(boundary: Boundary, file: PolicyFile) -> Boundary:
    """Return the boundary with what its file holds."""
    return replace(
        boundary,
        document=file.template,
        place=str(file.document.key("Statement")),
        actions=written_actions(file, {}, (), file.document),
        keys=written_keys(file),
    )


def named_boundaries(values: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield every boundary that is written, with the path to it."""
    if isinstance(text := values.get(KEY), str):
        yield text, (KEY,)
    for block in ("roles", "management_roles"):
        roles = values.get(block)
        for name, role in (roles if isinstance(roles, Mapping) else {}).items():
            if isinstance(role, Mapping) and isinstance(text := role.get(KEY), str):
                yield text, (block, name, KEY)


def _check_document(document: Document, problems: Problems) -> None:
    for key in document.values:
        if key not in (*_ELEMENTS, "vars"):
            problems.add_unknown(document.key(key), "a policy document has no element", str(key), _ELEMENTS)
    if document.values.get("Version") != "2012-10-17":
        problems.add(document.key("Version"), 'a boundary\'s document has Version: "2012-10-17"')
    if not isinstance(document.values.get("Statement"), list | Mapping):
        problems.add(document.key("Statement"), "a boundary's document has a Statement")


def _check_account(boundary: Boundary, path: Path, outline: Outline, document: Document, problems: Problems) -> None:
    account, own = boundary.of_account, outline.management_account_id
    if account in {"", "*", NONE}:
        return
    place = document.value(*path)
    everywhere = re.sub(r"::[0-9]{12}:", "::*:", boundary.arn)
    if path[0] != "management_roles":
        problems.add(place, f"{boundary.arn} is one account's; a boundary is of the role's own account: {everywhere}")
    elif own and account != own.value:
        problems.add(place, f"{boundary.arn} is another account's than the management account, {own.value}")
