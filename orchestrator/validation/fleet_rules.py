"""What holds of a manifest beside its own rules: programs are there, and AWS takes the policies that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.manifest.imports import Layers
from landing_zone.manifest.load import load_edited
from orchestrator.lockout.policy_lockout import refuse_lockouts
from orchestrator.validation.boundary_rules import boundaries_hold
from orchestrator.validation.managed_policy_names import managed_policies_exist
from orchestrator.validation.permission_lint import permissions_are_sound
from orchestrator.validation.policy_grammar import policies_hold
from orchestrator.validation.program_folders import programs_exist
from orchestrator.verify.action_names import probed_actions_exist
from orchestrator.verify.context_names import probed_keys_exist
from orchestrator.verify.possible_answers import probes_can_hold


def load_checked(path: Path) -> Manifest:
    """Return a manifest as every run reads it; raises ManifestError with every problem, or PolicyLocksOut."""
    return load_edited_checked(path, {})[0]


def load_edited_checked(path: Path, edited: Mapping[Path, str]) -> tuple[Manifest, Layers]:
    """Return what every run would read if some files had these texts, as `load_edited`; raises as `load_checked`."""
    rules = (
        programs_exist(path),
        policies_hold,
        permissions_are_sound,
        boundaries_hold,
        managed_policies_exist,
        probed_actions_exist,
        probed_keys_exist,
        probes_can_hold,
    )
    manifest, layers = load_edited(path, edited, rules)
    refuse_lockouts(manifest)
    return manifest, layers
