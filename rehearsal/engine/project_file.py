"""Pulumi.yaml: finds a project upwards of a folder and reads what the engine needs of it.

Where `main` and `stackConfigDir` lead follows Pulumi exactly: an absolute `main`, or one outside the project, is taken
as it is; `stackConfigDir` always lies under the project's folder, even when it begins with a slash.
Source: Pulumi `sdk/go/common/workspace/{paths,loaders,project}.go`, `pkg/engine/project.go`, `pkg/workspace/config.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.engine import yaml_data
from rehearsal.engine.errors import ProjectUnusableError
from rehearsal.engine.references import check_project_name
from rehearsal.engine.update import Project
from rehearsal.engine.yaml_data import MalformedYamlError, Node

_ENDINGS = (".json", ".yaml", ".yml")
_NOT_CARRIED = {
    "plugins": "the embedded engine hosts its own providers",
    "packages": "the embedded engine hosts its own providers",
    "requiredPulumiVersion": "it speaks of the Pulumi CLI",
}
_DECLARATION = frozenset({"type", "description", "items", "default", "value", "secret"})
_TYPES = frozenset({"string", "integer", "boolean", "array", "object"})


@dataclass(frozen=True, slots=True)
class ConfigDeclaration:
    """What a project file says of one configuration key. `default` and `value` are data, None where not given."""

    key: str
    default: Any = None
    type: str = ""
    items: Mapping[str, Any] = field(default_factory=dict)
    secret: bool = False

    @property
    def given(self) -> bool:
        """Tell whether the project gives the key a value."""
        return self.default is not None


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A project file as read. `path` is absolute."""

    path: Path
    name: str
    runtime: str = ""
    runtime_options: Mapping[str, Any] = field(default_factory=dict)
    main: str = ""
    stack_config_dir: str = ""
    backend_url: str = ""
    refresh_always: bool = False
    config: tuple[ConfigDeclaration, ...] = ()

    @property
    def root(self) -> Path:
        """Return the project's folder."""
        return self.path.parent

    def stack_file(self, stack: str) -> Path:
        """Return where a stack's configuration lies."""
        folder = self.root / self.stack_config_dir.lstrip("/") if self.stack_config_dir else self.root
        return folder / f"Pulumi.{stack}{self.path.suffix}"

    def project(self) -> Project:
        """Return the program to run; raises ProjectUnusableError if `main` is not there."""
        program, entry = self.root, "."
        if self.main:
            main = self.root / self.main
            if not main.exists():
                raise ProjectUnusableError(
                    "project 'main' could not be read", subject=str(main), hint=f"see {self.path}"
                )
            main = clean_path(main)
            program, entry = (main, ".") if main.is_dir() else (main.parent, main.name)
        return Project(self.name, self.root, program, entry, self.runtime, self.runtime_options)


def find_project_file(folder: Path) -> Path | None:
    """Return the nearest project file in a folder or above it."""
    for place in (folder, *folder.parents):
        for ending in _ENDINGS:
            path = place / f"Pulumi{ending}"
            if path.is_file():
                return path
    return None


def load_project(folder: Path) -> ProjectFile:
    """Read the nearest project file; raises ProjectUnusableError, naming the file."""
    path = find_project_file(folder)
    if path is None:
        raise ProjectUnusableError(
            f"no Pulumi.yaml project file found (searching upwards from {folder})",
            hint="run this in a project's folder, or name one with --cwd",
        )
    return read_project(path)


def read_project(path: Path) -> ProjectFile:
    """Read one project file; raises ProjectUnusableError, naming the file and what is wrong in it."""
    try:
        fields = yaml_data.members(yaml_data.compose(path.read_text(encoding="utf-8")), "a project file")
        return _project(path, fields)
    except (OSError, UnicodeDecodeError, MalformedYamlError) as error:
        raise ProjectUnusableError(f"could not read project file: {error}", subject=str(path)) from error


