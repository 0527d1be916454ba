"""One signed request to an AWS service that speaks JSON 1.1, without botocore's client.

Making a client costs a command about 0.1 s, most of it for models of operations that it does not use; botocore's own
signer and connection do the rest. Source: AWS KMS API Reference, "Common parameters"; Smithy, "AWS JSON 1.1 protocol".
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.aws_access import AwsPlace, no_credentials

NO_ANSWER = frozenset({"NoAnswer", "InternalFailure", "KMSInternalException", "ServiceUnavailable", "Throttling"})
"""Codes of what may be tried again later; the first is ours."""
_ATTEMPTS = 3
_TIMEOUT = (5, 30)  # seconds to connect, and for the answer
_PAUSE = 0.1  # seconds before the second attempt, twice as long before the third


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: the fields of its JSON object, or the error's code and AWS's words."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""


def json_call(place: AwsPlace, service: str, target: str, parameters: Mapping[str, Any]) -> Said:
    """Send a request and return what was said; tries again what the server could not do.

    Raises: CredentialsMissingError if keys cannot be had.
    """
    said = Said(code="NoAnswer")
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE * attempt)
        status, said = _attempt(place, service, target, json.dumps(parameters).encode())
        if status < 500 and said.code not in NO_ANSWER:
            break
    return said


def _attempt(place: AwsPlace, service: str, target: str, body: bytes) -> tuple[int, Said]:
    from botocore.auth import SigV4Auth  # noqa: PLC0415 (heavy; most stacks need no KMS)
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 (as above)
    from botocore.exceptions import HTTPClientError  # noqa: PLC0415 (as above)
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415 (as above)

    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    request = AWSRequest("POST", f"{place.endpoint}/", headers=headers, data=body)
    try:
        frozen = place.credentials.get_frozen_credentials()
    except Exception as error:
        raise no_credentials(str(error)) from error
    SigV4Auth(frozen, service, place.region).add_auth(request)
    # No proxies are given, so that none of the process's environment gets between us and the endpoint.
    connection = URLLib3Session(proxies={}, timeout=_TIMEOUT)
    try:
        answer = connection.send(request.prepare())
    except HTTPClientError as error:
        return 0, Said(code="NoAnswer", message=str(error))
    finally:
        connection.close()
    return answer.status_code, _said(answer.status_code, answer.content)


def _said(status: int, content: bytes) -> Said:
    try:
        data = json.loads(content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        return Said(code="NoAnswer", message=f"HTTP {status} without a JSON object")
    if status == 200:
        return Said(data)
    code = str(data.get("__type") or data.get("code") or f"HTTP{status}").rpartition("#")[2].partition(":")[0]
    return Said(code=code, message=str(data.get("message") or data.get("Message") or ""))
