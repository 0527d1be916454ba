"""Refuses policies of the organisation over which Fleetyard could no longer deploy; decided as AWS would decide.

Every statement is tried with the calls that must stay possible (`lockout_needs`). One with a condition on something
that is not known beforehand (an address, a tag) is not judged. A level that allows too little is told as well, though
the programs leave AWS's own policy of full access at every level. What somebody attached by hand is not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from iam_decision import Policies, Policy, Reason, Request, Statement, decide, parse_policy
from iam_decision.request import principal_keys
from landing_zone.errors import PolicyLocksOut
from landing_zone.fleet import Account, Manifest
from landing_zone.limits import compact
from landing_zone.lock import Lock
from landing_zone.organization_policies import OrganizationPolicy, PolicyType
from orchestrator.lockout.known_policies import ABSENT, Keys, KnownPolicy, made_up
from orchestrator.lockout.needs import Need, Needs
from orchestrator.lockout.organization_levels import ON, Level, OrganizationLevels, completed
from orchestrator.lockout.settings import calls_of_settings

_EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "FullAWSAccess"
)
_DENIED = (Reason.EXPLICIT_DENY_SCP, Reason.EXPLICIT_DENY_RCP)

Clock = Callable[[], datetime]

Over = Callable[[Account], Sequence[Level]]
"""Gives the levels of policies over an account."""


def _now() -> datetime:
    return datetime.now(tz=UTC)


@dataclass(frozen=True, slots=True)
class _Cause:
    """A statement that denies, or with an empty label a level at which nothing allows.

    `place` is the policy's in the manifest and `order` its rank there; a policy that is none of ours has no place.
    """

    named: str
    statement: str = ""
    made_up: tuple[str, ...] = ()
    """Condition keys of the statement that AWS does not have: they exempt nobody."""
    place: str = ""
    order: int = sys.maxsize

    def __str__(self) -> str:
        if not self.statement:
            return f"{self.named} allow too little"
        keys = f" (AWS has no condition key {', '.join(self.made_up)})" if self.made_up else ""
        return f"{self.named}, {f'statement {self.statement}'.replace('statement statement', 'statement')}{keys}"


@dataclass(frozen=True, slots=True)
class _Lockout:
    """What takes calls away, which ones, and the accounts where it does."""

    causes: tuple[_Cause, ...]
    words: str
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    accounts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        words = self.words.format(
            account=_some(self.accounts), action=_some(self.actions), target=_all_of(self.targets)
        )
        place = next((f"{each.place}: " for each in self.causes if each.place), "")
        return f"{place}{' with '.join(map(str, self.causes))}: {words}"


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _all_of(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def refuse_lockouts(manifest: Manifest, clock: Clock = _now) -> None:
    """Raise PolicyLocksOut, naming every statement with the role and the call that it takes away.

    Policies with `allow_lockout: true` and accounts in the suspended unit are left alone.
    """
    if any(not policy.allow_lockout for policy in manifest.governance.policies):
        lock = completed(manifest, Lock())
        if found := lockouts(manifest, lock, OrganizationLevels(manifest, lock).over, clock):
            raise PolicyLocksOut(found)


def lockouts(manifest: Manifest, lock: Lock, over: Over, clock: Clock = _now) -> tuple[str, ...]:
    """Return a line for each lockout of policies by level; `lock` has an id for every account."""
    own = {policy.name: policy for policy in manifest.governance.policies}
    needs, found = Needs(manifest, lock, clock()), dict[object, _Lockout]()
    for alike in _groups(manifest, lock, over):
        levels = [_judged(level, own) for level in over(alike[0])]
        targets: dict[tuple[tuple[_Cause, ...], str, tuple[str, ...]], list[str]] = {}
        for need in needs.of(alike[0]):
            for causes, actions in _lost(need, levels, own):
                targets.setdefault((causes, need.words, actions), []).append(need.target)
        for lost, names in targets.items():
            fresh = _Lockout(*lost, tuple(names))
            lockout = found.setdefault((lost, fresh.targets), fresh)
            lockout.accounts.extend(account.name for account in alike)
    return tuple(str(each) for each in sorted(found.values(), key=lambda each: each.causes[0].order))


def _judged(level: Level, own: Mapping[str, OrganizationPolicy]) -> Level:
    """Return a level without the policies that may lock out."""

    def kept(policies: Iterable[KnownPolicy]) -> tuple[KnownPolicy, ...]:
        named = ((policy, own.get(policy.policy.name.partition(ON)[0])) for policy in policies)
        return tuple(policy for policy, ours in named if ours is None or not ours.allow_lockout)

    return Level(level.name, kept(level.scps), kept(level.rcps))


def _groups(manifest: Manifest, lock: Lock, over: Over) -> Iterable[list[Account]]:
    """Return the accounts that policies reach, those together over which they decide the same."""
    texts = "".join(compact(policy.template) for policy in manifest.governance.policies)
    running: dict[str, list[str]] = {}
    for workload in manifest.workloads.values():
        for name in workload.accounts:
            running.setdefault(name, []).append(workload.name)
    groups: dict[object, list[Account]] = {}
    special = {manifest.people.account, manifest.access.hub.account if manifest.access.hub else ""}
    for account in manifest.members:
        if account.in_suspended_unit:
            continue
        known = lock.account_id(account.name)
        named = account.name if f"accounts.{account.name}.id" in texts or known in texts else ""
        alike = (
            tuple(policy.policy.name.partition(ON)[0] for level in over(account) for policy in _all(level)),
            bool(account.profile),
            tuple((here.role.name, here.allowed) for here in manifest.roles_in(account.name)),
            tuple(calls_of_settings(account, manifest.region)),
            tuple(running.get(account.name, ())),
            account.name if account.name in special else named,
        )
        groups.setdefault(alike, []).append(account)
    return groups.values()


def _all(level: Level) -> tuple[KnownPolicy, ...]:
    return (*level.scps, *level.rcps)


def _lost(
    need: Need, levels: Sequence[Level], own: Mapping[str, OrganizationPolicy]
) -> Iterator[tuple[tuple[_Cause, ...], tuple[str, ...]]]:
    """Yield what takes calls of a need away, and which: where any call will do, only if none is left."""
    causes: list[tuple[_Cause, ...]] = []
    for request in need.requests:
        causes.append(_causes(request, need, levels, own))
        if need.any_will_do and not causes[-1]:
            return
    by_cause: dict[_Cause, dict[str, None]] = {}
    for request, denying in zip(need.requests, causes, strict=True):
        for cause in denying:
            by_cause.setdefault(cause, {})[request.action] = None
    if not need.any_will_do:
        yield from (((cause,), tuple(actions)) for cause, actions in by_cause.items())
        return
    whole = [cause for cause in by_cause if all(cause in each for each in causes)]
    actions = tuple(dict.fromkeys(request.action for request in need.requests))
    yield from (((cause,), actions) for cause in whole)
    if not whole:
        yield tuple(by_cause), actions


def _causes(
    request: Request, need: Need, levels: Sequence[Level], own: Mapping[str, OrganizationPolicy]
) -> tuple[_Cause, ...]:
    """Return everything that denies a call by itself."""
    given = {*principal_keys(request.principal), *(key.lower() for key in request.context)}
    known = (ABSENT | given) - need.unknown - need.forms.keys()
    found: list[_Cause] = []
    for level in levels:
        policies = level.scps if need.kind is PolicyType.SCP else level.rcps
        for policy in policies:
            known |= made_up(frozenset().union(*policy.asks) - known - need.unknown - need.forms.keys())
            denying = [each for each in policy.surely(known, need.forms) if _denies(each, request, need.kind)]
            found += [_cause(policy.policy.name, statement, own) for statement in denying]
        if need.kind is PolicyType.SCP and not _allows(policies, request, known):
            found.append(_Cause(f"the SCPs of {level.name} ({_names(policies)})"))
    return tuple(dict.fromkeys(found))


def _cause(name: str, statement: Statement, own: Mapping[str, OrganizationPolicy]) -> _Cause:
    ours = own.get(name.partition(ON)[0])
    nobodys = tuple(sorted(made_up(frozenset(each.key for each in statement.conditions))))
    if ours is None:
        return _Cause(name, statement.label, nobodys)
    place, order = ours.place, list(own).index(ours.name)
    return _Cause(f"{ours.name} ({ours.file})", statement.label, nobodys, place, order)


def _names(policies: Sequence[KnownPolicy]) -> str:
    return ", ".join(policy.policy.name.partition(ON)[0] for policy in policies) or "there are none"


def _denies(statement: Statement, request: Request, kind: PolicyType) -> bool:
    alone = Policy("alone", (statement,))
    if kind is PolicyType.SCP:
        policies = Policies(identity=(_EVERYTHING,), scp_levels=((_EVERYTHING, alone),))
    else:
        policies = Policies(identity=(_EVERYTHING,), rcps=(alone,))
    return decide(request, policies).reason in _DENIED


def _allows(policies: Sequence[KnownPolicy], request: Request, known: Keys) -> bool:
    """Tell whether something at this level may allow a call, leaving aside what denies it."""
    allowing = tuple(Policy("allowing", policy.seen(known, kindly=True).allows) for policy in policies)
    return decide(request, Policies(identity=(_EVERYTHING,), scp_levels=(allowing,))).allowed
