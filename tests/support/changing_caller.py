"""Clients whose credentials can be changed: making one client per account and role takes longer than the calls."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.config import Config


class ChangingCaller:
    """Clients of one endpoint that all sign with the same credentials, which can be others later. For one thread."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._where = {"endpoint_url": endpoint, "region_name": region}
        self._session = botocore.session.Session()
        self._clients: dict[str, Any] = {}

    def become(self, key: str, secret: str, token: str | None = None) -> None:
        """Sign with these from now on."""
        if not self._clients:
            self._session.set_credentials(key, secret, token)
            return
        held = self._session.get_credentials()
        held.access_key, held.secret_key, held.token = key, secret, token

    def __getitem__(self, service: str) -> Any:
        """Return the client of a service."""
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
            self._clients[service] = self._session.create_client(service, config=config, **self._where)
        return self._clients[service]
