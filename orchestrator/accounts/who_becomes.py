"""Who may become a management role, in words: users, people by their groups, pipelines, and those of other sign-ins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from landing_zone.fleet import ManagementRole
from landing_zone.people import People, PipelineTrust

_GITHUB = re.compile(r"repo:(?P<whose>[^:]+):(?P<run>.+)")
_GITLAB = re.compile(r"project_path:(?P<whose>[^:]+):ref_type:branch:ref:(?P<branch>.+)")
_KINDS = {"pull_request": "pull requests", "ref:refs/heads/": "branch ", "environment:": "environment "}
"""Sources: GitHub Docs, "OpenID Connect reference", subject claims; GitLab Docs, "Connect to cloud services"."""


def people_of(role: ManagementRole, people: People) -> str:
    """Return everybody who may become a management role."""
    return "; ".join(_all(role, people))


def _all(role: ManagementRole, people: People) -> Iterator[str]:
    trust = role.trust
    if trust.users:
        yield f"users {', '.join(trust.users)}" + (" with MFA" if trust.mfa else "")
    for group in trust.people.groups if trust.people else ():
        members = [user.name for user in people.users.values() if group in user.groups]
        yield f"group {group} ({', '.join(members) or 'nobody is in it'}) with MFA"
    for pipelines in trust.pipelines:
        yield from _pipelines(pipelines)
    if trust.saml:
        yield f"SAML {trust.saml.provider}"
    if trust.oidc:
        yield f"OIDC {trust.oidc.provider}: {', '.join(trust.oidc.subjects)}"
    if trust.identity_center:
        yield f"Identity Center {', '.join(trust.identity_center.permission_sets)}"


def _pipelines(trust: PipelineTrust) -> Iterator[str]:
    """Yield the runs of each repository or project."""
    runs: dict[str, list[str]] = {}
    for subject in trust.subjects:
        whose, run = _run(subject)
        runs.setdefault(whose, []).append(run)
    for whose, own in runs.items():
        yield f"pipelines of {whose} ({trust.issuer}): {', '.join(own)}"


def _run(subject: str) -> tuple[str, str]:
    """Return the repository or project of a token's subject, and which of its runs; a strange one as it is."""
    if found := _GITLAB.fullmatch(subject):
        return found["whose"], f"branch {found['branch']}"
    if found := _GITHUB.fullmatch(subject):
        for begins, words in _KINDS.items():
            if found["run"].startswith(begins):
                return found["whose"], words + found["run"].removeprefix(begins)
    return subject, "all runs"
