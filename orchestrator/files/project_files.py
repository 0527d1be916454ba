"""Pulumi's project and stack files on disk: found, read, and written into work directories. No Pulumi needed.

A stack runs in a work directory of its own whose `Pulumi.yaml` is the program's with three changes: `main` names the
program's folder, `stackConfigDir` the folder of `Pulumi.<stack>.yaml`, and relative paths have become absolute.
Source: Pulumi `sdk/go/common/workspace/{project,paths}.go`, `pkg/engine/project.go`: `main` may be absolute and outside
of the project; `stackConfigDir` is always joined to the project's folder, so it must be relative.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ruamel.yaml import YAML

PROJECT_FILE = "Pulumi.yaml"
ENCRYPTION_KEYS = ("encryptionsalt", "encryptedkey", "secretsprovider")


def project_name(project_file: Path) -> str | None:
    """Return the `name` of a project file; None if there is no file, or none that names a project."""
    name = _values_of(project_file).get("name")
    return name if isinstance(name, str) and name else None


def program_folder(project_file: Path) -> Path:
    """Return the folder of a project's program, which `main` names; the project file's own where nothing is named."""
    main = _values_of(project_file).get("main")
    return project_file.parent / main if isinstance(main, str) and main else project_file.parent


def stack_file_name(stack: str) -> str:
    """Return the name of a stack's settings file."""
    return f"Pulumi.{stack}.yaml"


def write_work_project(project_file: Path, work_dir: Path, settings_dir: Path) -> None:
    """Make or renew the work directory's project file; an equal one is left alone.

    Raises OSError if the program's project file cannot be read or the work directory not be written.
    """
    source = project_file.read_text(encoding="utf-8")
    settings = os.path.relpath(settings_dir.resolve(), work_dir.resolve())
    made_from = hashlib.sha256("\0".join((source, str(project_file), settings)).encode()).hexdigest()
    head = f"# Made by fleetyard from {project_file}; changes are lost. {made_from}\n"
    target = work_dir / PROJECT_FILE
    with contextlib.suppress(FileNotFoundError), target.open(encoding="utf-8") as old:
        if old.readline() == head:
            return
    yaml = round_trip()
    project = yaml.load(source)
    home = project_file.parent
    project["main"] = str((home / str(project.get("main", "."))).resolve())
    project["stackConfigDir"] = settings
    _make_absolute(project, home)
    text = io.StringIO()
    yaml.dump(project, text)
    write_if_changed(target, head + text.getvalue())


def copy_settings(source: Path, target: Path, *, with_encryption: bool) -> None:
    """Copy a stack's settings file if there is one; whatever was at the target is replaced, or removed.

    Without encryption, whatever belongs to another passphrase stays behind: the salt or key, and the encrypted values.
    """
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return
    if not with_encryption:
        text = _without_encryption(text)
    write_if_changed(target, text)


def read_config(settings_file: Path) -> Mapping[str, Any]:
    """Return the stack's config as written, each scalar as text; a stack without a settings file has none."""
    try:
        values = _read_strings(settings_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    config = values.get("config")
    return config if isinstance(config, Mapping) else {}


def salt_of(settings_file: Path) -> str:
    """Return the salt of a stack's passphrase as Pulumi wrote it; empty if it has none."""
    try:
        return str(_read_strings(settings_file.read_text(encoding="utf-8")).get("encryptionsalt", ""))
    except FileNotFoundError:
        return ""


def give_salt(settings_file: Path, salt: str) -> None:
    """Write a salt into a stack's settings file unless it says already how its secrets are encrypted."""
    try:
        text = settings_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    if not any(key in _read_strings(text) for key in ENCRYPTION_KEYS):
        write_if_changed(settings_file, f"encryptionsalt: {salt}\n{text}")


def secrets_provider_of(settings_file: Path) -> str:
    """Return what encrypts the stack's secrets, as Pulumi wrote it; empty where that is left to the backend."""
    try:
        return str(_read_strings(settings_file.read_text(encoding="utf-8")).get("secretsprovider", ""))
    except FileNotFoundError:
        return ""


def uses_passphrase(settings_file: Path) -> bool:
    """Return whether the stack's secrets are encrypted with a passphrase, as a stack without a settings file's are."""
    return secrets_provider_of(settings_file) in {"passphrase", "default", ""}


def _make_absolute(project: Any, home: Path) -> None:
    runtime = project.get("runtime")
    options = runtime.get("options") if isinstance(runtime, Mapping) else None
    if isinstance(options, Mapping) and options.get("virtualenv"):
        options["virtualenv"] = str(Path(os.path.normpath(home / str(options["virtualenv"]))))  # type: ignore[index]
    plugins = project.get("plugins")
    for entries in plugins.values() if isinstance(plugins, Mapping) else ():
        for plugin in entries or ():
            if "path" in plugin:
                plugin["path"] = str((home / str(plugin["path"])).resolve())


def _without_encryption(text: str) -> str:
    yaml = round_trip()
    settings = yaml.load(text) or {}
    for key in ENCRYPTION_KEYS:
        settings.pop(key, None)
    config = settings.get("config") or {}
    for key in [key for key, value in config.items() if _holds_ciphertext(value)]:
        del config[key]
    out = io.StringIO()
    yaml.dump(settings, out)
    return out.getvalue()


def _holds_ciphertext(value: object) -> bool:
    if isinstance(value, Mapping):
        return "secure" in value or any(_holds_ciphertext(inner) for inner in value.values())
    return isinstance(value, list) and any(_holds_ciphertext(inner) for inner in value)


def write_if_changed(path: Path, text: str) -> None:
    """Write in one step, so that nobody reads half a file; an equal file keeps its time of change."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _values_of(project_file: Path) -> Mapping[str, Any]:
    """Return what a project file says; nothing if there is none that can be read."""
    try:
        return _read_strings(project_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return {}


def _read_strings(text: str) -> Mapping[str, Any]:
    """Return a YAML document with every scalar as text: an account id with leading zeros is no number here."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415  (comes with the Pulumi SDK, without types)

    try:
        values = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506  (makes text only)
    except yaml.YAMLError:
        return {}
    return values if isinstance(values, Mapping) else {}


def round_trip() -> YAML:
    """Return a YAML reader and writer that leaves what it does not touch as it was written."""
    from ruamel.yaml import YAML  # noqa: PLC0415  (slow to import for commands that write no project)

    yaml = YAML()
    yaml.width = 1_000_000
    yaml.preserve_quotes = True
    return yaml
