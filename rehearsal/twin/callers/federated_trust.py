"""How a role lets in who comes with somebody else's word in place of a signature: a token, a SAML response.

The role's trust and the RCPs over its account decide; the session is a role's as any other.
Sources: AWS STS API Reference, "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"; IAM User Guide, "Pass session tags
in AWS STS"; AWS Organizations User Guide, "RCP effects on permissions".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind
from rehearsal.twin.actions.demand import Demand
from rehearsal.twin.callers.callers import CallerKind, Session, SessionPolicy
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.session_contents import SessionTags, packed_size
from rehearsal.twin.callers.sessions import lifetime, new_credentials
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.gate.authorisation import Denied
from rehearsal.twin.gate.decision import Question, cached_policy
from rehearsal.twin.gate.policy_chain import chain_of
from rehearsal.twin.requests.refusals import Fault, Refusal


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who asks for a role without an identity in AWS, and what the session is to have beside the role's rights."""

    action: str
    """`sts:AssumeRoleWithSAML` or `sts:AssumeRoleWithWebIdentity`."""
    provider: str
    """The ARN of the provider that vouches."""
    session_name: str
    keys: Mapping[str, str | list[str]]
    """What the provider says of them, as condition keys."""
    policies: tuple[SessionPolicy, ...] | None
    tags: SessionTags
    source_identity: str
    kept: Mapping[str, str] = field(default_factory=dict)
    """Those of `keys` that go with every request of the session."""

    @property
    def packed(self) -> int:
        """How much of the room for policies and tags is used, in percent. Raises: Refusal if it is too much."""
        return packed_size(self.policies, self.tags)

    @property
    def denied(self) -> str:
        """AWS's words where the role does not let them in."""
        return f"Not authorized to perform {self.action}"

    def context(self, region: str, now: datetime) -> dict[str, str | list[str]]:
        """Return the condition keys of the request."""
        context: dict[str, str | list[str]] = {
            **self.keys,
            "sts:RoleSessionName": self.session_name,
            "aws:CurrentTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:RequestedRegion": region,
        }
        if self.source_identity:
            context["sts:SourceIdentity"] = self.source_identity
        if self.tags.passed:
            context |= {f"aws:RequestTag/{key}": value for key, value in self.tags.passed.items()}
            context["aws:TagKeys"] = list(self.tags.passed)
            context["sts:TransitiveTagKeys"] = list(self.tags.transitive)
        return context

    def session(self, account_id: str, role: Any, seconds: int, now: datetime) -> Session:
        """Return a new session of the role."""
        return Session(
            *new_credentials(account_id),
            account_id=account_id,
            kind=CallerKind.ROLE,
            principal_name=role.name,
            principal_id=str(role.id),
            session_name=self.session_name,
            issued=now,
            expires=lifetime(now, seconds),
            policies=self.policies,
            source_identity=self.source_identity,
            tags=self.tags.all,
            transitive=self.tags.passed_on,
            provider=self.provider,
            more_keys=self.kept,
        )


@dataclass(frozen=True, slots=True)
class FederatedTrust:
    """Decides whether a role lets newcomers in."""

    state: AwsState
    delays: Delays

    def role(self, newcomer: Newcomer, arn: str, context: Mapping[str, str | list[str]], now: datetime) -> Any:
        """Return the role of this ARN if its trust and the RCPs over its account let the newcomer in. Raises: Refusal.

        `context` are the condition keys of the request.
        """
        account_id, name = arn.split(":")[4], arn.rpartition("/")[2]
        role = self.state.role(account_id, name)
        if role is None or role.arn != arn or self.state.is_suspended(account_id) or self.delays.is_new(arn, now):
            note = "there is no such role, it is new, or its account is closed"
            raise Refusal(Fault.DENIED, newcomer.denied, note=note)
        trust = self.delays.trust_in_force(arn, str(role.assume_role_policy_document), now)
        actions = [newcomer.action]
        actions += ["sts:SetSourceIdentity"] if newcomer.source_identity else []
        actions += ["sts:TagSession"] if newcomer.tags.needs_right() else []
        for action in actions:
            self._decide(Demand(action, arn, account_id, trust, ResourceKind.TRUST, dict(context)), newcomer)
        return role

    def _decide(self, demand: Demand, newcomer: Newcomer) -> None:
        rcps = self.state.rcps(demand.account_id)
        owner = self.state.organization_id(demand.account_id)
        context = {**demand.context, "aws:ResourceAccount": demand.account_id}
        question = Question(
            Request(
                Principal(PrincipalKind.FEDERATED, "", newcomer.provider),
                demand.action,
                demand.resource,
                {**context, **({"aws:ResourceOrgID": owner} if owner else {})},
            ),
            Policies(
                rcps=tuple(cached_policy(document, name, kind=PolicyKind.RCP) for name, document in rcps),
                resource=cached_policy(str(demand.policy), demand.resource, kind=PolicyKind.TRUST),
                resource_account=demand.account_id,
                resource_kind=ResourceKind.TRUST,
            ),
        )
        decision = question.decide()
        if decision.allowed:
            return
        documents = {**dict(rcps), demand.resource: str(demand.policy)}
        denied = Denied(newcomer.denied, demand, decision, chain_of(question, documents, ()), newcomer.provider)
        denied.note = f"{decision.reason.value}: {json.dumps(demand.context)}"
        raise denied
