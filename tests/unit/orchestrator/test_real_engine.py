"""Where the real engine is found, and how what is missing is installed: by doubles, never over a network."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

import pytest

from orchestrator.engine.errors import EngineInstallFailed, NoPulumiHome, PluginInstallFailed, PluginMissing
from orchestrator.engine.install import (
    LOCK_FILE,
    Installers,
    cli_by_hand,
    install_engine,
)
from orchestrator.engine.real_engine import (
    NO_ACQUISITION,
    TESTED_PULUMI,
    Plugin,
    find_plugin,
    find_pulumi,
    installation_root,
    missing_plugins,
    require_plugins,
    required_plugins,
    worker_environment,
)
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.running.job import EngineChoice, EngineKind
from tests.support.repository import ROOT

AWS = Plugin("aws", "7.51.1")
SYSTEM_PATH = os.pathsep.join(["/bin", "/usr/bin"])


def fake_cli(folder: Path, version: str = TESTED_PULUMI) -> Path:
    """Write a `pulumi` that knows its version."""
    folder.mkdir(parents=True, exist_ok=True)
    cli = folder / "pulumi"
    cli.write_text(f"#!/bin/sh\necho v{version}\n", encoding="utf-8")
    cli.chmod(0o755)
    return cli


def put_plugin(folder: Path, plugin: Plugin = AWS) -> Path:
    """Put a plugin's program into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / plugin.executable
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment whose home is a folder and whose PATH holds no Pulumi."""
    return {"HOME": str(folder), "PATH": str(folder / "path"), **more}


@dataclass
class Downloads:
    """A double of everything that downloads; keeps what was asked for."""

    cli_error: Exception | None = None
    plugin_code: int = 0
    plugin_words: str = ""
    leaves_plugin: bool = True
    told: list[str] = field(default_factory=list)
    clis: list[tuple[Path, str]] = field(default_factory=list)
    commands: list[Sequence[str]] = field(default_factory=list)
    environments: list[Mapping[str, str]] = field(default_factory=list)

    def cli(self, root: Path, version: str) -> None:
        """Install a CLI that knows its version, or fail."""
        self.clis.append((root, version))
        if self.cli_error:
            raise self.cli_error
        fake_cli(root / "bin", version)

    def run(self, command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Install the plugin as the CLI would, or fail."""
        self.commands.append(command)
        self.environments.append(env)
        if self.leaves_plugin and not self.plugin_code:
            put_plugin(Path(env["HOME"]) / ".pulumi" / "plugins" / AWS.folder)
        return subprocess.CompletedProcess(list(command), self.plugin_code, self.plugin_words)

    def install(self, env: Mapping[str, str], beat: float = 60.0) -> EngineChoice:
        """Install with this double."""
        return install_engine(env, self.told.append, Installers(self.cli, self.run, beat), (AWS,))


@pytest.mark.parametrize("place", ["path", ".pulumi/bin", f".pulumi/versions/{TESTED_PULUMI}/bin"])
def test_the_cli_is_found_on_path_and_in_the_pulumi_home(tmp_path: Path, place: str) -> None:
    """PATH, the install script's folder and the folder of our own installation are each enough."""
    cli = fake_cli(tmp_path / place)
    assert find_pulumi(environment(tmp_path)) == EngineChoice(EngineKind.PULUMI, str(cli), TESTED_PULUMI)


def test_a_named_pulumi_home_goes_before_the_ordinary_one(tmp_path: Path) -> None:
    """PULUMI_HOME is looked into first; what is in ~/.pulumi is still found, as a rehearsal names an empty home."""
    ordinary = fake_cli(tmp_path / ".pulumi" / "bin")
    env = environment(tmp_path, PULUMI_HOME=str(tmp_path / "named"))
    assert find_pulumi(env).command == str(ordinary)
    named = fake_cli(tmp_path / "named" / "bin")
    assert find_pulumi(env).command == str(named)


def test_a_cli_too_old_on_path_gives_way_to_one_in_the_home(tmp_path: Path) -> None:
    """The first that can be used is taken, so an installation helps beside an old CLI."""
    fake_cli(tmp_path / "path", "3.100.0")
    good = fake_cli(tmp_path / ".pulumi" / "bin")
    assert find_pulumi(environment(tmp_path)).command == str(good)


