"""The manifest's blocks of people, last-resort users and pipelines, as they are written."""

from __future__ import annotations

from pydantic import Field

from landing_zone.manifest.blocks import Block
from landing_zone.manifest.text_types import (
    AccountName,
    Audience,
    BranchName,
    BranchPattern,
    Email,
    EnvironmentName,
    GithubRepository,
    GitlabProject,
    GroupName,
    ManagedPolicy,
    OidcProvider,
    PersonUserName,
    Region,
    RoleName,
    TagKey,
    TagValue,
)


class GroupBlock(Block):
    """A group of people: what they may become, and what they may in the account that holds them."""

    management_roles: list[RoleName] = Field(
        default=[], min_length=1, description="Management roles the group's people may become, signed in with MFA."
    )
    managed_policies: list[ManagedPolicy] = Field(
        default=[], min_length=1, max_length=9, description="Managed policies for the account that holds users."
    )


class PersonBlock(Block):
    """A person's IAM user: no password and no key is made, the person sets up their own."""

    groups: list[GroupName] = Field(min_length=1, max_length=10, description="Names from people.groups.")
    tags: dict[TagKey, TagValue] = Field(default={}, description="Tags of the user.")


class PeopleBlock(Block):
    """The people of the organisation and their groups, in the one account that holds users."""

    account: AccountName = Field(default="", description="Account that holds users; without it the management account.")
    groups: dict[GroupName, GroupBlock] = Field(min_length=1, description="Groups, by name.")
    users: dict[PersonUserName, PersonBlock] = Field(default={}, description="People, by the name of their user.")


class AlarmBlock(Block):
    """Who is told when a last-resort user is used."""

    email: Email = Field(description="Address that gets the alarm; it has to be confirmed once.")
    regions: list[Region] = Field(
        default=[],
        min_length=1,
        description="Regions that were enabled beside those AWS enables by itself; use is looked for there as well.",
    )


class LastResortBlock(Block):
    """Users of the management account for when nothing else lets anybody in, and the alarm on their use."""

    users: list[PersonUserName] = Field(min_length=1, description="Names of the users; made without password and key.")
    alarm: AlarmBlock = Field(description="Who is told when one of them is used.")


class GithubPlanBlock(Block):
    """Runs of a repository that may look: at least one of pull_requests, branches and environments."""

    role: RoleName = Field(description="Management role that they become; it may not write state.")
    pull_requests: bool = Field(default=False, description="Whether runs of pull requests may.")
    branches: list[BranchPattern] = Field(default=[], min_length=1, description="Branches; * stands for any text.")
    environments: list[EnvironmentName] = Field(default=[], min_length=1, description="Deployment environments.")


class GithubApplyBlock(Block):
    """Runs of a repository that may change things: at least one of branches and environments."""

    role: RoleName = Field(description="Management role that they become.")
    branches: list[BranchName] = Field(default=[], min_length=1, description="Branches, each by its whole name.")
    environments: list[EnvironmentName] = Field(default=[], min_length=1, description="Deployment environments.")


class GithubRepositoryBlock(Block):
    """What runs of a repository may become. At least one of plan and apply."""

    plan: GithubPlanBlock | None = Field(default=None, description="Runs that may look.")
    apply: GithubApplyBlock | None = Field(default=None, description="Runs that may change things.")


class GithubBlock(Block):
    """GitHub Actions."""

    host: OidcProvider = Field(
        default="token.actions.githubusercontent.com", description="Host and path of the issuer of GitHub's tokens."
    )
    audience: Audience = Field(default="sts.amazonaws.com", description="The tokens' audience.")
    existing: bool = Field(
        default=False, description="Whether the issuer's provider is in the management account already."
    )
    repositories: dict[GithubRepository, GithubRepositoryBlock] = Field(
        min_length=1, description="Repositories as the token's subject has them: OWNER/NAME, or OWNER@ID/NAME@ID."
    )


class GitlabPlanBlock(Block):
    """Pipelines of a project that may look."""

    role: RoleName = Field(description="Management role that they become; it may not write state.")
    branches: list[BranchPattern] = Field(min_length=1, description="Branches; * stands for any text.")


class GitlabApplyBlock(Block):
    """Pipelines of a project that may change things."""

    role: RoleName = Field(description="Management role that they become.")
    branches: list[BranchName] = Field(min_length=1, description="Branches, each by its whole name.")


class GitlabProjectBlock(Block):
    """What pipelines of a project may become. At least one of plan and apply."""

    plan: GitlabPlanBlock | None = Field(default=None, description="Pipelines that may look.")
    apply: GitlabApplyBlock | None = Field(default=None, description="Pipelines that may change things.")


class GitlabBlock(Block):
    """GitLab CI, on gitlab.com or a server of one's own that AWS can reach."""

    host: OidcProvider = Field(default="gitlab.com", description="Host and path of the issuer of the tokens.")
    audience: Audience = Field(default="https://gitlab.com", description="The tokens' audience: aud of id_tokens.")
    existing: bool = Field(
        default=False, description="Whether the issuer's provider is in the management account already."
    )
    projects: dict[GitlabProject, GitlabProjectBlock] = Field(
        min_length=1, description="Projects with the groups they are in: GROUP/NAME."
    )


class CiBlock(Block):
    """Pipelines that become management roles without any key. At least one of github and gitlab."""

    github: GithubBlock | None = Field(default=None, description="GitHub Actions.")
    gitlab: GitlabBlock | None = Field(default=None, description="GitLab CI.")
