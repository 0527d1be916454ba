"""Everybody who may become a management role is told, by whichever way."""

from __future__ import annotations

import pytest

from landing_zone.fleet import Manifest
from orchestrator.accounts.who_becomes import people_of
from tests.unit.landing_zone.fleets import parsed
from tests.unit.landing_zone.people_fleets import CI, with_people

GITHUB = "token.actions.githubusercontent.com"
OF_GITLAB = "pipelines of small/more/app (gitlab.com): branch main, branch live"
GITLAB = """\
  gitlab:
    projects:
      small/more/app:
        apply: {role: Management-Apply, branches: [main, live]}
"""


def told(role: str, manifest: Manifest) -> str:
    """Return who may become a role of the small manifest."""
    return people_of(manifest.management_roles[role], manifest.people)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("Management-Admin", "users ops with MFA; group Operators (ana) with MFA"),
        ("Management-Developer", "users ops with MFA; group Developers (ana, bob) with MFA"),
        ("Management-Plan", f"pipelines of small/fleet ({GITHUB}): pull requests, branch *"),
        (
            "Management-Apply",
            f"pipelines of small/fleet ({GITHUB}): branch main, environment production; {OF_GITLAB}",
        ),
    ],
)
def test_groups_and_pipelines_are_told(role: str, words: str) -> None:
    """A group is told with its people, a repository or project with the runs that may."""
    assert told(role, parsed(with_people(ci=CI + GITLAB))) == words


def test_a_group_without_people_says_so() -> None:
    """That nobody is in it is told, not left out."""
    text = with_people().replace("[Developers, Operators]", "[Developers]")
    assert told("Management-Admin", parsed(text)).endswith("group Operators (nobody is in it) with MFA")


@pytest.mark.parametrize(
    ("trusted", "words"),
    [
        ("users: [ops], mfa: false", "users ops"),
        ("saml: {provider: okta}", "SAML okta"),
        ("oidc: {provider: id.example.com, audience: a, subjects: [s, t]}", "OIDC id.example.com: s, t"),
        ("identity_center: {permission_sets: [Admins, Ops]}", "Identity Center Admins, Ops"),
    ],
)
def test_other_ways_in_are_told(trusted: str, words: str) -> None:
    """Users without MFA, and everybody who signs in somewhere else."""
    text = with_people().replace("trusted: {users: [ops]}", f"trusted: {{{trusted}}}", 1)
    ways = told("Management-Admin", parsed(text)).split("; ")
    assert sorted(ways) == sorted([words, "group Operators (ana) with MFA"])
