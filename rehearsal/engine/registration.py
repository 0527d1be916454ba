"""Turns registrations into steps: one resource at a time, from what the program asks to what the provider did.

What to do is chosen under one lock, as the choice for one resource may decide about others; doing it is not.
Source: Pulumi `pkg/resource/deploy/step_generator.go` and `docs/architecture/deployment-execution/`.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from rehearsal.engine.custom_registration import CustomRegistrar
from rehearsal.engine.deletion import needs
from rehearsal.engine.events import Step
from rehearsal.engine.goal import Goal
from rehearsal.engine.ledger import Result
from rehearsal.engine.new_state import new_state
from rehearsal.engine.old_states import AliasTaken, OldStates
from rehearsal.engine.provider_calls import ProviderFailure, ReadBack, Subject
from rehearsal.engine.provider_registration import DENIAL, ProviderDenied, ProviderRegistrar
from rehearsal.engine.providers import Providers, reference
from rehearsal.engine.state import ResourceState
from rehearsal.engine.stepper import StepFailed, Stepper, half_made, now, with_secrets
from rehearsal.engine.update import StepOp, UpdateRequest
from rehearsal.engine.urn import STACK_TYPE, is_provider, make_urn
from rehearsal.engine.values import UNKNOWN_ID, Properties

Reader = Callable[[], ReadBack]
"""Reads a resource that the engine itself answers for."""


class Ending(Enum):
    """How a registration ended: failed and skipped ones only where an update goes on with errors."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Registered:
    """What a program learns of its registration."""

    urn: str
    id: str
    outputs: Properties
    ending: Ending = Ending.DONE


