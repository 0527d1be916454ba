"""What the programs are told of state buckets and permissions boundaries: models of stack config, and builders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from landing_zone.boundaries import Boundary
from landing_zone.fleet import ManagementRole, Manifest, StateRights
from landing_zone.naming import state_bucket, state_log_bucket


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StateBucketsConfig(_Frozen):
    """State buckets beside the default one, by name in the manifest; and how all of them keep versions and a log.

    Days are 0, and `log_bucket` is empty, where the manifest asks for none.
    """

    buckets: dict[str, str] = {}
    old_versions_days: int = 0
    newest_versions: int = 0
    log_bucket: str = ""
    log_days: int = 0


class BoundaryConfig(_Frozen):
    """A role's boundary: the ARN of a policy that exists, or the name of one among the stack's `boundaries`."""

    arn: str = ""
    name: str = ""


Documents = dict[str, dict[str, Any]]
"""Policy documents by the name of the policy that is made of each."""


def state_buckets_config(manifest: Manifest) -> StateBucketsConfig:
    """Return what `bootstrap` is told of state buckets."""
    buckets = manifest.state_buckets
    parts = (manifest.organization, manifest.management_account.id, manifest.region)
    retention = buckets.retention
    return StateBucketsConfig(
        buckets={name: state_bucket(*parts, name) for name in buckets.names},
        old_versions_days=retention.old_versions_days if retention else 0,
        newest_versions=retention.newest_versions if retention else 0,
        log_bucket=state_log_bucket(*parts) if buckets.access_log_days else "",
        log_days=buckets.access_log_days,
    )


def bucket_rights(manifest: Manifest, role: ManagementRole) -> dict[str, StateRights]:
    """Return what a management role may do with each state bucket; empty where there is the default one alone."""
    buckets = manifest.state_buckets
    return {name: role.rights(name) for name in buckets.all_names} if buckets.names or role.bucket_rights else {}


def boundary_config(boundary: Boundary | None, account_id: str) -> BoundaryConfig:
    """Return what a program is told of a role's boundary in an account."""
    if boundary is None:
        return BoundaryConfig()
    return BoundaryConfig(name=boundary.name) if boundary.name else BoundaryConfig(arn=boundary.arn_in(account_id))


def boundary_documents(boundaries: Iterable[Boundary | None]) -> Documents:
    """Return the documents of which an account's stack makes policies."""
    return {one.name: dict(one.document) for one in boundaries if one and one.name and one.document is not None}
