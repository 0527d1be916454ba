"""AWS's errors in the words of the real provider: what was being done, which call, AWS's code and message."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker, TransientRetryableChecker

# S3 answers HEAD requests without a body, so that the status is all there is of the code.
_DENIED = ("403", "AccessDenied", "UnauthorizedOperation", "AuthFailure", "UnrecognizedClient", "InvalidClientTokenId")


class AwsCallError(Exception):
    """AWS refused or failed a call; `code` is AWS's own, `denied` whether it was a matter of rights.

    The text: "creating IAM Role (Admin): operation error IAM: CreateRole, AccessDenied: User: ...".
    """

    def __init__(self, doing: str, code: str, message: str) -> None:
        super().__init__(f"{doing}: {message}")
        self.code = code
        self.denied = code.startswith(_DENIED)


def code_of(error: BaseException) -> str:
    """Return AWS's error code, empty if the error isn't AWS's."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def refusal(doing: str, service: str, error: ClientError | BotoCoreError | TimeoutError) -> AwsCallError:
    """Return the error of one operation on a resource; `service` is AWS's id of the service, such as IAM."""
    if not isinstance(error, ClientError):
        return AwsCallError(doing, "", str(error))
    details: dict[str, Any] = error.response.get("Error", {})
    code, message = code_of(error), str(details.get("Message", ""))
    return AwsCallError(doing, code, f"operation error {service}: {error.operation_name}, {code}: {message}")


def passes(error: ClientError | BotoCoreError) -> bool:
    """Return whether the same request may succeed later: throttling, errors of AWS's own, lost connections.

    botocore's own retries decide what is throttling.
    """
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError | NoConnection)
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500:
        return True
    context = RetryContext(attempt_number=1, parsed_response=error.response)
    return any(checker().is_retryable(context) for checker in (ThrottledRetryableChecker, TransientRetryableChecker))


def service_id(client: Any) -> str:
    """Return the service's name as AWS's SDKs print it."""
    return str(client.meta.service_model.service_id)
