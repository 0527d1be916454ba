"""Says which names of AWS in the manifest are in none of its lists: service principals, and managed policies by ARN.

A warning and no error: AWS adds services and policies, and the lists are those that were installed with Fleetyard. The
principals are taken from moto (Apache-2.0): its list of services that Organizations trusts, and those that AWS's own
managed policies name. Only the files' text is read: the package itself takes a second to import.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.manifest.problems import nearest
from orchestrator.validation.aws_actions import aws_actions
from orchestrator.validation.managed_policy_names import known_policies

_PACKAGE = "moto"
_FILES = (Path("organizations", "models.py"), Path("iam", "aws_managed_policies.py"))
_PRINCIPAL = re.compile(r'"([a-z0-9.-]+)\.amazonaws\.com"')
_SUFFIX = ".amazonaws.com"
_OURS = "arn:aws:iam::aws:policy/"

_NEWER = frozenset({"iam"})
"""Trusted by Organizations and in neither file. Source: AWS Organizations User Guide, "AWS services that you can use
with AWS Organizations"."""


def name_warnings(manifest: Manifest) -> tuple[str, ...]:
    """Return the warnings, each with the key that has the name; none where every name is known."""
    return tuple(dict.fromkeys((*_principals(manifest), *_policies(manifest))))


def _principals(manifest: Manifest) -> Iterator[str]:
    governance, hub = manifest.governance, manifest.access.hub
    trusted = {
        "trusted_services": governance.trusted_services,
        "delegated_administrators": tuple(governance.delegated_administrators),
    }
    for key, principals in trusted.items():
        yield from _unknown(key, principals, organization_services)
    if hub is not None:
        # Any service may act as the hub, and most are called as their actions are.
        yield from _unknown("hub.trusted.services", hub.services, _all_services)


def _unknown(key: str, principals: Iterable[str], known: Callable[[], frozenset[str]]) -> Iterator[str]:
    for principal in principals:
        name = principal.removesuffix(_SUFFIX)
        if principal.endswith(_SUFFIX) and name not in known():
            near = nearest(name, known())
            yield _words(key, f'no service principal "{principal}" of AWS', f"{near}{_SUFFIX}" if near else "")


def _policies(manifest: Manifest) -> Iterator[str]:
    hub = manifest.access.hub
    named = {f"roles.{role.name}": role.managed_policies for role in manifest.roles.values()}
    named |= {f"people.groups.{name}": group.managed_policies for name, group in manifest.people.groups.items()}
    named |= {"hub.spoke": hub.spoke.managed_policies} if hub is not None else {}
    for key, arns in named.items():
        for arn in arns:
            name = arn.removeprefix(_OURS)
            if arn.startswith(_OURS) and name not in known_policies():
                near = nearest(name, known_policies())
                yield _words(f"{key}.managed_policies", f'no managed policy "{arn}"', f"{_OURS}{near}" if near else "")


def _words(key: str, what: str, near: str) -> str:
    meant = f' (did you mean "{near}"?)' if near else ""
    return f"{key}: this Fleetyard knows {what}: newer than its lists, or mistyped{meant}"


@cache
def organization_services() -> frozenset[str]:
    """Return the services that Organizations may trust, without their common ending; read once per process."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{_PACKAGE} is not installed, though Fleetyard depends on it")
    folder = Path(spec.submodule_search_locations[0])
    texts = ((folder / file).read_text(encoding="utf-8") for file in _FILES)
    return _NEWER.union(*(_PRINCIPAL.findall(text) for text in texts))


@cache
def _all_services() -> frozenset[str]:
    return organization_services() | frozenset(aws_actions().services)
