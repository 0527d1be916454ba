"""Provider resources: those a program declares, and the default ones that the engine makes when they are asked for.

Source: Pulumi `pkg/resource/deploy/providers/registry.go`, `default_providers.go`, `step_generator.go`.
"""

from __future__ import annotations

import dataclasses
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from rehearsal.engine import step_choice
from rehearsal.engine.comparing import plain
from rehearsal.engine.events import Step
from rehearsal.engine.goal import Goal
from rehearsal.engine.ledger import Result
from rehearsal.engine.old_states import OldStates
from rehearsal.engine.provider_calls import Difference, ProviderCalls, ProviderFailure, Subject
from rehearsal.engine.providers import (
    DENIED_PREFIX,
    INTERNAL,
    Providers,
    default_inputs,
    newest_versions,
    reference,
    settings,
    split_reference,
)
from rehearsal.engine.state import ResourceState
from rehearsal.engine.stepper import StepFailed, Stepper, now
from rehearsal.engine.update import StepOp, UpdateRequest
from rehearsal.engine.urn import name_of, package_of, type_of
from rehearsal.engine.values import UNKNOWN_ID, Properties, Secret, Unknown, Value

T = TypeVar("T")

DENIAL = "Default provider for '{package}' disabled. '{subject}' must use an explicit provider."
BUILT_IN = "pulumi"
"""The package whose resources the engine itself answers for."""


class ProviderDenied(Exception):
    """A default provider is asked for whose package may have none; the message is Pulumi's own."""