def test_the_error_names_the_first_cli_that_cannot_be_used(tmp_path: Path) -> None:
    """Where none will do, FY421 is about the one on PATH, and says how to get another."""
    old = fake_cli(tmp_path / "path", "3.100.0")
    with pytest.raises(PulumiTooOld) as raised:
        find_pulumi(environment(tmp_path))
    assert raised.value.subject == str(old)
    assert "fleetyard engine install" in raised.value.hint


def test_without_any_cli_the_installation_is_named(tmp_path: Path) -> None:
    """FY420 says what to type, and without a home directory too."""
    with pytest.raises(PulumiMissing) as raised:
        find_pulumi({"PATH": str(tmp_path)})
    assert "fleetyard engine install" in raised.value.hint


def test_packages_say_which_plugins_they_need(tmp_path: Path) -> None:
    """Each installed package with a `pulumi-plugin.json` is counted once, the first on the path, and no component."""
    for folder, about in (
        ("one/pulumi_aws", '{"resource": true, "name": "aws", "version": "7.51.1"}'),
        ("two/pulumi_aws", '{"resource": true, "name": "aws", "version": "6.0.0"}'),
        ("two/pulumi_acme", '{"resource": true, "name": "acme", "version": "1.2.3", "server": "https://acme.example"}'),
        ("two/pulumi_part", '{"resource": false, "name": "part", "version": "1.0.0"}'),
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "pulumi-plugin.json").write_text(about, encoding="utf-8")
    found = required_plugins([str(tmp_path / "one"), str(tmp_path / "two")])
    assert found == (Plugin("acme", "1.2.3", "https://acme.example"), AWS)


def test_our_own_environment_needs_the_aws_plugin() -> None:
    """The installed pulumi_aws asks for the plugin of its own version."""
    from importlib.metadata import version

    assert Plugin("aws", version("pulumi-aws")) in required_plugins()


def test_a_plugin_counts_at_its_exact_version_only(tmp_path: Path) -> None:
    """Another version, or one whose installation was broken off, is as good as none."""
    env, plugins = environment(tmp_path), tmp_path / ".pulumi" / "plugins"
    put_plugin(plugins / "resource-aws-v7.51.0")
    assert find_plugin(AWS, env) is None
    program = put_plugin(plugins / AWS.folder)
    (plugins / f"{AWS.folder}.partial").touch()
    assert find_plugin(AWS, env) is None
    (plugins / f"{AWS.folder}.partial").unlink()
    assert find_plugin(AWS, env) == program


