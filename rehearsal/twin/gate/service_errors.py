"""The words and codes with which each service throttles and fails.

Sources: botocore's retry definitions (`_retry.json`: which code and status each SDK takes for throttling) and service
models; each API reference's "Common Errors"; Amazon EC2 API Reference, "Error codes"; Amazon S3 API Reference, "Error
responses"; AWS Lambda API Reference, errors of Invoke; AWS KMS API Reference, KMSInternalException.
"""

from __future__ import annotations

from rehearsal.twin.gate.service_names import names_of, service_names
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Protocol, Refusal

_RATE = "Rate exceeded"
# By signing name, where the model is silent or says less than the service does.
_THROTTLING: dict[str, tuple[str, int, str]] = {
    "s3": ("SlowDown", 503, "Please reduce your request rate."),
    "ec2": ("RequestLimitExceeded", 503, "Request limit exceeded."),
    "iam": ("Throttling", 400, _RATE),
    "sts": ("Throttling", 400, _RATE),
    "route53": ("Throttling", 400, _RATE),
    "sns": ("Throttling", 400, _RATE),
    "kms": ("ThrottlingException", 400, "You have exceeded the rate at which you may call KMS. Reduce your frequency."),
    "organizations": ("TooManyRequestsException", 400, "AWS Organizations can't complete your request: rate exceeded."),
    "dynamodb": ("ThrottlingException", 400, _RATE),
    "lambda": ("TooManyRequestsException", 429, _RATE),
    "sqs": ("RequestThrottled", 403, "Request is throttled."),
}
_THROTTLING_CODES = ("ThrottlingException", "TooManyRequestsException", "RequestThrottledException")
"""Of the codes that SDKs take for throttling those that models name for nothing else, the likeliest first."""
_THROTTLING_BY_PROTOCOL = {
    Protocol.QUERY: ("Throttling", 400),
    Protocol.EC2: ("RequestLimitExceeded", 503),
    Protocol.JSON: ("ThrottlingException", 400),
    Protocol.CBOR: ("ThrottlingException", 400),
    Protocol.REST_JSON: ("ThrottlingException", 429),
    Protocol.REST_XML: ("Throttling", 400),
    Protocol.S3: ("SlowDown", 503),
}
_FAILED = "We encountered an internal error. Please try again."
_INTERNAL = {
    "organizations": "ServiceException",
    "lambda": "ServiceException",
    "kms": "KMSInternalException",
    "dynamodb": "InternalServerError",
    "iam": "ServiceFailure",
}
_UNAVAILABLE = "The service is unavailable. Please try again later."


def throttled(operation: Operation, service: str = "") -> Refusal:
    """Return how a service throttles; `service` is botocore's name for it, if known."""
    code, status, words = _throttling(operation, service)
    return Refusal.of(code, words, status)


def internal_error(operation: Operation) -> Refusal:
    """Return how a service tells that it failed."""
    plain = "InternalError" if operation.protocol in (Protocol.S3, Protocol.EC2) else "InternalFailure"
    return Refusal.of(_INTERNAL.get(operation.service, plain), _FAILED, 500)


def unavailable(operation: Operation) -> Refusal:
    """Return how a service tells that it cannot answer now."""
    code = "Unavailable" if operation.protocol is Protocol.EC2 else "ServiceUnavailable"
    return Refusal.of(code, _UNAVAILABLE, 503)


def modelled_status(code: str, service: str) -> int:
    """Return the HTTP status that a service's model gives an error code, 400 without any."""
    known = names_of(service).errors if service in service_names() else {}
    return known.get(code) or 400


def _throttling(operation: Operation, service: str) -> tuple[str, int, str]:
    known = _THROTTLING.get(operation.service)
    if known is not None:
        return known
    code, status = _THROTTLING_BY_PROTOCOL[operation.protocol]
    name = service if service in service_names() else operation.service
    errors = names_of(name).errors if name in service_names() else {}
    modelled = next((each for each in _THROTTLING_CODES if each in errors), None)
    if modelled is not None:
        return modelled, errors[modelled] or (status if modelled == code else 400), _RATE
    return code, status, _RATE
