"""The self-managed backend: which stacks there are, their state, tags and backups, in Pulumi's layout.

Source: Pulumi `pkg/backend/diy/{backend,state,store,meta,stack_tags}.go`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from rehearsal.engine.aws_access import AwsAccess
from rehearsal.engine.checkpoint import Document, parse_checkpoint
from rehearsal.engine.errors import (
    BackendUnusableError,
    StateConflictError,
    StateCorruptError,
    StateUnsupportedError,
)
from rehearsal.engine.go_json import compact
from rehearsal.engine.locks import held_lock, remove_locks
from rehearsal.engine.references import STACKS, StackReference
from rehearsal.engine.s3_store import SCHEME, open_s3_store
from rehearsal.engine.store import FileStore, ObjectStore, address_of

_META = ".pulumi/meta.yaml"
_META_VERSION = re.compile(r"^version:\s*(\d+)\s*(?:#.*)?$", re.MULTILINE)
_FILE = "file://"
_HARMLESS_QUERY = frozenset({"no_tmp_dir", "metadata", "create_dir"})
_COMPRESSED = (".gz", ".zst")
_STATE_ENDINGS = (".json", *(f".json{suffix}" for suffix in _COMPRESSED))
_CHANGES_FORMAT = {
    "PULUMI_DIY_BACKEND_GZIP": "state is written uncompressed",
    "PULUMI_SELF_MANAGED_STATE_GZIP": "state is written uncompressed",
    "PULUMI_DIY_BACKEND_ZSTD": "state is written uncompressed",
    "PULUMI_SELF_MANAGED_STATE_ZSTD": "state is written uncompressed",
    "PULUMI_DIY_BACKEND_LEGACY_LAYOUT": "only the layout with projects is written",
    "PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT": "only the layout with projects is written",
    "PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS": "copies of each state are kept in the backups folder only",
    "PULUMI_RETAIN_CHECKPOINTS": "copies of each state are kept in the backups folder only",
}
_NO_BACKUPS = ("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS", "PULUMI_DISABLE_CHECKPOINT_BACKUPS")
_TAGS_VERSION = 1


@dataclass(frozen=True, slots=True)
class Backend:
    """A self-managed backend in an object store."""

    store: ObjectStore
    backups: bool = True

    def references(self) -> list[StackReference]:
        """Return every stack, by project and name."""
        found: list[StackReference] = []
        for info in self.store.list(STACKS):
            project, _, file = info.key.removeprefix(f"{STACKS}/").rpartition("/")
            ending = next((ending for ending in _STATE_ENDINGS if file.endswith(ending)), "")
            if ending and project and "/" not in project:
                found.append(StackReference(project, file.removesuffix(ending)))
        return found

    def exists(self, reference: StackReference) -> bool:
        """Tell whether there is such a stack."""
        return self.content(reference) is not None

    def content(self, reference: StackReference) -> bytes | None:
        """Return a stack's checkpoint file, None if there is no such stack; raises StateUnsupportedError."""
        content = self.store.get(reference.checkpoint_key)
        if content is None:
            self._refuse_compressed(reference)
        return content

    def document(self, reference: StackReference) -> Document | None:
        """Return a stack's checkpoint; raises StateCorruptError or StateUnsupportedError, naming the file."""
        content = self.content(reference)
        return None if content is None else self.parsed(reference, content)

    def parsed(self, reference: StackReference, content: bytes) -> Document:
        """Return the checkpoint in a stack's file; raises as `document`."""
        subject = self.address(reference.checkpoint_key)
        document = parse_checkpoint(content, subject)
        _refuse_foreign(document, reference, subject)
        return document

    def write(self, reference: StackReference, content: bytes, *, durable: bool = False) -> None:
        """Write a stack's checkpoint file whole."""
        self.store.put(reference.checkpoint_key, content, durable=durable)

    def create(self, reference: StackReference, content: bytes) -> None:
        """Write the first checkpoint file of a stack; raises StateConflictError if somebody else just did."""
        if not self.store.put_new(reference.checkpoint_key, content):
            raise StateConflictError(
                f"somebody else has just made stack {reference.qualified}",
                subject=self.address(reference.checkpoint_key),
                not_run="nothing was overwritten",
                hint=f"pulumi stack select {reference.name}",
            )

    def keep_previous(self, reference: StackReference) -> None:
        """Copy the state as it is to `.bak`, before something changes it."""
        self.store.copy(reference.checkpoint_key, f"{reference.checkpoint_key}.bak")

    def backup(self, reference: StackReference) -> None:
        """Keep a copy of the state as it is now in the backups folder."""
        if self.backups:
            name = f"{reference.backup_folder}/{reference.name}.{time.time_ns()}.json"
            self.store.copy(reference.checkpoint_key, name)

    def remove(self, reference: StackReference, *, backups: bool) -> None:
        """Remove a stack: its state becomes `.bak` (or goes with the backups), its tags and history go."""
        if backups:
            self.store.delete(f"{reference.checkpoint_key}.bak")
            self._remove_folder(reference.backup_folder)
        else:
            self.keep_previous(reference)
        self.store.delete(reference.checkpoint_key, reference.tags_key)
        self._remove_folder(reference.history_folder)

    def lock(self, reference: StackReference, note: Callable[[str], None]) -> AbstractContextManager[None]:
        """Hold a stack's lock; see `locks.held_lock`. Tidies the store first."""
        self.store.tidy()
        return held_lock(self.store, reference.lock_folder, note)

    def cancel(self, reference: StackReference) -> None:
        """Remove every lock of a stack, whoever holds it."""
        remove_locks(self.store, reference.lock_folder)

    def tags(self, reference: StackReference) -> dict[str, str]:
        """Return a stack's tags; raises StateCorruptError."""
        content = self.store.get(reference.tags_key)
        if content is None:
            return {}
        try:
            data = json.loads(content)
            if data["version"] == _TAGS_VERSION:
                return {str(name): str(value) for name, value in (data["tags"] or {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            pass
        raise StateCorruptError("the stack's tags cannot be read", subject=self.address(reference.tags_key))

    def save_tags(self, reference: StackReference, tags: Mapping[str, str]) -> None:
        """Write a stack's tags; without any there is no file."""
        if not tags:
            self.store.delete(reference.tags_key)
            return
        data = {"version": _TAGS_VERSION, "tags": {name: tags[name] for name in sorted(tags)}}
        self.store.put(reference.tags_key, compact(data).encode())

    def address(self, key: str) -> str:
        """Return the address of an object, for messages."""
        return address_of(self.store.url, key)

    def _remove_folder(self, folder: str) -> None:
        self.store.delete(*(info.key for info in self.store.list(folder)))

    def _refuse_compressed(self, reference: StackReference) -> None:
        there = {info.key for info in self.store.list(reference.checkpoint_key.rpartition("/")[0])}
        for suffix in _COMPRESSED:
            key = f"{reference.checkpoint_key}{suffix}"
            if key in there:
                raise StateUnsupportedError(
                    "the state is compressed, which the embedded engine does not read",
                    subject=self.address(key),
                    not_run="the file was left as it is",
                    hint="run any update with the real Pulumi CLI and without PULUMI_DIY_BACKEND_GZIP or _ZSTD",
                )


def open_backend(url: str, cwd: Path, env: Mapping[str, str], access: AwsAccess | None = None) -> Backend:
    """Open the backend at a URL, making its meta file if it is new. S3 needs `access`.

    Raises BackendUnusableError, StateCorruptError or StateUnsupportedError; for S3 also what `open_s3_store` raises.
    """
    for name, kept in _CHANGES_FORMAT.items():
        if _is_set(env, name):
            raise BackendUnusableError(
                f"{name} is not supported by the embedded engine", why=kept, hint=f"unset {name}"
            )
    store = _store(url, cwd, access)
    _check_meta(store)
    return Backend(store, backups=not any(_is_set(env, name) for name in _NO_BACKUPS))


def lasting_address(url: str, cwd: Path) -> str:
    """Return the address of a backend without what may differ between two ways to name it, such as a profile.

    Raises BackendUnusableError.
    """
    return f"{_FILE}{_folder(url, cwd)}" if url.startswith(_FILE) else url.partition("?")[0].rstrip("/")


def _store(url: str, cwd: Path, access: AwsAccess | None) -> ObjectStore:
    if access is not None and url.startswith(SCHEME):
        return open_s3_store(url, access)
    return FileStore(_folder(url, cwd), url)


def _folder(url: str, cwd: Path) -> Path:
    if not url:
        raise BackendUnusableError(
            "no backend is given", hint="mkdir -p DIR; export PULUMI_BACKEND_URL=file://DIR, and run the command again"
        )
    if not url.startswith(_FILE):
        kind = url.partition("://")[0]
        raise BackendUnusableError(
            f"a backend of kind {kind!r} is not supported by the embedded engine",
            subject=url.partition("?")[0],
            hint="use file://DIR or s3://BUCKET, or the real Pulumi CLI",
        )
    path, _, query = url.removeprefix(_FILE).partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(options.keys() - _HARMLESS_QUERY)
    if unknown:
        raise BackendUnusableError(f"backend option {unknown[0]!r} is not supported", subject=url)
    folder = (cwd / Path(unquote(path)).expanduser()).resolve()
    if options.get("create_dir", "").lower() in {"1", "true"}:
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir():
        raise BackendUnusableError(
            "the backend's folder does not exist", subject=str(folder), hint=f"make it with: mkdir -p {folder}"
        )
    return folder


def _check_meta(store: ObjectStore) -> None:
    content = store.get(_META)
    if content is None:
        if any(_is_legacy(info.key) for info in store.list(STACKS)):
            raise _legacy(store)
        store.put_new(_META, b"version: 1\n")
        return
    match = _META_VERSION.search(content.decode("utf-8", "replace"))
    if match is None:
        raise StateCorruptError(
            "the backend's meta file has no version", subject=address_of(store.url, _META), hint="it reads `version: 1`"
        )
    version = int(match[1])
    if version == 0:
        raise _legacy(store)
    if version > 1:
        raise StateUnsupportedError(
            f"the backend's layout is version {version}, newer than the embedded engine reads (1)",
            subject=address_of(store.url, _META),
            not_run="nothing was changed",
            hint="use the real Pulumi CLI for this backend",
        )


def _is_legacy(key: str) -> bool:
    """Tell whether a state file lies directly in the stacks folder, where it did before projects had folders."""
    name = key.removeprefix(f"{STACKS}/")
    return "/" not in name and name.endswith(_STATE_ENDINGS)


def _legacy(store: ObjectStore) -> StateUnsupportedError:
    return StateUnsupportedError(
        "the backend has the old layout without projects",
        subject=store.url,
        not_run="nothing was changed",
        hint="upgrade it with the real Pulumi CLI: pulumi state upgrade",
    )


def _is_set(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() in {"1", "true"}


def _refuse_foreign(document: Document, reference: StackReference, subject: str) -> None:
    """Raise StateCorruptError for the state of another stack: an update would delete what that one holds."""
    own = f"urn:pulumi:{reference.name}::{reference.project}::"
    foreign = next((urn for urn in map(_urn_of, document.resources) if urn and not urn.startswith(own)), None)
    if foreign is not None:
        raise StateCorruptError(
            f"this is the state of another stack than {reference.name} of {reference.project}",
            subject=subject,
            why=f"it holds {foreign}",
            not_run="the file was left as it is",
            hint="the previous state lies beside it as .bak, earlier ones in the backups folder; copy one over it",
        )


def _urn_of(entry: object) -> str:
    return str(entry.get("urn") or "") if isinstance(entry, dict) else ""
