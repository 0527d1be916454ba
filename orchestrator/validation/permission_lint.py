"""Lints the manifest's own permissions: the grammar as IAM reads it, actions that AWS has, and what is too wide.

Errors are told with the manifest's other problems and refuse it; warnings are told by `validate`. The names of actions
and resources are those of AWS's linter (`aws_actions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from iam_decision import PolicyError, parse_policy
from landing_zone.fleet import Manifest
from landing_zone.manifest.outline import Outline
from landing_zone.manifest.policy_texts import keys_of, statements_of, texts_at
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems, nearest
from landing_zone.organization_policies import is_iams_own
from landing_zone.substitution import substitute
from orchestrator.validation.aws_actions import AwsActions, as_people_write, aws_actions
from orchestrator.validation.condition_keys.known_keys import condition_keys

_ANY = re.compile(r"[*?]")
_STANDS_FOR_ALL = "*"
_RAISING = (
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
)
"""With one of these on every resource a role can give itself any right.

Source: IAM User Guide, "Security best practices"; Rhino Security Labs, "AWS IAM Privilege Escalation", its list.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a statement: the path in the document, the words, and the name probably meant (or empty)."""

    path: Path
    message: str
    suggestion: str = ""


def permissions_are_sound(outline: Outline, document: Document, problems: Problems) -> None:
    """Note, as a rule of the manifest, permissions that IAM would refuse and actions that AWS does not have."""
    del document
    for line in outline.access.permissions or () if outline.access else ():
        if line.found is None:
            continue
        written = line.found.document
        findings = list(_grammar(line.name, line.found.template))
        findings = findings or list(_unknown_actions(line.found.template, aws_actions(), line.also_known))
        for finding in findings:
            problems.add(written.value(*finding.path), finding.message, finding.suggestion)


def permission_warnings(manifest: Manifest) -> tuple[str, ...]:
    """Return what is allowed and probably not meant, each with file, line and column; none without permissions."""
    return tuple(
        f"{_place(one.places, finding.path)}: permissions {one.name}: {with_meant(finding)}"
        for one in manifest.access.permissions.values()
        for finding in warnings_of(one.document, aws_actions())
    )


def with_meant(finding: Finding) -> str:
    """Return the words of a finding, with the name probably meant."""
    return finding.message + (f' (did you mean "{finding.suggestion}"?)' if finding.suggestion else "")


def _place(places: tuple[str, ...], path: Path) -> str:
    at = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    return places[at]


def _grammar(name: str, template: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what breaks IAM's grammar: of each statement the first thing, or else of the whole."""
    document = substitute(template, _stand_in)
    whole = _refusal(name, document)
    if whole is None:
        return
    found = False
    for body, path in statements_of(document):
        wrong = _refusal(name, {**document, "Statement": [body]})
        if wrong is not None and wrong.statement:
            found = True
            yield Finding(path, f"permissions {name}: {wrong.problem}")
    if not found:
        path = ("Version",) if "ersion" in whole.problem else ("Statement",)
        yield Finding(path, f"permissions {name}: {whole.problem}")


def _refusal(name: str, document: Mapping[str, Any]) -> PolicyError | None:
    try:
        parse_policy(document, name)
    except PolicyError as error:
        return error
    return None


def _stand_in(reference: str) -> str:
    """Return a plain text for what differs between accounts; IAM's own variables stay."""
    if is_iams_own(reference):
        return "${" + reference + "}"
    return "0" * 12 if reference.endswith((".id", "account_id")) else "x"


def _unknown_actions(template: Mapping[str, Any], known: AwsActions, also_known: tuple[str, ...]) -> Iterator[Finding]:
    newer = {action.lower() for action in also_known}
    for body, path in statements_of(template):
        for key in ("Action", "NotAction"):
            for written, at in texts_at(body.get(key), (*path, key)):
                if written != _STANDS_FOR_ALL and written.lower() not in newer:
                    yield from unknown_action(written, at, known)


