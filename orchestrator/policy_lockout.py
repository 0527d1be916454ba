"""Refuses policies of the organisation over which Fleetyard could no longer deploy; decided as AWS would decide.

Every Deny statement is tried by itself with the calls that the deployment rests on. A statement with a condition on
something that is not known beforehand (an address, a tag) is not judged. Service control policies bind what roles do in
their accounts; who gets into these comes from the management account, which only resource control policies bind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from iam_decision import (
    Decision,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    PrincipalKind,
    Reason,
    Request,
    Statement,
    decide,
    parse_policy,
)
from iam_decision.request import principal_keys
from landing_zone.errors import PolicyLocksOut
from landing_zone.fleet import Account, Manifest
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn, user_arn
from landing_zone.limits import compact
from landing_zone.manifest.selection import is_within
from landing_zone.organization_policies import OrganizationPolicy, PolicyType, filled
from landing_zone.sizes.policies import LONGEST_ORGANIZATION_ID

_ROLE_BASICS = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
"""What bootstrap-subaccount does with the member roles."""

_GLOBAL_REGION = "us-east-1"
"""Where AWS sees calls of IAM."""

_ANYTHING = "any:Action"
"""No service's action: denied only by what denies everything that it does not name."""

_EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "FullAWSAccess"
)
_DENIED = (Reason.EXPLICIT_DENY_SCP, Reason.EXPLICIT_DENY_RCP)
_FROM_PRINCIPAL = frozenset({"aws:principalarn", "aws:userid", "aws:username"})


@dataclass(frozen=True, slots=True)
class _Need:
    """Calls that must stay possible, in words that name them; keys in `unknown` are not judged."""

    words: str
    requests: tuple[Request, ...]
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Lockout:
    """A statement that takes calls away, and the accounts where it does."""

    policy: OrganizationPolicy
    statement: str
    words: str
    actions: tuple[str, ...]
    accounts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        number = f"statement {self.statement}".replace("statement statement", "statement")
        words = self.words.format(account=_some(self.accounts), action=_some(self.actions))
        return f"{self.policy.place}: {self.policy.name} ({self.policy.file}), {number}: {words}"


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def refuse_lockouts(manifest: Manifest) -> None:
    """Raise PolicyLocksOut, naming every statement with the role and the call that it takes away.

    Policies with `allow_lockout: true` and accounts in the suspended unit are left alone.
    """
    found = [str(lockout) for policy in manifest.governance.policies for lockout in _lockouts(policy, manifest)]
    if found:
        raise PolicyLocksOut(found)


def _lockouts(policy: OrganizationPolicy, manifest: Manifest) -> Iterable[_Lockout]:
    if policy.allow_lockout or policy.own:
        return ()
    ids = _ids(manifest)
    known = {f"accounts.{name}.id": account_id for name, account_id in ids.items()}
    document = filled(policy.template, {"organization_id": LONGEST_ORGANIZATION_ID, **known})
    kind = PolicyKind.SCP if policy.type is PolicyType.SCP else PolicyKind.RCP
    statements = parse_policy(document, policy.name, kind=kind).denies
    needs = _scp_needs if policy.type is PolicyType.SCP else _rcp_needs
    found: dict[tuple[str, str, tuple[str, ...]], _Lockout] = {}
    for alike in _groups(policy, manifest, ids):
        for need in needs(manifest, alike[0], ids):
            for statement in statements:
                lost = tuple(request.action for request in _lost(statement, need, policy))
                if lost:
                    fresh = _Lockout(policy, statement.label, need.words, lost)
                    lockout = found.setdefault((statement.label, need.words, lost), fresh)
                    lockout.accounts.extend(account.name for account in alike)
    return found.values()


def _ids(manifest: Manifest) -> dict[str, str]:
    """Return an id for every account by name: the manifest's, or one that stands for what AWS will give."""
    return {account.name: account.id or f"{at:012}" for at, account in enumerate(manifest.accounts)}


def _groups(policy: OrganizationPolicy, manifest: Manifest, ids: Mapping[str, str]) -> Iterable[list[Account]]:
    """Return the accounts that a policy reaches, those together over which it decides the same."""
    text = compact(policy.template)
    running: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for workload in manifest.workloads.values():
        for name in workload.accounts:
            running.setdefault(name, []).append((workload.role, workload.regions))
    groups: dict[object, list[Account]] = {}
    for account in _reached(policy, manifest):
        roles = tuple((here.role.name, here.allowed) for here in manifest.roles_in(account.name))
        named = account.name if f"accounts.{account.name}.id" in text or ids[account.name] in text else ""
        alike = (bool(account.profile), roles, tuple(running.get(account.name, ())), named)
        groups.setdefault(alike, []).append(account)
    return groups.values()


