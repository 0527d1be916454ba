"""Quotas that an account asks AWS for."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.account_settings import Quota


class QuotaRequests(pulumi.ComponentResource):
    """One request per quota and region.

    A request is made and not waited for: AWS decides within minutes or, by a support case, within days; the resource's
    `request_status` says how far it is. A value below the present one fails, and removing one asks for nothing.
    """

    def __init__(self, name: str, *, quotas: Sequence[Quota], provider: aws.Provider) -> None:
        super().__init__("fleetyard:landingzone:QuotaRequests", name)
        for quota in quotas:
            aws.servicequotas.ServiceQuota(
                f"{quota.name}-{quota.region}",
                service_code=quota.service,
                quota_code=quota.code,
                value=quota.value,
                region=quota.region,
                opts=pulumi.ResourceOptions(parent=self, provider=provider),
            )
        self.register_outputs({})
