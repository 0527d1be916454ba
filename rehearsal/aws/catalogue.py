"""Everything the rehearsal provider offers: resource types and functions by token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from rehearsal.aws.function import Function
from rehearsal.aws.resource_type import ResourceType
from rehearsal.aws.services import (
    account_contacts,
    account_functions,
    alarms,
    budgets,
    cloudfront,
    cloudtrail,
    cloudwatch,
    config,
    dynamodb,
    ec2_account,
    ec2_addresses,
    ec2_endpoints,
    ec2_firewalls,
    ec2_gateways,
    ec2_networks,
    ec2_routes,
    ecr,
    eventbridge,
    finding_services,
    iam,
    iam_account,
    iam_documents,
    iam_people,
    iam_profiles,
    identity_center,
    kms,
    kms_grants,
    lambda_functions,
    organizations,
    organizations_policies,
    ram,
    route53,
    s3,
    s3_account,
    s3_lifecycle,
    s3_objects,
    secrets_manager,
    service_quotas,
    sns,
    sqs,
    ssm,
)

_TYPES = (
    account_contacts,
    alarms,
    budgets,
    cloudfront,
    cloudtrail,
    cloudwatch,
    config,
    dynamodb,
    ec2_account,
    ec2_addresses,
    ec2_endpoints,
    ec2_firewalls,
    ec2_gateways,
    ec2_networks,
    ec2_routes,
    ecr,
    eventbridge,
    finding_services,
    iam,
    iam_account,
    iam_people,
    iam_profiles,
    identity_center,
    kms,
    kms_grants,
    lambda_functions,
    organizations,
    organizations_policies,
    ram,
    route53,
    s3,
    s3_account,
    s3_lifecycle,
    s3_objects,
    secrets_manager,
    service_quotas,
    sns,
    sqs,
    ssm,
)
_FUNCTIONS = (account_functions, iam_documents, route53)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Types and functions by token."""

    types: Mapping[str, ResourceType]
    functions: Mapping[str, Function] = field(default_factory=dict)

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services that are called, by botocore's names."""
        used = {kind.service for kind in self.types.values()} | {item.service for item in self.functions.values()}
        return tuple(sorted(used))


@cache
def full_catalogue() -> Catalogue:
    """Return the entries of all services; one object per process, never changed."""
    types = {kind.type: kind for module in _TYPES for kind in module.TYPES}
    functions = {item.type: item for module in _FUNCTIONS for item in module.FUNCTIONS}
    return Catalogue(MappingProxyType(types), MappingProxyType(functions))
