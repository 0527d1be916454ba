"""Which engine runs stacks, and how many at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.composition import (
    PLUGIN_FOLDER,
    REHEARSAL_ERROR,
    choose_engine,
    default_concurrency,
    engine_environment,
    open_tools,
    run_pulumi,
)
from orchestrator.errors import PulumiMissing, PulumiTooOld
from orchestrator.running.job import EngineChoice, EngineKind
from orchestrator.workers.environment import stack_environment


def fake_cli(folder: Path, script: str) -> dict[str, str]:
    """Write an executable `pulumi` and return an environment that finds it."""
    cli = folder / "pulumi"
    cli.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    cli.chmod(0o755)
    return {"PATH": os.pathsep.join([str(folder), "/bin", "/usr/bin"])}


def test_against_aws_the_real_cli_is_used(tmp_path: Path) -> None:
    """Without a twin the CLI on PATH is chosen, with its version."""
    chosen = choose_engine(fake_cli(tmp_path, "echo v3.259.0"))
    assert chosen == EngineChoice(EngineKind.PULUMI, str(tmp_path / "pulumi"), "3.259.0")


def test_pulumis_own_commands_are_passed_on(tmp_path: Path) -> None:
    """`fleetyard pulumi` runs the CLI with the arguments as typed, in the folder, and returns its exit code."""
    env = fake_cli(tmp_path, 'if [ "$1" = version ]; then echo v3.259.0; else echo "$PWD $*" > ran; exit 7; fi')
    assert run_pulumi(["stack", "ls", "--json"], tmp_path, env, (print, print)) == 7
    assert (tmp_path / "ran").read_text(encoding="utf-8") == f"{tmp_path} stack ls --json\n"


def test_a_missing_cli_is_told_and_nothing_takes_its_place(tmp_path: Path) -> None:
    """Against AWS without the CLI there is no engine: FY420, exit code 5."""
    with pytest.raises(PulumiMissing) as raised:
        choose_engine({"PATH": str(tmp_path)})
    assert raised.value.exit_code == 5


@pytest.mark.parametrize("script", ["echo v3.100.0", "echo v4.0.0", "echo dev", "exit 1"])
def test_an_unusable_cli_is_told(tmp_path: Path, script: str) -> None:
    """A CLI that is too old, of another major version or broken is FY421."""
    with pytest.raises(PulumiTooOld):
        choose_engine(fake_cli(tmp_path, script))


@pytest.mark.parametrize("variable", ["FLEETYARD_TWIN_RUN_FILE", "FLEETYARD_REHEARSAL"])
def test_an_environment_that_names_a_twin_must_lead_there(tmp_path: Path, variable: str) -> None:
    """Where a twin or a rehearsal is named but AWS is reached, neither engine is chosen, though a CLI is there."""
    env = {**fake_cli(tmp_path, "echo v3.259.0"), variable: str(tmp_path / "twin.json")}
    with pytest.raises(REHEARSAL_ERROR):
        choose_engine({**env, "AWS_ENDPOINT_URL": "https://sts.amazonaws.com"})


def test_the_embedded_engine_refuses_a_real_endpoint(tmp_path: Path) -> None:
    """Asked for by name, the embedded engine still demands a proven twin, and says so with exit code 5."""
    with pytest.raises(REHEARSAL_ERROR) as raised:
        choose_engine(fake_cli(tmp_path, "echo v3.259.0"), EngineKind.EMBEDDED)
    assert raised.value.exit_code == 5


def test_only_on_a_twin_the_real_cli_finds_our_plugin() -> None:
    """Against AWS the environment stays as it is: no plugin of ours on PATH."""
    env = {"PATH": "/bin"}
    assert engine_environment(EngineChoice(EngineKind.PULUMI, "/bin/pulumi", "3.259.0"), env) == env
    assert (PLUGIN_FOLDER / "pulumi-resource-aws").is_file()


def test_workers_of_the_real_cli_fetch_no_plugins() -> None:
    """What drives the real CLI against AWS hands an environment to its workers in which nothing is fetched."""
    with open_tools({"PATH": "/bin"}, EngineChoice(EngineKind.PULUMI, "/bin/pulumi", "3.259.0"), 1) as opened:
        env = stack_environment(opened.env, "some-profile", "eu-west-1", "file:///state")
    assert env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"


def test_concurrency_is_bound_by_cores_and_memory() -> None:
    """The embedded engine takes two stacks per core, the real CLI never more."""
    embedded = default_concurrency(EngineChoice(EngineKind.EMBEDDED))
    assert embedded == 2 * (os.cpu_count() or 1)
    assert 1 <= default_concurrency(EngineChoice(EngineKind.PULUMI)) <= embedded
