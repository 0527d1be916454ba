"""What every command needs: where it runs, which project, backend, stack and secrets are meant.

Each part is found when first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from rehearsal.engine.arguments import Invocation
from rehearsal.engine.aws_access import AwsAccess, Guard
from rehearsal.engine.backend import Backend, open_backend
from rehearsal.engine.checkpoint import Document
from rehearsal.engine.errors import EngineError, InvocationRefusedError, StackMissingError
from rehearsal.engine.kms_secrets import CLOUD, CloudSecrets, is_key_url, refuse_other_key
from rehearsal.engine.lines import Lines
from rehearsal.engine.project_file import ProjectFile, find_project_file, load_project, read_project
from rehearsal.engine.references import StackReference, parse_reference
from rehearsal.engine.secret_managers import (
    PASSPHRASE,
    KeyCache,
    PassphraseManager,
    SecretsManager,
    manager_of,
    new_passphrase_salt,
    read_passphrase,
)
from rehearsal.engine.selection import Selection, selection_of
from rehearsal.engine.stack_file import StackFile, read_stack_file, with_provider, write_stack_file
from rehearsal.engine.state import SecretsProvider

_NEAR = 0.65
"""Two letters of three exchanged are near enough to ask."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs: working directory, whole environment, the process's cache of keys, the guard of AWS."""

    cwd: Path
    env: Mapping[str, str]
    keys: KeyCache
    guard: Guard