def unknown_action(written: str, path: Path, known: AwsActions) -> Iterator[Finding]:
    """Yield a finding if AWS has no action of this name, or none that this pattern means."""
    service, _, name = written.lower().partition(":")
    actions = known.names(service)
    if not actions:
        yield Finding(path, f'AWS has no service "{written.partition(":")[0]}"', nearest(service, known.services))
    elif _ANY.search(name):
        if not any(fnmatchcase(action, name.replace("[", "[[]")) for action in actions):
            yield Finding(path, f'no action of AWS matches "{written}"')
    elif name not in actions:
        meant = nearest(name, actions)
        suggestion = f"{service}:{as_people_write(service, meant)}" if meant else ""
        yield Finding(path, f'AWS has no action "{written}"', suggestion)


def unknown_key(written: str, path: Path) -> Iterator[Finding]:
    """Yield a finding if AWS has no condition key of this name; an identity provider's own are anybody's to name."""
    if "${" in written or "." in written.partition(":")[0] or condition_keys().has(written):
        return
    meant = condition_keys().nearest(written)
    yield Finding(path, f'AWS has no condition key "{written}": what asks for it is decided as without it', meant)


def warnings_of(template: Mapping[str, Any], known: AwsActions) -> Iterator[Finding]:
    """Yield what IAM takes and a reader should know of: too wide, or without effect."""
    for body, path in statements_of(template):
        yield from _without_effect(body, path, known)
        for key, _ in keys_of(body, path):
            yield from unknown_key(key, path)
        if body.get("Effect") == "Allow":
            yield from _too_wide(body, path)


def _too_wide(body: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    actions = [text for text, _ in texts_at(body.get("Action"), ())]
    resources = [text for text, _ in texts_at(body.get("Resource"), ())]
    everywhere = _STANDS_FOR_ALL in resources and not body.get("Condition")
    if "NotAction" in body:
        yield Finding(path, "Allow with NotAction allows everything else, and what AWS adds later")
    if _STANDS_FOR_ALL in actions:
        yield Finding(path, "it allows every action: that is AdministratorAccess")
        return
    if not everywhere:
        return
    raising = [name for name in _RAISING if any(_matches(name, pattern) for pattern in actions)]
    if raising:
        yield Finding(path, f"with {raising[0]} on every resource it can give itself any right")
    if any(_matches("iam:PassRole", pattern) for pattern in actions):
        yield Finding(path, "iam:PassRole on every resource hands any role on; name the roles or iam:PassedToService")


def _without_effect(body: Mapping[str, Any], path: Path, known: AwsActions) -> Iterator[Finding]:
    resources = [text for text, _ in texts_at(body.get("Resource"), ())]
    if not resources or _STANDS_FOR_ALL in resources or "NotResource" in body:
        return
    for written, _ in texts_at(body.get("Action"), ()):
        service, _, name = written.lower().partition(":")
        if name not in known.names(service):
            continue  # a pattern, or one that is newer than the linter
        forms = known.resources(service, name)
        if not forms:
            yield Finding(path, f'{written} takes no ARN and is not allowed by this: it needs Resource "*"')
        elif not any(may_be(resource, form) for resource in resources for form in forms):
            yield Finding(path, f"{written} acts on none of these resources; it takes {' or '.join(forms)}")


def may_be(resource: str, form: str) -> bool:
    """Return whether a resource of a policy may be one of an ARN's form; by service, then by the last part's start."""
    given, wanted = (text.split(":", 5) for text in (_plain(resource), form))
    if len(given) < len(wanted) or len(wanted) < 6:
        return True
    if not fnmatchcase(wanted[2], given[2]):
        return False
    return fnmatchcase(given[5], wanted[5]) or fnmatchcase(wanted[5].replace("*", "x"), given[5])


def _plain(text: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "x", text)


def _matches(action: str, pattern: str) -> bool:
    return fnmatchcase(action.lower(), pattern.lower())
