"""Lambda makes no function with a role that does not let Lambda in; moto checks only that the role exists.

Source: AWS Lambda API Reference, "CreateFunction", "UpdateFunctionConfiguration", InvalidParameterValueException; AWS
Lambda Developer Guide, "Defining Lambda function permissions with an execution role".
"""

from __future__ import annotations

from iam_decision import Policies, PolicyKind, Principal, PrincipalKind, Request, ResourceKind, decide
from rehearsal.twin.actions.demand import Asked, account_in
from rehearsal.twin.gate.decision import cached_policy
from rehearsal.twin.requests.refusals import Refusal

_SERVICE = "lambda.amazonaws.com"
_WRITES = frozenset({"CreateFunction", "UpdateFunctionConfiguration"})
_WORDS = "The role defined for the function cannot be assumed by Lambda."


def check_function_role(asked: Asked) -> None:
    """Refuse a function whose role Lambda may not assume; a role that is not there is moto's to refuse.

    Raises: Refusal (InvalidParameterValueException).
    """
    operation = asked.operation
    if operation.service != "lambda" or operation.name.partition("2")[0] not in _WRITES:
        return
    arn = operation.text("Role")
    role = asked.state.role(account_in(arn), arn.rpartition("/")[2])
    if role is None:
        return
    document = role.assume_role_policy_document
    policies = Policies(
        resource=cached_policy(document, arn, kind=PolicyKind.TRUST),
        resource_account=account_in(arn),
        resource_kind=ResourceKind.TRUST,
    )
    context = {
        "aws:SourceAccount": asked.caller.account_id,
        "aws:SourceArn": asked.arn("lambda", f"function:{operation.text('FunctionName')}"),
        "aws:SecureTransport": "true",
    }
    principal = Principal(PrincipalKind.SERVICE, "", _SERVICE)
    if not decide(Request(principal, "sts:AssumeRole", arn, context), policies).allowed:
        raise Refusal.of("InvalidParameterValueException", _WORDS)
