"""What must hold between pipelines and management roles: no plan that could apply, branches by their own names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from landing_zone.manifest.outline import Outline
from landing_zone.manifest.people_blocks import GithubBlock, GitlabBlock
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems

ISSUERS = (("github", "repositories"), ("gitlab", "projects"))
"""Who signs the tokens of pipelines, and where its repositories or projects stand in its block."""

_BRANCHES = "refs/heads/"


def check_pipelines(values: Mapping[str, Any], outline: Outline, document: Document, problems: Problems) -> None:
    """Note pipelines of nobody, branches that no token names, plans that could apply, and one issuer given twice."""
    ci = values.get("ci")
    if (
        "ci" in values
        and (ci is None or isinstance(ci, Mapping))
        and not any(map(_block(ci).get, ("github", "gitlab")))
    ):
        problems.add(document.key("ci"), "ci names no pipelines: give github or gitlab")
    found = list(phases(values))
    applying = {role for path, _, role in found if path[-1] == "apply"}
    for path, phase, role in found:
        _check_role(path, role, role in applying, outline, document, problems)
        _check_branches(path, phase, document, problems)
        # GitLab's branches are required, which the shape tells.
        if "github" in path and not any(map(phase.get, ("branches", "environments", "pull_requests"))):
            problems.add(document.key(*path), f"nothing becomes {role}: say which branches or environments")
    for issuer, key in ISSUERS:
        for name, block in _block(_block(_block(ci).get(issuer)).get(key)).items():
            if (block is None or isinstance(block, Mapping)) and not any(map(_block(block).get, ("plan", "apply"))):
                problems.add(document.key("ci", issuer, key, name), f"{name} may nothing: give plan or apply")
    _check_hosts(_block(ci), document, problems)


def phases(values: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any], str]]:
    """Yield every plan and apply block with its path and role."""
    for issuer, key in ISSUERS:
        blocks = _block(_block(_block(values.get("ci")).get(issuer)).get(key))
        for name, block in blocks.items():
            for which in ("plan", "apply"):
                phase = _block(_block(block).get(which))
                if isinstance(phase.get("role"), str):
                    yield ("ci", issuer, key, name, which), phase, phase["role"]


def _check_role(path: Path, role: str, applies: bool, outline: Outline, document: Document, problems: Problems) -> None:
    known = {line.name: line for line in outline.management_roles}
    place = document.value(*path, "role")
    if role not in known:
        problems.add_unknown(place, "no management role is called", role, known)
    elif path[-1] == "plan" and applies:
        problems.add(place, f"{role} applies: what may plan with it could apply as well")
    elif path[-1] == "plan" and known[role].state == "write":
        problems.add(place, f"{role} may write state; a role that plans has state: read")


def _check_branches(path: Path, phase: Mapping[str, Any], document: Document, problems: Problems) -> None:
    branches = phase.get("branches")
    for at, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, str) and branch.startswith((_BRANCHES, "/")):
            own = branch.removeprefix(_BRANCHES).strip("/")
            meant = f": write {own}" if own else ""
            place = document.value(*path, "branches", at)
            problems.add(place, f'"{branch}" is no branch, which has neither {_BRANCHES} nor / before its name{meant}')


def _check_hosts(ci: Mapping[str, Any], document: Document, problems: Problems) -> None:
    """Source: IAM API Reference, CreateOpenIDConnectProvider: an account has one provider for each URL."""
    github, gitlab = ci.get("github"), ci.get("gitlab")
    if not isinstance(github, Mapping) or not isinstance(gitlab, Mapping):
        return
    given = [
        str(block.get("host", model.model_fields["host"].default)).lower()
        for block, model in ((github, GithubBlock), (gitlab, GitlabBlock))
    ]
    if given[0] == given[1]:
        which = "gitlab" if "host" in gitlab else "github"
        what = f"{given[0]} is the host of github and of gitlab; an account has one provider for each host"
        problems.add(document.value("ci", which, "host"), what)


def _block(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
