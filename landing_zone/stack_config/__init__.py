"""Each stack's config: the models that programs read, and the builders that the driver writes them with."""

from landing_zone.stack_config.builders import for_bootstrap, for_organization, for_subaccount, for_workload
from landing_zone.stack_config.models import (
    BootstrapConfig,
    ManagementRoleConfig,
    MemberRoleConfig,
    OrganizationAccount,
    OrganizationConfig,
    StackConfig,
    SubaccountConfig,
    WorkloadConfig,
)

__all__ = [
    "BootstrapConfig",
    "ManagementRoleConfig",
    "MemberRoleConfig",
    "OrganizationAccount",
    "OrganizationConfig",
    "StackConfig",
    "SubaccountConfig",
    "WorkloadConfig",
    "for_bootstrap",
    "for_organization",
    "for_subaccount",
    "for_workload",
]
