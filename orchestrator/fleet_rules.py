"""What holds of a manifest beside its own rules: programs are there, and AWS takes the policies that it names."""

from __future__ import annotations

from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.manifest import load_manifest
from orchestrator.boundary_rules import boundaries_hold
from orchestrator.managed_policy_names import managed_policies_exist
from orchestrator.permission_lint import permissions_are_sound
from orchestrator.policy_grammar import policies_hold
from orchestrator.policy_lockout import refuse_lockouts
from orchestrator.program_folders import programs_exist


def load_checked(path: Path) -> Manifest:
    """Return a manifest as every run reads it; raises ManifestError with every problem, or LockedOut."""
    rules = (programs_exist(path), policies_hold, permissions_are_sound, boundaries_hold, managed_policies_exist)
    manifest = load_manifest(path, rules)
    refuse_lockouts(manifest)
    return manifest
