"""What must hold for those who become a management role from outside: no door that is open to everybody."""

from __future__ import annotations

from collections.abc import Mapping

from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems


def check_subjects(trusted: object, path: Path, document: Document, problems: Problems) -> None:
    """Note subjects of OpenID Connect that are wildcards alone: anybody's program of that provider would fit."""
    oidc = trusted.get("oidc") if isinstance(trusted, Mapping) else None
    subjects = oidc.get("subjects") if isinstance(oidc, Mapping) else None
    for at, subject in enumerate(subjects if isinstance(subjects, list) else ()):
        if isinstance(subject, str) and subject and not subject.strip("*?:/"):
            problems.add(
                document.value(*path, "trusted", "oidc", "subjects", at),
                f'"{subject}" is every subject of that provider, anybody\'s: name yours, such as repo:ORG/REPO:*',
            )
