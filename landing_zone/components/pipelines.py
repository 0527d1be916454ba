"""The issuers of pipelines' tokens, known to the management account as OpenID Connect providers."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.stack_config.people import IssuerConfig


class Issuers(pulumi.ComponentResource):
    """One provider for each issuer; `made` are the providers, which roles that trust them come after.

    No thumbprints: AWS trusts the certificate authorities of well-known issuers, and finds the thumbprint of another
    itself. Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider".
    """

    def __init__(self, name: str, *, issuers: Sequence[IssuerConfig], provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:Issuers", name)
        self.made = [
            aws.iam.OpenIdConnectProvider(
                issuer.host,
                url=f"https://{issuer.host}",
                client_id_lists=[issuer.audience],
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
            for issuer in issuers
        ]
        self.register_outputs({})
