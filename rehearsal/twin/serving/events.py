"""What CloudTrail would hand to EventBridge of each request: the last of them, in that form.

Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail"; AWS CloudTrail User Guide,
"CloudTrail record contents" and "CloudTrail userIdentity element". Of the request's parameters only names are kept.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from rehearsal.twin.callers.callers import Caller, CallerKind
from rehearsal.twin.requests.operation import Operation

_KEPT = 2000
_TOLD = ("RoleArn", "RoleName", "UserName", "GroupName", "PolicyArn", "Name", "Rule", "TopicArn")
_TYPES = {
    CallerKind.USER: "IAMUser",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
    CallerKind.ROOT: "Root",
    CallerKind.ANONYMOUS: "AWSAccount",
    CallerKind.UNCHECKED: "Root",
}


class EventLog:
    """Keeps the last events; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def note(self, operation: Operation, caller: Caller | None, error: str = "") -> None:
        """Keep the event of one request; one that nobody known made is none of an account's."""
        if caller is None:
            return
        event = _event(operation, caller, error, datetime.now(UTC))
        with self._lock:
            self._events.append(event)

    def last(self, limit: int) -> list[dict[str, Any]]:
        """Return the last events, the earliest first."""
        with self._lock:
            kept = list(self._events)
        return kept[-limit:] if limit > 0 else []


def _event(operation: Operation, caller: Caller, error: str, now: datetime) -> dict[str, Any]:
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {name[:1].lower() + name[1:]: operation.text(name) for name in _TOLD if operation.text(name)}
    detail = {
        "eventVersion": "1.11",
        "userIdentity": _identity(caller),
        "eventTime": time,
        "eventSource": f"{operation.service}.amazonaws.com",
        "eventName": operation.name,
        "awsRegion": operation.region,
        "requestParameters": told,
        "eventType": "AwsApiCall",
        "recipientAccountId": caller.account_id,
        **({"errorCode": error} if error else {}),
    }
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{operation.service}",
        "account": caller.account_id,
        "time": time,
        "region": operation.region,
        "resources": [],
        "detail": detail,
    }


def _identity(caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": _TYPES[caller.kind],
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account_id,
    }
    if caller.kind is CallerKind.USER:
        found["userName"] = caller.name
    if caller.session is not None:
        mfa = "true" if caller.session.mfa_at else "false"
        found["sessionContext"] = {"attributes": {"mfaAuthenticated": mfa}}
    return found
