"""The organisation's policies with what they are attached to, and the administrators it delegates services to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from landing_zone.limits import compact
from landing_zone.organization_policies import filled
from landing_zone.stack_config.governance import GovernanceConfig, PolicyConfig
from landing_zone.substitution import references


@dataclass(frozen=True, slots=True)
class OrganizationIds:
    """The ids that policies name and are attached to: units by path, accounts by name."""

    organization: pulumi.Input[str]
    root: pulumi.Input[str]
    units: Mapping[str, pulumi.Input[str]]
    accounts: Mapping[str, pulumi.Input[str]]


class Policies(pulumi.ComponentResource):
    """Service control policies and resource control policies. `ids` maps their names in the manifest to AWS's ids.

    Policies of AWS's own that allow everything stay attached everywhere: these take away from that.
    """

    ids: dict[str, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        *,
        organization: str,
        config: GovernanceConfig,
        ids: OrganizationIds,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("fleetyard:landingzone:Policies", name)
        child = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=self))
        self.ids = {}
        for policy in config.policies:
            made = aws.organizations.Policy(
                policy.name,
                name=f"{organization}-{policy.name}",
                description=policy.description,
                type=policy.type.in_aws,
                content=_content(policy, ids),
                tags=dict(tags),
                opts=child,
            )
            self.ids[policy.name] = made.id
            for target, target_id in _targets(policy, ids):
                aws.organizations.PolicyAttachment(
                    f"{policy.name}/{target}", policy_id=made.id, target_id=target_id, opts=child
                )
        self.register_outputs({"ids": self.ids})


def _targets(policy: PolicyConfig, ids: OrganizationIds) -> Iterator[tuple[str, pulumi.Input[str]]]:
    if policy.root:
        yield "root", ids.root
    yield from ((f"units/{path}", ids.units[path]) for path in policy.units)
    yield from ((f"accounts/{name}", ids.accounts[name]) for name in policy.accounts)


def _content(policy: PolicyConfig, ids: OrganizationIds) -> pulumi.Input[str]:
    """Return the document as AWS gets it, with the ids that the manifest could not know.

    It waits for the ids that it names and no others: a preview knows no id of an account that is still to be made.
    """
    known = {
        "organization_id": ids.organization,
        **{f"accounts.{name}.id": each for name, each in ids.accounts.items()},
    }
    named = {name for name, _ in references(policy.document)}
    needed = {name: each for name, each in known.items() if name in named}
    if not needed:
        return compact(filled(policy.document, {}))
    return pulumi.Output.all(**needed).apply(lambda values: compact(filled(policy.document, values)))


class DelegatedAdministrators(pulumi.ComponentResource):
    """Member accounts that administer a service for the whole organisation, which trusts the service already."""

    def __init__(self, name: str, *, accounts: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions) -> None:
        super().__init__("fleetyard:landingzone:DelegatedAdministrators", name)
        # Many services have one administrator at a time: the old one goes first.
        child = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=self, delete_before_replace=True))
        for service, account_id in accounts.items():
            aws.organizations.DelegatedAdministrator(
                service, account_id=account_id, service_principal=service, opts=child
            )
        self.register_outputs({})
