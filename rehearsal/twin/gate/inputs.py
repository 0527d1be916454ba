"""Parameters that services refuse before they do anything: IAM's by its model, names in CloudWatch Logs.

Sources: IAM API Reference (each operation's parameters; "Common Error Types", ValidationError; "Tag"); Amazon
CloudWatch Logs API Reference, "CreateLogGroup", "PutRetentionPolicy".
"""

from __future__ import annotations

from rehearsal.twin.actions.demand import Asked
from rehearsal.twin.gate.function_inputs import check_function_input
from rehearsal.twin.gate.model_input import problem_of
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Refusal

RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days. Source: Amazon CloudWatch Logs API Reference, "PutRetentionPolicy"."""
_SYSTEM_TAG = "Tag keys that begin with 'aws:' are reserved for AWS: {} cannot be added."
_NO_RETENTION = "1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy constraint: {}"
_PARTS_OF_TAGS = {
    **dict.fromkeys(("dynamodb", "ecr", "events", "organizations", "ssm"), ("Key", "Value")),
    "kms": ("TagKey", "TagValue"),
    "secretsmanager": ("Key",),
}
"""What a tag of a JSON service has to have. Source: botocore's models, Tag; a secret's without a key has no name."""
_NO_TAG = {
    "organizations": "InvalidInputException",
    **dict.fromkeys(("ecr", "secretsmanager"), "InvalidParameterException"),
}
_NO_PART = (
    "1 validation error detected: Value null at 'tags.{}.member.{}' failed to satisfy constraint: "
    "Member must not be null"
)
_LOG_GROUP = "logGroupName"


def check_input(asked: Asked) -> None:
    """Refuse parameters that a service's model does not allow; raises Refusal with AWS's words."""
    if asked.operation.service == "iam":
        _check_iam(asked)
    elif asked.operation.service == "logs":
        _check_logs(asked)
    elif asked.operation.service == "lambda":
        check_function_input(asked)
    elif parts := _PARTS_OF_TAGS.get(asked.operation.service):
        _check_tags(asked.operation, parts)


def _check_iam(asked: Asked) -> None:
    operation = asked.operation
    if problem := problem_of("iam", operation.name, operation.params, whole=True):
        raise Refusal.of("ValidationError", problem)
    if operation.name == "CreateOpenIDConnectProvider" and not operation.text("Url").startswith("https://"):
        raise Refusal.of("ValidationError", "Invalid Open ID Connect Provider URL")
    if operation.name.startswith("Untag"):
        return
    for key in operation.tags():
        if key.lower().startswith("aws:"):
            raise Refusal.of("InvalidInput", _SYSTEM_TAG.format(key))


def _check_tags(operation: Operation, parts: tuple[str, ...]) -> None:
    """Refuse a JSON service's tag without a part that its model requires."""
    tags = operation.params.get("Tags")
    for number, tag in enumerate(tags if isinstance(tags, list) else (), 1):
        missing = next((part for part in parts if isinstance(tag, dict) and not isinstance(tag.get(part), str)), "")
        if missing:
            code = _NO_TAG.get(operation.service, "ValidationException")
            raise Refusal.of(code, _NO_PART.format(number, missing[0].lower() + missing[1:]))


def _check_logs(asked: Asked) -> None:
    operation = asked.operation
    named = {_LOG_GROUP: operation.text(_LOG_GROUP)} if operation.text(_LOG_GROUP) else {}
    if problem := problem_of("logs", operation.name, named):
        raise Refusal.of("InvalidParameterException", problem)
    days = operation.params.get("retentionInDays")
    if operation.name == "PutRetentionPolicy" and days is not None and days not in RETENTIONS:
        words = f"Member must satisfy enum value set: [{', '.join(map(str, RETENTIONS))}]"
        raise Refusal.of("InvalidParameterException", _NO_RETENTION.format(days, words))
