"""STS, answered here instead of by moto: moto assumes any role for anyone, and its sessions never end.

Source: AWS STS API Reference. Not here: AssumeRoleWithWebIdentity (`web_identity`) and AssumeRoleWithSAML (`saml`),
which carry no signature.
"""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.callers.assume_role import AssumeRole
from rehearsal.twin.callers.assume_root import AssumeRoot
from rehearsal.twin.callers.authorisation_messages import MessageCoder
from rehearsal.twin.callers.authorise import Authorise
from rehearsal.twin.callers.callers import Caller, Sessions, account_of_key
from rehearsal.twin.callers.delays import Delays
from rehearsal.twin.callers.mfa import UsedCodes
from rehearsal.twin.callers.sts_answers import result
from rehearsal.twin.callers.user_sessions import UserSessions
from rehearsal.twin.emulator.aws_state import AwsState
from rehearsal.twin.requests.refusals import Answer, Refusal

_ANSWERED = frozenset(
    {
        "AssumeRole",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetCallerIdentity",
        "GetFederationToken",
        "GetSessionToken",
    }
)


class Sts:
    """Answers STS requests from moto's roles and users, and keeps the sessions it hands out."""

    def __init__(
        self, state: AwsState, sessions: Sessions, authorise: Authorise, delays: Delays, coder: MessageCoder
    ) -> None:
        self._authorise = authorise
        self._coder = coder
        self._used = UsedCodes()
        self._assume_role = AssumeRole(state, sessions, authorise, delays)
        self._assume_root = AssumeRoot(state, sessions, authorise)
        self._user_sessions = UserSessions(state, sessions, authorise)

    def answers(self, operation: str) -> bool:
        """Tell whether this operation is answered here."""
        return operation in _ANSWERED

    def answer(
        self, asked: Asked, now: datetime, *, gate: bool, account_tries: int = 0, codes_once: bool = True
    ) -> Answer:
        """Answer a request; `now` is the clock that sessions end by. Raises: Refusal.

        Of each account, so many tries to become its OrganizationAccountAccessRole are refused first. `codes_once`
        tells whether an MFA code is good for one use only.
        """
        used = self._used if codes_once else None
        match asked.operation.name:
            case "GetCallerIdentity":  # needs no right at all
                return _identity(asked.caller)
            case "GetSessionToken":
                return self._user_sessions.session_token(asked, now, used)
            case "GetFederationToken":
                return self._user_sessions.federation_token(asked, now)
            case "AssumeRoot":
                return self._assume_root.answer(asked, now)
            case "GetAccessKeyInfo":
                return self._key_info(asked)
            case "DecodeAuthorizationMessage":
                return self._decode(asked)
            case _:
                return self._assume_role.answer(asked, now, gate=gate, account_tries=account_tries, used=used)

    def _key_info(self, asked: Asked) -> Answer:
        self._authorise(asked, Demand("sts:GetAccessKeyInfo"))
        account_id = account_of_key(asked.operation.text("AccessKeyId"))
        if not account_id:
            raise Refusal.of("ValidationError", "Access key ID is invalid.")
        return result("GetAccessKeyInfo", f"<Account>{account_id}</Account>")

    def _decode(self, asked: Asked) -> Answer:
        self._authorise(asked, Demand("sts:DecodeAuthorizationMessage"))
        message = self._coder.decode(asked.operation.text("EncodedMessage"))
        return result("DecodeAuthorizationMessage", f"<DecodedMessage>{escape(message)}</DecodedMessage>")


def _identity(caller: Caller) -> Answer:
    return result(
        "GetCallerIdentity",
        f"<Arn>{escape(caller.arn)}</Arn><UserId>{escape(caller.user_id)}</UserId><Account>{caller.account_id}</Account>",
    )
