"""Whether there is an engine, whether it fits the SDK, and whether the provider plugins are there."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version as installed_version

from orchestrator.doctor.finding import Finding, Outcome, Told, Topic, failed
from orchestrator.engine.real_engine import (
    INSTALL_COMMAND,
    TESTED_PULUMI,
    Plugin,
    find_plugin,
    minor_version,
    missing_plugins,
    pulumi_home,
)
from orchestrator.running.job import EngineChoice, EngineKind


@dataclass(frozen=True, slots=True)
class EngineQuestion:
    """What was found: the engine that a command would take here, or the error that says why there is none."""

    env: Mapping[str, str] = field(repr=False)
    engine: EngineChoice | Told
    plugins: Sequence[Plugin]
    versions: Callable[[str], str] = installed_version
    """Gives the version of an installed distribution by its name."""


def check_engine(question: EngineQuestion) -> tuple[Finding, ...]:
    """Judge the engine, its plugins, and whether the versions fit."""
    engine = question.engine
    if not isinstance(engine, EngineChoice):
        return (
            failed("engine", Topic.ENGINE, engine),
            Finding("plugin", Topic.ENGINE, Outcome.NOT_CHECKED, "there is no engine"),
            *_versions(question, None),
        )
    return (_engine(engine, question.env), *_plugins(engine, question), *_versions(question, engine))


def _engine(engine: EngineChoice, env: Mapping[str, str]) -> Finding:
    if engine.kind is EngineKind.EMBEDDED:
        where = env.get("AWS_ENDPOINT_URL", "")
        return Finding("engine", Topic.ENGINE, Outcome.OK, f"the embedded engine, as {where} is our twin")
    return Finding("engine", Topic.ENGINE, Outcome.OK, f"the Pulumi CLI {engine.version} at {engine.command}")


def _plugins(engine: EngineChoice, question: EngineQuestion) -> tuple[Finding, ...]:
    if engine.kind is EngineKind.EMBEDDED:
        return (Finding("plugin", Topic.ENGINE, Outcome.OK, "the rehearsal's own, inside the embedded engine"),)
    missing = missing_plugins(question.env, question.plugins)
    return tuple(
        Finding(
            "plugin",
            Topic.ENGINE,
            Outcome.FAILED,
            f"{plugin} is neither on PATH nor in {pulumi_home(question.env) or 'any Pulumi home'}",
            INSTALL_COMMAND,
        )
        if plugin in missing
        else _found(plugin, question.env)
        for plugin in question.plugins
    )


def _found(plugin: Plugin, env: Mapping[str, str]) -> Finding:
    program = find_plugin(plugin, env)
    if program is not None and plugin.folder not in program.parts:
        words = f"Pulumi takes {program}, as it is on PATH, whatever its version; {plugin.version} is asked for"
        hint = "take it off PATH, or: export PULUMI_IGNORE_AMBIENT_PLUGINS=true"
        return Finding("plugin", Topic.ENGINE, Outcome.WARNING, words, hint)
    return Finding("plugin", Topic.ENGINE, Outcome.OK, f"{plugin} at {program}")


def _versions(question: EngineQuestion, engine: EngineChoice | None) -> tuple[Finding, ...]:
    sdk = question.versions("pulumi")
    words = f"Python {platform.python_version()}, Pulumi SDK {sdk}, pulumi_aws {question.versions('pulumi-aws')}"
    if engine is None or engine.kind is EngineKind.EMBEDDED:
        return (Finding("versions", Topic.ENGINE, Outcome.OK, words),)
    words += f", CLI {engine.version}"
    cli, tested, newest = (minor_version(text) or (0, 0) for text in (engine.version, TESTED_PULUMI, sdk))
    if tested <= cli <= newest:
        return (Finding("versions", Topic.ENGINE, Outcome.OK, words),)
    words += f"; the tests were run with the CLI {TESTED_PULUMI}, and the SDK is made for {sdk}"
    hint = f"if a run fails in an odd way: {INSTALL_COMMAND} with no other pulumi on PATH"
    return (Finding("versions", Topic.ENGINE, Outcome.WARNING, words, hint),)
