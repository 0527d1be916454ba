"""One more rule of the manifest: what probes expect can be answered so at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from iam_decision.rcp_rules import NOT_RESTRICTED, SERVICES
from landing_zone.boundaries import NONE
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.manifest.boundary_files import KEY as BOUNDARY
from landing_zone.manifest.outline import Outline, mapping_of
from landing_zone.manifest.rules_probes import read_probes
from landing_zone.probes import DeniedBy, Expect
from orchestrator.validation.aws_actions import aws_actions
from orchestrator.validation.permission_lint import may_be

if TYPE_CHECKING:
    from landing_zone.manifest.outline import Text
    from landing_zone.manifest.positions import Document
    from landing_zone.manifest.problems import Problems
    from landing_zone.manifest.rules_probes import ProbeLine

_ALWAYS_ANSWERED = "sts:getcalleridentity"
"""Source: AWS STS API Reference, GetCallerIdentity: it needs no permission, and a denial has no effect on it."""

_MOST_FORMS = 3
_MANAGEMENT_ID = "management_account_id"


def probes_can_hold(outline: Outline, document: Document, problems: Problems) -> None:
    """Note expectations that no policy can make true, each with the reason."""
    del outline
    for line in read_probes(document.values):
        _check_resource(line, document, problems)
        if line.expect != Expect.DENY:
            continue  # what `by` says beside `allow` is told by the manifest's own rules
        for action in line.actions:
            if action.value.lower() == _ALWAYS_ANSWERED:
                what = f"{action.value} is answered whatever a policy denies, so no probe can expect that it is denied"
                problems.add(document.value(*action.path), what)
        for text, why in _impossible(line, document.values):
            problems.add(document.value(*text.path), why)


def _check_resource(line: ProbeLine, document: Document, problems: Problems) -> None:
    """Note actions that do not act on the resource: such a call is never made, and would be decided as no other is."""
    written = line.resource.value if line.resource else "*"
    if line.resource is None or not written.startswith("arn:"):
        return
    known = aws_actions()
    for action in line.actions:
        service, _, name = action.value.lower().partition(":")
        if name not in known.names(service) or action.value.lower() in line.also_known:
            continue  # what AWS does not have is told as such
        forms = known.resources(service, name)
        if not forms:
            problems.add(document.value(*line.resource.path), f'{action.value} takes no ARN: its resource is "*"')
        elif not any(may_be(written, form) for form in forms):
            what = f'{action.value} does not act on "{written}"; it takes {" or ".join(forms[:_MOST_FORMS])}'
            problems.add(document.value(*line.resource.path), what)


def _impossible(line: ProbeLine, values: Any) -> Iterator[tuple[Text, str]]:
    if line.by is None:
        return
    role = line.role.value if line.role else ""
    administrator = role in ("", ACCOUNT_ACCESS_ROLE)
    who = role or "an administrator, who tries it where no role is named,"
    match line.by.value:
        case DeniedBy.RCP:
            yield from _no_rcp(line, values)
        case DeniedBy.IDENTITY if administrator:
            yield line.by, f"by: identity: {who} is allowed everything by its own policies: name another role"
        case DeniedBy.BOUNDARY if administrator:
            yield line.by, f"by: boundary: {who} has no permissions boundary: name a role that has one"
        case DeniedBy.BOUNDARY if not _boundary(role, values):
            yield line.by, f"by: boundary: the role {role} has no permissions_boundary"


def _no_rcp(line: ProbeLine, values: Any) -> Iterator[tuple[Text, str]]:
    for action in line.actions:
        prefix, _, name = action.value.lower().partition(":")
        if name and (prefix not in SERVICES or f"{prefix}:{name}" in NOT_RESTRICTED):
            yield action, f"by: rcp: no RCP denies {action.value}: AWS's RCPs are of other services and actions"
    if line.resource and _owner(line.resource.value) in (f"${{{_MANAGEMENT_ID}}}", values.get(_MANAGEMENT_ID)):
        what = f'"{line.resource.value}" is in the management account, whose resources no RCP reaches'
        yield line.resource, f"by: rcp: {what}"


def _owner(arn: str) -> str:
    """Return what stands for the account in an ARN."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _boundary(role: str, values: Any) -> bool:
    """Tell whether a role has a boundary: its own, or the one that all have."""
    own = mapping_of(mapping_of(values.get("roles")).get(role)).get(BOUNDARY)
    return (own or values.get(BOUNDARY) or NONE) != NONE
