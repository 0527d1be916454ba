"""A stack's configuration with the project's values under it, checked against what the project declares.

Source: Pulumi `pkg/workspace/config.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from rehearsal.engine.config_tree import (
    ConfigData,
    ConfigNode,
    from_json_data,
    is_object,
    is_secure,
    text_of,
)
from rehearsal.engine.errors import ConfigRefusedError
from rehearsal.engine.project_file import ConfigDeclaration, ProjectFile
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.update import ConfigValue

_WHOLE = re.compile(r"[-+]?[0-9]+")


def with_project_values(config: ConfigData, project: ProjectFile) -> ConfigData:
    """Return a stack's configuration with what the project file gives where the stack says nothing."""
    given = {item.key: from_json_data(item.default) for item in project.config if item.given}
    return {**given, **config}


def config_values(config: ConfigData, manager: SecretsManager) -> dict[str, ConfigValue]:
    """Return configuration in clear, as programs get it; decrypts only where there is a secret."""
    return {
        key: ConfigValue(text_of(node, manager.decrypt), is_secure(node), is_object(node))
        for key, node in config.items()
    }


def check_config(stack: str, config: ConfigData, values: Mapping[str, ConfigValue], project: ProjectFile) -> None:
    """Raise ConfigRefusedError if a value that the project declares is missing, of another type, or not secret."""
    own = f"{project.name}:"
    missing = [item.key for item in project.config if item.key not in config and item.key.startswith(own)]
    if missing:
        names = " and ".join(repr(key.removeprefix(own)) for key in sorted(missing))
        raise ConfigRefusedError(
            f"Stack {stack!r} is missing configuration value{'s' if len(missing) > 1 else ''} {names}",
            hint=f"pulumi config set {min(missing)} VALUE --stack {stack}",
        )
    for item in project.config:
        if item.type:
            _check_declared(stack, item, config[item.key], values[item.key])


def _check_declared(stack: str, item: ConfigDeclaration, node: ConfigNode, value: ConfigValue) -> None:
    if item.secret and not is_secure(node):
        raise ConfigRefusedError(
            f"Stack {stack!r} with configuration key {item.key!r} must be encrypted as it's secret",
            hint=f"pulumi config set {item.key} VALUE --secret --stack {stack}",
        )
    content = json.loads(value.plaintext) if value.is_object else value.plaintext
    if not _is_of_type(content, item.type, item.items):
        raise ConfigRefusedError(
            f"Stack {stack!r} with configuration key {item.key!r} must be of type {_type_name(item.type, item.items)!r}"
        )


def _is_of_type(content: Any, kind: str, items: Mapping[str, Any]) -> bool:
    match kind:
        case "string":
            return isinstance(content, str)
        case "integer":
            whole = isinstance(content, int | float) and not isinstance(content, bool) and content == int(content)
            return whole or (isinstance(content, str) and _WHOLE.fullmatch(content) is not None)
        case "boolean":
            return isinstance(content, bool) or content in {"true", "false"}
        case "object":
            return isinstance(content, dict)
        case _:
            inner = items.get("items") or {}
            return isinstance(content, list) and all(
                _is_of_type(part, str(items.get("type")), inner) for part in content
            )


def _type_name(kind: str, items: Mapping[str, Any]) -> str:
    return f"array<{_type_name(str(items.get('type')), items.get('items') or {})}>" if items else kind
