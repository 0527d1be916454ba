"""`pulumi config ...`: reading and changing a stack's configuration.

Source for what is printed: Pulumi `pkg/cmd/pulumi/config/config.go`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rehearsal.engine import history
from rehearsal.engine.config import with_project_values
from rehearsal.engine.config_tree import (
    ConfigData,
    ConfigNode,
    KeyPath,
    Sealed,
    coerced,
    from_json_data,
    get_at,
    is_object,
    is_secure,
    parse_key,
    remove_at,
    set_at,
    text_of,
)
from rehearsal.engine.errors import ConfigRefusedError, InvocationRefusedError
from rehearsal.engine.go_json import indented, plain_json
from rehearsal.engine.references import StackReference
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.session import Session
from rehearsal.engine.stack_file import StackFile, with_config, with_provider
from rehearsal.engine.table import table_lines

Change = Callable[[ConfigData, Callable[[str], Sealed]], ConfigData]


def list_all(session: Session) -> None:
    """List a stack's configuration with the project's values under it."""
    reference = session.existing()
    file = session.stack_file(reference)
    config = with_project_values(file.config, session.project)
    clear = session.invocation.flag("show-secrets")
    manager = _manager(session, reference, file) if clear else None
    keys = sorted(config, key=lambda key: tuple(key.split(":", 1)))
    if session.invocation.flag("json"):
        session.lines.say(indented({key: _shown(config[key], manager, masked=not clear) for key in keys}))
        return
    rows = [
        (key.removeprefix(f"{session.project.name}:"), text_of(config[key], manager.decrypt if manager else None))
        for key in keys
    ]
    session.lines.say("\n".join(table_lines(("KEY", "VALUE"), rows)))


def get(session: Session) -> None:
    """Print one value, a secret one in clear."""
    reference = session.existing()
    file = session.stack_file(reference)
    name = session.invocation.arguments[0]
    key, path = _key(session, name)
    config = with_project_values(file.config, session.project)
    node, found = get_at(config[key], path) if key in config else (None, False)
    if not found:
        raise ConfigRefusedError(
            f"configuration key '{name}' not found for stack '{reference.shown(session.project_name)}'",
            hint=f"pulumi config set {name} VALUE --stack {reference.name}",
        )
    manager = _manager(session, reference, file) if is_secure(node) else None
    shown = _shown(node, manager, masked=False)
    session.lines.say(indented(shown) if session.invocation.flag("json") else shown["value"])


def set_one(session: Session) -> None:
    """Set one value, in clear or encrypted."""
    if session.invocation.flag("secret") and session.invocation.flag("plaintext"):
        raise InvocationRefusedError("only one of --secret and --plaintext may be given", subject="pulumi config set")
    name, value = session.invocation.arguments
    place = _key(session, name)
    secret = session.invocation.flag("secret")
    _change(session, lambda config, seal: _with(config, place, seal(value) if secret else _plain(value, place)))


def set_all(session: Session) -> None:
    """Set several values, given as KEY=VALUE after --plaintext or --secret, or as JSON."""
    plain = [_pair(session, pair) for pair in session.invocation.values("plaintext")]
    secret = [_pair(session, pair) for pair in session.invocation.values("secret")]
    given = _given_json(session)
    if given and (plain or secret or session.invocation.flag("path")):
        raise InvocationRefusedError("--json cannot be used with --plaintext, --secret or --path")

    def change(config: ConfigData, seal: Callable[[str], Sealed]) -> ConfigData:
        for place, value in plain:
            config = _with(config, place, _plain(value, place))
        for place, value in secret:
            config = _with(config, place, seal(value))
        for place, value, data, hidden in given:
            config = _with(config, place, seal(value) if hidden else value if data is None else from_json_data(data))
        return config

    _change(session, change)


def rm(session: Session) -> None:
    """Remove one value or several; what is not there is no error."""
    places = [_key(session, name) for name in session.invocation.arguments]

    def change(config: ConfigData, _seal: Callable[[str], Sealed]) -> ConfigData:
        for key, path in places:
            if not path:
                config = {name: node for name, node in config.items() if name != key}
            elif key in config:
                config = {**config, key: remove_at(config[key], path)}
        return config

    _change(session, change)


def refresh(session: Session) -> None:
    """Make the stack file what the last update used; the file from before is kept unless forced."""
    reference = session.existing()
    latest = history.entries(session.backend, reference, 1)
    if not latest:
        raise ConfigRefusedError("no previous deployment", subject=reference.qualified)
    document = session.document(reference)
    file = session.stack_file(reference)
    config = {key: from_json_data(data) for key, data in (latest[0].get("config") or {}).items()}
    texts = {key: node if is_object(node) or is_secure(node) else text_of(node, None) for key, node in config.items()}
    new = with_config(file, texts)
    if document.secrets_provider:
        new = with_provider(new, document.secrets_provider)
    if file.there and not session.invocation.flag("force"):
        kept = file.path.with_name(f"{file.path.name}.bak")
        while kept.exists():
            kept = kept.with_name(f"{kept.name}.bak")
        shutil.copy2(file.path, kept)
        session.lines.say(f"backed up existing configuration file to {kept}")
    session.save(file, new)
    session.lines.say(f"refreshed configuration for stack '{reference.name}'")


def _change(session: Session, change: Change) -> None:
    """Change a stack's configuration; a passphrase is asked for only where something is to be encrypted."""
    reference = session.existing()
    file = session.stack_file(reference)
    salted = file
    manager: SecretsManager | None = None

    def seal(value: str) -> Sealed:
        nonlocal manager, salted
        if manager is None:
            manager, salted = session.file_manager(file, session.document(reference))
        return Sealed(manager.encrypt(value))

    config = change(file.config, seal)
    session.save(file, replace(salted, config=config))


