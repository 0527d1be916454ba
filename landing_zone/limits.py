"""AWS's limits on names and documents, each with the AWS page that states it.

Documents are counted as IAM counts them, without white space: `measure` takes the compact JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

ROLE_NAME = 64
"""Characters. Source: IAM User Guide, "IAM and AWS STS quotas"."""

POLICY_NAME = 128
"""Characters of a managed policy. Source: IAM User Guide, "IAM and AWS STS quotas"."""

ROLE_SESSION_NAME = 64
"""Characters. Source: AWS STS API Reference, AssumeRole, RoleSessionName."""

BUCKET_NAME = 63
"""Characters. Source: Amazon S3 User Guide, "General purpose bucket naming rules"."""

ACCOUNT_NAME = 50
"""Characters. Source: AWS Organizations API Reference, CreateAccount, AccountName."""

EMAIL = 64
"""Characters, at least 6. Source: AWS Organizations API Reference, CreateAccount, Email."""

UNIT_NAME = 128
"""Characters. Source: AWS Organizations API Reference, CreateOrganizationalUnit, Name."""

UNIT_DEPTH = 5
"""Levels of units below the root. Source: AWS Organizations User Guide, "Quotas and service limits"."""

MANAGED_POLICIES_PER_ROLE = 10
"""Default quota. Source: IAM User Guide, "IAM and AWS STS quotas"."""

TRUST_POLICY = 2048
"""Characters, default quota. Source: IAM User Guide, "IAM and AWS STS quotas", role trust policy length."""

ROLE_INLINE_POLICIES = 10240
"""Characters, all inline policies of a role together. Source: IAM User Guide, "IAM and AWS STS quotas"."""

MANAGED_POLICY = 6144
"""Characters. Source: IAM User Guide, "IAM and AWS STS quotas"."""

BUCKET_POLICY = 20 * 1024
"""Bytes. Source: Amazon S3 User Guide, "Bucket policies"."""

KEY_POLICY = 32 * 1024
"""Bytes. Source: AWS KMS API Reference, PutKeyPolicy, Policy."""

SCP_DOCUMENT = 10_240
"""Characters. Source: AWS's announcement of 15 May 2026, which doubled both limits of SCPs; 5,120 before."""

SCPS_PER_TARGET = 10
"""SCPs attached to a root, unit or account, AWS's own included. Source: the same; 5 before."""

RCP_DOCUMENT = 5120
"""Characters. Source: AWS Organizations User Guide, "Quotas and service limits"."""

RCPS_PER_TARGET = 5
"""RCPs attached to a root, unit or account, AWS's own included. Source: the same page."""

BUDGET_NAME = 100
"""Characters. Source: AWS Budgets API Reference, Budget, BudgetName."""

BUDGET_NOTIFICATIONS = 10
"""Thresholds of a budget. Source: AWS Budgets API Reference, Notification."""

BUDGET_EMAILS = 10
"""Addresses of a threshold. Source: AWS Budgets API Reference, Notification."""

LARGEST_THRESHOLD = 1_000_000
"""Percent. Source: AWS Budgets API Reference, Notification, Threshold."""

Document = Mapping[str, object]
"""An IAM policy document."""


def compact(document: Document) -> str:
    """Return the document as JSON without white space between its parts, the form in which programs hand it to AWS."""
    return json.dumps(document, separators=(",", ":"))


def measure(document: Document) -> int:
    """Return the document's size in characters as IAM counts it."""
    return len("".join(compact(document).split()))
