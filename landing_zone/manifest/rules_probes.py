"""What must hold for probes: whom they mean, where, and that each expects something; actions are judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.manifest.outline import (
    Outline,
    SelectorLine,
    Text,
    Texts,
    mapping_of,
    read_selector,
    text_of,
    texts_of,
)
from landing_zone.substitution import account_in, references, unclosed

if TYPE_CHECKING:
    from landing_zone.manifest.positions import Document, Path
    from landing_zone.manifest.problems import Problems

PROBES = "probes"
CONTEXT = "context"
RESOURCE_FIELDS = ("account.id", "account.name", "organization", "organization_id", "region", "management_account_id")
"""What `${...}` of a probe's resource may name, beside `accounts.NAME.id`."""


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """A probe as far as it can be read."""

    name: str
    path: Path
    selector: SelectorLine
    actions: Texts
    also_known: frozenset[str]
    role: Text | None
    region: Text | None
    resource: Text | None
    context: Mapping[Text, Texts]
    """Condition keys with their values; the path of each key leads to the key."""
    expect: str
    by: Text | None


def read_probes(values: Mapping[str, Any]) -> Iterator[ProbeLine]:
    """Yield the probes of a manifest's plain values."""
    for name, block in mapping_of(values.get(PROBES)).items():
        path: Path = (PROBES, name)
        fields = mapping_of(block)
        yield ProbeLine(
            name=name,
            path=path,
            selector=read_selector(fields, path, values),
            actions=texts_of(fields, "actions", path),
            also_known=frozenset(text.value.lower() for text in texts_of(fields, "also_known", path)),
            role=text_of(fields, "role", path),
            region=text_of(fields, "region", path),
            resource=text_of(fields, "resource", path),
            context=dict(_read_context(mapping_of(fields.get(CONTEXT)), (*path, CONTEXT))),
            expect=str(fields.get("expect", "")),
            by=text_of(fields, "by", path),
        )


def _read_context(fields: Mapping[str, Any], path: Path) -> Iterator[tuple[Text, Texts]]:
    for key in fields:
        alone = text_of(fields, key, path)
        yield Text(key, (*path, key)), (alone,) if alone else texts_of(fields, key, path)


def check_probe_names(outline: Outline, document: Document, problems: Problems) -> Texts:
    """Note everything but accounts and actions that is wrong with the probes; returns the regions that they name."""
    regions: list[Text] = []
    for line in read_probes(document.values):
        regions += [line.region] if line.region else []
        if line.role and outline.roles is not None and line.role.value not in (*outline.roles, ACCOUNT_ACCESS_ROLE):
            known = (*outline.roles, ACCOUNT_ACCESS_ROLE)
            problems.add_unknown(document.value(*line.role.path), "no account offers a role", line.role.value, known)
        if line.by and line.expect == "allow":
            what = f"by: {line.by.value} says who has to deny, and this probe expects that it is allowed"
            problems.add(document.value(*line.by.path), what)
        if line.resource:
            _check_resource(line.resource, outline, document, problems)
        _check_twice(line.actions, document, problems)
    return tuple(regions)


def _check_resource(resource: Text, outline: Outline, document: Document, problems: Problems) -> None:
    place = document.value(*resource.path)
    for beginning, _ in unclosed(resource.value):
        problems.add(place, f'"{beginning}" lacks its closing brace')
    names = [account.name for account in outline.accounts or ()]
    for reference, _ in references(resource.value):
        other = account_in(reference)
        if other and outline.accounts is not None and other not in names:
            problems.add_unknown(place, f"${{{reference}}}: no account is called", other, names)
        elif not other and reference not in RESOURCE_FIELDS:
            nearby = [f"${{{name}}}" for name in (*RESOURCE_FIELDS, "accounts.NAME.id")]
            problems.add_unknown(place, "nothing is called", f"${{{reference}}}", nearby)
    if resource.value == "*":
        return
    if not resource.value.startswith(("arn:", "${")):
        problems.add(place, f'"{resource.value}" is no ARN')
    elif "*" in resource.value or "?" in resource.value:
        problems.add(place, f'"{resource.value}": a probe is a call on one resource, so its ARN has no wildcards')


def _check_twice(actions: Texts, document: Document, problems: Problems) -> None:
    seen: set[str] = set()
    for action in actions:
        if action.value.lower() in seen:
            problems.add(document.value(*action.path), f"{action.value} stands here twice")
        seen.add(action.value.lower())
