"""Quotas of AWS Organizations by name, with the values of a twin nobody has told otherwise.

Source: AWS Organizations User Guide, "Quotas and service limits"; AWS Organizations API Reference, "CloseAccount" (how
many in 30 days), "RemoveAccountFromOrganization" (how old); AWS News, 15 May 2026 (SCPs: twice as long, twice as many).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SCP, RCP, OPT_OUT = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "AISERVICES_OPT_OUT_POLICY"

QUOTAS: Mapping[str, int] = MappingProxyType(
    {
        # A new organisation's is 10, raised on request to as many as 10,000: rehearsals are of those that asked.
        "accounts": 10_000,
        "accounts_in_creation": 5,
        "account_age_days": 4,
        "closings_in_progress": 3,
        "closings": 250,
        "closings_percent": 20,
        "closings_at_most": 1000,
        "handshakes_a_day": 20,
        "units": 2000,
        "unit_depth": 5,
        "tags": 50,
        "service_control_policies": 10_000,
        "policies_of_a_type": 1000,
        "attached_service_control_policies": 10,
        "attached_resource_control_policies": 5,
        "attached_opt_out_policies": 5,
        "attached_policies": 10,
        "service_control_policy_characters": 10_240,
        "resource_control_policy_characters": 5120,
        "opt_out_policy_characters": 2500,
        "policy_characters": 10_000,
    }
)
"""`closings`: the greater of it and of `closings_percent` of the members, at most `closings_at_most`, in 30 days."""

_ATTACHED = {
    SCP: "attached_service_control_policies",
    RCP: "attached_resource_control_policies",
    OPT_OUT: "attached_opt_out_policies",
}
_CHARACTERS = {
    SCP: "service_control_policy_characters",
    RCP: "resource_control_policy_characters",
    OPT_OUT: "opt_out_policy_characters",
}


def attached_quota(kind: str) -> str:
    """Return the name of the quota of policies of a type on one root, unit or account."""
    return _ATTACHED.get(kind, "attached_policies")


def characters_quota(kind: str) -> str:
    """Return the name of the quota of characters of a policy of a type, white space included."""
    return _CHARACTERS.get(kind, "policy_characters")


def policies_quota(kind: str) -> str:
    """Return the name of the quota of policies of a type in the organisation."""
    return "service_control_policies" if kind == SCP else "policies_of_a_type"
