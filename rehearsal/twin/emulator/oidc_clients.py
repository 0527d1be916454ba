"""Audiences of an OIDC provider that is there already, which moto cannot change.

moto's modules have no types and are changed here, hence `Any` for them.
Source: IAM API Reference, "AddClientIDToOpenIDConnectProvider" (adding one again is no error),
"RemoveClientIDFromOpenIDConnectProvider" (nor is removing one that is not there), quotas: 100 of them.
"""

from __future__ import annotations

from typing import Any

_MOST = 100


def change_clients_of_providers(iam: Any) -> None:
    """Let moto's IAM add and remove audiences."""
    from moto.core.responses import EmptyResult

    response = iam.responses.IamResponse

    def clients(self: Any) -> tuple[list[str], str]:
        arn = self._get_param("OpenIDConnectProviderArn")
        return self.backend.get_open_id_connect_provider(arn).client_id_list, self._get_param("ClientID")

    def add(self: Any) -> Any:
        known, client = clients(self)
        if client not in known:
            if len(known) >= _MOST:
                raise iam.exceptions.LimitExceededException(
                    f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_MOST}"
                )
            known.append(client)
        return EmptyResult()

    def remove(self: Any) -> Any:
        known, client = clients(self)
        if client in known:
            known.remove(client)
        return EmptyResult()

    response.add_client_id_to_open_id_connect_provider = add
    response.remove_client_id_from_open_id_connect_provider = remove
