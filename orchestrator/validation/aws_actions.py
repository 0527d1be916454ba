"""Which actions AWS has, and which resources each takes: the data of AWS's own linter.

cfn-lint (MIT-0, kept by AWS, with us through moto) ships what the Service Authorization Reference says as one file.
Only that file is read: the linter itself works on CloudFormation templates and takes two seconds to start.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = "cfnlint"
_FILE = Path("data", "AdditionalSpecs", "Policies.json")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class AwsActions:
    """The file's content: names are in lower case, as IAM ignores it."""

    services: Mapping[str, Mapping[str, Any]]

    def names(self, service: str) -> tuple[str, ...]:
        """Return a service's actions, without its prefix; none for a service that is not known."""
        return tuple(self.services.get(service, {}).get("Actions", ()))

    def resources(self, service: str, action: str) -> tuple[str, ...]:
        """Return the forms of ARN that an action takes, `*` for what varies; none for one that takes "*" alone."""
        found = self.services[service]
        kinds = found["Actions"][action].get("Resources", ())
        listed = [kinds] if isinstance(kinds, str) else kinds
        forms = (form for kind in listed for form in found["Resources"].get(kind.lower(), {}).get("ARNFormats", ()))
        return tuple(_VARIABLE.sub("*", form).replace(".*", "*") for form in forms)


def as_people_write(service: str, action: str) -> str:
    """Return an action's name in capitals and small letters, as far as the SDK has an operation of that name."""
    from botocore.exceptions import UnknownServiceError  # noqa: PLC0415  (only for the words of an error)
    from botocore.loaders import Loader  # noqa: PLC0415

    try:
        operations = Loader(include_default_search_paths=True).load_service_model(service, "service-2")["operations"]
    except UnknownServiceError:
        return action
    return next((name for name in operations if name.lower() == action), action)


@cache
def aws_actions() -> AwsActions:
    """Return what the installed linter knows; read once per process."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{_PACKAGE} is not installed, though Fleetyard depends on it")
    path = Path(spec.submodule_search_locations[0]) / _FILE
    return AwsActions(json.loads(path.read_text(encoding="utf-8")))
