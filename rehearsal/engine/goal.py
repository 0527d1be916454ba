"""What a program asks for: one registration, decoded and checked for options this engine does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.engine.properties import from_struct
from rehearsal.engine.values import Properties


@dataclass(frozen=True, slots=True)
class AliasSpec:
    """Another name a resource had: a whole URN, or the parts that differed."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent_urn: str = ""
    no_parent: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """A resource as a program declares it."""

    type: str
    name: str
    custom: bool
    inputs: Properties
    parent: str = ""
    provider: str = ""
    version: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[AliasSpec, ...] = ()
    import_id: str = ""
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    source_position: str = ""


class UnsupportedOption(Exception):
    """A resource uses an option that this engine does not have; the message names both."""

    def __init__(self, subject: str, option: str) -> None:
        super().__init__(
            f"{subject} uses {option}, which the embedded engine does not support; "
            "leave it out, or run with the real CLI: --engine pulumi"
        )


def read_goal(request: Any) -> Goal:
    """Decode a RegisterResource request; raises UnsupportedOption or UnsupportedValue."""
    _refuse_unsupported(request)
    inputs = from_struct(request.object)
    dependencies = tuple(request.dependencies)
    given = {key: tuple(sorted(value.urns)) for key, value in request.propertyDependencies.items()}
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=inputs,
        parent=request.parent,
        provider=request.provider or (request.providers.get(request.type.split(":")[0], "") if request.custom else ""),
        version=request.version,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        dependencies=tuple(sorted(dependencies)),
        property_dependencies=given or {key: tuple(sorted(dependencies)) for key in inputs},
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(_alias(alias) for alias in request.aliases) + tuple(AliasSpec(urn=u) for u in request.aliasURNs),
        import_id=request.importId,
        custom_timeouts=_timeouts(request.customTimeouts),
    )


def _refuse_unsupported(request: Any) -> None:
    subject = f"resource {request.name} ({request.type})"
    hooks = request.hooks
    used = {
        "a remote component": request.remote,
        "resource hooks": any(len(getattr(hooks, f.name)) for f in hooks.DESCRIPTOR.fields),
        "transforms": len(request.transforms),
        "replace_with": len(request.replace_with),
        "replacement_trigger": request.HasField("replacement_trigger"),
        "hide_diffs": len(request.hideDiffs),
        "env_var_mappings": len(request.envVarMappings),
        "a parameterised package": request.packageRef,
        "state migrations": len(request.state_migrations),
    }
    for option, value in used.items():
        if value:
            raise UnsupportedOption(subject, option)


def _alias(alias: Any) -> AliasSpec:
    if alias.WhichOneof("alias") == "urn":
        return AliasSpec(urn=alias.urn)
    spec = alias.spec
    return AliasSpec("", spec.name, spec.type, spec.stack, spec.project, spec.parentUrn, spec.noParent)


def _timeouts(timeouts: Any) -> Mapping[str, float]:
    texts = {kind: getattr(timeouts, kind) for kind in ("create", "update", "delete")}
    seconds = {kind: go_seconds(text) for kind, text in texts.items() if text}
    return {kind: int(value) if value.is_integer() else value for kind, value in seconds.items()}


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def go_seconds(text: str) -> float:
    """Return the seconds of a Go duration such as `1h30m`; raises ValueError."""
    parts = re.findall(r"([0-9.]+)(ns|us|µs|ms|s|m|h)", text)
    if not parts or "".join(n + u for n, u in parts) != text:
        raise ValueError(f"{text!r} is no duration such as 5m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
