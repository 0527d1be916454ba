"""STS's answers with credentials, and how long a session may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4
from xml.sax.saxutils import escape

from rehearsal.twin.callers.callers import Session
from rehearsal.twin.callers.sessions import session_arn
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Answer, Refusal

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_SHORTEST = 900  # seconds


def credentials_answer(operation: str, session: Session, more: Mapping[str, str]) -> Answer:
    """Return the answer that hands out a role's session; `more` are further fields by their names."""
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in more.items())
    inner = (
        f"<Credentials><AccessKeyId>{session.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{session.secret}</SecretAccessKey><SessionToken>{session.token}</SessionToken>"
        f"<Expiration>{session.expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
        f"<AssumedRoleUser><AssumedRoleId>{session.principal_id}:{escape(session.session_name)}</AssumedRoleId>"
        f"<Arn>{escape(session_arn(session))}</Arn></AssumedRoleUser>{fields}<PackedPolicySize>1</PackedPolicySize>"
    )
    body = (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Answer(200, body.encode(), (("Content-Type", "text/xml"),))


def requested_seconds(operation: Operation, default: int, longest: int) -> int:
    """Return how long a session is asked for. Raises: Refusal for more than the role allows, or too little."""
    text = operation.text("DurationSeconds")
    if not text:
        return min(default, longest)
    if not text.isdigit() or int(text) < _SHORTEST:
        raise Refusal.of("ValidationError", f"durationSeconds {text} is less than {_SHORTEST}")
    if int(text) > longest:
        words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise Refusal.of("ValidationError", words)
    return int(text)
