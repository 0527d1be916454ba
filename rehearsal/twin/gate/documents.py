"""Policy documents on their way in: grammar and principals. moto stores whatever it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iam_decision import PolicyError, PolicyKind, ResourceKind, parse_policy
from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.ecr import complete_policy
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Refusal


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request carries a document, what kind it is, and the service's word for a bad one."""

    parameter: str
    kind: PolicyKind
    code: str


_IAM_ERROR, _KMS_ERROR, _S3_ERROR, _ORGANIZATIONS_ERROR, _SQS_ERROR = (
    "MalformedPolicyDocument",
    "MalformedPolicyDocumentException",
    "MalformedPolicy",
    "MalformedPolicyDocumentException",
    "InvalidAttributeValue",
)
_ECR_ERROR = "InvalidParameterException"
_SNS_ERROR = "InvalidParameter"
_SECRETS_ERROR = "MalformedPolicyDocumentException"
_PLACES = {
    ("dynamodb", "PutResourcePolicy"): _Place("Policy", PolicyKind.RESOURCE, "ValidationException"),
    ("events", "PutPermission"): _Place("Policy", PolicyKind.RESOURCE, "ValidationException"),
    ("kinesis", "PutResourcePolicy"): _Place("Policy", PolicyKind.RESOURCE, "InvalidArgumentException"),
    ("ecr", "SetRepositoryPolicy"): _Place("policyText", PolicyKind.RESOURCE, _ECR_ERROR),
    ("iam", "CreateRole"): _Place("AssumeRolePolicyDocument", PolicyKind.TRUST, _IAM_ERROR),
    ("iam", "UpdateAssumeRolePolicy"): _Place("PolicyDocument", PolicyKind.TRUST, _IAM_ERROR),
    ("iam", "PutRolePolicy"): _Place("PolicyDocument", PolicyKind.IDENTITY, _IAM_ERROR),
    ("iam", "PutUserPolicy"): _Place("PolicyDocument", PolicyKind.IDENTITY, _IAM_ERROR),
    ("iam", "PutGroupPolicy"): _Place("PolicyDocument", PolicyKind.IDENTITY, _IAM_ERROR),
    ("iam", "CreatePolicy"): _Place("PolicyDocument", PolicyKind.IDENTITY, _IAM_ERROR),
    ("iam", "CreatePolicyVersion"): _Place("PolicyDocument", PolicyKind.IDENTITY, _IAM_ERROR),
    ("kms", "CreateKey"): _Place("Policy", PolicyKind.RESOURCE, _KMS_ERROR),
    ("kms", "PutKeyPolicy"): _Place("Policy", PolicyKind.RESOURCE, _KMS_ERROR),
    ("s3", "PutBucketPolicy"): _Place("", PolicyKind.RESOURCE, _S3_ERROR),
    ("secretsmanager", "PutResourcePolicy"): _Place("ResourcePolicy", PolicyKind.RESOURCE, _SECRETS_ERROR),
    ("sns", "CreateTopic"): _Place("Policy", PolicyKind.RESOURCE, _SNS_ERROR),
    ("sns", "SetTopicAttributes"): _Place("Policy", PolicyKind.RESOURCE, _SNS_ERROR),
    ("sqs", "CreateQueue"): _Place("Attributes.Policy", PolicyKind.RESOURCE, _SQS_ERROR),
    ("sqs", "SetQueueAttributes"): _Place("Attributes.Policy", PolicyKind.RESOURCE, _SQS_ERROR),
}
_SCP_PLACES = frozenset({"CreatePolicy", "UpdatePolicy"})
_ORGANIZATION_KINDS = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{8,124}")
_ENTRY = re.compile(r"Attributes\.entry\.\d+\.key")
_INVALID = 'Invalid principal in policy: "{}":"{}"'
_INVALID_PRINCIPAL = {
    "kms": "Policy contains a statement with one or more invalid principals.",
    "secretsmanager": "This resource policy contains an unsupported principal.",
    "sns": "Invalid parameter: Policy Error: PrincipalNotFound",
}
"""What services other than IAM and S3 say."""
_SERVICE = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)", re.ASCII | re.IGNORECASE
)
"""What a service can be called: AWS publishes no list, so new names have to pass. Region and partition may be in it.
Source: IAM User Guide, "AWS JSON policy elements: Principal", AWS service principals."""
_ENTITY = re.compile(r"arn:aws:(?:iam|sts)::(\d{12}):(root|user|role|assumed-role)(?:/(.+))?")


def check_document(asked: Asked, is_new: Callable[[str], bool]) -> frozenset[str]:
    """Refuse a request that brings a policy document AWS would not take: bad grammar, or principals that do not exist.

    `is_new` tells of an ARN whether it is too new to be named. Returns the roles and users that the document names.
    Raises: Refusal with the service's own code and AWS's words where it has some.
    """
    operation = asked.operation
    place = _PLACES.get((operation.service, operation.name))
    if operation.service == "organizations" and operation.name in _SCP_PLACES:
        place = _scp_place(asked)
    if (operation.service, operation.name) == ("kms", "CreateGrant"):
        return _checked_grantee(asked, is_new)
    if place is None:
        return frozenset()
    document = _document(asked, place.parameter)
    if not document:
        return frozenset()  # optional there, or moto says that it is missing
    if place.code == _ECR_ERROR:
        document = complete_policy(document)
    try:
        parse_policy(document, place.parameter or "bucket policy", kind=place.kind)
    except PolicyError as error:
        raise Refusal.of(place.code, _words(error, place)) from error
    if place.kind in (PolicyKind.TRUST, PolicyKind.RESOURCE):
        return _checked_principals(json.loads(document), place, asked, is_new)
    return frozenset()