def test_a_plugin_on_path_is_the_one_that_pulumi_takes(tmp_path: Path) -> None:
    """A program on PATH wins, unless Pulumi is told to pass over those."""
    env = environment(tmp_path)
    ambient = put_plugin(tmp_path / "path")
    assert find_plugin(AWS, env) == ambient
    assert find_plugin(AWS, {**env, "PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}) is None


def test_a_run_without_its_plugin_is_refused(tmp_path: Path) -> None:
    """FY351 names the plugin and the command, with the engine's exit code; with the plugin there is no word."""
    with pytest.raises(PluginMissing, match=r"pulumi-resource-aws 7\.51\.1 is not installed") as raised:
        require_plugins(environment(tmp_path), (AWS,))
    assert (raised.value.exit_code, raised.value.hint) == (5, "fleetyard engine install")
    put_plugin(tmp_path / ".pulumi" / "plugins" / AWS.folder)
    require_plugins(environment(tmp_path), (AWS,))


def test_workers_of_the_real_cli_fetch_nothing() -> None:
    """Automatic acquisition is off in workers, whatever the user has set; the embedded engine has no such thing."""
    cli = EngineChoice(EngineKind.PULUMI, "/bin/pulumi", TESTED_PULUMI)
    assert worker_environment(cli, {"A": "b", NO_ACQUISITION: "false"}) == {"A": "b", NO_ACQUISITION: "true"}
    assert worker_environment(EngineChoice(EngineKind.EMBEDDED), {"A": "b"}) == {"A": "b"}


def test_an_installation_brings_the_cli_and_then_the_plugin(tmp_path: Path) -> None:
    """What is missing is fetched into the Pulumi home with a line for each, and is found from then on."""
    downloads = Downloads()
    env = environment(tmp_path, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="true")
    root = installation_root(tmp_path / ".pulumi")
    assert downloads.install(env).command == str(root / "bin" / "pulumi")
    assert downloads.clis == [(root, TESTED_PULUMI)]
    assert downloads.commands[0][:6] == [str(root / "bin" / "pulumi"), "plugin", "install", "resource", "aws", "7.51.1"]
    assert NO_ACQUISITION not in downloads.environments[0]
    assert find_pulumi(env).version == TESTED_PULUMI
    assert missing_plugins(env, (AWS,)) == ()
    assert any("Installing the Pulumi CLI" in line for line in downloads.told)
    assert any("Installing pulumi-resource-aws 7.51.1" in line for line in downloads.told)


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    """A second installation fetches nothing."""
    downloads = Downloads()
    downloads.install(environment(tmp_path))
    downloads.install(environment(tmp_path))
    assert (len(downloads.clis), len(downloads.commands)) == (1, 1)


def test_an_installation_helps_beside_a_cli_that_is_too_old(tmp_path: Path) -> None:
    """The old one on PATH stays as it is, and the new one is found."""
    old = fake_cli(tmp_path / "path", "3.100.0")
    downloads = Downloads()
    assert downloads.install(environment(tmp_path)).version == TESTED_PULUMI
    assert "3.100.0" in old.read_text(encoding="utf-8")
    assert find_pulumi(environment(tmp_path)).command != str(old)


def test_a_plugins_own_server_is_asked(tmp_path: Path) -> None:
    """A package that names a server gets its plugin from there."""
    downloads = Downloads()
    acme = Plugin("acme", "1.2.3", "https://acme.example")
    put_plugin(tmp_path / ".pulumi" / "plugins" / AWS.folder)
    fake_cli(tmp_path / "path")
    with pytest.raises(PluginInstallFailed):  # the double never leaves this one
        install_engine(environment(tmp_path), print, Installers(downloads.cli, downloads.run), (acme,))
    assert downloads.commands[0][-2:] == ["--server", "https://acme.example"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (URLError(OSError(-2, "Name or service not known")), "get.pulumi.com cannot be reached"),
        (subprocess.CalledProcessError(1, "install.sh", b"+ Downloading\nerror: failed to download"), "error: failed"),
        (PermissionError(13, "Permission denied", "/opt"), "Permission denied"),
    ],
    ids=["offline", "script", "rights"],
)
def test_a_failed_installation_says_why_and_how_to_do_it_by_hand(tmp_path: Path, error: Exception, words: str) -> None:
    """FY350 quotes the cause and gives the commands for a machine without a network."""
    with pytest.raises(EngineInstallFailed) as raised:
        Downloads(cli_error=error).install(environment(tmp_path))
    assert words in raised.value.why
    assert f"pulumi-v{TESTED_PULUMI}" in raised.value.hint
    assert raised.value.exit_code == 5


def test_an_installer_that_leaves_no_cli_is_a_failure(tmp_path: Path) -> None:
    """Saying that it is done is not enough."""
    installers = Installers(cli=lambda _root, _version: None, run=Downloads().run)
    with pytest.raises(EngineInstallFailed, match="neither on PATH nor in the Pulumi home"):
        install_engine(environment(tmp_path), print, installers, ())


def test_the_commands_by_hand_put_the_cli_where_it_is_found(tmp_path: Path) -> None:
    """Unpacking an archive of Pulumi's shape as the message says makes a CLI that is found."""
    root = installation_root(tmp_path / ".pulumi")
    steps = [line.strip() for line in cli_by_hand(root).splitlines()[1:]]
    archive = steps[0].rsplit("/", 1)[-1]
    fake_cli(tmp_path / "made" / "pulumi")
    subprocess.run(["tar", "-czf", archive, "-C", "made", "pulumi"], cwd=tmp_path, check=True)
    for step in steps[1:]:
        subprocess.run(step.split(), cwd=tmp_path, check=True)
    assert find_pulumi(environment(tmp_path)).command == str(root / "bin" / "pulumi")


def test_a_plugin_that_cannot_be_fetched_is_told_in_pulumis_words(tmp_path: Path) -> None:
    """FY352 quotes the CLI's last words and gives the commands for a machine without a network."""
    fake_cli(tmp_path / "path")
    downloads = Downloads(plugin_code=255, plugin_words="Will retry in 1s [5/5]\nerror: no such host\n")
    with pytest.raises(PluginInstallFailed) as raised:
        downloads.install(environment(tmp_path))
    assert raised.value.why == "error: no such host"
    assert "plugin install resource aws 7.51.1 --file" in raised.value.hint


def test_a_plugin_that_does_not_arrive_is_a_failure(tmp_path: Path) -> None:
    """A CLI that ends well without leaving the plugin is not believed."""
    fake_cli(tmp_path / "path")
    with pytest.raises(PluginInstallFailed, match="does not hold it"):
        Downloads(leaves_plugin=False).install(environment(tmp_path))


def test_without_a_home_there_is_nowhere_to_install(tmp_path: Path) -> None:
    """FY353 names the variable to set."""
    with pytest.raises(NoPulumiHome) as raised:
        Downloads().install({"PATH": str(tmp_path)})
    assert "PULUMI_HOME" in raised.value.hint


def test_a_home_that_cannot_be_written_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    """Where the Pulumi home cannot be made, nothing is asked of any network."""
    (tmp_path / "file").touch()
    downloads = Downloads()
    with pytest.raises(EngineInstallFailed) as raised:
        downloads.install(environment(tmp_path, PULUMI_HOME=str(tmp_path / "file" / "home")))
    assert raised.value.why == "Not a directory"
    assert downloads.clis == []


def test_one_installation_waits_for_another(tmp_path: Path) -> None:
    """While another process holds the home's lock nothing is fetched; then it goes on."""
    home = tmp_path / ".pulumi"
    home.mkdir()
    downloads = Downloads()
    with (home / LOCK_FILE).open("w", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        fetched_before: list[int] = []

        def tell(words: str) -> None:
            if "Another process" in words:
                fetched_before.append(len(downloads.clis))
                fcntl.flock(other, fcntl.LOCK_UN)

        install_engine(environment(tmp_path), tell, Installers(downloads.cli, downloads.run), ())
    assert fetched_before == [0]
    assert len(downloads.clis) == 1


def test_a_long_download_tells_that_it_goes_on(tmp_path: Path) -> None:
    """Every few seconds there is a line, until it is done."""
    heard = threading.Event()
    downloads = Downloads()

    def slow(root: Path, version: str) -> None:
        assert heard.wait(60)
        downloads.cli(root, version)

    def tell(words: str) -> None:
        if "still at it" in words:
            heard.set()

    install_engine(environment(tmp_path), tell, Installers(slow, downloads.run, beat=0.01), ())
    assert heard.is_set()


def test_pulumis_own_installer_fails_clearly_without_a_network(tmp_path: Path) -> None:
    """`engine install`, led to a port where nobody listens, ends in FY350 with the cause and leaves no CLI.

    The SDK leaves a file open when it fails, so this runs in a process of its own.
    """
    env = environment(tmp_path, https_proxy="http://127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:1")
    command = [sys.executable, "-m", "orchestrator.cli", "engine", "install"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 5
    assert "FY350" in done.stderr
    assert "get.pulumi.com cannot be reached: " in done.stderr
    assert done.stdout == ""
    assert not installation_root(tmp_path / ".pulumi").exists()


@pytest.mark.real_engine
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the real Pulumi CLI is not on PATH")
def test_the_real_cli_puts_plugins_where_we_look(tmp_path: Path) -> None:
    """What `pulumi plugin install --file` leaves, as the message by hand says, is found at its exact version."""
    put_plugin(tmp_path / "unpacked")
    subprocess.run(["tar", "-czf", "plugin.tar.gz", "-C", "unpacked", AWS.executable], cwd=tmp_path, check=True)
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "PULUMI_HOME": str(tmp_path / ".pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    command = ["pulumi", "plugin", "install", "resource", AWS.name, AWS.version, "--file", "plugin.tar.gz"]
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True)
    assert find_plugin(AWS, environment(tmp_path)) == tmp_path / ".pulumi" / "plugins" / AWS.folder / AWS.executable


@pytest.mark.real_engine
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the real Pulumi CLI is not on PATH")
def test_the_real_cli_fails_clearly_without_a_network(tmp_path: Path) -> None:
    """Pulumi's own words reach the user as FY352 when the plugin cannot be fetched."""
    nobody = "http://127.0.0.1:1"
    env = {
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join([str(Path(str(shutil.which("pulumi"))).parent), SYSTEM_PATH]),
        "HTTPS_PROXY": nobody,
        "HTTP_PROXY": nobody,
    }
    with pytest.raises(PluginInstallFailed, match="failed to download plugin"):
        install_engine(env, print, Installers(), (AWS,))
