"""Accounts on the twin: clients that sign as one identity, made once per process and kept within a bound.

Making a client costs tens of milliseconds, assuming a role a round trip; a warm worker runs many stacks. So identities
that were assumed once are used again, and botocore's models are loaded once for all of them.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader

from rehearsal.aws.aws_errors import passes, refusal
from rehearsal.aws.credentials import Identity
from rehearsal.aws.errors import RoleNotAssumed, StsBusy
from rehearsal.aws.settings import RoleToAssume
from rehearsal.botocore_sessions import new_session

_MOST_ACCOUNTS = 32  # about 1.1 MiB each, clients of a usual stack included
_RENEW_BEFORE = 120  # seconds before role credentials end
_ACCOUNT_IN_HOST = re.compile(r"//\d{12}\.")
_CLIENT_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"total_max_attempts": 3, "mode": "standard"},
    # Given, so that no proxy of the process's environment gets between us and the loopback address.
    proxies={},
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    # Some services put the account into the host name, which has no address here.
    inject_host_prefix=False,
    max_pool_connections=32,
    user_agent_extra="fleetyard-rehearsal",
)


class TwinAccount:
    """An account of the twin, entered as one identity. Safe to use from several threads."""

    def __init__(self, endpoint: str, identity: Identity) -> None:
        self.region = identity.region
        self._endpoint = endpoint
        self._session = isolated_session(_chain(endpoint, identity))
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()
        caller = self.client("sts", identity.region).get_caller_identity()
        self.account_id: str = caller["Account"]
        self.user_arn: str = caller["Arn"]
        self.user_id: str = caller["UserId"]
        self.partition: str = caller["Arn"].split(":")[1]

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region, the same one every time."""
        key = (service, region)
        if key not in self._clients:
            with self._making:  # botocore's sessions must not make clients in two threads at once
                if key not in self._clients:
                    self._clients[key] = make_client(self._session, service, region, self._endpoint)
        return self._clients[key]


class AccountPool:
    """Keeps the accounts used last; one per twin, identity and region."""

    def __init__(self, most: int = _MOST_ACCOUNTS) -> None:
        self._most = most
        self._accounts: OrderedDict[tuple[str, str], TwinAccount] = OrderedDict()
        self._lock = threading.Lock()

    def enter(self, twin: str, identity: Identity, make: Callable[[], TwinAccount]) -> TwinAccount:
        """Return the account kept for this twin and identity, else a new one. Raises what `make` raises."""
        key = (twin, identity.fingerprint)
        with self._lock:
            if key in self._accounts:
                self._accounts.move_to_end(key)
                return self._accounts[key]
        account = make()
        with self._lock:
            self._accounts[key] = account
            while len(self._accounts) > self._most:
                self._accounts.popitem(last=False)
        return account


@cache
def account_pool() -> AccountPool:
    """Return this process's pool."""
    return AccountPool()


@cache
def shared_loader() -> Loader:
    """Return the loader of botocore's models for this process, which keeps what it has loaded."""
    return Loader()


def isolated_session(credentials: Credentials | None) -> botocore.session.Session:
    """Return a session that reads neither the process's environment nor any file for its configuration."""
    session: botocore.session.Session = new_session()
    defaults = {name: ConstantProvider(entry[2]) for name, entry in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    nowhere = ConstantProvider(os.devnull)
    store = ConfigValueStore(mapping={**defaults, "config_file": nowhere, "credentials_file": nowhere})
    session.register_component("config_store", store)
    session.register_component("data_loader", shared_loader())
    session.register_component("credential_provider", _Given(credentials))
    return session


def make_client(session: botocore.session.Session, service: str, region: str, endpoint: str) -> Any:
    """Return a client that speaks to the endpoint only; it opens no connection yet."""
    client = session.create_client(service, region_name=region, endpoint_url=endpoint, config=_CLIENT_CONFIG)
    client.meta.events.register("before-call.s3-control", without_account_in_host)
    return client


def without_account_in_host(params: dict[str, Any], **_: object) -> None:
    """Take the account out of the host of an S3 Control request, into which its endpoint rules put it."""
    params["url"] = _ACCOUNT_IN_HOST.sub("//", params["url"])


class _Given:
    """A credential provider, as botocore's sessions ask one, that has exactly these."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Credentials | None:
        """Return them."""
        return self._credentials


def _chain(endpoint: str, identity: Identity) -> Credentials:
    """Return credentials of the last role of the chain; they renew themselves. Raises: RoleNotAssumed, StsBusy."""
    keys = identity.keys
    credentials = Credentials(keys.access_key, keys.secret_key, keys.token or None)
    for role in identity.roles:
        assume = _Assumption(endpoint, identity.region, credentials, role)
        credentials = RefreshableCredentials.create_from_metadata(
            metadata=assume(),
            refresh_using=assume,
            method="assume-role",
            advisory_timeout=_RENEW_BEFORE,
            mandatory_timeout=_RENEW_BEFORE // 2,
        )
    return credentials


class _Assumption:
    """Assumes one role from given credentials, whenever called."""

    def __init__(self, endpoint: str, region: str, source: Credentials, role: RoleToAssume) -> None:
        self._where = (endpoint, region)
        self._source = source
        self._role = role

    def __call__(self) -> dict[str, str]:
        endpoint, region = self._where
        session_name = {"RoleSessionName": f"fleetyard-{int(time.time())}"}
        try:
            sts = make_client(isolated_session(self._source), "sts", region, endpoint)
            found = sts.assume_role(**{**session_name, **self._role.parameters})["Credentials"]
        except (ClientError, BotoCoreError) as error:
            why, not_run = str(refusal("assuming it", "STS", error)), "everything of this provider"
            if passes(error):
                summary = "STS lets nobody assume the IAM Role at the moment"
                raise StsBusy(summary, subject=self._role.arn, why=why, not_run=not_run, hint=StsBusy.later) from error
            summary = "IAM Role cannot be assumed"
            raise RoleNotAssumed(summary, subject=self._role.arn, why=why, not_run=not_run) from error
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].isoformat(),
        }
