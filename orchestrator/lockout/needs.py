"""What must stay possible under the organisation's policies: the deployment's own calls, and the last way in.

Service control policies bind what roles and users do in their member accounts. Who gets into these comes from the
management account, which only resource control policies of the entered account bind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from iam_decision import Principal, PrincipalKind, Request
from landing_zone.boundaries import Boundary
from landing_zone.fleet import Account, Manifest, Workload
from landing_zone.fleet_access import POLICY_PATH
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn, user_arn
from landing_zone.lock import Lock
from landing_zone.organization_policies import PolicyType
from landing_zone.whereami import PARAMETER
from orchestrator.lockout.actions import (
    ATTACHING_ACTIONS,
    BOUNDARY_ACTIONS,
    INLINE_ACTIONS,
    ORDINARY,
    PARAMETER_ACTIONS,
    PARAMETERS_ACTIONS,
    POLICY_ACTIONS,
    ROLE_ACTIONS,
)
from orchestrator.lockout.settings import calls_of_settings
from orchestrator.validation.aws_actions import aws_actions

_GLOBAL_REGION = "us-east-1"
"""Where AWS sees calls of IAM."""

_FROM_PRINCIPAL = frozenset({"aws:principalarn", "aws:userid", "aws:username"})
_BOUNDARY = "iam:PermissionsBoundary"
_POLICY = "iam:PolicyARN"
_FROM_TAGS = frozenset({"aws:tagkeys"})
"""The programs give tags to what they make."""
_OF_CALL = _FROM_TAGS | {_BOUNDARY.lower(), _POLICY.lower()}
"""What a workload's own calls say."""
_TELL_BOUNDARY = frozenset({"iam:CreateRole", *ATTACHING_ACTIONS, *INLINE_ACTIONS, *BOUNDARY_ACTIONS}) - {
    "iam:GetRolePolicy"
}
"""The calls whose context holds the boundary of the role that they are about."""
_MFA = "aws:MultiFactorAuthPresent"
_PATHS = "aws:PrincipalOrgPaths"
_USER_ID = "aws:userid"
_ROLE_ID = "AROAAAAAAAAAAAAAAAAAA"
"""Stands for the id that AWS gives a role. Source: IAM User Guide, "IAM identifiers", unique identifiers."""
_USER_ID_FORMS = re.compile(r"\*|(?:AROA)?\*:\*|AROA\*|AIDA.*|[0-9]{12}")
"""Patterns that match every session of a role (`AROA...:name`) or none."""


def _path_forms(organization_id: str) -> re.Pattern[str]:
    """Return the patterns that match whatever ids AWS gives root and units: `o-ID/r-ID/ou-ID/ou-ID/`."""
    return re.compile(rf"(?:\*|o-\*|{re.escape(organization_id)})(?:/(?:\*|r-\*))?(?:/(?:\*|ou-\*))*/?")


