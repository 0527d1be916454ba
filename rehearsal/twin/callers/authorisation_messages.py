"""EC2's encoded authorization failure messages, and STS's DecodeAuthorizationMessage.

The message is encrypted by a key of this process: who may not decode it cannot read it.
Source: AWS STS API Reference, "DecodeAuthorizationMessage"; EC2 API Reference, "UnauthorizedOperation".
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from iam_decision import Decision
from rehearsal.twin.actions.demand import Demand
from rehearsal.twin.callers.callers import Caller
from rehearsal.twin.requests.refusals import Refusal


@dataclass(frozen=True, slots=True)
class MessageCoder:
    """Encodes why a request was denied, and decodes it again."""

    _cipher: Fernet = field(default_factory=lambda: Fernet(Fernet.generate_key()), repr=False)

    def encode(
        self, caller: Caller, demand: Demand, decision: Decision, context: Mapping[str, str | Sequence[str]]
    ) -> str:
        """Return the encoded message of a denial."""
        told: dict[str, Any] = {
            "allowed": False,
            "explicitDeny": decision.reason.is_explicit_deny,
            "matchedStatements": {"items": [{"statementId": decision.statement}] if decision.statement else []},
            "failures": {"items": []},
            "context": {
                "principal": {"id": caller.user_id, "name": caller.name, "arn": caller.arn},
                "action": demand.action,
                "resource": demand.resource,
                "conditions": {"items": [_condition(key, value) for key, value in sorted(context.items())]},
            },
        }
        return self._cipher.encrypt(zlib.compress(json.dumps(told).encode())).decode()

    def decode(self, message: str) -> str:
        """Return the JSON of an encoded message. Raises: Refusal for what is none."""
        try:
            return zlib.decompress(self._cipher.decrypt(message.encode())).decode()
        except (InvalidToken, ValueError, zlib.error) as error:
            words = "The request is invalid because the authorization message could not be decoded."
            raise Refusal.of("InvalidAuthorizationMessageException", words) from error


def _condition(key: str, value: str | Sequence[str]) -> dict[str, Any]:
    values = [value] if isinstance(value, str) else list(value)
    return {"key": key, "values": {"items": [{"value": one} for one in values]}}
