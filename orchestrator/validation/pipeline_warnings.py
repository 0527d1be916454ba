"""Says which pipelines may more than a pull request should: whoever opens one runs what they like with its role."""

from __future__ import annotations

from collections.abc import Iterator

from landing_zone.fleet import ManagementRole, Manifest
from landing_zone.identifiers import managed_policy_arn

_PULL_REQUESTS = ":pull_request"
_EVERYTHING = managed_policy_arn("AdministratorAccess")


def pipeline_warnings(manifest: Manifest) -> tuple[str, ...]:
    """Return what runs of pull requests may do and probably should not, with the role they become."""
    return tuple(
        f"management_roles.{role.name}: runs of pull requests become it ({_shown(role)}), and it {what}: whoever may "
        "open one can do all of that"
        for role in manifest.management_roles.values()
        if _subjects(role)
        for what in _too_much(manifest, role)
    )


def _too_much(manifest: Manifest, role: ManagementRole) -> Iterator[str]:
    granted = dict.fromkeys(name for names in role.granted.values() for name in names)
    able = [name for name in granted if _EVERYTHING in manifest.roles[name].managed_policies]
    if able:
        yield f"is granted {', '.join(able)} with AdministratorAccess"
    if manifest.access.becomes_hub(role.name):
        yield "may become the hub"


def _subjects(role: ManagementRole) -> list[str]:
    return [each for trust in role.trust.pipelines for each in trust.subjects if each.endswith(_PULL_REQUESTS)]


def _shown(role: ManagementRole) -> str:
    return ", ".join(each.removeprefix("repo:").removesuffix(_PULL_REQUESTS) for each in _subjects(role))
