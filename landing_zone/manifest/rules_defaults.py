"""What must hold for defaults: the stages and units that they are for exist."""

from __future__ import annotations

from landing_zone.manifest.outline import Outline
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems


def check_defaults(outline: Outline, document: Document, problems: Problems) -> None:
    """Note defaults for a stage that no account has, or a unit that is not there: they would be for nothing."""
    if outline.accounts is None:
        return
    stages = {line.stage for line in outline.accounts if line.stage}
    for stage in outline.defaults.stages:
        if stage.value not in stages:
            problems.add_unknown(document.key(*stage.path), "no account has the stage", stage.value, stages)
    units = [path for path, _ in outline.units]
    for unit in outline.defaults.units:
        if unit.value not in units:
            problems.add_unknown(document.key(*unit.path), "there is no unit", unit.value, units)
