"""Which failures of AWS pass by themselves: throttling, errors of its own, lost connections.

botocore's own retries decide. Import this where a process asks AWS, never at the top: it costs start-up time.
"""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker, TransientRetryableChecker


def passes(error: ClientError | BotoCoreError) -> bool:
    """Return whether the same request may succeed later, with nothing corrected."""
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError | NoConnection)
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500:
        return True
    context = RetryContext(attempt_number=1, parsed_response=error.response)
    return any(checker().is_retryable(context) for checker in (ThrottledRetryableChecker, TransientRetryableChecker))
