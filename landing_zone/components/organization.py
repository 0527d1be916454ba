"""The organisation itself, its units and its accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from landing_zone.identifiers import ACCOUNT_ACCESS_ROLE
from landing_zone.stack_config import OrganizationAccount, OrganizationConfig
from landing_zone.stack_config.adoption import UnitSettings, tags_of

UNREADABLE = ["roleName", "iamUserAccessToBilling", "closeOnDeletion", "createGovcloud"]
"""What AWS does not tell of an account that exists; a difference in the first two would replace the account.

The other two only say how to make and delete one. Source: Pulumi Registry, aws.organizations.Account, argument roleName
and section Import; terraform-provider-aws `internal/service/organizations/account.go`: an import sets neither.
"""

MADE_AT_A_TIME = 5
"""Accounts that AWS makes at the same time; it refuses a further one, so each waits for the fifth before it.

Source: AWS Organizations User Guide, "Quotas and service limits", member accounts created concurrently.
"""


class Organization(pulumi.ComponentResource):
    """An organisation with all features. `organization_id` and `root_id` are the ids AWS gave.

    `trusted_services` are principals of AWS services that may act in all accounts, `policy_types` the types of policies
    enabled at the root. `import_id` is the id of one that exists, in the run that takes it into the state.
    """

    organization_id: pulumi.Output[str]
    root_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        trusted_services: Sequence[str] = (),
        provider: aws.Provider,
        policy_types: Sequence[str] = ("SERVICE_CONTROL_POLICY",),
        import_id: str = "",
    ) -> None:
        super().__init__("fleetyard:landingzone:Organization", name)
        organization = aws.organizations.Organization(
            name,
            feature_set="ALL",
            enabled_policy_types=list(policy_types) or None,
            aws_service_access_principals=list(trusted_services) or None,
            opts=pulumi.ResourceOptions(parent=self, provider=provider, protect=True, import_=import_id or None),
        )
        self.resource = organization
        self.organization_id = organization.id
        self.root_id = organization.roots[0].id
        self.register_outputs({"organization_id": self.organization_id, "root_id": self.root_id})


class Units(pulumi.ComponentResource):
    """Organisational units, nested. `ids` maps each path to the unit's id, or to the root's where it stands for it."""

    ids: dict[str, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        *,
        config: OrganizationConfig,
        root_id: pulumi.Output[str],
        provider: aws.Provider,
    ) -> None:
        super().__init__("fleetyard:landingzone:Units", name)
        self.ids = {}
        for path in config.units:
            above, _, own = path.rpartition("/")
            more = config.unit_settings.get(path, UnitSettings())
            if more.root:
                self.ids[path] = root_id
                continue
            unit = aws.organizations.OrganizationalUnit(
                path,
                name=more.aws_name or own,
                parent_id=self.ids[above] if above else root_id,
                tags=tags_of(more.adopted, more.tags, config.tags),
                opts=pulumi.ResourceOptions(parent=self, provider=provider, import_=config.imports.units.get(path)),
            )
            self.ids[path] = unit.id
        self.register_outputs({"ids": self.ids})


class Accounts(pulumi.ComponentResource):
    """Member accounts. `ids` maps names to ids, those that exist already included.

    An account with an id of its own is only recorded: neither created nor moved. The others are protected, and when
    one leaves the manifest it is never closed by this program. `tags` are those of every account that was not adopted;
    `imports` are ids of accounts that exist, by name, in the run that takes them into the state.
    """

    ids: dict[str, pulumi.Input[str]]

    def __init__(
        self,
        name: str,
        *,
        accounts: Sequence[OrganizationAccount],
        unit_ids: Mapping[str, pulumi.Output[str]],
        provider: aws.Provider,
        tags: Mapping[str, str] | None = None,
        imports: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("fleetyard:landingzone:Accounts", name)
        self.ids = {}
        self._made: list[aws.organizations.Account] = []
        self._tags, self._imports = tags or {}, imports or {}
        for account in accounts:
            self.ids[account.name] = account.id or self._create(account, unit_ids[account.unit], provider)
        self.register_outputs({"ids": self.ids})

    def _create(
        self, account: OrganizationAccount, unit_id: pulumi.Output[str], provider: aws.Provider
    ) -> pulumi.Output[str]:
        created = aws.organizations.Account(
            account.name,
            name=account.aws_name or account.name,
            email=account.email,
            parent_id=unit_id,
            role_name=ACCOUNT_ACCESS_ROLE,
            iam_user_access_to_billing="ALLOW",
            close_on_deletion=False,
            tags=tags_of(account.adopted, account.tags, self._tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=provider,
                protect=True,
                ignore_changes=UNREADABLE,
                import_=self._imports.get(account.name),
                depends_on=self._made[-MADE_AT_A_TIME : 1 - MADE_AT_A_TIME],
            ),
        )
        self._made.append(created)
        account_id: pulumi.Output[str] = created.id
        return account_id
