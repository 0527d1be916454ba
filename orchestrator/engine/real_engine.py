"""The real engine: where the Pulumi CLI and the provider plugins are found, and which versions will do.

    PATH ─▶ $PULUMI_HOME/bin ─▶ ~/.pulumi/bin ─▶ <home>/versions/<tested>/bin     the first CLI that can be used
    PATH ─▶ <home>/plugins/resource-<name>-v<version>                             each plugin, at exactly its version

Nothing here fetches anything; `engine_install` does, when asked.
Sources: pulumi/pulumi, sdk/go/common/workspace (plugins.go, getPluginInfoAndPath; paths.go, GetPulumiHomeDir);
pulumi.automation.PulumiCommand.install, which installs into `<home>/versions/<version>`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.engine.errors import PluginMissing
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.running.job import EngineChoice, EngineKind

if TYPE_CHECKING:
    from pulumi.automation import PulumiCommand

OLDEST_PULUMI = (3, 181)
"""The first CLI with all that the Automation API of our SDK asks of it."""

TESTED_PULUMI = "3.259.0"
"""The CLI that the conformance tests were run against, and the one that is installed."""

NO_ACQUISITION = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
"""Keeps the CLI from fetching plugins by itself. Source: pulumi/pulumi, sdk/go/common/env/env.go."""

INSTALL_COMMAND = "fleetyard engine install"
INSTALLATION_PAGE = "https://www.pulumi.com/docs/install"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A provider plugin that an installed package asks for. `server` is empty for Pulumi's own place of plugins."""

    name: str
    version: str
    server: str = ""

    @property
    def executable(self) -> str:
        """What its program is called."""
        return f"pulumi-resource-{self.name}"

    @property
    def folder(self) -> str:
        """What its folder below the Pulumi home's `plugins` is called."""
        return f"resource-{self.name}-v{self.version}"

    def __str__(self) -> str:
        """Name and version, as people say it."""
        return f"{self.executable} {self.version}"


def pulumi_home(env: Mapping[str, str]) -> Path | None:
    """Return the folder where Pulumi keeps plugins and our installation goes; None without any home directory."""
    return next(iter(_homes(env)), None)


def _homes(env: Mapping[str, str]) -> Iterator[Path]:
    """Yield the Pulumi home in use, then the ordinary one: a rehearsal has a home of its own, without a CLI in it."""
    if env.get("PULUMI_HOME"):
        yield Path(env["PULUMI_HOME"])
    if env.get("HOME"):
        yield Path(env["HOME"]) / ".pulumi"


def find_pulumi(env: Mapping[str, str]) -> EngineChoice:
    """Return the first CLI that can be used, with its version.

    Raises: PulumiMissing if there is none at all, PulumiTooOld about the first if none can be used.
    """
    refusal: PulumiTooOld | None = None
    for command in dict.fromkeys(_candidates(env)):
        try:
            return EngineChoice(EngineKind.PULUMI, command, _usable_version(command, env))
        except PulumiTooOld as error:
            refusal = refusal or error
    if refusal is not None:
        raise refusal
    raise PulumiMissing(
        "the Pulumi CLI is neither on PATH nor in the Pulumi home",
        why="against AWS only the real CLI is used, and AWS_ENDPOINT_URL leads to no twin of ours",
        not_run="any stack",
        hint=f"{INSTALL_COMMAND}, or by yourself: {INSTALLATION_PAGE}; without AWS: fleetyard rehearse",
    )


def _candidates(env: Mapping[str, str]) -> Iterator[str]:
    on_path = shutil.which("pulumi", path=env.get("PATH", ""))
    if on_path:
        yield on_path
    for home in _homes(env):
        for folder in (home / "bin", installation_root(home) / "bin"):
            found = shutil.which("pulumi", path=str(folder))
            if found:
                yield found


def installation_root(home: Path) -> Path:
    """Return where the CLI is installed in a Pulumi home; its program is `bin/pulumi` below."""
    return home / "versions" / TESTED_PULUMI


