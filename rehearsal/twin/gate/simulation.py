"""IAM's simulator of policies: what a principal, or some documents, would allow; answered by `iam_decision`.

Sources: IAM API Reference, "SimulatePrincipalPolicy", "SimulateCustomPolicy", "EvaluationResult"; IAM User Guide, "IAM
policy testing with the IAM policy simulator". Condition keys come with the request, but for those that say who the
principal is. SCPs are evaluated with their conditions here, as for a real request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from uuid import uuid4
from xml.sax.saxutils import escape

from iam_decision import (
    Explanation,
    Policies,
    Policy,
    PolicyError,
    PolicyKind,
    PolicyKindThatDecided,
    Principal,
    PrincipalKind,
    Request,
    Verdict,
    explain,
    parse_policy,
)
from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.emulator.aws_state import default_document
from rehearsal.twin.gate.decision import callers_policies
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Answer, Refusal

_PRINCIPAL, _CUSTOM = "SimulatePrincipalPolicy", "SimulateCustomPolicy"
_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role|group)/(?:.*/)?([^/]+)")
_ENTRY = re.compile(r"ContextEntries\.member\.(\d+)\.ContextKeyName")
_REFUSES = frozenset({Verdict.EXPLICIT_DENY, Verdict.NO_ALLOW})

Context = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class _Scene:
    """Who is simulated, under which policies, with which condition keys."""

    principal: Principal
    policies: Policies
    context: Context


def simulates(operation: Operation) -> bool:
    """Tell whether an operation is answered here."""
    return operation.service == "iam" and operation.name in (_PRINCIPAL, _CUSTOM)


def simulate(asked: Asked) -> Answer:
    """Answer a simulation. Raises: Refusal for documents that cannot be read and principals that are not there."""
    operation = asked.operation
    try:
        scene = _with_given(operation, _principals(asked) if operation.name == _PRINCIPAL else _nobodys(asked))
    except PolicyError as error:
        raise Refusal.of("InvalidInput", f"{error.problem}") from error
    resources = operation.listed("ResourceArns") or ["*"]
    results = "".join(
        _result(scene, action, resource) for action in operation.listed("ActionNames") for resource in resources
    )
    body = (
        f'<{operation.name}Response xmlns="{_NAMESPACE}"><{operation.name}Result><IsTruncated>false</IsTruncated>'
        f"<EvaluationResults>{results}</EvaluationResults></{operation.name}Result>"
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation.name}Response>"
    )
    return Answer(200, body.encode(), (("Content-Type", "text/xml"),))


def _principals(asked: Asked) -> _Scene:
    """Return the scene of a user, role or group of the caller's account with what it holds."""
    arn = asked.operation.text("PolicySourceArn")
    found = _ENTITY.fullmatch(arn)
    if not found or found[1] != asked.caller.account_id:
        raise Refusal.of("InvalidInput", f"Invalid Entity Arn: {arn}")
    kind, name = found[2], found[3]
    if kind == "group":
        return _groups(asked, arn, name)
    entity = asked.state.user(found[1], name) if kind == "user" else asked.state.role(found[1], name)
    if entity is None or entity.arn != arn:
        raise Refusal.of("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
    caller = Caller(
        found[1],
        CallerKind.USER if kind == "user" else CallerKind.ROLE,
        name,
        arn,
        arn if kind == "role" else "",
        entity.id,
    )
    held = callers_policies(caller, asked.state)
    context: Context = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": found[1], "aws:userid": entity.id}
    if kind == "user":
        context["aws:username"] = name
    policies = Policies(identity=held.identity, boundary=held.boundary, scp_levels=held.scp_levels)
    return _Scene(caller.principal(), policies, context)


def _groups(asked: Asked, arn: str, name: str) -> _Scene:
    iam = asked.state.iam(asked.caller.account_id)
    group = iam.groups.get(name) if iam is not None else None
    if group is None:
        raise Refusal.of("NoSuchEntity", f"The group with name {name} cannot be found.", 404)
    documents = {**group.policies, **{one.arn: default_document(one) for one in group.managed_policies.values()}}
    identity = tuple(parse_policy(text, label, kind=PolicyKind.IDENTITY) for label, text in documents.items())
    nobody = _nobodys(asked)
    return replace(nobody, policies=Policies(identity=identity), context={"aws:PrincipalArn": arn})


def _nobodys(asked: Asked) -> _Scene:
    """Return the scene of a user of the caller's account who holds nothing."""
    account = asked.caller.account_id
    arn = asked.operation.text("CallerArn") or f"arn:aws:iam::{account}:user/simulated"
    return _Scene(Principal(PrincipalKind.USER, account, arn), Policies(), {})


def _with_given(operation: Operation, scene: _Scene) -> _Scene:
    """Return a scene with the documents and condition keys of the request."""
    identity = _given(operation, "PolicyInputList")
    boundary = _given(operation, "PermissionsBoundaryPolicyInputList")
    resource = operation.text("ResourcePolicy")
    policies = replace(
        scene.policies,
        identity=(*scene.policies.identity, *identity),
        boundary=boundary[0] if boundary else scene.policies.boundary,
        resource=parse_policy(resource, "ResourcePolicy", kind=PolicyKind.RESOURCE) if resource else None,
    )
    return replace(scene, policies=policies, context={**scene.context, **_context(operation)})


def _given(operation: Operation, name: str) -> tuple[Policy, ...]:
    documents = enumerate(operation.listed(name), 1)
    return tuple(parse_policy(text, f"{name}.{number}", kind=PolicyKind.IDENTITY) for number, text in documents)


def _context(operation: Operation) -> Context:
    found: Context = {}
    for parameter in operation.params:
        if entry := _ENTRY.fullmatch(parameter):
            values = operation.listed(f"ContextEntries.member.{entry[1]}.ContextKeyValues")
            is_list = operation.text(f"ContextEntries.member.{entry[1]}.ContextKeyType").endswith("List")
            found[operation.text(parameter)] = values if is_list or len(values) != 1 else values[0]
    return found


def _result(scene: _Scene, action: str, resource: str) -> str:
    explanation = explain(Request(scene.principal, action, resource, scene.context), scene.policies)
    decision = explanation.decision
    verdict = "allowed" if decision.allowed else "explicitDeny" if decision.reason.is_explicit_deny else "implicitDeny"
    matched = (
        f"<member><SourcePolicyId>{escape(decision.policy)}</SourcePolicyId></member>" if decision.statement else ""
    )
    details = {
        "OrganizationsDecisionDetail": ("AllowedByOrganizations", PolicyKindThatDecided.SCP),
        "PermissionsBoundaryDecisionDetail": ("AllowedByPermissionsBoundary", PolicyKindThatDecided.BOUNDARY),
    }
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName><EvalDecision>{verdict}</EvalDecision>"
        f"<MatchedStatements>{matched}</MatchedStatements><MissingContextValues/>"
        + "".join(_detail(explanation, name, *told) for name, told in details.items())
        + "</member>"
    )


def _detail(explanation: Explanation, name: str, element: str, kind: PolicyKindThatDecided) -> str:
    """Return what policies of a kind say by themselves; nothing where there are none."""
    said = [step.verdict for step in explanation.steps if step.by is kind]
    if all(verdict is Verdict.NOT_APPLICABLE for verdict in said):
        return ""
    allowed = "false" if _REFUSES.intersection(said) else "true"
    return f"<{name}><{element}>{allowed}</{element}></{name}>"
