"""What must stay possible under the organisation's policies: the deployment's own calls, and the last way in.

Service control policies bind what roles and users do in their member accounts. Who gets into these comes from the
management account, which only resource control policies of the entered account bind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from iam_decision import Principal, PrincipalKind, Request
from landing_zone.fleet import Account, Manifest, Workload
from landing_zone.fleet_access import POLICY_PATH
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn, user_arn
from landing_zone.lock import Lock
from landing_zone.organization_policies import PolicyType
from landing_zone.whereami import PARAMETER
from orchestrator.aws_actions import aws_actions

ANYTHING = "any:Action"
"""No service's action: denied only by what denies everything that it does not name."""

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

_POLICY_BASICS = ("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion")
"""What it does with the policies and boundaries that are made for them."""

_PARAMETER_BASICS = ("ssm:PutParameter", "ssm:GetParameter", "ssm:DeleteParameter")
"""What it does with the parameter that says which account this is."""

_GLOBAL_REGION = "us-east-1"
"""Where AWS sees calls of IAM."""

_FROM_PRINCIPAL = frozenset({"aws:principalarn", "aws:userid", "aws:username"})
_MFA = "aws:MultiFactorAuthPresent"


@dataclass(frozen=True, slots=True)
class Need:
    """Calls that must stay possible, in words that name them: all of them, or with `any_will_do` one of them.

    Keys in `unknown` are not judged.
    """

    words: str
    requests: tuple[Request, ...]
    kind: PolicyType
    any_will_do: bool = False
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Needs:
    """What a fleet needs; `lock` has an id for every account."""

    manifest: Manifest
    lock: Lock

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
        who = f"{ACCOUNT_ACCESS_ROLE} in {{account}} could not do {{action}} on"
        region = self.manifest.region

        def need(words: str, actions: Sequence[str], resource: str, where: str = _GLOBAL_REGION) -> Need:
            requests = tuple(self.request(keeper, action, resource, account_id, where) for action in actions)
            return Need(f"{who} {words}", requests, PolicyType.SCP)

        for name in self._roles(account):
            yield need(f"the role {name}", _ROLE_BASICS, role_arn(account_id, name))
        for words, name in self._policies(account):
            yield need(words, _POLICY_BASICS, f"arn:aws:iam::{account_id}:policy{name}")
        parameter = f"arn:aws:ssm:{region}:{account_id}:parameter{PARAMETER}"
        yield need("the parameter that says which account it is", _PARAMETER_BASICS, parameter, region)
        calls = ((ANYTHING, region), ("iam:GetRole", _GLOBAL_REGION), ("iam:PutRolePolicy", _GLOBAL_REGION))
        yield Need(
            f"{ACCOUNT_ACCESS_ROLE} in {{account}}, the last way in, could do nothing",
            tuple(self.request(keeper, action, "*", account_id, where) for action, where in calls),
            PolicyType.SCP,
            any_will_do=True,
        )

    def _roles(self, account: Account) -> Iterator[str]:
        yield from (here.role.name for here in self.manifest.roles_in(account.name))
        if hub := self.manifest.access.hub:
            yield hub.spoke.role
            if hub.account == account.name:
                yield hub.role

    def _policies(self, account: Account) -> Iterator[tuple[str, str]]:
        """Yield the first policy of each kind that is made in an account, in words, and its path and name."""
        roles = [here.role for here in self.manifest.roles_in(account.name)]
        hub = self.manifest.access.hub
        names = [name for role in roles for name in role.permissions] + list(hub.spoke.permissions if hub else ())
        if names:
            yield f"the policy {names[0]}", f"{POLICY_PATH}{names[0]}"
        boundaries = [role.boundary for role in roles] + ([hub.spoke.boundary] if hub else [])
        if made := [boundary.name for boundary in boundaries if boundary and boundary.name]:
            yield f"the boundary {made[0]}", f"/{made[0]}"

    def _workloads(self, workload: Workload, account: Account) -> Iterator[Need]:
        """Yield that a workload's role can do something of what its own policies allow, region by region."""
        account_id = self.lock.account_id(account.name)
        principal = session(account_id, workload.role)
        actions = self._actions(workload.role)
        for region in workload.regions or (self.manifest.region,):
            words = f"{workload.role} in {{account}} could do nothing in {region}, where {workload.name} runs"
            requests = tuple(self.request(principal, action, "*", account_id, region) for action in actions)
            yield Need(words, requests, PolicyType.SCP, any_will_do=True)

    def _actions(self, role: str) -> tuple[str, ...]:
        """Return what a role may do, as far as the manifest knows: AWS's own policies may hold anything."""
        found = self.manifest.roles[role]
        if found.managed_policies:
            return (ANYTHING,)
        documents = [self.manifest.access.permissions[name].document for name in found.permissions]
        return tuple(dict.fromkeys(action for each in documents for action in _allowed(each))) or (ANYTHING,)

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
        }
        return Request(principal, action, resource, context)


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
        yield ANYTHING
    elif "*" in pattern or "?" in pattern:
        yield from (f"{service}:{name}" for name in aws_actions().names(service) if fnmatchcase(name, pattern))
    else:
        yield text
