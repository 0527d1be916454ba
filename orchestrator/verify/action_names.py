"""One more rule of the manifest: the actions that probes try are actions that AWS has."""

from __future__ import annotations

from landing_zone.manifest.outline import Outline
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules_probes import read_probes
from orchestrator.validation.aws_actions import aws_actions
from orchestrator.validation.permission_lint import unknown_action


def probed_actions_exist(outline: Outline, document: Document, problems: Problems) -> None:
    """Note actions that AWS does not have, with the nearest one, but for those that are said to be newer."""
    del outline
    for line in read_probes(document.values):
        for action in line.actions:
            if ":" not in action.value or "*" in action.value or action.value.lower() in line.also_known:
                continue  # what has not the form of an action is told as such
            for finding in unknown_action(action.value, (), aws_actions()):
                newer = "; one that is newer goes into also_known" if not finding.suggestion else ""
                problems.add(document.value(*action.path), f"{finding.message}{newer}", finding.suggestion)
