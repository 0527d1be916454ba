"""What the doctor says about engine, plugins and versions, with files on a disk of the test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.doctor.engine_checks import EngineQuestion, check_engine
from orchestrator.doctor.finding import Finding, Outcome, Told, Topic
from orchestrator.engine.real_engine import Plugin, find_pulumi
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.running.job import EngineChoice, EngineKind

AWS = Plugin("aws", "7.51.1")
VERSIONS = {"pulumi": "3.272.0", "pulumi-aws": "7.51.1"}


def examined(folder: Path, engine: EngineChoice | Told, **env: str) -> dict[str, Finding]:
    """Return the findings by name for an engine and a home folder."""
    question = EngineQuestion({"HOME": str(folder), "PATH": str(folder), **env}, engine, (AWS,), VERSIONS.__getitem__)
    return {finding.name: finding for finding in check_engine(question)}


def cli(version: str = "3.259.0") -> EngineChoice:
    """Return a real CLI of a version."""
    return EngineChoice(EngineKind.PULUMI, "/opt/pulumi", version)


def put_program(folder: Path, name: str, text: str = "") -> None:
    """Write an executable."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_on_a_twin_nothing_of_pulumis_is_needed(tmp_path: Path) -> None:
    """The embedded engine has its plugin inside."""
    found = examined(tmp_path, EngineChoice(EngineKind.EMBEDDED), AWS_ENDPOINT_URL="http://127.0.0.1:5")
    assert {finding.outcome for finding in found.values()} == {Outcome.OK}
    assert "http://127.0.0.1:5 is our twin" in found["engine"].words


def test_without_a_cli_the_engine_failed(tmp_path: Path) -> None:
    """No CLI anywhere: failed with the command that installs one; the plugin is then not looked at."""
    with pytest.raises(PulumiMissing) as raised:
        find_pulumi({"PATH": str(tmp_path)})
    found = examined(tmp_path, raised.value)
    assert (found["engine"].outcome, found["engine"].topic) == (Outcome.FAILED, Topic.ENGINE)
    assert "fleetyard engine install" in found["engine"].hint
    assert found["plugin"].outcome is Outcome.NOT_CHECKED


def test_a_cli_that_is_too_old_failed(tmp_path: Path) -> None:
    """A `pulumi` on PATH of an old version is named with its version."""
    put_program(tmp_path, "pulumi", "echo v3.100.0")
    with pytest.raises(PulumiTooOld) as raised:
        find_pulumi({"PATH": os.pathsep.join([str(tmp_path), "/bin"])})
    found = examined(tmp_path, raised.value)["engine"]
    assert found.outcome is Outcome.FAILED
    assert "version 3.100.0" in found.words


def test_a_missing_plugin_failed(tmp_path: Path) -> None:
    """The plugin's name, version and the command that installs it are told."""
    found = examined(tmp_path, cli())["plugin"]
    assert (found.outcome, found.hint) == (Outcome.FAILED, "fleetyard engine install")
    assert "pulumi-resource-aws 7.51.1" in found.words


def test_an_installed_plugin_is_well(tmp_path: Path) -> None:
    """The plugin of the very version is found in the Pulumi home."""
    put_program(tmp_path / ".pulumi" / "plugins" / AWS.folder, AWS.executable)
    assert examined(tmp_path, cli())["plugin"].outcome is Outcome.OK


def test_a_plugin_on_path_is_warned_of(tmp_path: Path) -> None:
    """Pulumi takes it whatever its version, which is seldom meant."""
    put_program(tmp_path, AWS.executable)
    found = examined(tmp_path, cli())["plugin"]
    assert found.outcome is Outcome.WARNING
    assert str(tmp_path / AWS.executable) in found.words
    assert "PULUMI_IGNORE_AMBIENT_PLUGINS" in found.hint


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        ("3.258.9", Outcome.WARNING),
        ("3.259.0", Outcome.OK),
        ("3.272.4", Outcome.OK),
        ("3.273.0", Outcome.WARNING),
    ],
)
def test_a_cli_outside_the_known_versions_is_warned_of(tmp_path: Path, version: str, outcome: Outcome) -> None:
    """From the version of the tests to that of the SDK all is well; before and after nobody has tried."""
    found = examined(tmp_path, cli(version))["versions"]
    assert found.outcome is outcome
    assert version in found.words