def _manager(session: Session, reference: StackReference, file: StackFile) -> SecretsManager:
    return session.file_manager(file, session.document(reference))[0]


def _key(session: Session, name: str) -> tuple[str, KeyPath]:
    return parse_key(name, session.project.name, path=session.invocation.flag("path"))


def _with(config: ConfigData, place: tuple[str, KeyPath], value: ConfigNode) -> ConfigData:
    key, path = place
    return {**config, key: set_at(config.get(key), path, value)}


def _plain(value: str, place: tuple[str, KeyPath]) -> ConfigNode:
    return coerced(value) if place[1] else value


def _pair(session: Session, pair: str) -> tuple[tuple[str, KeyPath], str]:
    """Split KEY=VALUE at the first `=`, or after a quoted key."""
    quote = pair[:1]
    if quote in {'"', "'"}:
        name, separator, value = pair[1:].partition(f"{quote}=")
    else:
        name, separator, value = pair.partition("=")
    if not separator:
        raise InvocationRefusedError("config value must be in the form [key]=[value]", subject="pulumi config set-all")
    return _key(session, name), value


def _given_json(session: Session) -> list[tuple[tuple[str, KeyPath], str, Any, bool]]:
    """Read what `config --json` prints: place, text, object (None for text), and whether it is secret."""
    text = session.invocation.value("json")
    if not text:
        return []
    try:
        data = json.loads(text)
        items = [(str(key), dict(item)) for key, item in data.items()]
    except (ValueError, AttributeError, TypeError) as error:
        raise ConfigRefusedError("could not parse --json argument", why=str(error)) from error
    found = []
    for key, item in items:
        if not isinstance(item.get("value"), str):
            raise ConfigRefusedError(f"value for --json object key {key!r} is missing or is no text")
        place = parse_key(key, session.project.name)
        found.append((place, item["value"], item.get("objectValue"), item.get("secret") is True))
    return found


def _shown(node: ConfigNode, manager: SecretsManager | None, *, masked: bool) -> dict[str, Any]:
    """Return a value in the form of `config --json`; a masked secret has no value."""
    secret = is_secure(node)
    if secret and masked:
        return {"secret": True}
    text = text_of(node, manager.decrypt if manager else None)
    found: dict[str, Any] = {"value": text}
    if is_object(node):
        found["objectValue"] = plain_json(json.loads(text))
    return found | {"secret": secret}
