"""STS's answers, its words for bad parameters, and how long a session may be asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4
from xml.sax.saxutils import escape

from rehearsal.twin.callers.callers import CallerKind, Session
from rehearsal.twin.callers.sessions import federated_arn, session_arn
from rehearsal.twin.requests.operation import Operation
from rehearsal.twin.requests.refusals import Answer, Refusal

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_SHORTEST = 900  # seconds
_BEYOND_ROLE = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."


@dataclass(frozen=True, slots=True)
class TextRule:
    """What STS's model says of a parameter that is text."""

    shortest: int
    longest: int
    pattern: str = ""
    needed: bool = True

    def broken_by(self, value: object) -> str:
        """Return the first constraint that a value does not satisfy, "" for none."""
        if value is None:
            return "not be null" if self.needed else ""
        text = str(value)
        if len(text) < self.shortest:
            return f"have length greater than or equal to {self.shortest}"
        if len(text) > self.longest:
            return f"have length less than or equal to {self.longest}"
        if self.pattern and not re.fullmatch(self.pattern, text, re.ASCII):
            return f"satisfy regular expression pattern: {self.pattern}"
        return ""


ROLE_TEXTS = {
    "RoleArn": TextRule(20, 2048),
    "RoleSessionName": TextRule(2, 64, r"[\w+=,.@-]*"),
}
"""Source, as of what follows: AWS STS API Reference, "AssumeRole"."""
MFA_TEXTS = {
    "SerialNumber": TextRule(9, 256, r"[\w+=/:,.@-]*", needed=False),
    "TokenCode": TextRule(6, 6, r"[\d]*", needed=False),
}


def credentials_answer(operation: str, session: Session, more: Mapping[str, str]) -> Answer:
    """Return the answer that hands out a session; `more` are further fields by their names, empty ones left out."""
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in more.items() if value)
    return result(
        operation,
        f"<Credentials><AccessKeyId>{session.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{session.secret}</SecretAccessKey><SessionToken>{session.token}</SessionToken>"
        f"<Expiration>{session.expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>{_holder(session)}{fields}",
    )


def _holder(session: Session) -> str:
    name = escape(session.session_name)
    if session.kind in (CallerKind.USER, CallerKind.ROOT):
        return ""
    if session.kind is CallerKind.FEDERATED:
        arn = escape(federated_arn(session.account_id, session.session_name))
        user_id = f"{session.account_id}:{name}"
        return f"<FederatedUser><FederatedUserId>{user_id}</FederatedUserId><Arn>{arn}</Arn></FederatedUser>"
    role_id = f"{session.principal_id}:{name}"
    arn = escape(session_arn(session))
    return f"<AssumedRoleUser><AssumedRoleId>{role_id}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>"


def result(operation: str, inner: str, namespace: str = _NAMESPACE) -> Answer:
    """Return an answer around the XML of its fields, in STS's namespace unless told otherwise."""
    body = (
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Answer(200, body.encode(), (("Content-Type", "text/xml"),))


def requested_seconds(operation: Operation, default: int, longest: int) -> int:
    """Return how long a session is asked for. Raises: Refusal for too little, or more than any may last."""
    text = operation.text("DurationSeconds")
    if not text:
        return default
    if not text.isdigit() or int(text) < _SHORTEST:
        raise invalid("durationSeconds", text, f"have value greater than or equal to {_SHORTEST}")
    if int(text) > longest:
        raise invalid("durationSeconds", text, f"have value less than or equal to {longest}")
    return int(text)


def within_role(seconds: int, role_limit: int) -> int:
    """Return the seconds if the role lets sessions last so long. Raises: Refusal."""
    if seconds > role_limit:
        raise Refusal.of("ValidationError", _BEYOND_ROLE)
    return seconds


def check_texts(operation: Operation, rules: Mapping[str, TextRule]) -> None:
    """Refuse texts of a request that are not there, too short, too long or of other signs.

    Raises: Refusal, all that is wrong with them in AWS's words.
    """
    found = ((name, operation.params.get(name), rule) for name, rule in rules.items())
    wrong = [_told(name, value, why) for name, value, rule in found if (why := rule.broken_by(value))]
    if wrong:
        many = "s" if len(wrong) > 1 else ""
        raise Refusal.of("ValidationError", f"{len(wrong)} validation error{many} detected: {'; '.join(wrong)}")


def _told(name: str, value: object, constraint: str) -> str:
    told = "null" if value is None else f"'{value}'"
    field = name[0].lower() + name[1:]
    return f"Value {told} at '{field}' failed to satisfy constraint: Member must {constraint}"


def invalid(field: str, value: str, constraint: str) -> Refusal:
    """Return AWS's refusal of a parameter outside its model."""
    return Refusal.of(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: "
        f"Member must {constraint}",
    )
