"""Decides from the documents that the programs would deploy, as AWS would decide; calls nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iam_decision import Decision, PolicyKindThatDecided, Principal, PrincipalKind, Request, decide
from iam_decision.request import principal_keys
from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE, role_arn
from landing_zone.probes import DeniedBy
from orchestrator.lockout.known_policies import ABSENT, Keys, KnownPolicies, made_up
from orchestrator.verify.answers import Answer, Found, How, Pair, Question
from orchestrator.verify.documents import FleetDocuments, RoleDocuments, administrator
from orchestrator.verify.prober_role import PROBER
from orchestrator.verify.resources import owner_of

SESSION = "fleetyard-verify"

_GLOBAL = frozenset({"account", "budgets", "ce", "cloudfront", "iam", "organizations", "route53", "shield", "support"})
"""Services whose calls AWS sees in us-east-1 wherever they come from.

Source: AWS Organizations User Guide, "General examples", "Deny access to AWS based on the requested AWS Region".
"""

_KINDS = {
    PolicyKindThatDecided.SCP: DeniedBy.SCP.value,
    PolicyKindThatDecided.RCP: DeniedBy.RCP.value,
    PolicyKindThatDecided.IDENTITY: DeniedBy.IDENTITY.value,
    PolicyKindThatDecided.BOUNDARY: DeniedBy.BOUNDARY.value,
    PolicyKindThatDecided.RESOURCE: DeniedBy.RESOURCE.value,
    PolicyKindThatDecided.TRUST: "trust",
}

_NOT_THERE = Answer(Found.UNKNOWN, How.COMPUTED, words="the account is not in the organisation")


@dataclass(frozen=True, slots=True)
class Computing:
    """Answers from a fleet's documents."""

    documents: FleetDocuments

    def pair(self, pair: Pair) -> Answer:
        """Decide whether a role may become another one."""
        documents = self.documents
        if not (documents.knows(pair.account) and documents.knows(pair.caller_account)):
            return _NOT_THERE
        caller = documents.role(pair.caller_account, pair.caller)
        target = documents.role(pair.account, pair.role)
        if caller is None:
            return Answer(Found.UNKNOWN, How.COMPUTED, words=f"there is no {pair.caller} in {pair.caller_account}")
        if target is None or target.trust is None:
            return Answer(Found.DENY, How.COMPUTED, words=f"there is no role {pair.role} in {pair.account}")
        lock = documents.lock
        principal = session(lock.account_id(pair.caller_account), pair.caller)
        owner = lock.account_id(pair.account)
        context = self._context(documents.manifest.region, owner) | {"sts:RoleSessionName": SESSION}
        request = Request(principal, "sts:AssumeRole", role_arn(owner, pair.role), context)
        policies = documents.policies_to_assume(caller, pair.caller_account, pair.account, target)
        return judge(request, policies)

    def question(self, question: Question) -> Answer:
        """Decide one call of a probe."""
        documents = self.documents
        if not documents.knows(question.account):
            return _NOT_THERE
        role = self._who(question)
        if role is None:
            return Answer(Found.UNKNOWN, How.COMPUTED, words=f"there is no role {question.role} in {question.account}")
        account_id = documents.lock.account_id(question.account)
        owner = owner_of(question.resource) or account_id
        context = self._context(_region(question), owner) | {"aws:MultiFactorAuthPresent": "false"}
        request = Request(
            session(account_id, role.name), question.action, question.resource, {**context, **question.context}
        )
        without_tags = not question.role  # the roles of a fleet have tags, which the programs' providers give them
        answer = judge(request, documents.policies_in(question.account, role), untagged=without_tags)
        return _beside_resource(answer, question, account_id)

    def _who(self, question: Question) -> RoleDocuments | None:
        if not question.role:
            return administrator(PROBER)
        if question.role == ACCOUNT_ACCESS_ROLE:
            return administrator(ACCOUNT_ACCESS_ROLE)
        return self.documents.role(question.account, question.role)

    def _context(self, region: str, owner: str) -> dict[str, str | tuple[str, ...]]:
        documents = self.documents
        organization_id = documents.lock.organization_id
        # Whose organisation an account elsewhere is of is not known.
        ours = {documents.manifest.management_account.id, *documents.lock.accounts.values()}
        return {
            "aws:RequestedRegion": region,
            "aws:PrincipalOrgID": organization_id,
            "aws:ResourceAccount": owner,
            **({"aws:ResourceOrgID": organization_id} if owner in ours else {}),
            "aws:SecureTransport": "true",
            "aws:ViaAWSService": "false",
        }


def session(account_id: str, role: str) -> Principal:
    """Return a session of a role."""
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/{SESSION}"
    return Principal(PrincipalKind.ROLE_SESSION, account_id, arn, role_arn(account_id, role))


def judge(request: Request, policies: KnownPolicies, *, untagged: bool = False) -> Answer:
    """Decide a request; unknown where it rests on something that is not known before the call."""
    known = _known(request, policies, untagged=untagged)
    kindly = decide(request, policies.seen(known, kindly=True))
    strictly = decide(request, policies.seen(known, kindly=False))
    if kindly.allowed is strictly.allowed:
        return _answer(strictly if strictly.allowed else kindly)
    return _unknown(strictly if not strictly.allowed else kindly, policies, known)


def _known(request: Request, policies: KnownPolicies, *, untagged: bool) -> Keys:
    # The unique id behind aws:userid is AWS's to give.
    given = {*principal_keys(request.principal), *(key.lower() for key in request.context)} - {"aws:userid"}
    tags = {key for key in policies.asked() if key.startswith("aws:principaltag/")} if untagged else set()
    return ABSENT | given | tags | made_up(policies.asked() - given)


def _answer(decision: Decision) -> Answer:
    found = Found.ALLOW if decision.allowed else Found.DENY
    return Answer(
        found, How.COMPUTED, _KINDS.get(decision.by, ""), decision.policy, decision.statement, _words(decision)
    )


def _beside_resource(answer: Answer, question: Question, account_id: str) -> Answer:
    """Return the answer, not known where a resource's own policy decides it: that is no document of the programs'."""
    if answer.found is not Found.ALLOW:
        return answer
    owner = owner_of(question.resource)
    if owner not in ("", account_id):
        words = f"it rests on the policy of the resource, which is in account {owner}"
        return replace(answer, found=Found.UNKNOWN, by="", policy="", statement="", words=words)
    if question.by is DeniedBy.RESOURCE:
        words = "it rests on the resource's policy, which is read nowhere: on a twin the call is made"
        return replace(answer, found=Found.UNKNOWN, by="", policy="", statement="", words=words)
    return answer


def _words(decision: Decision) -> str:
    return "" if decision.allowed or decision.statement else decision.reason.value


def _unknown(decision: Decision, policies: KnownPolicies, known: Keys) -> Answer:
    """Return that it is not known, naming the statement and what it rests on."""
    named = policies.named(decision.policy)
    keys = named.unknown(decision.statement, known) if named else ()
    words = f"it rests on {', '.join(keys)}" if keys else "it rests on what is not known before the call"
    return Answer(Found.UNKNOWN, How.COMPUTED, _KINDS.get(decision.by, ""), decision.policy, decision.statement, words)


def _region(question: Question) -> str:
    return "us-east-1" if question.action.partition(":")[0].lower() in _GLOBAL else question.region
