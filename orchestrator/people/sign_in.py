"""A link that signs its holder in to the AWS console, made from the session in use.

Two steps, as AWS documents them: the session's credentials go to the federation endpoint, which answers a sign-in
token; the link carries the token. Whoever has the link is signed in: it is made only when asked for and kept nowhere.
The credentials travel as AWS documents it, in the query of a GET over TLS: nothing here logs a URL, no proxy sees it
unencrypted, no redirect is followed, and no other process is started with it. Source: IAM User Guide, "Enable custom
identity broker access to the AWS console".
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from orchestrator.errors import AwsUnreachable
from orchestrator.people.errors import SessionUnfit, SignInRefused

LINK_SECONDS = 900
"""How long a link can be opened. Source: the page above, "valid for 15 minutes"."""

SHORTEST_MINUTES, LONGEST_MINUTES = 15, 720
"""Of a console session, SessionDuration. Source: the page above."""

ISSUER = "fleetyard"
_TIMEOUT = 20  # seconds
_LARGEST_ANSWER = 65536  # bytes
_QUOTED = 200  # characters of an answer that is no success
_PEOPLE = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):(?P<kind>assumed-role|federated-user)/.+")


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """Credentials in use and whose they are; `expires` is None where it can't be known."""

    arn: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    region: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A link that is as good as a password until it expires. `console_seconds` is None for "as the credentials"."""

    url: str = field(repr=False)
    signs_in_as: str
    account_id: str
    console_seconds: int | None
    credentials_expire: datetime | None


@dataclass(frozen=True, slots=True)
class SignedInKind:
    """What the ARN of a session tells."""

    partition: str
    account_id: str
    federated_user: bool


def session_kind(session: CurrentSession) -> SignedInKind:
    """Return what a session is; raises SessionUnfit for credentials that AWS makes no link from."""
    found = _PEOPLE.fullmatch(session.arn)
    if found is None or not session.session_token:
        what = "a session of an IAM user" if session.session_token else "a long-term access key"
        raise SessionUnfit(
            "these credentials cannot sign in to the console",
            subject=session.arn,
            why=f"they are {what}, and AWS makes a sign-in link from a role's session",
            not_run="no link was made",
            hint="fleetyard console --sign-in --profile PROFILE, with a profile that assumes a management role",
        )
    return SignedInKind(found["partition"], found["account"], found["kind"] == "federated-user")


def make_link(
    session: CurrentSession, endpoint: str, console: str, minutes: int | None, env: Mapping[str, str]
) -> SignInLink:
    """Return the link; `endpoint` is the federation endpoint's URL, `console` where to lead, `minutes` the console's.

    Raises: SessionUnfit, SignInRefused, AwsUnreachable.
    """
    kind = session_kind(session)
    if minutes is not None and kind.federated_user:
        raise SessionUnfit(
            "the length of this console session cannot be chosen",
            subject=session.arn,
            why="AWS takes no SessionDuration for a session of GetFederationToken",
            not_run="no link was made",
            hint="leave --minutes away: the session lasts as long as its credentials",
        )
    seconds = None if minutes is None else minutes * 60
    token = _sign_in_token(session, endpoint, seconds, env)
    destination = f"{console}/console/home?{urlencode({'region': session.region})}"
    login = {"Action": "login", "Issuer": ISSUER, "Destination": destination, "SigninToken": token}
    return SignInLink(f"{endpoint}?{urlencode(login)}", session.arn, kind.account_id, seconds, session.expires)


def _sign_in_token(session: CurrentSession, endpoint: str, seconds: int | None, env: Mapping[str, str]) -> str:
    credentials = {
        "sessionId": session.access_key_id,
        "sessionKey": session.secret_access_key,
        "sessionToken": session.session_token,
    }
    asked = {"Action": "getSigninToken", **({} if seconds is None else {"SessionDuration": str(seconds)})}
    asked["Session"] = json.dumps(credentials, separators=(",", ":"))
    try:
        with _opener(endpoint, env).open(f"{endpoint}?{urlencode(asked)}", timeout=_TIMEOUT) as answer:
            body = answer.read(_LARGEST_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            words = _words_of(error.read(_LARGEST_ANSWER), credentials.values())
        raise _refused(session, f"HTTP {error.code}: {words}" if words else f"HTTP {error.code}", seconds) from None
    except (OSError, http.client.HTTPException) as error:
        # Not chained to its cause: a traceback must not lead to the URL.
        raise _unreachable(endpoint, str(getattr(error, "reason", error))) from None
    return _token_in(body, session, seconds)


def _token_in(body: bytes, session: CurrentSession, seconds: int | None) -> str:
    try:
        token = json.loads(body)["SigninToken"]
    except (ValueError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not token:
        raise _refused(session, "the answer holds no SigninToken", seconds)
    return token


def _opener(endpoint: str, env: Mapping[str, str]) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if urlsplit(endpoint).scheme == "https":
        context = ssl.create_default_context(cafile=env.get("AWS_CA_BUNDLE") or None)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    else:  # a twin, on this machine: no proxy may see it
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: what was sent is for one host only."""

    def redirect_request(self, *_args: object) -> None:
        """Refuse; the answer then counts as an error."""


def _words_of(body: bytes, secrets: Iterable[str]) -> str:
    """Return the words of an answer, HTML or not, in one short line, without anything of the credentials."""
    text = re.sub(r"(?s)<(style|script|head).*?</\1>|<[^>]*>", " ", body.decode(errors="replace"))
    for secret in secrets:
        text = text.replace(secret, "***")
    return " ".join(text.split())[:_QUOTED]


def _refused(session: CurrentSession, why: str, seconds: int | None) -> SignInRefused:
    chained = "; a session got by role chaining may not choose its length" if seconds is not None else ""
    return SignInRefused(
        "AWS made no sign-in link from this session",
        subject=session.arn,
        why=why + chained,
        not_run="no link was made",
        hint="fleetyard console --sign-in, without --minutes" if chained else "become the role anew and repeat",
    )


def _unreachable(endpoint: str, why: str) -> AwsUnreachable:
    return AwsUnreachable(
        "AWS's sign-in endpoint does not answer",
        subject=endpoint,
        why=why,
        not_run="no link was made",
        hint="check the network; in a rehearsal: fleetyard twin status",
    )
