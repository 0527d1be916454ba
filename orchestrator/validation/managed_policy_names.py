"""One more rule of the manifest: policies of AWS that are named without an ARN are among those that AWS has.

The names are those of the list that comes with moto (Apache-2.0, taken from AWS's ListPolicies). Only that file's text
is read: the package itself takes a second to import.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from landing_zone.boundaries import boundary_of, is_file
from landing_zone.manifest.boundary_files import named_boundaries
from landing_zone.manifest.outline import Outline, Text
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems, nearest

_PACKAGE = "moto"
_FILE = Path("iam", "aws_managed_policies.py")
_POLICY = re.compile(r'^ "(?P<name>[^"]+)":\{$|^  "Path":"/(?P<path>[^"]*)",?$', re.MULTILINE)

_AWS_OWN = "arn:aws:iam::aws:policy/"
_FORM = re.compile(r"[A-Za-z0-9_+=,@/-]+")
"""What AWS's own are made of; that another text is none is told by the manifest's other rules."""


def managed_policies_exist(outline: Outline, document: Document, problems: Problems) -> None:
    """Note, as a rule of the manifest, names of managed policies that AWS does not have."""
    used = [policy for role in outline.access.used for policy in role.managed_policies] if outline.access else []
    for policy in (*used, *_of_groups(document.values), *_boundaries(document.values)):
        name = policy.value
        if name.startswith("arn:") or name in known_policies() or not _FORM.fullmatch(name):
            continue
        in_a_path = next((one for one in sorted(known_policies()) if one.endswith(f"/{name}")), "")
        what = f'AWS has no managed policy "{name}"; one that is newer than this Fleetyard is written as its ARN'
        problems.add(document.value(*policy.path), what, in_a_path or nearest(name, known_policies()))


@cache
def known_policies() -> frozenset[str]:
    """Return the names of AWS's managed policies, with their paths, as the manifest has them; read once per process."""
    return frozenset(_names(_list()))


def _list() -> str:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{_PACKAGE} is not installed, though Fleetyard depends on it")
    return (Path(spec.submodule_search_locations[0]) / _FILE).read_text(encoding="utf-8")


def _names(text: str) -> Iterator[str]:
    name = ""
    for found in _POLICY.finditer(text):
        if found["name"]:
            name = found["name"]
        elif name:
            yield f"{found['path']}{name}"
            name = ""


def _boundaries(values: Mapping[str, Any]) -> Iterator[Text]:
    for text, path in named_boundaries(values):
        if not is_file(text) and boundary_of(text) is not None:
            yield Text(text, path)


def _of_groups(values: Mapping[str, Any]) -> Iterator[Text]:
    people = values.get("people")
    groups = people.get("groups") if isinstance(people, Mapping) else None
    for name, group in groups.items() if isinstance(groups, Mapping) else ():
        given = group.get("managed_policies") if isinstance(group, Mapping) else None
        for at, policy in enumerate(given if isinstance(given, list) else ()):
            if isinstance(policy, str):
                yield Text(policy, ("people", "groups", name, "managed_policies", at))


def known_document(arn: str) -> Mapping[str, Any] | None:
    """Return the document of one of AWS's managed policies as the list has it; None for one that is not in it."""
    if not arn.startswith(_AWS_OWN):
        return None
    name = arn.rpartition("/")[2]
    found = re.search(rf'^ "{re.escape(name)}":(\{{$.*?^ \}})', _list(), re.MULTILINE | re.DOTALL)
    if found is None:
        return None
    document: Mapping[str, Any] = json.loads(found[1])["Document"]
    return document
