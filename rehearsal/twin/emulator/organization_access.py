"""Who may call which operation of AWS Organizations at all, whatever policies say.

Source: AWS Organizations API Reference, the last sentence of each operation's description ("You can only call this
operation from ..."); User Guide, "Delegated administrator for AWS Organizations".
"""

from __future__ import annotations

NO_PERMISSION = "You don't have permissions to access this resource."
"""What AWS tells a member account: publicly reported of ListAccounts and ListRoots."""

OUTSIDE = frozenset(
    {
        "AcceptHandshake",
        "CancelHandshake",
        "CreateOrganization",
        "DeclineHandshake",
        "DescribeHandshake",
        "ListHandshakesForAccount",
    }
)
"""What needs no organisation."""

ANY_MEMBER = OUTSIDE | {"DescribeOrganization", "DescribeEffectivePolicy", "LeaveOrganization"}
"""What every account of an organisation may call, for itself."""

READS = frozenset(
    {
        "DescribeAccount",
        "DescribeCreateAccountStatus",
        "DescribeEffectivePolicy",
        "DescribeOrganization",
        "DescribeOrganizationalUnit",
        "DescribePolicy",
        "DescribeResourcePolicy",
        "ListAWSServiceAccessForOrganization",
        "ListAccounts",
        "ListAccountsForParent",
        "ListChildren",
        "ListCreateAccountStatus",
        "ListDelegatedAdministrators",
        "ListDelegatedServicesForAccount",
        "ListHandshakesForOrganization",
        "ListOrganizationalUnitsForParent",
        "ListParents",
        "ListPolicies",
        "ListPoliciesForTarget",
        "ListRoots",
        "ListTagsForResource",
        "ListTargetsForPolicy",
    }
)
"""What the delegated administrator of any service may call."""

_POLICY_CHANGES = frozenset(
    {
        "AttachPolicy",
        "CreatePolicy",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "EnablePolicyType",
        "TagResource",
        "UntagResource",
        "UpdatePolicy",
    }
)

DELEGABLE = READS | _POLICY_CHANGES
"""What the organisation's resource policy can let a member call."""

_MANAGEMENT_ONLY = frozenset(
    {
        "CancelHandshake",
        "CloseAccount",
        "CreateAccount",
        "CreateGovCloudAccount",
        "CreateOrganizationalUnit",
        "DeleteOrganization",
        "DeleteOrganizationalUnit",
        "DeleteResourcePolicy",
        "DeregisterDelegatedAdministrator",
        "DisableAWSServiceAccess",
        "EnableAWSServiceAccess",
        "EnableAllFeatures",
        "InviteAccountToOrganization",
        "MoveAccount",
        "PutResourcePolicy",
        "RegisterDelegatedAdministrator",
        "RemoveAccountFromOrganization",
        "UpdateOrganizationalUnit",
    }
)

OPERATIONS_OF_AWS = DELEGABLE | ANY_MEMBER | _MANAGEMENT_ONLY
"""Every operation that the twin answers."""
