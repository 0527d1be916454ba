"""One more rule of the manifest: its policies are what AWS takes. Told with all other problems, at the statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iam_decision import PolicyError, PolicyKind, parse_policy
from landing_zone.manifest.policy_files import VARS
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules_policies import rendered, variables
from landing_zone.organization_policies import PolicyType
from landing_zone.substitution import references

if TYPE_CHECKING:
    from landing_zone.manifest.governance_lines import PolicyLine
    from landing_zone.manifest.outline import Outline
    from landing_zone.manifest.policy_files import PolicyFile
    from landing_zone.manifest.positions import Document, Path

KINDS = {PolicyType.SCP: PolicyKind.SCP, PolicyType.RCP: PolicyKind.RCP}

_TOP = ("Version", "Id", "Statement", VARS)
_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)


def policies_hold(outline: Outline, _document: Document, problems: Problems) -> None:
    """Note policies that break IAM's grammar, each statement by itself, and elements that IAM does not know."""
    lines = outline.governance.policies if outline.governance else ()
    for line in lines:
        if line.found is None or _lacks_values(line, line.found):
            continue
        before = len(problems)
        _check_elements(line.found.document, problems)
        if len(problems) == before:
            _check_grammar(line, line.found, outline, problems)


def _lacks_values(line: PolicyLine, found: PolicyFile) -> bool:
    """Return whether a variable has no value, which is told as such; what the policy says is not known then."""
    given = {f"vars.{name}" for name in variables(line, found)}
    return any(name.startswith("vars.") and name not in given for name, _ in references(found.template))


def _statements(values: Mapping[str, Any]) -> list[tuple[Path, Any]]:
    found = values.get("Statement")
    if isinstance(found, list):
        return [(("Statement", at), body) for at, body in enumerate(found)]
    return [(("Statement",), found)]


def _check_elements(document: Document, problems: Problems) -> None:
    for key in document.values:
        if key not in _TOP:
            problems.add_unknown(document.key(key), "a policy has no element", key, _TOP)
    for path, body in _statements(document.values):
        if not isinstance(body, Mapping):
            continue
        for key in body:
            if key not in _ELEMENTS:
                problems.add_unknown(document.key(*path, key), "a statement has no element", key, _ELEMENTS)
        if isinstance(effect := body.get("Effect"), str) and effect not in ("Allow", "Deny"):
            problems.add_unknown(document.value(*path, "Effect"), "there is no effect", effect, ("Allow", "Deny"))


def _check_grammar(line: PolicyLine, found: PolicyFile, outline: Outline, problems: Problems) -> None:
    """Parse the whole, and where that fails each statement by itself, so that every wrong one is told."""
    policy, document, kind = rendered(line, found, outline), found.document, KINDS[line.type]
    whole = _problem_of(policy, line.name, kind)
    if whole is None:
        return
    before = len(problems)
    for path, body in _statements(policy):
        wrong = _problem_of({**policy, "Statement": [body]}, line.name, kind)
        if wrong is not None and wrong.statement:
            problems.add(document.key(*path), f"{line.type.value.upper()} {line.name}: {wrong.problem}")
    if len(problems) == before:
        problems.add(document.key("Statement"), f"{line.type.value.upper()} {line.name}: {whole.problem}")


def _problem_of(policy: Mapping[str, Any], name: str, kind: PolicyKind) -> PolicyError | None:
    try:
        parse_policy(policy, name, kind=kind)
    except PolicyError as error:
        return error
    return None
