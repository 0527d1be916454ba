"""The version of Pulumi that the embedded engine stands for: that of the SDK it is driven by."""

from __future__ import annotations

PULUMI_VERSION = "3.272.0"
"""Written into every manifest; the SDK chooses its calls by it."""