def _document(asked: Asked, parameter: str) -> str:
    """Return the document a request carries: in its body, in a parameter, or in a part of one (`Attributes.Policy`)."""
    if not parameter:
        return asked.request.body.decode("utf-8", "replace")
    if asked.operation.service == "sns":
        return _topic_attribute(asked.operation, parameter)
    outer, _, inner = parameter.rpartition(".")
    parts = asked.operation.params.get(outer) if outer else asked.operation.params
    value = parts.get(inner) if isinstance(parts, Mapping) else None
    return value if isinstance(value, str) else ""


def _topic_attribute(operation: Operation, name: str) -> str:
    """Return an attribute of a topic: one set alone, or one of several entries."""
    if operation.text("AttributeName"):
        return operation.text("AttributeValue") if operation.text("AttributeName") == name else ""
    entry = next((key for key, value in operation.params.items() if _ENTRY.fullmatch(key) and value == name), "")
    return operation.text(f"{entry.removesuffix('.key')}.value") if entry else ""


def _scp_place(asked: Asked) -> _Place | None:
    kind = asked.operation.text("Type")
    if asked.operation.name == "UpdatePolicy":
        backend = asked.state.organization(asked.caller.account_id)
        policies = backend.policies if backend is not None else []
        kind = next((policy.type for policy in policies if policy.id == asked.operation.text("PolicyId")), "")
    policy_kind = _ORGANIZATION_KINDS.get(kind)
    return _Place("Content", policy_kind, _ORGANIZATIONS_ERROR) if policy_kind else None


def _words(error: PolicyError, place: _Place) -> str:
    if place.code == _ORGANIZATIONS_ERROR and place.kind in _ORGANIZATION_KINDS.values():
        return (
            f"The provided policy document does not meet the requirements of the specified policy type. {error.problem}"
        )
    return f"{error.problem} ({error.statement})" if error.statement else error.problem


def _checked_principals(
    document: dict[str, Any], place: _Place, asked: Asked, is_new: Callable[[str], bool]
) -> frozenset[str]:
    named = frozenset(_principals(document, "AWS"))
    words = _INVALID_PRINCIPAL.get(asked.operation.service, _INVALID)
    for principal in sorted(named):
        if is_new(principal) or not _exists(principal, asked.state):
            raise Refusal.of(place.code, words.format("AWS", principal))
    for service in _principals(document, "Service"):
        if not _SERVICE.fullmatch(service):
            raise Refusal.of(place.code, words.format("SERVICE", service))
    return frozenset(principal for principal in named if _ENTITY.fullmatch(principal))


def _checked_grantee(asked: Asked, is_new: Callable[[str], bool]) -> frozenset[str]:
    """Return whom a key's grant is for. Source: AWS KMS API Reference, "CreateGrant", InvalidArnException."""
    grantee = asked.operation.text("GranteePrincipal")
    if is_new(grantee) or not _exists(grantee, asked.state):
        raise Refusal.of("InvalidArnException", f"ARN does not refer to a valid principal: {grantee}")
    return frozenset({grantee})


def _principals(document: dict[str, Any], kind: str) -> Iterator[str]:
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            principals = named.get(kind, []) if isinstance(named, dict) else []
            yield from principals if isinstance(principals, list) else [principals]


def _exists(principal: str, state: AwsState) -> bool:
    """Tell whether a principal can exist: in accounts of this twin it must; other accounts are taken at their word."""
    if _UNIQUE_ID.fullmatch(principal):
        return state.has_unique_id(principal)  # that of a principal that is gone cannot be saved again
    found = _ENTITY.fullmatch(principal)
    if not found:
        return True  # "*", an account id; the grammar was checked before
    account_id, kind, rest = found[1], found[2], found[3] or ""
    if kind == "root" or state.iam(account_id) is None:
        return True
    if kind == "assumed-role":
        return state.role(account_id, rest.partition("/")[0]) is not None
    name = rest.rpartition("/")[2]
    entity = state.user(account_id, name) if kind == "user" else state.role(account_id, name)
    return entity is not None and entity.arn == principal


def key_policy_demand(asked: Asked) -> Demand | None:
    """Return the right to change a new key policy again, asked of that policy itself; None if there is none to ask.

    Source: AWS KMS API Reference, PutKeyPolicy, `BypassPolicyLockoutSafetyCheck`.
    """
    operation = asked.operation
    document = operation.text("Policy")
    if operation.name not in ("CreateKey", "PutKeyPolicy") or not document:
        return None
    if operation.params.get("BypassPolicyLockoutSafetyCheck") is True:
        return None
    resource = asked.arn("kms", "key/new")
    return Demand("kms:PutKeyPolicy", resource, asked.caller.account_id, document, ResourceKind.KEY)
