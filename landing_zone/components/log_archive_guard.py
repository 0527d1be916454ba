"""What the management account does for the log archive: delegates CloudTrail to its account, and binds that account."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from landing_zone.documents.log_archive import log_archive_guard
from landing_zone.limits import compact


class LogArchiveGuard(pulumi.ComponentResource):
    """CloudTrail's delegated administrator, under an SCP that keeps it from undoing what it keeps.

    All of it is protected: taking `log_archive` out of the manifest does not take the guard away.
    """

    def __init__(
        self,
        name: str,
        *,
        organization: str,
        account_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("fleetyard:landingzone:LogArchiveGuard", name)
        child = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=self, protect=True))
        guard = aws.organizations.Policy(
            name,
            name=f"{organization}-{name}",
            description="Keeps the account of the log archive from undoing it",
            type="SERVICE_CONTROL_POLICY",
            content=pulumi.Output.from_input(account_id).apply(
                lambda found: compact(log_archive_guard(organization, found))
            ),
            tags=dict(tags),
            opts=child,
        )
        attached = aws.organizations.PolicyAttachment(name, policy_id=guard.id, target_id=account_id, opts=child)
        # Bound first, entrusted then.
        aws.cloudtrail.OrganizationDelegatedAdminAccount(
            name,
            account_id=account_id,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[attached])),
        )
        self.register_outputs({"policy_id": guard.id})
