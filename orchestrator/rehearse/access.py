"""Signed calls to the twin as a named principal: credentials in, client out.

Used by the rehearsal and its proofs, which talk to the twin as people and administrators do. Nothing here is read from
the process environment, so a rehearsal can't reach AWS by accident.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from orchestrator.twin_refusals import LOOK


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of AWS credentials; the session token is empty for an IAM user's key."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    expires: str = ""
    """When a session ends, in ISO 8601."""


def _session() -> botocore.session.Session:
    """Return a session that knows no profile and reads no file, whatever the user's shell says."""
    nothing = (None, None, os.devnull, None)
    none = {"profile": (None, None, None, None), "config_file": nothing, "credentials_file": nothing}
    return botocore.session.Session(session_vars=none)


_MOST_CLIENTS = 160  # some 0.3 MB each


@dataclass(frozen=True)
class Access:
    """Makes clients for one endpoint and region; botocore's models are loaded once for all of them.

    Making one takes as long as several calls, so those used last are kept. Usable from several threads.
    """

    endpoint: str
    region: str
    look: bool = False
    """Whether what is refused is a check's finding, not a command's failure; `twin why` leaves it out."""
    _session: botocore.session.Session = field(default_factory=_session, repr=False, compare=False)
    _clients: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict, repr=False, compare=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def client(self, service: str, credentials: Credentials) -> Any:
        """Return a client of this service that signs with these credentials and does not retry."""
        wanted = (self.endpoint, self.region, self.look, service, credentials)  # `replace` hands the store on
        with self._making:  # botocore's sessions must not make clients in two threads at once
            if wanted not in self._clients:
                self._clients[wanted] = self._new_client(service, credentials)
            self._clients.move_to_end(wanted)
            if len(self._clients) > _MOST_CLIENTS:
                self._clients.popitem(last=False)
            return self._clients[wanted]

    def _new_client(self, service: str, credentials: Credentials) -> Any:
        return self._session.create_client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token or None,
            config=Config(
                retries={"total_max_attempts": 1},
                connect_timeout=5,
                read_timeout=30,
                user_agent_extra=LOOK if self.look else "",
            ),
        )

    def assume(self, credentials: Credentials, role_arn: str, session_name: str) -> Credentials:
        """Assume a role; raises botocore's ClientError with AWS's words when refused."""
        answer = self.client("sts", credentials).assume_role(RoleArn=role_arn, RoleSessionName=session_name)
        return credentials_of(answer["Credentials"])


def credentials_of(answer: dict[str, Any]) -> Credentials:
    """Return the credentials in an STS answer's `Credentials`."""
    expires: datetime = answer["Expiration"]
    keys = answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]
    return Credentials(*keys, expires.isoformat(timespec="seconds"))


def error_code(error: ClientError) -> str:
    """Return AWS's code of a refused call, such as AccessDenied."""
    return str(error.response.get("Error", {}).get("Code", ""))
