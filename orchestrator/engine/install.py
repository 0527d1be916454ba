"""Installs the real engine once, when asked: the Pulumi CLI by Pulumi's own installer, then the provider plugins.

One process does it at a time, under a lock in the Pulumi home: several installations at once are known to collide
(pulumi/pulumi issues 18893 and 22784). What downloads is passed in, so that nothing here is tied to a network.
"""

from __future__ import annotations

import contextlib
import fcntl
import platform
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError

from orchestrator.engine.errors import EngineInstallFailed, NoPulumiHome, PluginInstallFailed
from orchestrator.engine.real_engine import (
    INSTALL_COMMAND,
    NO_ACQUISITION,
    TESTED_PULUMI,
    Plugin,
    find_pulumi,
    installation_root,
    missing_plugins,
    pulumi_home,
)
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.running.job import EngineChoice

Tell = Callable[[str], None]
"""Takes a line about how far the installation is."""

InstallCli = Callable[[Path, str], None]
"""Installs the CLI of a version so that `bin/pulumi` below a folder runs; raises OSError or SubprocessError."""

RunCommand = Callable[[Sequence[str], Mapping[str, str]], "subprocess.CompletedProcess[str]"]
"""Runs a command to its end in an environment; standard output holds all that it printed. May raise OSError."""

BEAT = 10.0
"""Seconds between lines while a download goes on without a word of its own."""

CONNECT_SECONDS = 30.0
LOCK_FILE = "fleetyard-install.lock"
T = TypeVar("T")


def install_with_sdk(root: Path, version: str) -> None:
    """Install the CLI by Pulumi's own installer, which fetches get.pulumi.com/install.sh and runs it.

    Source: pulumi.automation.PulumiCommand.install.
    """
    from pulumi.automation import PulumiCommand  # noqa: PLC0415  (costs start-up time)
    from semver import VersionInfo  # noqa: PLC0415

    before = socket.getdefaulttimeout()
    # The SDK opens the address without a limit, and a network that swallows packets would never answer.
    socket.setdefaulttimeout(CONNECT_SECONDS)
    try:
        PulumiCommand.install(root=str(root), version=VersionInfo.parse(version))
    finally:
        socket.setdefaulttimeout(before)