def _project(path: Path, fields: Mapping[str, Node]) -> ProjectFile:
    for name, reason in _NOT_CARRIED.items():
        if name in fields:
            raise ProjectUnusableError(
                f"{name} is not supported by the embedded engine", subject=str(path), why=reason, hint=f"remove {name}"
            )
    name = yaml_data.text(fields.get("name"), "name")
    if not name:
        raise ProjectUnusableError("project is missing a 'name' attribute", subject=str(path))
    runtime, options = _runtime(fields.get("runtime"))
    config, folder = fields.get("config"), yaml_data.text(fields.get("stackConfigDir"), "stackConfigDir")
    if config is not None and yaml_data.is_scalar(config):  # The older way to name the folder of stack files.
        older = yaml_data.text(config, "config")
        if older and folder:
            raise ProjectUnusableError(
                "config and stackConfigDir both name the folder of stack files", subject=str(path)
            )
        config, folder = None, older or folder
    backend = yaml_data.members(fields.get("backend"), "backend")
    behaviour = yaml_data.members(fields.get("options"), "options")
    return ProjectFile(
        path=path,
        name=check_project_name(name),
        runtime=runtime,
        runtime_options=options,
        main=yaml_data.text(fields.get("main"), "main"),
        stack_config_dir=folder,
        backend_url=yaml_data.text(backend.get("url"), "backend.url"),
        refresh_always=yaml_data.text(behaviour.get("refresh"), "options.refresh") == "always",
        config=tuple(_declared(name, key, node) for key, node in yaml_data.members(config, "config").items()),
    )


def _runtime(node: Node | None) -> tuple[str, Mapping[str, Any]]:
    if node is None or yaml_data.is_scalar(node):
        return yaml_data.text(node, "runtime"), {}
    fields = yaml_data.members(node, "runtime")
    options = fields.get("options")
    return yaml_data.text(fields.get("name"), "runtime.name"), yaml_data.typed(options) or {} if options else {}


def _declared(project: str, key: str, node: Node) -> ConfigDeclaration:
    full = key if ":" in key else f"{project}:{key}"
    own = full.startswith(f"{project}:")
    fields = {} if yaml_data.is_scalar(node) or not _is_mapping(node) else yaml_data.members(node, f"config {key}")
    if not _is_mapping(node):
        return ConfigDeclaration(full, _data(node))
    unknown = sorted(fields.keys() - _DECLARATION)
    if unknown:
        raise MalformedYamlError(
            f"config {key} has no attribute {unknown[0]!r}; it has {', '.join(sorted(_DECLARATION))}"
        )
    default, value = _data(fields.get("default")), _data(fields.get("value"))
    kind = yaml_data.text(fields.get("type"), f"config {key}.type")
    if default is not None and value is not None:
        raise MalformedYamlError(f"project config {key!r} cannot have both a 'default' and 'value' attribute")
    if not own and (kind or default is not None):
        raise MalformedYamlError(
            f"config {key!r} is not namespaced by the project: it takes a 'value' and nothing else"
        )
    if not own and value is None:
        raise MalformedYamlError(f"config {key!r} is namespaced and must provide an attribute 'value'")
    if kind and kind not in _TYPES:
        raise MalformedYamlError(f"config {key!r} has type {kind!r}; the types are {', '.join(sorted(_TYPES))}")
    items = yaml_data.typed(fields["items"]) if "items" in fields else {}
    if kind == "array" and not items:
        raise MalformedYamlError(f"config {key!r} declares an array without 'items'")
    secret = yaml_data.text(fields.get("secret"), f"config {key}.secret").lower() == "true"
    return ConfigDeclaration(full, default if value is None else value, kind, items, secret)


def _data(node: Node | None) -> Any:
    """Return a declared value: a scalar as its exact text, anything else typed."""
    if node is None:
        return None
    if yaml_data.is_scalar(node):
        return None if yaml_data.typed(node) is None else str(node.value)
    return yaml_data.typed(node)


def _is_mapping(node: Node) -> bool:
    return not yaml_data.is_scalar(node) and bool(node.value) and isinstance(node.value[0], tuple)


def clean_path(path: Path) -> Path:
    """Return a path without `.` and `..`, links left alone, as Go's filepath.Clean does."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in {"..", path.anchor}:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return Path(*parts)
