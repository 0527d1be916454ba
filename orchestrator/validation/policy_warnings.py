"""Says what is valid and probably not meant in policies that only take away: of the organisation, and boundaries.

An action that AWS does not have is no error here: the linter's data may be older than the action. In a Deny it denies
nothing, in a NotAction it exempts nothing, and AWS says nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from landing_zone.boundaries import Boundary
from landing_zone.fleet import Manifest, Role
from landing_zone.manifest.policy_texts import statements_of
from landing_zone.organization_policies import SUSPENDED_POLICY, PlacedAction, PlacedKey, PolicyType
from orchestrator.validation.aws_actions import aws_actions
from orchestrator.validation.boundary_rules import may_ever
from orchestrator.validation.permission_lint import unknown_action, unknown_key, with_meant

_ALL = "*"
_ANYTHING = "any:Action"
"""No service's action: allowed by what allows everything."""


def policy_warnings(manifest: Manifest) -> tuple[str, ...]:
    """Return the warnings, each with file, line and column; none for a fleet without policies and boundaries."""
    found = (*_suspended(manifest), *_unknown_names(manifest), *_only_allowing(manifest), *_useless_roles(manifest))
    return tuple(dict.fromkeys(found))


def _suspended(manifest: Manifest) -> Iterator[str]:
    """Yield the accounts in the suspended unit that workloads select or roles are granted in: both have no effect."""
    unit = manifest.governance.suspended_unit
    place = next((policy.place for policy in manifest.governance.policies if policy.name == SUSPENDED_POLICY), "")
    for account in manifest.members:
        if not account.in_suspended_unit:
            continue
        workloads = [each.name for each in manifest.workloads.values() if account.name in each.accounts]
        roles = [each.role.name for each in manifest.roles_in(account.name)]
        lost = [f"{', '.join(workloads)} left alone there"] if workloads else []
        lost += [f"{', '.join(roles)} of no use there"] if roles else []
        if lost:
            yield f"{place}: {account.name} is in {unit}, the suspended unit: everything is denied, {', '.join(lost)}"


def _unknown_names(manifest: Manifest) -> Iterator[str]:
    for policy in manifest.governance.policies:
        yield from _told(f"{policy.type.value.upper()} {policy.name}", policy.actions)
        yield from _told_keys(f"{policy.type.value.upper()} {policy.name}", policy.keys)
    for boundary in _boundaries(manifest):
        yield from _told(f"boundary {boundary.source}", boundary.actions)
        yield from _told_keys(f"boundary {boundary.source}", boundary.keys)


def _boundaries(manifest: Manifest) -> Iterator[Boundary]:
    hub = manifest.access.hub
    member = [role.boundary for role in manifest.roles.values()] + ([hub.spoke.boundary] if hub else [])
    for boundary in (*member, *(role.boundary for role in manifest.management_roles.values())):
        if boundary is not None:
            yield boundary


def _told(whose: str, actions: Iterable[PlacedAction]) -> Iterator[str]:
    for action in actions:
        for finding in unknown_action(action.text, (), aws_actions()) if action.text != _ALL else ():
            yield f"{action.place}: {whose}: {with_meant(finding)}"


def _told_keys(whose: str, keys: Iterable[PlacedKey]) -> Iterator[str]:
    for key in keys:
        for finding in unknown_key(key.text, ()):
            yield f"{key.place}: {whose}: {with_meant(finding)}"


def _only_allowing(manifest: Manifest) -> Iterator[str]:
    """Yield SCPs that take nothing away: what they allow is allowed already, by AWS's own beside them."""
    for policy in manifest.governance.policies:
        bodies = [body for body, _ in statements_of(policy.template)]
        if policy.type is PolicyType.SCP and bodies and all(body.get("Effect") == "Allow" for body in bodies):
            what = "it only allows, and FullAWSAccess beside it allows everything: write what is denied"
            yield f"{policy.place}: SCP {policy.name}: {what}"


def _useless_roles(manifest: Manifest) -> Iterator[str]:
    """Yield roles of workloads whose boundary leaves nothing of what their own policies allow."""
    for name in dict.fromkeys(each.role for each in manifest.workloads.values()):
        boundary = manifest.roles[name].boundary
        if boundary is None or boundary.document is None:
            continue
        wanted = _wanted(manifest, manifest.roles[name], boundary)
        if not any(may_ever(boundary.document, action) for action in dict.fromkeys(wanted)):
            used = ", ".join(each.name for each in manifest.workloads.values() if each.role == name)
            what = f"boundary {boundary.source}: {name} may do nothing under it that its own policies allow"
            yield f"{boundary.place}: {what}; {used} runs as {name}"


def _wanted(manifest: Manifest, role: Role, boundary: Boundary) -> Iterator[str]:
    """Yield actions of which the role needs one: what its permissions allow, as far as they name it.

    A managed policy's content is not known here, nor what is not named: then any action the boundary allows will do.
    """
    allowed = [text for name in role.permissions for text in _allowed(manifest.access.permissions[name].document)]
    for text in allowed:
        yield from _meant(text)
    if role.managed_policies or _ALL in allowed:
        for text in _allowed(boundary.document or {}):
            yield _ANYTHING if text == _ALL else text.replace("*", "x").replace("?", "x")


def _allowed(document: Any) -> Iterator[str]:
    """Yield what the Allow statements of a document name; `*` for those that name only what they do not allow."""
    bodies = document.get("Statement")
    for body in bodies if isinstance(bodies, list) else [bodies]:
        if body and body.get("Effect") == "Allow":
            actions = body.get("Action", _ALL)
            yield from [actions] if isinstance(actions, str) else actions


def _meant(text: str) -> Iterator[str]:
    """Yield the actions that AWS has under this name or pattern, and the name itself."""
    yield text
    service, _, pattern = text.lower().partition(":")
    if "*" in pattern or "?" in pattern:
        names = aws_actions().names(service)
        yield from (f"{service}:{name}" for name in names if fnmatchcase(name, pattern))
