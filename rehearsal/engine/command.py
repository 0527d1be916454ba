"""The embedded engine as `pulumi.automation` sees it: a `PulumiCommand` that starts no process.

    args -> command table -> session (project, backend, stack, secrets) -> one command -> lines -> CommandResult

Errors are raised as the SDK raises those of the real CLI, by the words in them. What the engine does not carry out is
refused with exit code 2, naming command and option.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from pulumi.automation import CommandResult, OnOutput, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from rehearsal.engine import config_commands, provider_commands, stack_commands, stack_summary, update_commands
from rehearsal.engine.arguments import CommandTable
from rehearsal.engine.command_table import command_table
from rehearsal.engine.errors import EngineError, InvocationRefusedError
from rehearsal.engine.go_json import indented
from rehearsal.engine.lines import Lines
from rehearsal.engine.locks import user_name
from rehearsal.engine.project_file import clean_path
from rehearsal.engine.secret_managers import KeyCache
from rehearsal.engine.session import Place, Session
from rehearsal.engine.update import Collaborators, NearHost, ProgramHost, ProviderFactory, UpdateOutcome, UpdateRequest
from rehearsal.engine.update_commands import Engine, RunUpdate
from rehearsal.engine.version import PULUMI_VERSION
from rehearsal.engine.wording import PLAIN, Wording
from rehearsal.errors import RehearsalError

_COMMANDS: Mapping[tuple[str, ...], Callable[[Session], None]] = {
    ("cancel",): stack_commands.cancel,
    ("stack",): stack_summary.show,
    ("stack", "init"): stack_commands.init,
    ("stack", "select"): stack_commands.select,
    ("stack", "ls"): stack_commands.ls,
    ("stack", "rm"): stack_commands.rm,
    ("stack", "output"): stack_commands.output,
    ("stack", "export"): stack_commands.export,
    ("stack", "import"): stack_commands.import_,
    ("stack", "history"): stack_commands.show_history,
    ("stack", "change-secrets-provider"): provider_commands.change_secrets_provider,
    ("stack", "tag", "ls"): stack_commands.tag_ls,
    ("stack", "tag", "get"): stack_commands.tag_get,
    ("stack", "tag", "set"): stack_commands.tag_set,
    ("stack", "tag", "rm"): stack_commands.tag_rm,
    ("config",): config_commands.list_all,
    ("config", "get"): config_commands.get,
    ("config", "set"): config_commands.set_one,
    ("config", "set-all"): config_commands.set_all,
    ("config", "rm"): config_commands.rm,
    ("config", "rm-all"): config_commands.rm,
    ("config", "refresh"): config_commands.refresh,
}
_OPERATIONS: Mapping[tuple[str, ...], Callable[[Session, Engine], None]] = {
    ("preview",): update_commands.preview,
    ("up",): update_commands.up,
    ("refresh",): update_commands.refresh,
    ("destroy",): update_commands.destroy,
}


class EmbeddedPulumi(PulumiCommand):
    """Runs Pulumi commands in this process. One stack at a time per process.

    `providers` are hosted in process, by package name. `guard` is given the whole environment before every command
    that would launch them, and raises if it must not. `program_host` runs ordinary project directories. `keys` may be
    shared, so that a passphrase's key is derived once per process. `run_update` is the deployment itself.
    `wording` is how next steps are told to whoever typed the command.
    """

    def __init__(
        self,
        *,
        providers: Mapping[str, ProviderFactory],
        guard: Callable[[Mapping[str, str]], None],
        program_host: ProgramHost | NearHost | None = None,
        keys: KeyCache | None = None,
        run_update: RunUpdate | None = None,
        wording: Wording = PLAIN,
    ) -> None:
        # The SDK's own constructor would start `pulumi version`.
        self.command = "pulumi"
        self.version = VersionInfo.parse(PULUMI_VERSION)
        self.keys = keys or KeyCache()
        self._providers = providers
        self._guard = guard
        self._program_host = program_host
        self._run_update = run_update
        self._wording = wording
        self._table: CommandTable = command_table()

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run one command; raises what the SDK raises for the real CLI. `args` is left as it is."""
        lines = Lines(on_output, on_error, self._wording)
        try:
            code = self._attempt(args, Path(cwd), additional_env, lines)
        finally:
            lines.close()
        result = CommandResult(stdout=lines.stdout, stderr=lines.stderr, code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def _attempt(self, args: list[str], cwd: Path, additional_env: Mapping[str, str], lines: Lines) -> int:
        try:
            invocation = self._table.parse(args)
            if invocation.flag("help"):
                lines.say(self._wording.told(self._table.help(invocation.command)))
                return 0
            env = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
            folder = _folder(Path.cwd() / cwd, invocation.value("cwd"))
            place = Place(folder, env, self.keys, self._guard)
            self._dispatch(Session(invocation, _with_absolute_paths(place), lines))
        except RehearsalError as error:
            lines.complain(f"error: {error}")
            return error.pulumi_exit_code if isinstance(error, EngineError) else 1
        return 0

    def _dispatch(self, session: Session) -> None:
        words = session.invocation.command
        if words in _COMMANDS:
            _COMMANDS[words](session)
        elif words in _OPERATIONS:
            _OPERATIONS[words](session, self._engine())
        elif words == ("version",):
            session.lines.say(f"v{PULUMI_VERSION}")
        elif words == ("whoami",):
            who = {"user": user_name(), "url": session.backend.store.url}
            session.lines.say(indented(who) if session.invocation.flag("json") else who["user"])
        else:
            self._plugin(session)

    def _plugin(self, session: Session) -> None:
        """Answer `plugin ls` and `plugin install`: providers are hosted, nothing is installed."""
        if session.invocation.command == ("plugin", "ls"):
            hosted = ", ".join(sorted(self._providers)) or "none"
            session.lines.say("[]" if session.invocation.flag("json") else f"no plugins installed; hosted: {hosted}")
            return
        kind, name = session.invocation.arguments[:2]
        if kind == "resource" and name not in self._providers:
            raise InvocationRefusedError(
                f"plugin {name!r} is not hosted by the embedded engine",
                subject="pulumi plugin install",
                hint=f"hosted are: {', '.join(sorted(self._providers)) or 'none'}",
            )

    def _engine(self) -> Engine:
        host = self._program_host
        if host is None:
            from rehearsal.engine.program_hosts import SubprocessHost  # noqa: PLC0415 (needed by operations only)

            host = SubprocessHost()
        return Engine(self._run_update or _real_update, self._providers, host, self._guard)


def _real_update(request: UpdateRequest, collaborators: Collaborators) -> UpdateOutcome:
    from rehearsal.engine.deployment import run_update  # noqa: PLC0415 (heavy; most commands deploy nothing)

    return run_update(request, collaborators)


def _folder(cwd: Path, named: str) -> Path:
    """Return where a command runs; raises InvocationRefusedError if `--cwd` names no folder."""
    folder = clean_path(cwd / named)
    if named and not folder.is_dir():
        raise InvocationRefusedError(
            "--cwd names a folder that is not there",
            subject=str(folder),
            not_run="nothing was read or changed",
            hint="name the folder of a program: the one with Pulumi.yaml in it",
        )
    return folder


def _with_absolute_paths(place: Place) -> Place:
    """Make paths in the environment absolute that Pulumi reads from the command's own working directory."""
    file = place.env.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not file:
        return place
    return replace(place, env={**place.env, "PULUMI_CONFIG_PASSPHRASE_FILE": str(place.cwd / file)})
