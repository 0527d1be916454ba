"""Makes people, last-resort users and pipelines out of the validated file, and the trust that follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from landing_zone.fleet import Manifest
from landing_zone.identifiers import managed_policy_arn
from landing_zone.manifest.file_model import FleetBlock
from landing_zone.manifest.people_blocks import GithubApplyBlock, GithubBlock, GithubPlanBlock, GitlabBlock
from landing_zone.people import Group, Issuer, LastResort, People, Person, Pipelines, PipelineTrust

ENABLED_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""Regions that every account has enabled and can't disable: a user can sign in and call STS in each of them.

Source: AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account".
"""


def with_people(manifest: Manifest, fleet: FleetBlock) -> Manifest:
    """Return the manifest with its people, last-resort users and pipelines, and who of them each role trusts."""
    people, pipelines = _people(fleet, manifest.management_account.name), _pipelines(fleet)
    return replace(
        manifest,
        people=people,
        last_resort=_last_resort(fleet),
        pipelines=pipelines,
        management_roles={
            name: replace(
                role,
                trust=replace(role.trust, people=people.trust(name), pipelines=pipelines.trusts.get(name, ())),
            )
            for name, role in manifest.management_roles.items()
        },
    )


def _people(fleet: FleetBlock, management_account: str) -> People:
    block = fleet.people
    if block is None:
        return People()
    return People(
        account=block.account or management_account,
        groups={
            name: Group(name, tuple(each.management_roles), tuple(map(managed_policy_arn, each.managed_policies)))
            for name, each in block.groups.items()
        },
        users={name: Person(name, tuple(each.groups), each.tags) for name, each in block.users.items()},
    )


def _last_resort(fleet: FleetBlock) -> LastResort:
    block = fleet.last_resort
    if block is None:
        return LastResort()
    regions = dict.fromkeys((fleet.region, *ENABLED_REGIONS, *block.alarm.regions))
    return LastResort(tuple(block.users), block.alarm.email, tuple(regions))


def _pipelines(fleet: FleetBlock) -> Pipelines:
    if fleet.ci is None:
        return Pipelines()
    issuers: list[Issuer] = []
    trusts: dict[str, list[PipelineTrust]] = {}
    written: list[tuple[GithubBlock | GitlabBlock, Iterator[tuple[str, str]]]] = []
    if fleet.ci.github:
        written.append((fleet.ci.github, _github(fleet.ci.github)))
    if fleet.ci.gitlab:
        written.append((fleet.ci.gitlab, _gitlab(fleet.ci.gitlab)))
    for block, subjects in written:
        issuers.append(Issuer(block.host, block.audience, block.existing))
        found: dict[str, list[str]] = {}
        for role, subject in subjects:
            found.setdefault(role, []).append(subject)
        for role, own in found.items():
            trusts.setdefault(role, []).append(PipelineTrust(block.host, block.audience, tuple(own)))
    return Pipelines(tuple(issuers), {role: tuple(own) for role, own in trusts.items()})


def _github(block: GithubBlock) -> Iterator[tuple[str, str]]:
    """Yield role and subject of every kind of run.

    Source: GitHub Docs, "OpenID Connect reference", example subject claims.
    """
    for repository, runs in block.repositories.items():
        if runs.plan and runs.plan.pull_requests:
            yield runs.plan.role, f"repo:{repository}:pull_request"
        for phase in (runs.plan, runs.apply):
            if phase:
                yield from ((phase.role, f"repo:{repository}:{run}") for run in _refs(phase))


def _refs(phase: GithubPlanBlock | GithubApplyBlock) -> Iterator[str]:
    yield from (f"ref:refs/heads/{branch}" for branch in phase.branches)
    yield from (f"environment:{environment}" for environment in phase.environments)


def _gitlab(block: GitlabBlock) -> Iterator[tuple[str, str]]:
    """Yield role and subject of every branch. Source: GitLab Docs, "Connect to cloud services", subject claim."""
    for project, pipelines in block.projects.items():
        for phase in (pipelines.plan, pipelines.apply):
            if phase:
                start = f"project_path:{project}:ref_type:branch:ref:"
                yield from ((phase.role, f"{start}{branch}") for branch in phase.branches)
