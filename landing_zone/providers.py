"""The only place where an `aws.Provider` is constructed: whose account, which role, which session, which tags.

Every provider names its account in `allowed_account_ids`, since Pulumi itself never notices that a provider reaches
another account than the state says. None holds a key: role ARNs and profiles only, so that a refresh or a destroy
months later does not depend on credentials in the state.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from landing_zone.identifiers import role_arn
from landing_zone.naming import session_name
from landing_zone.provider_endpoints import path_style, stack_endpoints
from landing_zone.stack_config.models import StackConfig, SubaccountConfig, WorkloadConfig

PROVIDER_NAME = "account"


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """A second account, for the few components that act in two: what its provider is called, which role it assumes.

    `limit` is a policy of at most 2,048 characters: the session may do what the role may and this allows.
    """

    name: str
    account_id: str
    role: str
    limit: str


def account_provider(config: WorkloadConfig) -> aws.Provider:
    """Return the provider of a workload's account: the caller's management role assumes the role in it."""
    return _provider(config, assume=config.role_arn)


def other_account_provider(config: WorkloadConfig, other: OtherAccount) -> aws.Provider:
    """Return a workload's provider of a second account: the caller's management role assumes a role there too."""
    return _provider(config, assume=role_arn(other.account_id, other.role), other=other)


def caller_provider(config: StackConfig, *, tagged: bool = True) -> aws.Provider:
    """Return the provider of the caller's own account, for the foundation's programs in the management account.

    One that is not `tagged` gives the config's tags to nothing: the program says itself what has them.

    The caller is the profile in AWS_PROFILE or whatever AWS's SDKs find; the account is checked all the same.
    """
    return _provider(config, assume="", tagged=tagged)


def subaccount_provider(config: SubaccountConfig) -> aws.Provider:
    """Return the administrator's provider in a member account, by a role assumed in it or by profile."""
    return _provider(config, assume=config.role_arn if config.access == "role" else "")


def _provider(
    config: StackConfig, assume: str, *, tagged: bool = True, other: OtherAccount | None = None
) -> aws.Provider:
    session, limit = session_name(pulumi.get_stack()), other.limit if other else None
    roles = [aws.ProviderAssumeRoleArgs(role_arn=assume, session_name=session, policy=limit)]
    return aws.Provider(
        other.name if other else PROVIDER_NAME,
        region=config.region,
        allowed_account_ids=[other.account_id if other else config.account_id],
        assume_roles=roles if assume else None,
        default_tags=aws.ProviderDefaultTagsArgs(tags=config.tags) if tagged else None,
        # Both are None unless the stack's own config leads its provider elsewhere.
        endpoints=stack_endpoints(),
        s3_use_path_style=path_style(),
        # Off EC2 the metadata service does not answer, and asking it costs seconds per provider. Where it does answer
        # it would lend the machine's own role to a stack whose caller has none.
        skip_metadata_api_check=True,
        # Both checks stay on: they are what compares allowed_account_ids with the account really reached.
        skip_credentials_validation=False,
        skip_requesting_account_id=False,
    )
