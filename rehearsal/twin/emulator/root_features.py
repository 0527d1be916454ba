"""Which features of centralised root access an organisation has switched on; moto knows none of them.

Source: IAM API Reference, "ListOrganizationsFeatures", "EnableOrganizationsRootSessions",
"EnableOrganizationsRootCredentialsManagement".
"""

from __future__ import annotations

from typing import Any

CREDENTIALS, SESSIONS = "RootCredentialsManagement", "RootSessions"


def root_features(organization: Any) -> set[str]:
    """Return the features of an organisation, to read and to change."""
    features: set[str] = vars(organization).setdefault("fleetyard_root_features", set())
    return features
