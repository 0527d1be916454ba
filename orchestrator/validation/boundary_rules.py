"""One more rule of the manifest: its boundaries' files are what IAM takes, and leave management roles their work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from iam_decision import Policies, Policy, PolicyError, Principal, PrincipalKind, Request, decide, parse_policy
from landing_zone.boundaries import is_file
from landing_zone.documents.access import state_statements
from landing_zone.fleet import StateRights
from landing_zone.identifiers import role_arn
from landing_zone.manifest.boundary_files import named_boundaries
from landing_zone.manifest.policy_files import PolicyFiles
from landing_zone.manifest.problems import Problems

if TYPE_CHECKING:
    from landing_zone.manifest.outline import ManagementRoleLine, Outline
    from landing_zone.manifest.positions import Document

_ANY_ACCOUNT = "0" * 12
_WHAT = ("Resource", "NotResource", "Condition")
_EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "everything"
)


def boundaries_hold(outline: Outline, document: Document, problems: Problems) -> None:
    """Note statements that break IAM's grammar, where they stand, and boundaries under which a role has no use."""
    files = PolicyFiles(document.file, Problems())
    roles = {role.name: role for role in outline.management_roles}
    for text, path in named_boundaries(document.values):
        found = files.find(text, document.value(*path)) if is_file(text) else None
        if found is None or not isinstance(found.template.get("Statement"), list | Mapping):
            continue
        before = len(problems)
        for at, wrong in _grammar(found.template):
            problems.add(found.document.value(*at), f"boundary: {wrong.problem}")
        if len(problems) > before or path[0] != "management_roles":
            continue
        role = roles.get(str(path[1]))
        lacking = [action for action in _needed(role) if not may_ever(found.template, action)] if role else []
        if lacking:
            what = f"the boundary {text} allows no {', '.join(lacking)}, without which {path[1]} has no use"
            problems.add(document.value(*path), what)


def _bodies(template: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], Any]]:
    found = template["Statement"]
    if isinstance(found, list):
        return [(("Statement", at), body) for at, body in enumerate(found)]
    return [(("Statement",), found)]


def _grammar(template: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], PolicyError]]:
    """Yield what is wrong with each statement by itself, so that every wrong one is told."""
    for path, body in _bodies(template):
        try:
            parse_policy({**template, "Statement": [body]}, "boundary")
        except PolicyError as error:
            yield path, error


def _needed(role: ManagementRoleLine) -> tuple[str, ...]:
    """Return the actions that a management role is there for: hops, and its rights to state."""
    hops = ("sts:AssumeRole",) if role.grants else ()
    if role.state not in set(StateRights):
        return hops
    actions: list[str] = []
    for statement in state_statements(StateRights(role.state), "any", "any"):
        written = statement["Action"]
        actions += [written] if isinstance(written, str) else written
    return (*hops, *actions)


def may_ever(template: Mapping[str, Any], action: str) -> bool:
    """Return whether an action can be allowed at all: on what, and under which condition, is left to its author."""
    bodies = []
    for _, body in _bodies(template):
        if body.get("Effect") == "Allow":
            bodies.append({key: value for key, value in body.items() if key not in _WHAT} | {"Resource": "*"})
        elif "Condition" not in body and body.get("Resource") in ("*", ["*"]):
            bodies.append(body)
    if not bodies:
        return False
    boundary: Policy = parse_policy({**template, "Statement": bodies}, "boundary")
    arn = role_arn(_ANY_ACCOUNT, "any")
    session = Principal(PrincipalKind.ROLE_SESSION, _ANY_ACCOUNT, f"{arn}/session", arn)
    return decide(Request(session, action, "*"), Policies(identity=(_EVERYTHING,), boundary=boundary)).allowed