@dataclass(frozen=True, slots=True)
class Need:
    """Calls that must stay possible, in words that name them: all of them, or with `any_will_do` one of them.

    Keys in `unknown` are not judged. Of a key in `forms` only the form of its value is known: a condition on it is
    judged where all its values are such patterns.
    """

    words: str
    requests: tuple[Request, ...]
    kind: PolicyType
    any_will_do: bool = False
    unknown: frozenset[str] = frozenset()
    forms: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    target: str = ""
    """What `{target}` of the words stands for: those of alike needs are told together."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A role that bootstrap-subaccount makes: the ARNs of its policies and of its boundary."""

    name: str
    policies: tuple[str, ...] = ()
    boundary: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """What a fleet needs; `lock` has an id for every account, and `now` is when the calls are made."""

    manifest: Manifest
    lock: Lock
    now: datetime

    def of(self, account: Account) -> Iterator[Need]:
        """Yield what must stay possible in an account."""
        if not account.profile:  # whom such a profile acts as is not known
            yield from self._keepers(account)
        for workload in self.manifest.workloads.values():
            if account.name in workload.accounts:
                yield from self._workloads(workload, account)
        if account.name == self.manifest.people.account:
            yield from self._peoples(account)
        yield from self._hops(account)
        if not account.profile:
            yield from self._last_ways_in(account)

    def _keepers(self, account: Account) -> Iterator[Need]:
        """Yield what bootstrap-subaccount does, and that the administrator can do anything at all once inside."""
        account_id = self.lock.account_id(account.name)
        keeper = session(account_id, ACCOUNT_ACCESS_ROLE)
        who = f"{ACCOUNT_ACCESS_ROLE} in {{account}}"
        region = self.manifest.region

        def calls(actions: Sequence[str], resource: str, where: str = _GLOBAL_REGION) -> tuple[Request, ...]:
            return tuple(self.own_request(keeper, account, action, resource, where) for action in actions)

        for made in self._roles(account):
            words = f"{who} could not do {{action}} on the role {made.name}"
            requests = tuple(self._of_role(keeper, account, made))
            yield Need(words, requests, PolicyType.SCP, unknown=_FROM_TAGS, forms=self._forms)
        for kind, name, path in self._policies(account):
            requests = calls(POLICY_ACTIONS, f"arn:aws:iam::{account_id}:policy{path}")
            words = f"{who} could not do {{action}} on the {kind} {{target}}"
            yield Need(words, requests, PolicyType.SCP, unknown=_FROM_TAGS, forms=self._forms, target=name)
        for setting in calls_of_settings(account, region):
            requests = tuple(
                self.own_request(
                    keeper,
                    account,
                    action,
                    each.resource.format(id=account_id),
                    each.region or _GLOBAL_REGION,
                    each.context,
                )
                for each in setting
                for action in each.actions
            )
            words = f"{who} could not do {{action}} on {{target}}"
            about = setting[0].what
            yield Need(words, requests, PolicyType.SCP, unknown=_FROM_TAGS, forms=self._forms, target=about)
        there = f"arn:aws:ssm:{region}:{account_id}:"
        requests = calls(PARAMETER_ACTIONS, f"{there}parameter{PARAMETER}", region)
        requests += calls(PARAMETERS_ACTIONS, f"{there}*", region)
        words = f"{who} could not do {{action}} on the parameter that says which account it is"
        yield Need(words, requests, PolicyType.SCP, unknown=_FROM_TAGS, forms=self._forms)
        yield Need(
            f"{who}, the last way in, could do nothing",
            calls(ORDINARY, "*", region) + calls(("iam:GetRole", "iam:PutRolePolicy"), "*"),
            PolicyType.SCP,
            any_will_do=True,
            forms=self._forms,
        )

    def _of_role(self, keeper: Principal, account: Account, made: _Made) -> Iterator[Request]:
        """Yield the calls by which a role is made, kept and deleted."""
        account_id = self.lock.account_id(account.name)
        arn = role_arn(account_id, made.name)

        def call(action: str, policy: str = "") -> Request:
            about = {_POLICY: policy} if policy else {}
            if made.boundary and action in _TELL_BOUNDARY:
                about[_BOUNDARY] = made.boundary
            return self.own_request(keeper, account, action, arn, _GLOBAL_REGION, about)

        yield from (call(action) for action in ROLE_ACTIONS)
        yield from (call(action, policy) for policy in made.policies for action in ATTACHING_ACTIONS)
        if made.inline:
            yield from (call(action) for action in INLINE_ACTIONS)
        if made.boundary:
            yield from (call(action) for action in BOUNDARY_ACTIONS)

    def _roles(self, account: Account) -> Iterator[_Made]:
        account_id = self.lock.account_id(account.name)
        prefix = f"arn:aws:iam::{account_id}:policy"

        def made(name: str, managed: Sequence[str], own: Sequence[str], boundary: Boundary | None) -> _Made:
            policies = (*managed, *(f"{prefix}{POLICY_PATH}{one}" for one in own))
            if boundary is None:
                return _Made(name, policies)
            return _Made(name, policies, f"{prefix}/{boundary.name}" if boundary.name else boundary.arn_in(account_id))

        for role in (here.role for here in self.manifest.roles_in(account.name)):
            yield made(role.name, role.managed_policies, role.permissions, role.boundary)
        if hub := self.manifest.access.hub:
            spoke = hub.spoke
            yield made(spoke.role, spoke.managed_policies, spoke.permissions, spoke.boundary)
            if hub.account == account.name:
                yield _Made(hub.role, inline=True)

    def _policies(self, account: Account) -> Iterator[tuple[str, str, str]]:
        """Yield the policies that are made in an account: kind, name, and path with name."""
        roles = [here.role for here in self.manifest.roles_in(account.name)]
        hub = self.manifest.access.hub
        names = [name for role in roles for name in role.permissions] + list(hub.spoke.permissions if hub else ())
        for name in dict.fromkeys(names):
            yield "policy", name, f"{POLICY_PATH}{name}"
        boundaries = [role.boundary for role in roles] + ([hub.spoke.boundary] if hub else [])
        for name in dict.fromkeys(boundary.name for boundary in boundaries if boundary and boundary.name):
            yield "boundary", name, f"/{name}"

    def _workloads(self, workload: Workload, account: Account) -> Iterator[Need]:
        """Yield that a workload's role can do something of what its own policies allow, region by region."""
        account_id = self.lock.account_id(account.name)
        principal = session(account_id, workload.role)
        actions = self._actions(workload.role)
        for region in workload.regions or (self.manifest.region,):
            words = f"{workload.role} in {{account}} could do nothing in {region}, where {workload.name} runs"
            requests = tuple(self.own_request(principal, account, action, "*", region) for action in actions)
            yield Need(words, requests, PolicyType.SCP, any_will_do=True, unknown=_OF_CALL, forms=self._forms)

    def _actions(self, role: str) -> tuple[str, ...]:
        """Return what a role may do, as far as the manifest knows: AWS's own policies may hold anything."""
        found = self.manifest.roles[role]
        if found.managed_policies:
            return ORDINARY
        documents = [self.manifest.access.permissions[name].document for name in found.permissions]
        return tuple(dict.fromkeys(action for each in documents for action in _allowed(each))) or ORDINARY

    def _peoples(self, account: Account) -> Iterator[Need]:
        """Yield that a user of the account that holds users can become the role that runs workloads."""
        role = self.manifest.workload_role
        users = self.manifest.people.who_becomes(role) if role else ()
        if not users:
            return
        account_id, management_id = self.lock.account_id(account.name), self.manifest.management_account.id
        arn = role_arn(management_id, role)
        requests = tuple(
            self.request(user(account_id, name), "sts:AssumeRole", arn, management_id, self.manifest.region, mfa=True)
            for name in users
        )
        words = f"no user of {{account}} could do {{action}} on {role}, which runs the workloads"
        yield Need(words, requests, PolicyType.SCP, any_will_do=True)

    def _hops(self, account: Account) -> Iterator[Need]:
        """Yield that the management roles become the roles they are granted."""
        account_id, management_id = self.lock.account_id(account.name), self.manifest.management_account.id
        for here in self.manifest.roles_in(account.name):
            for name in here.allowed:
                words = f"{name} could not do {{action}} on the role {here.role.name} in {{account}}"
                arn, who = role_arn(account_id, here.role.name), session(management_id, name)
                request = self.request(who, "sts:AssumeRole", arn, account_id, self.manifest.region)
                yield Need(words, (request,), PolicyType.RCP)

    def _last_ways_in(self, account: Account) -> Iterator[Need]:
        """Yield that the administrator and the last-resort users get into an account."""
        account_id, management_id = self.lock.account_id(account.name), self.manifest.management_account.id
        arn, region = role_arn(account_id, ACCOUNT_ACCESS_ROLE), self.manifest.region
        on = f"could not do {{action}} on the role {ACCOUNT_ACCESS_ROLE} in {{account}}"
        # Who the administrator is, is not known here: only that he is of the management account.
        anybody = self.request(user(management_id, "administrator"), "sts:AssumeRole", arn, account_id, region)
        yield Need(f"the administrator {on}", (anybody,), PolicyType.RCP, unknown=_FROM_PRINCIPAL)
        if users := self.manifest.last_resort.users:
            requests = tuple(
                self.request(user(management_id, name), "sts:AssumeRole", arn, account_id, region, mfa=True)
                for name in users
            )
            yield Need(f"the last-resort users {on}", requests, PolicyType.RCP, any_will_do=True)

    def request(
        self, principal: Principal, action: str, resource: str, owner: str, region: str, *, mfa: bool = False
    ) -> Request:
        """Return a call with everything that is known of it beforehand."""
        organization_id = self.lock.organization_id
        context = {
            "aws:RequestedRegion": region,
            "aws:PrincipalOrgID": organization_id,
            "aws:ResourceAccount": owner,
            "aws:ResourceOrgID": organization_id,
            _MFA: "true" if mfa else "false",
            "aws:SecureTransport": "true",
            "aws:ViaAWSService": "false",
            "aws:CurrentTime": self.now.isoformat(),
            "aws:EpochTime": str(int(self.now.timestamp())),
        }
        return Request(principal, action, resource, context)

    def own_request(
        self,
        principal: Principal,
        account: Account,
        action: str,
        resource: str,
        region: str,
        about: Mapping[str, str] | None = None,
    ) -> Request:
        """Return a call of a member account's role there; `about` holds keys of IAM about the role that it changes.

        Keys with no value are surely absent: AssumeRole gave the session, so it is neither federated nor with MFA.
        Source: IAM User Guide, "AWS global condition context keys"; "Actions, resources, and condition keys for AWS
        Identity and Access Management".
        """
        request = self.request(principal, action, resource, self.lock.account_id(account.name), region)
        more: dict[str, str | tuple[str, ...]] = {
            "aws:FederatedProvider": (),
            "aws:MultiFactorAuthAge": (),
            "aws:username": (),
            _BOUNDARY: (),
            _POLICY: (),
            _USER_ID: f"{_ROLE_ID}:fleetyard",
            _PATHS: self._organization_path(account),
        }
        return replace(request, context={**request.context, **more, **(about or {})})

    def _organization_path(self, account: Account) -> str:
        """Return where an account is in the organisation, with ids that stand for those that AWS has given."""
        units = [
            each for each in self.manifest.units if not each.root and f"{account.unit}/".startswith(f"{each.path}/")
        ]
        ids = "".join(f"ou-a1b2-{at:08}/" for at, _unit in enumerate(units))
        return f"{self.lock.organization_id}/r-a1b2/{ids}"

    @property
    def _forms(self) -> Mapping[str, re.Pattern[str]]:
        """Return which values of conditions ask no more than the form of a key whose value is not known."""
        return {_USER_ID: _USER_ID_FORMS, _PATHS.lower(): _path_forms(self.lock.organization_id)}


def session(account_id: str, role: str) -> Principal:
    """Return a session of a role."""
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/fleetyard"
    return Principal(PrincipalKind.ROLE_SESSION, account_id, arn, role_arn(account_id, role))


def user(account_id: str, name: str) -> Principal:
    """Return a user."""
    return Principal(PrincipalKind.USER, account_id, user_arn(account_id, name))


def _allowed(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the actions that a document allows by name or pattern; any action where it allows what it does not name."""
    bodies = document.get("Statement")
    for body in bodies if isinstance(bodies, list) else [bodies]:
        if not isinstance(body, Mapping) or body.get("Effect") != "Allow":
            continue
        written = body.get("Action", "*")
        for text in [written] if isinstance(written, str) else written:
            yield from _meant(text)


def _meant(text: str) -> Iterator[str]:
    service, _, pattern = text.lower().partition(":")
    if not pattern or "*" in service:
        yield from ORDINARY
    elif "*" in pattern or "?" in pattern:
        yield from (f"{service}:{name}" for name in aws_actions().names(service) if fnmatchcase(name, pattern))
    else:
        yield text
