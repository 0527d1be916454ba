"""Errors of `workload new`. Whenever one is told, nothing was written."""

from __future__ import annotations

from orchestrator.errors import PlanError


class BadWorkloadName(PlanError):
    """A workload cannot have this name.

    The name is a folder, a Pulumi project and a key of the manifest: lower-case letters, digits and hyphens, a letter
    first, and none that a program of the foundation has. Nothing was written.
    """

    code = "FY340"
    title = "Unusable workload name"


class WorkloadExists(PlanError):
    """There is a workload of this name already: its folder, its test, or its entry in the manifest.

    Nothing is overwritten. Choose another name, or go on with what is there.
    """

    code = "FY341"
    title = "The workload exists"


class WorkloadUnfit(PlanError):
    """The manifest would not be valid with the entry that was asked for.

    Its problems are quoted: no account that fits, a role that is not there, or a role that nobody who deploys workloads
    is granted in these accounts. Nothing was written.
    """

    code = "FY342"
    title = "The entry does not fit the manifest"


class ManifestNotBlock(PlanError):
    """The manifest's `workloads:` is not written as one entry per line, so that none can be put in.

    Fleetyard adds lines and changes none that are there. Leave out `--account`, `--unit` and `--stage`: the lines to
    add are then printed. Nothing was written.
    """

    code = "FY343"
    title = "No place for the entry"
