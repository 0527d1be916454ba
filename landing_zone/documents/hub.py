"""The IAM documents of hub, spoke and organisation reader, and the right to read the account map; pure.

docs/account-map.md says why each is as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from landing_zone.account_map_path import MAP_PATH
from landing_zone.documents.statements import Document, Statement, document, trusted_in_account
from landing_zone.identifiers import role_arn

READ_ORGANIZATION = (
    "organizations:DescribeAccount",
    "organizations:DescribeOrganization",
    "organizations:DescribeOrganizationalUnit",
    "organizations:ListAccounts",
    "organizations:ListAccountsForParent",
    "organizations:ListChildren",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListParents",
    "organizations:ListRoots",
    "organizations:ListTagsForResource",
)
"""What it takes to list the accounts with their units and tags; policies, handshakes and delegations are left out."""


def read_account_map(management_account_id: str, region: str) -> Statement:
    """Return the right to read the account map: all of it by its path, or one account's entry, and nothing else.

    Source: Systems Manager User Guide, "Restricting access to Parameter Store parameters using IAM policies".
    """
    path = f"arn:aws:ssm:{region}:{management_account_id}:parameter{MAP_PATH}"
    return {
        "Sid": "ReadAccountMap",
        "Effect": "Allow",
        "Action": ["ssm:GetParameter", "ssm:GetParametersByPath"],
        "Resource": [path, f"{path}/*"],
    }


def hub_trust(management_account_id: str, management_role_arns: Sequence[str], services: Sequence[str]) -> Document:
    """Return who may become the hub: management roles, by ARN in a condition, and AWS services."""
    statements: list[Statement] = []
    if management_role_arns:
        exactly = {"ArnEquals": {"aws:PrincipalArn": list(management_role_arns)}}
        statements.append(trusted_in_account("ManagementRoles", management_account_id, exactly))
    if services:
        statements.append(
            {
                "Sid": "Services",
                "Effect": "Allow",
                "Principal": {"Service": list(services)},
                "Action": "sts:AssumeRole",
            }
        )
    return document(*statements)


def hub_policy(spoke_role: str, organization_id: str, reader_arn: str) -> Document:
    """Return what the hub may do: become the spoke of any account of its organisation, and the organisation reader.

    `reader_arn` is empty when there is no such role. The list of accounts is not in it, so that a new account changes
    nothing here; which accounts have a spoke rests on the spokes.
    """
    statements: list[Statement] = [
        {
            "Sid": "AssumeSpokes",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": role_arn("*", spoke_role),
            "Condition": {"StringEquals": {"aws:ResourceOrgID": organization_id}},
        }
    ]
    if reader_arn:
        statements.append(
            {
                "Sid": "AssumeOrganizationReader",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": reader_arn,
            }
        )
    return document(*statements)


def hub_only_trust(hub_account_id: str, hub_role_arn: str, organization_id: str) -> Document:
    """Return who may become a spoke or the organisation reader: the hub role, as long as it is in the organisation."""
    hub = {
        "ArnEquals": {"aws:PrincipalArn": hub_role_arn},
        "StringEquals": {"aws:PrincipalOrgID": organization_id},
    }
    return document(trusted_in_account("Hub", hub_account_id, hub))


def organization_reader_policy(management_account_id: str, region: str, *, has_map: bool) -> Document:
    """Return what the organisation reader may do: list the organisation's accounts, and read the map if there is one.

    These actions take no narrower resource that would hold for accounts to come.
    """
    statement: Statement = {
        "Sid": "ReadOrganization",
        "Effect": "Allow",
        "Action": list(READ_ORGANIZATION),
        "Resource": "*",
    }
    return document(statement, *([read_account_map(management_account_id, region)] if has_map else []))