def _usable_version(command: str, env: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(
            [command, "version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
            env={**env, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _unusable(command, str(error)) from error
    version = answer.stdout.strip().removeprefix("v")
    if not _is_current(version):
        raise _unusable(command, f"it is version {version}; {'.'.join(map(str, OLDEST_PULUMI))} or newer 3.x is needed")
    return version


def _is_current(version: str) -> bool:
    numbers = minor_version(version)
    return numbers is not None and numbers[0] == 3 and numbers >= OLDEST_PULUMI


def minor_version(version: str) -> tuple[int, int] | None:
    """Return the first two numbers of a version; None if it has none."""
    numbers = re.match(r"(\d+)\.(\d+)\.", version)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def _unusable(command: str, why: str) -> PulumiTooOld:
    return PulumiTooOld(
        "the Pulumi CLI cannot be used",
        subject=command,
        why=why,
        not_run="any stack",
        hint=f"{INSTALL_COMMAND}, which leaves that one alone; or by yourself: {INSTALLATION_PAGE}",
    )


def installed_command(engine: EngineChoice) -> PulumiCommand:
    """Return the real CLI as found, without asking for its version once more in each worker."""
    from pulumi.automation import PulumiCommand  # noqa: PLC0415  (pulumi is for workers only)
    from semver import VersionInfo  # noqa: PLC0415

    class InstalledPulumi(PulumiCommand):
        def __init__(self) -> None:
            self.command = engine.command
            self.version = VersionInfo.parse(engine.version)

    return InstalledPulumi()


def required_plugins(path: Sequence[str] | None = None) -> tuple[Plugin, ...]:
    """Return the plugins that installed packages ask for, by name; `path` is where packages lie, by default sys.path.

    Source: pulumi/pulumi, sdk/python/cmd/pulumi-language-python: each package says so in its `pulumi-plugin.json`.
    """
    found: dict[str, Plugin] = {}
    for folder in sys.path if path is None else path:
        for file in sorted(Path(folder).glob("pulumi_*/pulumi-plugin.json")):
            about = json.loads(file.read_text(encoding="utf-8"))
            if about.get("resource"):
                found.setdefault(about["name"], Plugin(about["name"], about["version"], about.get("server", "")))
    return tuple(found[name] for name in sorted(found))


def find_plugin(plugin: Plugin, env: Mapping[str, str]) -> Path | None:
    """Return the program that Pulumi will take for a plugin; None if it would have to fetch one.

    One on PATH is taken whatever its version, unless PULUMI_IGNORE_AMBIENT_PLUGINS is set. One whose installation was
    broken off has a file `.partial` beside it and does not count.
    """
    ambient = None if is_true(env, "PULUMI_IGNORE_AMBIENT_PLUGINS") else _on_path(plugin, env)
    if ambient:
        return ambient
    home = pulumi_home(env)
    if home is None:
        return None
    folder = home / "plugins" / plugin.folder
    if not folder.is_dir() or folder.with_name(f"{plugin.folder}.partial").exists():
        return None
    return folder / plugin.executable


def _on_path(plugin: Plugin, env: Mapping[str, str]) -> Path | None:
    found = shutil.which(plugin.executable, path=env.get("PATH", ""))
    return Path(found) if found else None


def is_true(env: Mapping[str, str], name: str) -> bool:
    """Return whether Pulumi takes a variable for true. Source: pulumi/pulumi, sdk/go/common/util/cmdutil."""
    return env.get(name, "").lower() in {"1", "true"}


def missing_plugins(env: Mapping[str, str], plugins: Sequence[Plugin] | None = None) -> tuple[Plugin, ...]:
    """Return the plugins, by default all that installed packages ask for, that Pulumi would have to fetch."""
    wanted = required_plugins() if plugins is None else plugins
    return tuple(plugin for plugin in wanted if find_plugin(plugin, env) is None)


def require_plugins(env: Mapping[str, str], plugins: Sequence[Plugin] | None = None) -> None:
    """Raise PluginMissing unless every plugin is there."""
    missing = missing_plugins(env, plugins)
    if missing:
        raise PluginMissing(
            f"{', '.join(map(str, missing))} {'is' if len(missing) == 1 else 'are'} not installed",
            why=f"it is neither on PATH nor in {pulumi_home(env) or 'any Pulumi home'}, and workers fetch none",
            not_run="any stack",
            hint=INSTALL_COMMAND,
        )


def worker_environment(engine: EngineChoice, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of workers: the real CLI must not fetch plugins there, as several would at once."""
    return {**env, NO_ACQUISITION: "true"} if engine.kind is EngineKind.PULUMI else dict(env)