def _reached(policy: OrganizationPolicy, manifest: Manifest) -> Iterator[Account]:
    targets, suspended = policy.targets, manifest.governance.suspended_unit
    for account in manifest.members:
        if suspended and is_within(account.unit, suspended):
            continue
        if (
            targets.root
            or account.name in targets.accounts
            or any(is_within(account.unit, unit) for unit in targets.units)
        ):
            yield account


def _scp_needs(manifest: Manifest, account: Account, ids: Mapping[str, str]) -> Iterator[_Need]:
    account_id = ids[account.name]
    if not account.profile:
        keeper = _session(account_id, ACCOUNT_ACCESS_ROLE)
        for here in manifest.roles_in(account.name):
            words = f"{ACCOUNT_ACCESS_ROLE} in {{account}} could not do {{action}} on the role {here.role.name}"
            arn = role_arn(account_id, here.role.name)
            requests = tuple(_request(keeper, action, arn, account_id, _GLOBAL_REGION) for action in _ROLE_BASICS)
            yield _Need(words, requests)
    for workload in manifest.workloads.values():
        if account.name not in workload.accounts:
            continue
        session = _session(account_id, workload.role)
        for region in workload.regions or (manifest.region,):
            words = f"{workload.role} in {{account}} could do nothing in {region}, where {workload.name} runs"
            yield _Need(words, (_request(session, _ANYTHING, "*", account_id, region),))


def _rcp_needs(manifest: Manifest, account: Account, ids: Mapping[str, str]) -> Iterator[_Need]:
    account_id, management_id = ids[account.name], manifest.management_account.id
    for here in manifest.roles_in(account.name):
        for name in here.allowed:
            words = f"{name} could not do {{action}} on the role {here.role.name} in {{account}}"
            arn = role_arn(account_id, here.role.name)
            request = _request(_session(management_id, name), "sts:AssumeRole", arn, account_id, manifest.region)
            yield _Need(words, (request,))
    if not account.profile:
        administrator = Principal(PrincipalKind.USER, management_id, user_arn(management_id, "administrator"))
        words = f"the administrator could not do {{action}} on the role {ACCOUNT_ACCESS_ROLE} in {{account}}"
        arn = role_arn(account_id, ACCOUNT_ACCESS_ROLE)
        # Who the administrator is, is not known here: only that he is of the management account.
        request = _request(administrator, "sts:AssumeRole", arn, account_id, manifest.region)
        yield _Need(words, (request,), _FROM_PRINCIPAL)


def _session(account_id: str, role: str) -> Principal:
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/fleetyard"
    return Principal(PrincipalKind.ROLE_SESSION, account_id, arn, role_arn(account_id, role))


def _request(principal: Principal, action: str, resource: str, owner: str, region: str) -> Request:
    context = {
        "aws:RequestedRegion": region,
        "aws:PrincipalOrgID": LONGEST_ORGANIZATION_ID,
        "aws:ResourceAccount": owner,
        "aws:ResourceOrgID": LONGEST_ORGANIZATION_ID,
        "aws:MultiFactorAuthPresent": "false",
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
    }
    return Request(principal, action, resource, context)


def _lost(statement: Statement, need: _Need, policy: OrganizationPolicy) -> Iterator[Request]:
    """Yield the calls of a need that the statement denies."""
    alone = Policy(policy.name, (statement,))
    for request in need.requests:
        known = {*principal_keys(request.principal), *(key.lower() for key in request.context)} - need.unknown
        judged = all(condition.key in known for condition in statement.conditions)
        if judged and _decision(request, alone, policy.type).reason in _DENIED:
            yield request


def _decision(request: Request, alone: Policy, kind: PolicyType) -> Decision:
    if kind is PolicyType.SCP:
        return decide(request, Policies(identity=(_EVERYTHING,), scp_levels=((_EVERYTHING, alone),)))
    return decide(request, Policies(identity=(_EVERYTHING,), rcps=(alone,)))