class Session:
    """One command in one place. Not shared between commands: another process may have changed every file."""

    def __init__(self, invocation: Invocation, place: Place, lines: Lines) -> None:
        """Take the parsed command line, where it runs, and where it prints."""
        self.invocation = invocation
        self.lines = lines
        self.cwd = place.cwd
        self.env = place.env
        self.keys = place.keys
        self.access = AwsAccess(place.env, place.guard)
        self.cloud = CloudSecrets(self.access, place.env)
        self._contents: dict[StackReference, bytes] = {}

    @cached_property
    def project(self) -> ProjectFile:
        """Return the project; raises ProjectUnusableError if there is none."""
        return load_project(self.cwd)

    @cached_property
    def project_or_none(self) -> ProjectFile | None:
        """Return the project, None outside of one."""
        path = find_project_file(self.cwd)
        return read_project(path) if path else None

    @property
    def project_name(self) -> str | None:
        """Return the project's name, None outside of one."""
        return self.project_or_none.name if self.project_or_none else None

    @cached_property
    def backend(self) -> Backend:
        """Return the backend that PULUMI_BACKEND_URL or the project file names."""
        url = self.env.get("PULUMI_BACKEND_URL", "")
        if not url and self.project_or_none:
            url = self.project_or_none.backend_url
        return open_backend(url, self.cwd, self.env, self.access)

    @cached_property
    def selection(self) -> Selection | None:
        """Return which stack is selected here, None outside of a project."""
        project = self.project_or_none
        if project is None:
            return None
        return selection_of(project.name, project.path, self.backend.store.url, self.env)

    def reference(self, *, argument: str = "") -> StackReference:
        """Return the stack that is meant: by argument, by `--stack`, or the selected one.

        Raises StackMissingError if none is, InvocationRefusedError if two ways say something.
        """
        option = self.invocation.value("stack")
        if argument and option:
            raise InvocationRefusedError("only one of --stack or argument stack name may be specified, not both")
        name = argument or option or (self.selection.stack() if self.selection else "")
        if not name:
            raise StackMissingError(
                "no stack selected", hint="name one with --stack, or choose one with: pulumi stack select NAME"
            )
        return parse_reference(name, self.project_name)

    def existing(self, *, argument: str = "") -> StackReference:
        """Return the stack that is meant; raises StackMissingError if there is no such stack."""
        reference = self.reference(argument=argument)
        self._content(reference)
        return reference

    def document(self, reference: StackReference, *, fresh: bool = False) -> Document:
        """Return a stack's checkpoint as this command read it first; `fresh` reads it anew, as after a lock.

        Raises StackMissingError if there is no such stack.
        """
        if fresh:
            self._contents.pop(reference, None)
        return self.backend.parsed(reference, self._content(reference))

    def _content(self, reference: StackReference) -> bytes:
        if reference not in self._contents:
            content = self.backend.content(reference)
            if content is None:
                raise self.missing(reference)
            self._contents[reference] = content
        return self._contents[reference]

    def missing(self, reference: StackReference) -> StackMissingError:
        """Return the error that says that there is no such stack, in words that the SDK recognises."""
        name = reference.shown(self.project_name)
        return StackMissingError(
            f"no stack named '{name}' found",
            subject=self.backend.store.url,
            hint=self.lines.wording.stack_missing or f"{self._meant(reference)}pulumi stack init {name}",
        )

    def _meant(self, reference: StackReference) -> str:
        """Return a question for the stack of a similar name in the same project, if there is one."""
        names: list[str] = []
        with suppress(EngineError):  # Who may not list the stacks is still told that this one is missing.
            names = [other.name for other in self.backend.references() if other.project == reference.project]
        near = get_close_matches(reference.name, names, n=1, cutoff=_NEAR)
        return f"did you mean {near[0]}? To make a new stack: " if near else ""

    # -- the stack file and who encrypts ---------------------------------------------------------------------------

    def stack_file_path(self, reference: StackReference) -> Path:
        """Return where a stack's configuration lies; `--config-file` names another file."""
        named = self.invocation.value("config-file")
        return self.cwd / named if named else self.project.stack_file(reference.name)

    def stack_file(self, reference: StackReference) -> StackFile:
        """Read a stack's configuration; raises ConfigRefusedError."""
        return read_stack_file(self.stack_file_path(reference), self.project.name)

    def save(self, old: StackFile, new: StackFile) -> None:
        """Write a changed stack file; raises ConfigRefusedError."""
        write_stack_file(old, new, self.project.name)

    def file_manager(self, file: StackFile, document: Document | None) -> tuple[SecretsManager, StackFile]:
        """Return who encrypts a stack's configuration and state from now on, and the stack file that says so.

        A stack file without salt or key takes the checkpoint's; without that, a new one is made. Raises
        SecretsProviderUnsupportedError, PassphraseMissingError, SecretsKeyMismatchError, and what KMS refuses.
        """
        stored = document.secrets_provider if document else None
        if is_key_url(file.provider):
            return self._cloud_manager(file, stored)
        if file.salt:
            return PassphraseManager(file.salt, self.env, self.keys), file
        if stored is not None:
            return self.manager_of(stored), with_provider(file, stored)
        return self.new_manager(file, PASSPHRASE)

    def new_manager(self, file: StackFile, url: str) -> tuple[SecretsManager, StackFile]:
        """Return a manager with a new salt or data key, and the stack file that names it; raises as `file_manager`."""
        manager: SecretsManager
        if is_key_url(url):
            manager = self.cloud.new(url)
        else:
            salt = new_passphrase_salt(read_passphrase(self.env), self.keys)
            manager = PassphraseManager(salt, self.env, self.keys)
        return manager, with_provider(file, manager.provider)

    def manager_of(self, provider: SecretsProvider) -> SecretsManager:
        """Return the manager that a checkpoint names; raises SecretsProviderUnsupportedError."""
        return self.cloud.of(provider) if provider.type == CLOUD else manager_of(provider, self.env, self.keys)

    def state_manager(self, document: Document) -> SecretsManager | None:
        """Return who encrypted a checkpoint's secrets, None if nobody did."""
        provider = document.secrets_provider
        return self.manager_of(provider) if provider else None

    def _cloud_manager(self, file: StackFile, stored: SecretsProvider | None) -> tuple[SecretsManager, StackFile]:
        if file.key:
            manager = self.cloud.manager(file.provider, file.key)
            refuse_other_key(manager, stored, str(file.path))
            return manager, file
        if stored is not None and stored.type == CLOUD and stored.state.get("url") == file.provider:
            return self.manager_of(stored), with_provider(file, stored)
        return self.new_manager(file, file.provider)
