"""Provider instances of one update: found by reference, configured once, told to end with it.

A reference is `<provider urn>::<id>`. Instances of the old state are started only when something needs them (deletes,
refresh). Source: Pulumi `pkg/resource/deploy/providers/registry.go`, `default_providers.go`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from semver import Version

from rehearsal.engine.properties import has_unknown
from rehearsal.engine.provider_calls import ProviderCalls, ProviderFailure
from rehearsal.engine.state import ResourceState
from rehearsal.engine.update import ConfigValue, ProviderFactory
from rehearsal.engine.urn import is_provider, name_of, package_of, type_of
from rehearsal.engine.values import Secret, Value
from rehearsal.errors import RehearsalError

DENIED_PREFIX = "urn:pulumi:denied::"
"""How a reference to a denied default provider begins. Source: Pulumi `sdk/go/common/providers/reference.go`."""
INTERNAL = "__internal"


def reference(urn: str, id_: str) -> str:
    """Return the reference of a provider resource."""
    return f"{urn}::{id_}"


def is_default_provider(urn: str) -> bool:
    """Whether a URN is that of a default provider, which the engine makes by itself."""
    if not is_provider(type_of(urn)):
        return False
    name = name_of(urn)
    return name == "default" or name.startswith("default_")


def split_reference(text: str) -> tuple[str, str]:
    """Return URN and id of a reference."""
    urn, _, id_ = text.rpartition("::")
    return urn, id_


def settings(inputs: Mapping[str, Value]) -> dict[str, Value]:
    """Return a provider resource's inputs as the provider may see them."""
    return {key: value for key, value in inputs.items() if key not in {INTERNAL, "version"}}


@dataclass
class Instance:
    """One provider; `calls` is None while its config holds unknowns, at preview."""

    calls: ProviderCalls | None
    failure: str = ""


@dataclass
class Providers:
    """All provider instances of one update."""

    factories: Mapping[str, ProviderFactory]
    env: Mapping[str, str]
    _instances: dict[str, Instance] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def factory(self, package: str) -> ProviderFactory:
        """Return what makes providers of a package; raises ProviderFailure naming the package."""
        if package not in self.factories:
            known = ", ".join(sorted(self.factories)) or "none"
            raise ProviderFailure(f"no resource plugin for package '{package}' (the embedded engine has: {known})")
        return self.factories[package]

    def start(self, type_: str) -> ProviderCalls:
        """Make an instance that is not configured yet; raises ProviderFailure."""
        factory = self.factory(package_of(type_))
        try:
            return ProviderCalls(factory(self.env))
        except RehearsalError as error:
            raise ProviderFailure(str(error)) from error

    def configure(self, urn: str, id_: str, calls: ProviderCalls, inputs: Mapping[str, Value]) -> Instance:
        """Configure an instance and make it known; what goes wrong is told to whoever uses it first."""
        config = settings(inputs)
        if any(has_unknown(value) for value in config.values()):
            return self._put(reference(urn, id_), Instance(None))
        try:
            calls.configure(urn, id_, config)
        except ProviderFailure as error:
            return self._put(reference(urn, id_), Instance(None, str(error)))
        return self._put(reference(urn, id_), Instance(calls))

    def of_state(self, state: ResourceState) -> Instance:
        """Return the instance of a provider resource in the state, made when first asked for."""
        ref = reference(state.urn, state.id)
        with self._lock:
            known = self._instances.get(ref)
            return known or self.configure(state.urn, state.id, self.start(state.type), state.inputs)

    def get(self, ref: str) -> Instance | None:
        """Return the instance of a reference."""
        with self._lock:
            return self._instances.get(ref)

    def cancel(self) -> None:
        """Tell every instance that the update is over."""
        for instance in self._instances.values():
            if instance.calls is not None:
                instance.calls.cancel()

    def _put(self, ref: str, instance: Instance) -> Instance:
        with self._lock:
            self._instances[ref] = instance
        return instance


def denied_packages(config: Mapping[str, ConfigValue]) -> frozenset[str]:
    """Return the packages whose default providers are denied; `*` stands for all. Raises ValueError for bad JSON."""
    value = config.get("pulumi:disable-default-providers")
    if value is None or not value.plaintext:
        return frozenset()
    return frozenset(str(name).strip() for name in json.loads(value.plaintext))


def newest_versions(resources: Iterable[ResourceState]) -> dict[str, str]:
    """Return the newest version of each package that providers in the state have: what a default provider gets.

    Source: Pulumi `pkg/engine/plugins.go` (computeDefaultProviderPackages), for programs that name no packages.
    """
    found: dict[str, Version] = {}
    for state in resources:
        text = state.inputs.get("version") if is_provider(state.type) else None
        if isinstance(text, str) and Version.is_valid(text):
            package, version = package_of(state.type), Version.parse(text)
            found[package] = max(version, found.get(package, version))
    return {package: str(version) for package, version in found.items()}


def default_inputs(package: str, version: str, config: Mapping[str, ConfigValue]) -> dict[str, Value]:
    """Return the inputs of a package's default provider: the stack's config of that package, and the version."""
    inputs: dict[str, Value] = {
        key.partition(":")[2]: Secret(value.plaintext) if value.secret else value.plaintext
        for key, value in config.items()
        if key.partition(":")[0] == package
    }
    return {**inputs, "version": version} if version else inputs
