"""Pulumi.<stack>.yaml: a stack's configuration and salt, read exactly and changed in place.

Comments, order and quoting of what is not changed are kept. What was written is read back before it replaces the file.
Source: Pulumi `sdk/go/common/workspace/{loaders,project}.go` (ProjectStack).
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rehearsal.engine import yaml_data
from rehearsal.engine.config_tree import ConfigData, ConfigNode, Sealed, from_json_data
from rehearsal.engine.errors import ConfigRefusedError
from rehearsal.engine.state import SecretsProvider
from rehearsal.engine.yaml_data import MalformedYamlError

_SALT = "encryptionsalt"
_PROVIDER = "secretsprovider"
_KEY = "encryptedkey"
_KNOWN = frozenset({_SALT, _PROVIDER, _KEY, "config", "environment"})
_PLAIN = re.compile(r"[A-Za-z./_][A-Za-z0-9./_+=@-]*(:[A-Za-z0-9./_+=@-]+)*( [A-Za-z0-9./_+=@-]+)*")


@dataclass(frozen=True, slots=True)
class StackFile:
    """A stack file as read; `config` by fully qualified key. `there` tells whether the file exists."""

    path: Path
    salt: str = ""
    provider: str = ""
    key: str = ""
    config: ConfigData = field(default_factory=dict)
    there: bool = False


def read_stack_file(path: Path, project: str) -> StackFile:
    """Read a stack file, a missing one as empty; raises ConfigRefusedError, naming the file and the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return StackFile(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigRefusedError(f"could not read the stack file: {error}", subject=str(path)) from error
    return _parsed(text, path, project)


def write_stack_file(old: StackFile, new: StackFile, project: str) -> None:
    """Write what changed between two states of a stack file; does nothing if nothing did.

    Raises ConfigRefusedError if the file cannot be written.
    """
    if _content(old) == _content(new):
        return
    text = _edited(old.path.read_text(encoding="utf-8") if old.there else "", old, new, project)
    written = _parsed(text, new.path, project)
    if _content(written) != _content(new):
        raise ConfigRefusedError("the stack file could not be changed without losing something", subject=str(new.path))
    try:
        _replace_file(new.path, text)
    except OSError as error:
        raise ConfigRefusedError(f"could not write the stack file: {error}", subject=str(new.path)) from error


def with_config(file: StackFile, config: ConfigData) -> StackFile:
    """Return a stack file with other configuration."""
    return replace(file, config=config)


def with_provider(file: StackFile, provider: SecretsProvider) -> StackFile:
    """Return a stack file that names the secrets provider of a checkpoint: a salt, or a KMS key's URL and data key."""
    state = provider.state
    return replace(
        file,
        salt=str(state.get("salt", "")),
        provider=str(state.get("url", "")),
        key=str(state.get("encryptedkey", "")),
    )


def _content(file: StackFile) -> tuple[str, str, str, ConfigData]:
    return file.salt, file.provider, file.key, file.config


def _parsed(text: str, path: Path, project: str) -> StackFile:
    try:
        fields = yaml_data.members(yaml_data.compose(text), "a stack file")
        _check_fields(fields)
        return StackFile(
            path=path,
            salt=yaml_data.text(fields.get(_SALT), _SALT),
            provider=yaml_data.text(fields.get(_PROVIDER), _PROVIDER),
            key=yaml_data.text(fields.get(_KEY), _KEY),
            config=_config(fields.get("config"), project),
            there=True,
        )
    except MalformedYamlError as error:
        raise ConfigRefusedError(f"could not read the stack file: {error}", subject=str(path)) from error


def _check_fields(fields: Mapping[str, yaml_data.Node]) -> None:
    unknown = sorted(fields.keys() - _KNOWN)
    if unknown:
        raise MalformedYamlError(f"a stack file has no {unknown[0]!r}; it has {', '.join(sorted(_KNOWN))}")
    if "environment" in fields:
        raise MalformedYamlError("Pulumi environments (ESC) exist in Pulumi Cloud only; remove `environment`")


def _config(section: yaml_data.Node | None, project: str) -> ConfigData:
    config: ConfigData = {}
    for key, node in yaml_data.members(section, "config").items():
        full = key if ":" in key else f"{project}:{key}"
        if full in config:
            raise MalformedYamlError(f"config names {full!r} twice, with and without its namespace")
        config[full] = _top_level(node)
    return config


def _top_level(node: yaml_data.Node) -> ConfigNode:
    if yaml_data.is_scalar(node):
        return yaml_data.text(node, "a configuration value")
    return from_json_data(yaml_data.typed(node))


def _edited(text: str, old: StackFile, new: StackFile, project: str) -> str:
    """Return the file's text with the changes made in it."""
    from ruamel.yaml import YAML  # noqa: PLC0415 (needed only where a file changes)
    from ruamel.yaml.comments import CommentedMap  # noqa: PLC0415 (the same)

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = (yaml.load(text) if text.strip() else None) or CommentedMap()
    for name, before, after in (
        (_SALT, old.salt, new.salt),
        (_KEY, old.key, new.key),
        (_PROVIDER, old.provider, new.provider),
    ):
        if after and before != after:
            document.insert(0, name, after) if name not in document else document.update({name: after})
        elif before and not after:
            del document[name]
    if new.config or document.get("config") is not None:
        if document.get("config") is None:
            document["config"] = CommentedMap()
        _edit_config(document["config"], old.config, new.config, project)
        if not document["config"]:
            del document["config"]
    out = io.StringIO()
    if document:
        yaml.dump(document, out)
    return out.getvalue()


def _edit_config(section: dict[str, Any], old: ConfigData, new: ConfigData, project: str) -> None:
    spelled = {(key if ":" in key else f"{project}:{key}"): key for key in section}
    for key in old.keys() - new.keys():
        del section[spelled[key]]
    for key, value in new.items():
        if key not in old or old[key] != value:
            _edit(section, spelled.get(key, key), value)


def _edit(container: Any, key: Any, value: ConfigNode) -> None:
    """Put a value into a map or list, changing only what differs, so that comments inside stay."""
    there = container[key] if not isinstance(container, dict) or key in container else None
    if isinstance(value, dict) and isinstance(there, dict):
        for gone in [name for name in there if name not in value]:
            del there[gone]
        for name, item in value.items():
            _edit(there, name, item)
    elif isinstance(value, list) and isinstance(there, list) and len(value) == len(there):
        for index, item in enumerate(value):
            _edit(there, index, item)
    elif isinstance(value, Sealed) and isinstance(there, dict) and there.keys() == {"secure"}:
        there["secure"] = value.ciphertext
    elif isinstance(value, str) != isinstance(there, str) or there != value or type(there) is bool:
        container[key] = _spelled(value)


def _spelled(value: ConfigNode) -> Any:
    """Return a value for writing; text that could be read as anything else gets quotes."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString  # noqa: PLC0415 (needed only where a file changes)

    if isinstance(value, Sealed):
        return {"secure": value.ciphertext}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, str) and (not _PLAIN.fullmatch(value) or yaml_data.plain_scalar(value) != value):
        return DoubleQuotedScalarString(value)
    return value


def _replace_file(path: Path, text: str) -> None:
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_text(text, encoding="utf-8")
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
