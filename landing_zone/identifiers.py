"""AWS identifiers made from names and account ids. One partition: `aws`."""

from __future__ import annotations

ACCOUNT_ACCESS_ROLE = "OrganizationAccountAccessRole"
"""The role that AWS makes in an account created by Organizations; the management account may assume it.

Source: AWS Organizations API Reference, CreateAccount, RoleName.
"""


def role_arn(account_id: str, role: str) -> str:
    """Return a role's ARN; the name may carry a path. `*` as account id gives a pattern."""
    return f"arn:aws:iam::{account_id}:role/{role}"


def user_arn(account_id: str, user: str) -> str:
    """Return an IAM user's ARN; the name may carry a path."""
    return f"arn:aws:iam::{account_id}:user/{user}"


def account_root_arn(account_id: str) -> str:
    """Return the ARN that stands for a whole account in a policy's principal."""
    return f"arn:aws:iam::{account_id}:root"


def saml_provider_arn(account_id: str, provider: str) -> str:
    """Return a SAML provider's ARN."""
    return f"arn:aws:iam::{account_id}:saml-provider/{provider}"


def oidc_provider_arn(account_id: str, provider: str) -> str:
    """Return an OpenID Connect provider's ARN; the provider is its host and path, without https://."""
    return f"arn:aws:iam::{account_id}:oidc-provider/{provider}"


def managed_policy_arn(policy: str) -> str:
    """Return the ARN of a managed policy: AWS's own by name, any other is given as an ARN already."""
    return policy if policy.startswith("arn:") else f"arn:aws:iam::aws:policy/{policy}"


def permission_set_patterns(account_id: str, permission_set: str) -> tuple[str, str]:
    """Return patterns of the ARN of a permission set's role in an account, without and with a region in its path.

    AWS names the role by the set and sixteen characters of its own; as many question marks keep a set called
    `Admin_Audit` from passing for `Admin`, which `*` would let in. The path has no region where Identity Center is in
    us-east-1. Source: IAM Identity Center User Guide, "Referencing permission sets in resource policies"; 16 is what
    a set's name of 32 and IAM's 64 characters for a role's name leave.
    """
    role = f"AWSReservedSSO_{permission_set}_{'?' * 16}"
    path = "aws-reserved/sso.amazonaws.com"
    return role_arn(account_id, f"{path}/{role}"), role_arn(account_id, f"{path}/*/{role}")


def bucket_arn(bucket: str) -> str:
    """Return a bucket's ARN."""
    return f"arn:aws:s3:::{bucket}"


def key_arn(account_id: str, region: str, key_id: str) -> str:
    """Return a KMS key's ARN."""
    return f"arn:aws:kms:{region}:{account_id}:key/{key_id}"


def trail_arn(account_id: str, region: str, trail: str) -> str:
    """Return a CloudTrail trail's ARN; `*` as region gives a pattern."""
    return f"arn:aws:cloudtrail:{region}:{account_id}:trail/{trail}"
