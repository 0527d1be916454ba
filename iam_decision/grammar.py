"""Reads a policy document: checks its grammar and compiles it.

Sources: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy element reference"; the words
of problems are those of IAM, S3 and STS where they have some.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from iam_decision.conditions import Condition, NullCondition, compile_condition
from iam_decision.policy import Effect, Element, Policy, PolicyError, PolicyKind, Statement
from iam_decision.principal_sets import PrincipalSet
from iam_decision.rcp_rules import rcp_problem
from iam_decision.resource_arns import compile_resources
from iam_decision.text_patterns import Matching, TextSet

VERSIONS = ("2012-10-17", "2008-10-17")
"""Versions of the policy language; variables exist since the first one named here."""

_TOP_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PRINCIPAL_KEYS = frozenset({"AWS", "Service", "Federated"})
_ALPHANUMERIC = re.compile(r"[0-9A-Za-z]*")
_VENDOR = re.compile(r"[A-Za-z0-9.-]+")
_NEEDS_NEWEST_VERSION = frozenset({PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP})
_HAS_PRINCIPAL = frozenset({PolicyKind.RESOURCE, PolicyKind.TRUST, PolicyKind.RCP})


@dataclass(frozen=True, slots=True)
class _Reader:
    """Where in which document we are, for problems and for what depends on kind and version."""

    name: str
    kind: PolicyKind
    statement: str = ""
    variables: bool = True

    def refuse(self, problem: str) -> NoReturn:
        raise PolicyError(self.name, self.statement, problem)

    def at(self, statement: str) -> _Reader:
        return _Reader(self.name, self.kind, statement, self.variables)


def parse_policy(document: str | Mapping[str, object], name: str, *, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """Parse and compile a policy document, JSON text or the object it stands for.

    Raises PolicyError for anything outside the grammar of that kind of policy, unknown condition operators included.
    """
    reader = _Reader(name, kind)
    top = _object(reader, document)
    for element in top:
        if element not in _TOP_ELEMENTS:
            reader.refuse(f"Syntax errors in policy. Unknown element {element!r}.")
    version = _version(reader, top)
    if not isinstance(top.get("Id", ""), str):
        reader.refuse("Syntax errors in policy. Id must be a string.")
    reader = _Reader(name, kind, variables=version == VERSIONS[0])
    bodies = top.get("Statement")
    if isinstance(bodies, Mapping):
        bodies = [bodies]
    if not isinstance(bodies, Sequence) or isinstance(bodies, str) or not bodies:
        reader.refuse("Syntax errors in policy. Statement must be an object or a list of objects.")
    statements = tuple(_statement(reader, number, body) for number, body in enumerate(bodies, start=1))
    _check_unique_sids(reader, bodies)
    return Policy(name, statements)


def _object(reader: _Reader, document: object) -> Mapping[str, object]:
    if isinstance(document, str):
        try:
            document = json.loads(
                document,
                object_pairs_hook=lambda pairs: _without_duplicates(reader, pairs),
                parse_constant=lambda word: reader.refuse(f"Syntax errors in policy. {word} is not JSON."),
            )
        except (ValueError, RecursionError) as problem:
            raise PolicyError(reader.name, "", f"Syntax errors in policy. Not JSON: {problem}.") from None
    if not isinstance(document, Mapping):
        reader.refuse("Syntax errors in policy. The document is not a JSON object.")
    return document


def _without_duplicates(reader: _Reader, pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            reader.refuse(f"Syntax errors in policy. {key!r} is there twice.")
        found[key] = value
    return found


def _version(reader: _Reader, top: Mapping[str, object]) -> str:
    version = top.get("Version", VERSIONS[1])
    if not isinstance(version, str) or version not in VERSIONS:
        reader.refuse(f"Syntax errors in policy. Version must be {VERSIONS[0]} or {VERSIONS[1]}.")
    if reader.kind in _NEEDS_NEWEST_VERSION and version != VERSIONS[0]:
        reader.refuse("Policy document must be version 2012-10-17 or greater.")
    return version


def _statement(outer: _Reader, number: int, body: object) -> Statement:
    label = f"statement {number}"
    reader = outer.at(label)
    if not isinstance(body, Mapping):
        reader.refuse("Syntax errors in policy. A statement must be an object.")
    label = _sid(reader, body) or label
    reader = outer.at(label)
    for element in body:
        if element not in _STATEMENT_ELEMENTS:
            reader.refuse(f"Syntax errors in policy. Unknown element {element!r}.")
    effect = _effect(reader, body)
    if reader.kind is PolicyKind.RCP and (problem := rcp_problem(body)):
        reader.refuse(problem)
    return Statement(
        label=label,
        effect=effect,
        action=_action(reader, body),
        resource=_resource(reader, body),
        principals=_principals(reader, body, effect),
        conditions=_conditions(reader, body.get("Condition", {})),
    )


def _sid(reader: _Reader, body: Mapping[str, object]) -> str:
    sid = body.get("Sid", "")
    if not isinstance(sid, str):
        reader.refuse("Syntax errors in policy. Sid must be a string.")
    if reader.kind in {PolicyKind.IDENTITY, PolicyKind.TRUST} and not _ALPHANUMERIC.fullmatch(sid):
        reader.refuse(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*"
        )
    return sid


def _check_unique_sids(reader: _Reader, bodies: Sequence[Mapping[str, object]]) -> None:
    sids = [body.get("Sid") for body in bodies if body.get("Sid")]
    if reader.kind is not PolicyKind.RESOURCE and len(set(sids)) != len(sids):
        reader.refuse("Statement IDs (SID) in a single policy must be unique.")


def _effect(reader: _Reader, body: Mapping[str, object]) -> Effect:
    effect = body.get("Effect")
    if effect is None:
        reader.refuse("Missing required field Effect")
    if effect not in ("Allow", "Deny"):
        reader.refuse(f"Invalid effect: {effect}")
    return Effect(effect)


def _one_of(reader: _Reader, body: Mapping[str, object], element: str) -> tuple[str, object] | None:
    """Return which of X and NotX is there, and its value; refuse both at once."""
    present = [key for key in (element, f"Not{element}") if key in body]
    if len(present) > 1:
        reader.refuse(f"Syntax errors in policy. {present[0]} and {present[1]} exclude each other.")
    return (present[0], body[present[0]]) if present else None


def _texts(reader: _Reader, element: str, value: object) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        reader.refuse(f"Syntax errors in policy. {element} must be a string or a list of strings.")
    return list(texts)


def _action(reader: _Reader, body: Mapping[str, object]) -> Element:
    found = _one_of(reader, body, "Action")
    texts = _texts(reader, *found) if found else []
    if not found or not texts:
        reader.refuse("Policy statement must contain actions.")
    for text in texts:
        _check_action(reader, text)
    if reader.kind is PolicyKind.TRUST and (found[0] != "Action" or not all(_is_sts(text) for text in texts)):
        reader.refuse("AssumeRole policy may only specify STS AssumeRole actions.")
    patterns = TextSet.compile([text.lower() for text in texts], Matching.LIKE, variables=False)
    return Element(patterns, negated=found[0] == "NotAction", texts=tuple(texts))


def _check_action(reader: _Reader, text: str) -> None:
    if text == "*":
        return
    vendor, *others = text.split(":")
    if not others:
        reader.refuse("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if len(others) > 1:
        reader.refuse("Actions/Condition can contain only one colon.")
    if not _VENDOR.fullmatch(vendor):
        reader.refuse(f"Vendor {vendor} is not valid")


def _is_sts(text: str) -> bool:
    return text.lower().startswith("sts:")


def _resource(reader: _Reader, body: Mapping[str, object]) -> Element | None:
    found = _one_of(reader, body, "Resource")
    if reader.kind is PolicyKind.TRUST:
        return reader.refuse(f"Has prohibited field {found[0]}") if found else None
    texts = _texts(reader, *found) if found else []
    if not found or not texts:
        is_resource_policy = reader.kind is PolicyKind.RESOURCE
        reader.refuse(
            "Missing required field Resource" if is_resource_policy else "Policy statement must contain resources."
        )
    try:
        patterns = compile_resources(
            texts, any_vendor=reader.kind is not PolicyKind.IDENTITY, variables=reader.variables
        )
    except ValueError as problem:
        reader.refuse(str(problem))
    return Element(patterns, negated=found[0] == "NotResource", texts=tuple(texts))


def _principals(reader: _Reader, body: Mapping[str, object], effect: Effect) -> PrincipalSet | None:
    found = _one_of(reader, body, "Principal")
    if reader.kind not in _HAS_PRINCIPAL:
        return reader.refuse("Policy document should not specify a principal.") if found else None
    if not found:
        reader.refuse("Missing required field Principal")
    element, value = found
    if element == "NotPrincipal" and reader.kind is PolicyKind.TRUST:
        reader.refuse("Has prohibited field NotPrincipal")
    if element == "NotPrincipal" and effect is Effect.ALLOW:
        reader.refuse("Allow with NotPrincipal is not allowed.")
    try:
        return PrincipalSet.compile(_principal_lists(reader, element, value), negated=element == "NotPrincipal")
    except ValueError as problem:
        reader.refuse(str(problem))


def _principal_lists(reader: _Reader, element: str, value: object) -> dict[str, list[str]]:
    if value == "*":
        return {"AWS": ["*"]}
    if not isinstance(value, Mapping) or not value:
        reader.refuse(f'Invalid principal in policy: {element} must be "*" or an object.')
    lists: dict[str, list[str]] = {}
    for key, texts in value.items():
        if key == "CanonicalUser":
            reader.refuse("Principals of type CanonicalUser are not supported here; name the account instead.")
        if key not in _PRINCIPAL_KEYS:
            reader.refuse(f"Invalid principal in policy: {key!r} is not a principal type.")
        lists[key] = _texts(reader, f"{element} {key}", texts)
        if not lists[key]:
            reader.refuse(f"Invalid principal in policy: {key} names nobody.")
    return lists


def _conditions(reader: _Reader, block: object) -> tuple[Condition | NullCondition, ...]:
    if not isinstance(block, Mapping):
        reader.refuse("Syntax errors in policy. Condition must be an object.")
    compiled: list[Condition | NullCondition] = []
    for operator, comparisons in block.items():
        if not isinstance(operator, str) or not isinstance(comparisons, Mapping):
            reader.refuse(f"Syntax errors in policy. Condition {operator!r} must be an object of keys and values.")
        for key, values in comparisons.items():
            if not isinstance(key, str) or ":" not in key:
                reader.refuse("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
            texts = _condition_values(reader, operator, key, values)
            try:
                compiled.append(compile_condition(operator, key, texts, variables=reader.variables))
            except ValueError as problem:
                reader.refuse(f"{problem} (condition {operator} on {key})")
    return tuple(compiled)


def _condition_values(reader: _Reader, operator: str, key: str, value: object) -> list[str]:
    values: Iterable[object] = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    texts = []
    for one in values:
        if isinstance(one, bool):
            texts.append(str(one).lower())
        elif isinstance(one, str | int | float):
            texts.append(str(one))
        else:
            reader.refuse(f"Syntax errors in policy. Condition {operator} on {key} needs strings, numbers or booleans.")
    return texts
