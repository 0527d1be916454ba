"""A zone in one account, delegated to it by a record of its parent zone in another account."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

_NO_ZONE = "no matching Route 53 Hosted Zone found"
"""Source: terraform-provider-aws, `internal/service/route53/zone_data_source.go`."""
_TTL_S = 3600


class DelegatedZone(pulumi.ComponentResource):
    """A public zone, and the record by which its parent zone sends the world to its name servers.

    The zone is made with `provider`, the record with `parent_provider`. Without a `parent_zone_id` there is none.
    """

    zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        domain: str,
        parent_zone_id: str,
        emptied: bool,
        provider: aws.Provider,
        parent_provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:DelegatedZone", name)
        here = pulumi.ResourceOptions(parent=self, provider=provider)
        there = pulumi.ResourceOptions(parent=self, provider=parent_provider)
        zone = aws.route53.Zone(name, name=domain, force_destroy=emptied, opts=here)
        if parent_zone_id:
            aws.route53.Record(
                name,
                zone_id=parent_zone_id,
                name=domain,
                type="NS",
                ttl=_TTL_S,
                records=zone.name_servers,
                opts=there,
            )
        self.zone_id, self.name_servers = zone.zone_id, zone.name_servers
        self.register_outputs({"zone_id": self.zone_id, "name_servers": self.name_servers})


def find_zone(domain: str, account_id: str, provider: aws.Provider) -> str:
    """Return the id of an account's public zone; at preview an empty text, with a warning, where it is not made yet.

    Raises: pulumi.RunError where there is none and something would be made.
    """
    try:
        return str(aws.route53.get_zone(name=domain, opts=pulumi.InvokeOptions(provider=provider)).zone_id)
    except Exception as error:  # the SDK raises nothing narrower for a function that fails
        if _NO_ZONE not in str(error):
            raise
    missing = f"account {account_id} has no public zone {domain}"
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(
            f"{missing}, which is to delegate a part of itself. Deploy the workload that makes it first, and name it "
            "under `after:`, or correct parent.zone and parent.account_id of the config."
        )
    pulumi.log.warn(f"{missing} yet: this preview leaves the record in it out, and nothing can be deployed before")
    return ""