@dataclass
class ProviderRegistrar:
    """Knows which provider instance a resource is to use, and registers provider resources."""

    request: UpdateRequest
    stepper: Stepper
    providers: Providers
    olds: OldStates
    denied: frozenset[str]
    register: Callable[[Goal], str]
    """Registers a default provider and returns its reference."""
    _defaults: dict[tuple[str, str], str] = field(default_factory=dict)
    _default_lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._newest = newest_versions(self.request.snapshot.resources)

    # -- which provider --------------------------------------------------------------------------------------------

    def reference_for(self, given: str, goal: Goal, subject: str) -> str:
        """Return the reference of the provider to use: the given one, else the package's default one.

        Raises ProviderDenied.
        """
        if given:
            urn, id_ = split_reference(given)
            current = self.stepper.ledger.current(urn)
            return reference(urn, current.id if current and current.id else id_)
        package = package_of(goal.type)
        if self.is_denied(package):
            raise ProviderDenied(DENIAL.format(package=package, subject=subject))
        version = goal.version or self._newest.get(package, "")
        with self._default_lock:
            key = (package, version)
            if key not in self._defaults:
                suffix = f"_{version.replace('.', '_').replace('-', '_')}" if version else ""
                inputs = default_inputs(package, version, self.request.config)
                wanted = Goal(f"pulumi:providers:{package}", f"default{suffix}", True, inputs, version=version)
                self._defaults[key] = self.register(wanted)
            return self._defaults[key]

    def is_denied(self, package: str) -> bool:
        """Whether the package may not have a default provider."""
        return package != BUILT_IN and (package in self.denied or "*" in self.denied)

    def calls(self, ref: str, urn: str) -> ProviderCalls | None:
        """Return the instance of a reference, None while its config is unknown; raises StepFailed if it refused it."""
        if ref.startswith(DENIED_PREFIX):
            raise self.stepper.refuse(urn, DENIAL.format(package=package_of(type_of(urn)), subject=urn))
        try:
            return self.configured(ref)
        except ProviderFailure as error:
            raise self.stepper.refuse(urn, str(error)) from error

    def configured(self, ref: str) -> ProviderCalls | None:
        """Return the instance of a reference, None while its config is unknown.

        Raises: ProviderFailure with what the provider said of its config, or when there is no such provider.
        """
        if package_of(type_of(split_reference(ref)[0])) == BUILT_IN:
            return None
        instance = self.providers.get(ref)
        if instance is None:
            state = next((s for s in self.olds.resources if s.id and reference(s.urn, s.id) == ref), None)
            if state is None:
                raise ProviderFailure(f"unknown provider '{ref}'")
            instance = self.providers.of_state(state)
        if instance.failure:
            raise ProviderFailure(instance.failure)
        return instance.calls

    def of_old(self, state: ResourceState) -> ProviderCalls | None:
        """Return the instance by which an old resource was made; raises StepFailed."""
        if not state.provider or state.provider.startswith(DENIED_PREFIX):
            return None
        return self.calls(state.provider, state.urn)

    def moves(self, old: ResourceState, new: ResourceState) -> bool:
        """Whether a change of provider demands that the resource is made anew: the new provider is asked."""
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, _ = split_reference(old.provider)
        new_urn, _ = split_reference(new.provider)
        if self.olds.new_names.get(old_urn) == new_urn:
            return False
        before, after = self.olds.get(old_urn), self.stepper.ledger.current(new_urn)
        if before is None or after is None:
            return True
        diff = self.asked(new.urn, lambda: self._config_difference(before, after.inputs, new_urn, self._asker(after)))
        return step_choice.replaces(diff)

    def _asker(self, state: ResourceState) -> ProviderCalls:
        """Return an instance that may be asked to compare config, though its own may hold unknowns."""
        instance = self.providers.get(reference(state.urn, state.id))
        return instance.calls if instance and instance.calls else self.providers.start(state.type)

    # -- provider resources ----------------------------------------------------------------------------------------

    def prepare(
        self, urn: str, goal: Goal, old: ResourceState | None, state: ResourceState, recreated: tuple[str, ...] | None
    ) -> Callable[[], ResourceState]:
        """Check a provider's config and return what to do about it; raises StepFailed.

        `recreated` are the properties because of which it was deleted earlier in this update, None if it was not.
        """
        if package_of(goal.type) == BUILT_IN:
            return lambda: self._kept_or_made(old, state)
        try:
            calls = self.providers.start(goal.type)
        except ProviderFailure as error:
            raise self.stepper.refuse(urn, str(error)) from error
        given = settings(goal.inputs)
        before = {} if old is None or recreated is not None else settings(old.inputs)
        checked = self.asked(urn, lambda: calls.check_config(urn, before, given))
        if checked.failures:
            raise self.refused_inputs(urn, checked.inputs or given, checked.failures)
        version = goal.version or str(goal.inputs.get("version") or "")
        outputs: Properties = {**checked.inputs, **({"version": version} if version else {})}
        # Pulumi's place for what is the engine's own; empty here, written where there is a version.
        inputs: Properties = {**outputs, **({INTERNAL: {}} if version else {})}
        new = dataclasses.replace(state, inputs=inputs, outputs=outputs)
        if old is None or recreated is not None:
            return lambda: self._made(calls, old, new, Difference(changes=True), recreated or ())
        diff = self.asked(urn, lambda: self._config_difference(old, inputs, urn, calls))
        if old.pending_replacement or (diff.changes and step_choice.replaces(diff)):
            return lambda: self._made(calls, old, new, diff, diff.replaces)
        kept = dataclasses.replace(new, id=old.id)
        return lambda: self._kept(calls, old, kept, diff)

    def config_difference(self, old: ResourceState, inputs: Properties) -> Difference:
        """Return how an old provider's config differs from inputs, some of them unknown; raises ProviderFailure."""
        return self._config_difference(old, inputs, old.urn, self.providers.start(old.type))

    def _config_difference(
        self, old: ResourceState, inputs: Mapping[str, Value], urn: str, calls: ProviderCalls
    ) -> Difference:
        before, after = settings(old.inputs), settings(inputs)
        subject = Subject(urn, name_of(urn), old.type, old.id)
        diff = calls.diff_config(subject, (before, settings(old.outputs)), after)
        if diff.changes is None or old.inputs.get("version") != inputs.get("version"):
            same = plain(before) == plain(after) and old.inputs.get("version") == inputs.get("version")
            return dataclasses.replace(diff, changes=not same)
        return diff

    def _kept_or_made(self, old: ResourceState | None, new: ResourceState) -> ResourceState:
        if old is not None:
            return self.stepper.same(Step(StepOp.SAME, new.urn, old, dataclasses.replace(new, id=old.id)))
        return self._finished(Step(StepOp.CREATE, new.urn, None, self._with_id(new)), Result())

    def _made(
        self,
        calls: ProviderCalls,
        old: ResourceState | None,
        new: ResourceState,
        diff: Difference,
        keys: tuple[str, ...],
    ) -> ResourceState:
        new = self._with_id(new)
        self.providers.configure(new.urn, new.id, calls, new.inputs)
        if old is None:
            return self._finished(Step(StepOp.CREATE, new.urn, None, new), Result())
        replace = Step(StepOp.REPLACE, new.urn, old, new, keys=diff.replaces, diffs=diff.diffs, detailed=diff.detailed)
        step = dataclasses.replace(replace, op=StepOp.CREATE_REPLACEMENT, keys=keys, logical=False)
        marked = dataclasses.replace(old, delete=True)
        gone = Result(drop=(old,)) if old.pending_replacement else Result(supersede=(old, marked))
        self._finished(step, gone)
        self.stepper.tell_before(replace)
        self.stepper.tell_after(replace)
        return new

    def _kept(self, calls: ProviderCalls, old: ResourceState, new: ResourceState, diff: Difference) -> ResourceState:
        if not diff.changes:
            # A provider that sees no difference goes on with the config it had.
            self.providers.configure(new.urn, new.id, calls, old.inputs)
            return self.stepper.same(
                Step(StepOp.SAME, new.urn, old, dataclasses.replace(new, outputs=old.outputs or new.outputs))
            )
        self.providers.configure(new.urn, new.id, calls, new.inputs)
        step = Step(StepOp.UPDATE, new.urn, old, new, diffs=diff.diffs, detailed=diff.detailed)
        return self._finished(
            dataclasses.replace(step, new=dataclasses.replace(new, modified=now())), Result(drop=(old,))
        )

    def _with_id(self, new: ResourceState) -> ResourceState:
        fresh = UNKNOWN_ID if self.request.dry_run else str(uuid.uuid4())
        return dataclasses.replace(new, id=fresh, created=now(), modified=now())

    def _finished(self, step: Step, result: Result) -> ResourceState:
        if step.new is None:
            raise AssertionError("a provider step without its provider")
        self.stepper.tell_before(step)
        self.stepper.finish(dataclasses.replace(result, add=step.new))
        self.stepper.tell_after(step)
        return step.new

    # -- asking ----------------------------------------------------------------------------------------------------

    def asked(self, urn: str, call: Callable[[], T]) -> T:
        """Return a provider's answer to a question that changes nothing; raises StepFailed with its refusal."""
        try:
            return call()
        except ProviderFailure as error:
            raise self.stepper.refuse(urn, str(error)) from error

    def refused_inputs(self, urn: str, inputs: Properties, failures: tuple[tuple[str, str], ...]) -> StepFailed:
        """Tell what a provider finds wrong with inputs, and return the exception to raise."""
        failure = StepFailed()
        for prop, reason in failures:
            what = f"{type_of(urn)} resource '{name_of(urn)}'"
            where = f"property {prop} value {go_text(inputs.get(prop))} has a problem" if prop else "has a problem"
            failure = self.stepper.refuse(urn, f"{what}: {where}: {reason}" if prop else f"{what} {where}: {reason}")
        return failure


def go_text(value: Value) -> str:
    """Return a value as Pulumi prints it in a refusal; secrets are masked.

    Source: Pulumi `sdk/go/common/resource/properties.go` (RedactSecrets).
    """
    match value:
        case None:
            return "{<nil>}"
        case Secret():
            return "{[secret]}"
        case Unknown():
            return "output<string>{}"
        case bool() as flag:
            return f"{{{str(flag).lower()}}}"
        case int() | float() as number:
            return f"{{{_number(number)}}}"
        case list() as items:
            return "{[" + " ".join(go_text(item) for item in items) + "]}"
        case dict() as entries:
            return "{map[" + " ".join(f"{key}:{go_text(item)}" for key, item in sorted(entries.items())) + "]}"
        case other:
            return f"{{{other}}}"


def _number(value: float) -> str:
    """Return a number as Go's `%v` prints it: 1e+06 for a million."""
    exact = Decimal(repr(float(value))).normalize()
    exponent = exact.adjusted()
    if -5 < exponent < _PLAIN_DIGITS:
        return f"{exact:f}"
    digits = "".join(map(str, exact.as_tuple().digits))
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{'-' if value < 0 else ''}{mantissa}e{exponent:+03d}"


_PLAIN_DIGITS = 6
