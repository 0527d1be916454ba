"""What an account is set to: alias, password policy, encryption, access block, metadata of instances."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from landing_zone.account_settings import AccountSettings, PasswordPolicy
from landing_zone.components.account_budgets import AccountBudgets
from landing_zone.components.account_contacts import AccountContacts


class AccountBaseline(pulumi.ComponentResource):
    """The settings of one account; what is not set is left as AWS has it."""

    def __init__(
        self, name: str, *, settings: AccountSettings, account_id: str, management: bool, provider: aws.Provider
    ) -> None:
        super().__init__("fleetyard:landingzone:AccountBaseline", name)
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        if settings.alias:
            aws.iam.AccountAlias("alias", account_alias=settings.alias, opts=child)
        if settings.password_policy:
            _password_policy(settings.password_policy, child)
        if settings.s3_public_access_block:
            aws.s3.AccountPublicAccessBlock(
                "public-access-block",
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=child,
            )
        for region in settings.regions:
            _per_region(settings, region, child)
        if settings.budgets:
            owner = account_id if management else ""
            AccountBudgets("budgets", budgets=settings.budgets, payer_account_id=owner, parent=self, provider=provider)
        if settings.contacts:
            AccountContacts("contacts", contacts=settings.contacts, parent=self, provider=provider)
        self.register_outputs({})


def _password_policy(policy: PasswordPolicy, child: pulumi.ResourceOptions) -> None:
    aws.iam.AccountPasswordPolicy(
        "password-policy",
        minimum_password_length=policy.minimum_length,
        require_lowercase_characters="lowercase" in policy.require,
        require_uppercase_characters="uppercase" in policy.require,
        require_numbers="numbers" in policy.require,
        require_symbols="symbols" in policy.require,
        # Given also where they say nothing: the provider would otherwise keep what was there before.
        max_password_age=policy.max_age_days,
        password_reuse_prevention=policy.remember,
        hard_expiry=policy.hard_expiry,
        allow_users_to_change_password=policy.users_may_change,
        opts=child,
    )


def _per_region(settings: AccountSettings, region: str, child: pulumi.ResourceOptions) -> None:
    # The provider's own region is the fleet's; `region` leads one resource elsewhere.
    if settings.ebs_encryption:
        aws.ebs.EncryptionByDefault(f"ebs-encryption-{region}", enabled=True, region=region, opts=child)
    if settings.imdsv2:
        aws.ec2.InstanceMetadataDefaults(
            f"imdsv2-{region}",
            http_tokens="required",
            http_put_response_hop_limit=settings.imds_hop_limit or None,
            region=region,
            opts=child,
        )