@dataclass
class Registrar:
    """Handles the registrations of one update; called from many threads."""

    request: UpdateRequest
    stepper: Stepper
    instances: Providers
    denied: frozenset[str]
    goals: dict[str, Goal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._choosing = threading.RLock()
        self.olds = OldStates(self.request.stack, self.request.project.name, self.stepper.ledger.old_resources())
        self.providers = ProviderRegistrar(
            self.request, self.stepper, self.instances, self.olds, self.denied, self._register_default
        )
        self._custom = CustomRegistrar(self.stepper, self.providers, self.olds, self._choosing)
        self._stack_outputs: tuple[str, Properties] | None = None
        self._skipped: set[str] = set()

    @property
    def must_stop(self) -> bool:
        """Whether something has failed and the rest must not go on."""
        return self.stepper.refused or (self.stepper.stopped and not self.request.options.continue_on_error)

    def _go_on(self) -> None:
        """Raise StepFailed if the update is ending: what came in at the same time is not to add to the errors."""
        if self.must_stop:
            raise StepFailed("the update is ending")

    def is_wanted(self, urn: str) -> bool:
        """Whether an old resource has been registered in this update, by this name or a new one."""
        return self.olds.new_names.get(urn, urn) in self.goals

    # -- registrations ---------------------------------------------------------------------------------------------

    def register(self, goal: Goal) -> Registered:
        """Carry a registration out; raises StepFailed when it did not succeed."""
        with self._choosing:
            self._go_on()
            urn = self._urn(goal)
            goal = self._inherit(goal)
            old = self._claim(urn, goal)
        try:
            state = self._dispatch(urn, goal, old)
        except StepFailed:
            if self.must_stop:
                raise
            self._skipped.add(urn)
            return Registered(urn, "", {}, Ending.FAILED)
        if state is None:
            return Registered(urn, "", {}, Ending.SKIPPED)
        return Registered(urn, state.id, dict(state.outputs))

    def _dispatch(self, urn: str, goal: Goal, old: ResourceState | None) -> ResourceState | None:
        if not goal.custom:
            state = new_state(urn, goal, goal.inputs, old)
            return None if self._is_skipped(state) else self._custom.register(goal, old, state)
        if is_provider(goal.type):
            state = new_state(urn, goal, goal.inputs, old)
            return None if self._is_skipped(state) else self._register_provider(goal, old, state)
        state = new_state(urn, goal, goal.inputs, old, self._provider_of(urn, goal))
        return None if self._is_skipped(state) else self._custom.register(goal, old, state)

    def _provider_of(self, urn: str, goal: Goal) -> str:
        try:
            return self.providers.reference_for(goal.provider, goal, urn)
        except ProviderDenied as error:
            raise self.stepper.refuse(urn, str(error)) from error

    def _register_default(self, goal: Goal) -> str:
        done = self.register(goal)
        return reference(done.urn, done.id)

    def _urn(self, goal: Goal) -> str:
        if goal.parent and goal.parent not in self.goals:
            raise self.stepper.refuse("", f"could not find parent resource {goal.parent}")
        return make_urn(self.request.stack, self.request.project.name, goal.parent, goal.type, goal.name)

    def _claim(self, urn: str, goal: Goal) -> ResourceState | None:
        if urn in self.goals:
            raise self.stepper.refuse(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        try:
            old = self.olds.find(urn, goal, self.goals)
        except AliasTaken as error:
            raise self.stepper.refuse(urn, str(error)) from error
        self.goals[urn] = goal
        return old

    def _inherit(self, goal: Goal) -> Goal:
        parent = self.goals.get(goal.parent)
        if parent is None:
            return goal
        return dataclasses.replace(
            goal,
            protect=parent.protect if goal.protect is None else goal.protect,
            retain_on_delete=parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete,
            deleted_with=goal.deleted_with or parent.deleted_with,
        )

    def _is_skipped(self, state: ResourceState) -> bool:
        """Whether a resource needs one that failed or was skipped, in an update that goes on with errors."""
        if not self._skipped & (needs(state) - {state.provider.rpartition("::")[0]}):
            return False
        self._skipped.add(state.urn)
        return True

    def _register_provider(self, goal: Goal, old: ResourceState | None, state: ResourceState) -> ResourceState:
        with self._choosing:
            recreated = self._custom.recreated(old.urn) if old else None
            old = self.olds.get(old.urn) if old else None
            act = self.providers.prepare(state.urn, goal, old, state, recreated)
            self._custom.settled.add(state.urn)
        return act()

    # -- outputs of components -------------------------------------------------------------------------------------

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Attach a component's outputs to its finished resource; the root stack's wait for the end of the update."""
        if self.goals[urn].type == STACK_TYPE:
            self._stack_outputs = (urn, outputs)
            return
        self._attach(urn, outputs)

    def finish_stack(self, *, failed: bool) -> None:
        """Attach the root stack's outputs; after a failure the old ones that are missing now are kept."""
        if self._stack_outputs is None:
            return
        urn, outputs = self._stack_outputs
        old = self.olds.get(urn)
        self._attach(urn, {**(old.outputs if failed and old else {}), **outputs})

    def _attach(self, urn: str, outputs: Properties) -> None:
        state = self.stepper.ledger.current(urn)
        if state is None:
            return
        new = dataclasses.replace(state, outputs=outputs)
        if dict(state.outputs) != outputs:
            self.stepper.ledger.replace_new(state, new)
        if urn in self.stepper.components:
            self.stepper.tell_outputs(dataclasses.replace(self.stepper.components[urn], new=new))

    # -- reads -----------------------------------------------------------------------------------------------------

    def read(self, goal: Goal, id_: str, reader: Reader | None = None) -> Registered:
        """Read a resource that this stack does not manage; raises StepFailed, or ProviderDenied for the program."""
        if not goal.provider and self.providers.is_denied(goal.type.split(":")[0]):
            # Pulumi names the type where the package should be.
            raise ProviderDenied(DENIAL.format(package=goal.type, subject=goal.type))
        with self._choosing:
            self._go_on()
            urn = self._urn(goal)
            old = self._claim(urn, goal)
            state = new_state(urn, goal, goal.inputs, old, self._provider_of(urn, goal))
            state = dataclasses.replace(state, external=True, id=id_, property_dependencies={})
            self._custom.settled.add(urn)
        replacing = old is not None and not old.external and old.id != id_
        step = Step(StepOp.READ_REPLACEMENT if replacing else StepOp.READ, urn, old, state, logical=not replacing)
        self.stepper.tell_before(step)
        done = self._read_back(step, state, old, reader)
        self.stepper.tell_after(dataclasses.replace(step, new=done))
        if replacing:
            self._custom.replaced.add(urn)
            replace = Step(StepOp.REPLACE, urn, old, done)
            self.stepper.tell_before(replace)
            self.stepper.tell_after(replace)
        return Registered(urn, done.id, dict(done.outputs))

    def _read_back(
        self, step: Step, state: ResourceState, old: ResourceState | None, reader: Reader | None
    ) -> ResourceState:
        found, reasons = self._found(step, state, reader)
        done = dataclasses.replace(state, id=found.id, outputs=found.outputs, init_errors=reasons)
        if old is not None and (dict(old.inputs), dict(old.outputs)) != (dict(done.inputs), found.outputs):
            done = dataclasses.replace(done, modified=now())
        done = with_secrets(done)
        if step.op is StepOp.READ_REPLACEMENT and old is not None:
            self.stepper.finish(Result(add=done, supersede=(old, dataclasses.replace(old, delete=True))))
        else:
            self.stepper.finish(Result(add=done, drop=(old,) if old is not None else ()))
        if reasons:
            raise self.stepper.fail(step, _half_read(reasons))
        return done

    def _found(self, step: Step, state: ResourceState, reader: Reader | None) -> tuple[ReadBack, tuple[str, ...]]:
        if state.id == UNKNOWN_ID:
            return ReadBack(UNKNOWN_ID, None, {}), ()
        try:
            if reader is not None:
                return reader(), ()
            calls = self.providers.calls(state.provider, state.urn)
            if calls is None:
                return ReadBack(state.id, None, {}), ()
            subject = Subject(state.urn, step.urn.rsplit("::", 1)[-1], state.type, state.id)
            found = self.stepper.with_slot(lambda: calls.read(subject, (state.inputs, state.inputs)))
        except ProviderFailure as error:
            if error.partial is None:
                raise self.stepper.fail(step, str(error)) from error
            half = half_made(state, error.partial)
            return ReadBack(half.id, None, dict(half.outputs)), half.init_errors
        if not found.id:
            raise self.stepper.fail(step, f"resource '{state.id}' does not exist")
        return found, ()


def _half_read(reasons: tuple[str, ...]) -> str:
    return "\n".join(reasons)