def run_command(command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command with its output and errors in one text."""
    return subprocess.run(
        command,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Installers:
    """What downloads; tests pass doubles."""

    cli: InstallCli = install_with_sdk
    run: RunCommand = run_command
    beat: float = BEAT


def install_engine(
    env: Mapping[str, str], tell: Tell, installers: Installers, plugins: Sequence[Plugin]
) -> EngineChoice:
    """Install the CLI unless one can be used, then each of these plugins that is not there; returns the CLI.

    Raises: NoPulumiHome, EngineInstallFailed, PluginInstallFailed. What was installed before a failure stays.
    """
    home = pulumi_home(env)
    if home is None:
        raise NoPulumiHome(
            "there is no folder to install the Pulumi CLI into",
            why="neither PULUMI_HOME nor HOME is set",
            not_run="the installation",
            hint="export PULUMI_HOME=FOLDER",
        )
    with _alone_in(home, tell):
        engine = _present(env) or _install_cli(home, env, tell, installers)
        tell(f"The Pulumi CLI {engine.version} is at {engine.command}")
        for plugin in missing_plugins(env, plugins):
            _install_plugin(plugin, engine, env, tell, installers)
        for plugin in plugins:
            tell(f"{plugin} is installed")
    return engine


def _present(env: Mapping[str, str]) -> EngineChoice | None:
    with contextlib.suppress(PulumiMissing, PulumiTooOld):
        return find_pulumi(env)
    return None


def _install_cli(home: Path, env: Mapping[str, str], tell: Tell, installers: Installers) -> EngineChoice:
    root = installation_root(home)
    tell(f"Installing the Pulumi CLI {TESTED_PULUMI} (hundreds of megabytes) into {root}")
    try:
        _with_beats(lambda: installers.cli(root, TESTED_PULUMI), tell, installers.beat)
        return find_pulumi(env)
    except (OSError, subprocess.SubprocessError, ValueError, RuntimeError, PulumiMissing, PulumiTooOld) as error:
        raise EngineInstallFailed(
            f"the Pulumi CLI {TESTED_PULUMI} could not be installed",
            subject=str(root),
            why=_why(error),
            not_run="any stack",
            hint=f"{INSTALL_COMMAND} once more; {cli_by_hand(root)}",
        ) from error


def _install_plugin(
    plugin: Plugin, engine: EngineChoice, env: Mapping[str, str], tell: Tell, installers: Installers
) -> None:
    """Let the CLI install a plugin, by name and exact version."""
    tell(f"Installing {plugin} (hundreds of megabytes)")
    command = [engine.command, "plugin", "install", "resource", plugin.name, plugin.version, "--non-interactive"]
    command += ["--color", "never", *(("--server", plugin.server) if plugin.server else ())]
    quiet = {name: value for name, value in env.items() if name != NO_ACQUISITION}
    try:
        done = _with_beats(
            lambda: installers.run(command, {**quiet, "PULUMI_SKIP_UPDATE_CHECK": "true"}), tell, installers.beat
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _plugin_failed(plugin, engine, str(error)) from error
    if done.returncode != 0:
        raise _plugin_failed(plugin, engine, _last_lines(done.stdout) or f"exit code {done.returncode}")
    if missing_plugins(env, (plugin,)):
        why = f"the CLI says that it is done, but {pulumi_home(env)}/plugins does not hold it"
        raise _plugin_failed(plugin, engine, why)


def _plugin_failed(plugin: Plugin, engine: EngineChoice, why: str) -> PluginInstallFailed:
    return PluginInstallFailed(
        f"{plugin} could not be installed",
        why=why,
        not_run="any stack",
        hint=f"{INSTALL_COMMAND} once more; {plugin_by_hand(plugin, engine.command)}",
    )


def cli_by_hand(root: Path) -> str:
    """Return the commands that install the CLI where Fleetyard finds it, from an archive fetched elsewhere.

    Source: pulumi/pulumi, the release archives: one folder `pulumi` with all programs.
    """
    system, processor = _platform()
    archive = f"pulumi-v{TESTED_PULUMI}-{system}-{ {'amd64': 'x64'}.get(processor, processor) }.tar.gz"
    return (
        "without a network, fetch the archive elsewhere and unpack it:\n"
        f"    curl -fLO https://github.com/pulumi/pulumi/releases/download/v{TESTED_PULUMI}/{archive}\n"
        f"    mkdir -p {root}/bin\n"
        f"    tar -xzf {archive} --strip-components=1 -C {root}/bin"
    )


def plugin_by_hand(plugin: Plugin, command: str) -> str:
    """Return the commands that install a plugin from an archive fetched elsewhere; `command` is the CLI's path.

    Source: the address that `pulumi plugin install` itself asks, and its `--help`.
    """
    system, processor = _platform()
    archive = f"{plugin.executable}-v{plugin.version}-{system}-{processor}.tar.gz"
    place = plugin.server or "https://get.pulumi.com/releases/plugins"
    return (
        "without a network, fetch the archive elsewhere and give it to Pulumi:\n"
        f"    curl -fLO {place}/{archive}\n"
        f"    {command} plugin install resource {plugin.name} {plugin.version} --file {archive}"
    )


def _platform() -> tuple[str, str]:
    """Return system and processor as Go names them."""
    machine = platform.machine().lower()
    return platform.system().lower(), {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        printed = error.output.decode(errors="replace") if isinstance(error.output, bytes) else error.output or ""
        return _last_lines(printed) or str(error)
    if isinstance(error, URLError):
        return f"get.pulumi.com cannot be reached: {error.reason}"
    return str(error)


def _last_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines()]
    return "; ".join([line for line in lines if line and not line.startswith("Will retry")][-2:])


@contextlib.contextmanager
def _alone_in(home: Path, tell: Tell) -> Iterator[None]:
    """Hold the lock of installations in a Pulumi home; the system gives it back when this process ends."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / LOCK_FILE).open("a", encoding="utf-8")
    except OSError as error:
        raise EngineInstallFailed(
            "nothing can be installed into the Pulumi home",
            subject=str(home),
            why=error.strerror or str(error),
            not_run="any stack",
            hint="mend the folder's rights, or name another: export PULUMI_HOME=FOLDER",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Another process installs into the same Pulumi home; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _with_beats(call: Callable[[], T], tell: Tell, beat: float) -> T:
    """Do something long in a thread and tell every few seconds that it goes on; Ctrl-C ends the wait at once."""
    future: Future[T] = Future()

    def carry_out() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  (handed over to whoever waits)
            future.set_exception(error)

    threading.Thread(target=carry_out, name="install", daemon=True).start()
    waited = 0.0
    while True:
        try:
            return future.result(timeout=beat)
        except TimeoutError:
            if future.done():  # the call's own
                raise
            waited += beat
            tell(f"  still at it after {waited:.0f} s")
