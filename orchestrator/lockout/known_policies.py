"""Policies of which not everything is known beforehand: what they surely leave allowed, and what they might.

A statement may ask for something that nobody knows before the call: an address, a tag, the time. The decision is then
made twice, once as if every such condition spoke for the caller and once as if it spoke against him. Where both agree
the answer is known, whatever the unknown turns out to be; a Deny never helps and an Allow never hurts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from iam_decision import Effect, Policies, Policy, PolicyKind, Statement, parse_policy
from orchestrator.validation.condition_keys.known_keys import condition_keys

Keys = frozenset[str]
"""Condition keys in lower case."""

ABSENT: Keys = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "sts:externalid",
        "sts:sourceidentity",
        "sts:transitivetagkeys",
    }
)
"""Keys that are surely not in the context of our calls: nobody calls for us, and we ask for nothing of the kind."""

_VARIABLE = re.compile(r"\$\{\s*([^\s,'}]+:[^,'}]*?)\s*(?:,\s*'[^']*'\s*)?\}")


def made_up(keys: Keys) -> Keys:
    """Return the keys that AWS does not have, which are in no call's context; identity providers have their own."""
    return frozenset(key for key in keys if "." not in key.partition(":")[0] and not condition_keys().has(key))


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A policy with the context keys that each of its statements asks for; an `opaque` one is known by name alone."""

    policy: Policy
    asks: tuple[Keys, ...] = ()
    varies: tuple[Keys, ...] = ()
    """Keys that stand as `${...}` in a statement's resources or values."""
    opaque: bool = False
    values: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Each statement's keys with the values that they are compared with; whether a key is there at all left out."""

    @classmethod
    def of(cls, document: Mapping[str, Any], name: str, kind: PolicyKind = PolicyKind.IDENTITY) -> KnownPolicy:
        """Return a document's policy; raises PolicyError for one that breaks IAM's grammar."""
        policy = parse_policy(document, name, kind=kind)
        bodies = document["Statement"]
        listed = bodies if isinstance(bodies, list | tuple) else [bodies]
        return cls(
            policy,
            tuple(frozenset(condition.key for condition in each.conditions) for each in policy.statements),
            tuple(frozenset(key.lower() for key in _VARIABLE.findall(json.dumps(body))) for body in listed),
            values=tuple(tuple(_compared(body)) for body in listed),
        )

    @classmethod
    def by_name(cls, name: str) -> KnownPolicy:
        """Return a policy of which only the name is known."""
        return cls(Policy(name, ()), opaque=True)

    def unknown(self, statement: str, known: Keys) -> tuple[str, ...]:
        """Return what decides about a statement, given by its label, beside the keys that are known."""
        if self.opaque:
            return ("what the policy says",)
        return tuple(
            sorted(
                key
                for each, asks, varies in zip(self.policy.statements, self.asks, self.varies, strict=True)
                if each.label == statement
                for key in (asks | varies) - known
            )
        )

    def surely(self, known: Keys, forms: Mapping[str, re.Pattern[str]]) -> tuple[Statement, ...]:
        """Return the Deny statements that rest on nothing but what is known.

        A key in `forms` counts as known where every value that it is compared with is of the pattern.
        """
        statements = zip(self.policy.statements, self.asks, self.varies, self.values, strict=True)
        return tuple(
            statement
            for statement, asks, varies, values in statements
            if statement.effect is Effect.DENY and (asks - _by_form(values, forms)) | varies <= known
        )

    def seen(self, known: Keys, *, kindly: bool) -> Policy:
        """Return the policy as if all that is not known spoke for the caller, or all of it against him."""
        if self.opaque:
            return _WHATEVER[kindly]
        if all(asks | varies <= known for asks, varies in zip(self.asks, self.varies, strict=True)):
            return self.policy
        kept = []
        for statement, asks, varies in zip(self.policy.statements, self.asks, self.varies, strict=True):
            if asks | varies <= known:
                kept.append(statement)
            elif (statement.effect is Effect.ALLOW) is kindly:
                kept.append(_widened(statement, known, whole=not varies <= known))
        return Policy(self.policy.name, tuple(kept))


def _compared(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for operator, block in body.get("Condition", {}).items():
        if operator != "Null":
            for key, written in block.items():
                yield from ((key.lower(), str(each)) for each in (written if _is_list(written) else [written]))


def _is_list(written: object) -> bool:
    return isinstance(written, list | tuple)


def _by_form(values: Sequence[tuple[str, str]], forms: Mapping[str, re.Pattern[str]]) -> Keys:
    """Return the keys with a known form that are compared with nothing but patterns over that form."""
    return frozenset(
        key for key, form in forms.items() if all(form.fullmatch(value) for name, value in values if name == key)
    )


def _widened(statement: Statement, known: Keys, *, whole: bool) -> Statement:
    """Return a statement that applies whatever the unknown turns out to be."""
    if whole:
        return replace(statement, conditions=(), resource=None)
    return replace(statement, conditions=tuple(each for each in statement.conditions if each.key in known))


def _anything(effect: str) -> Policy:
    body = {"Effect": effect, "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": body}, "a policy whose content is not known")


_WHATEVER = {True: _anything("Allow"), False: _anything("Deny")}


@dataclass(frozen=True, slots=True)
class KnownPolicies:
    """Every policy that applies to one request, as `iam_decision.Policies` has them; `base` holds what is no policy."""

    identity: tuple[KnownPolicy, ...] = ()
    boundary: KnownPolicy | None = None
    scp_levels: tuple[tuple[KnownPolicy, ...], ...] | None = None
    rcps: tuple[KnownPolicy, ...] = ()
    resource: KnownPolicy | None = None
    base: Policies = field(default_factory=Policies)

    def seen(self, known: Keys, *, kindly: bool) -> Policies:
        """Return them for a decision, as if all that is not known spoke for the caller, or all of it against him."""

        def each(policies: Sequence[KnownPolicy]) -> tuple[Policy, ...]:
            return tuple(policy.seen(known, kindly=kindly) for policy in policies)

        levels = self.scp_levels
        return replace(
            self.base,
            identity=each(self.identity),
            boundary=self.boundary.seen(known, kindly=kindly) if self.boundary else None,
            scp_levels=None if levels is None else tuple(each(level) for level in levels),
            rcps=each(self.rcps),
            resource=self.resource.seen(known, kindly=kindly) if self.resource else None,
        )

    def named(self, name: str) -> KnownPolicy | None:
        """Return the policy of this name."""
        return next((each for each in self._all() if each.policy.name == name), None)

    def asked(self) -> Keys:
        """Return every key that a statement of any of them asks for."""
        return frozenset(key for each in self._all() for keys in (*each.asks, *each.varies) for key in keys)

    def _all(self) -> Iterator[KnownPolicy]:
        for level in self.scp_levels or ():
            yield from level
        yield from (*self.rcps, *self.identity)
        yield from (policy for policy in (self.boundary, self.resource) if policy)
