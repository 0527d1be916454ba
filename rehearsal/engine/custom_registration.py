"""Resources, components too: from a goal to create, update, replace or leave, and what a replacement takes along.

Source: Pulumi `pkg/resource/deploy/step_generator.go` (continueStepsFromImport, continueStepsFromDiff).
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from rehearsal.engine import step_choice
from rehearsal.engine.deletion import delete_op, provider_deletes
from rehearsal.engine.events import Step
from rehearsal.engine.goal import Goal
from rehearsal.engine.ledger import Result
from rehearsal.engine.old_states import OldStates
from rehearsal.engine.provider_calls import Difference, ProviderCalls, ProviderFailure, Subject
from rehearsal.engine.provider_registration import ProviderRegistrar, go_text
from rehearsal.engine.replacement import Dependent, dependents_of
from rehearsal.engine.state import ResourceState
from rehearsal.engine.step_choice import Action, Choice
from rehearsal.engine.stepper import StepFailed, Stepper, now, subject_of, with_secrets
from rehearsal.engine.update import StepOp
from rehearsal.engine.urn import name_of
from rehearsal.engine.values import Properties

NOT_KNOWN = (
    "The provider for this resource has inputs that are not known during preview.\n"
    "This preview may not correctly represent the changes that will be applied during an update."
)


@dataclass(frozen=True, slots=True)
class _Case:
    """One registration: what is asked, what there was, whom to ask (None for a component)."""

    goal: Goal
    old: ResourceState | None
    new: ResourceState
    calls: ProviderCalls | None
    imported: bool = False


@dataclass
class CustomRegistrar:
    """Registers custom resources and components.

    `settled` are the URNs whose fate this update has chosen, `replaced` those it makes anew.
    """

    stepper: Stepper
    providers: ProviderRegistrar
    olds: OldStates
    choosing: threading.RLock
    settled: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    _deleted: dict[str, Dependent] = field(default_factory=dict)
    _gone: dict[ResourceState, threading.Event] = field(default_factory=dict)

    def register(self, goal: Goal, old: ResourceState | None, new: ResourceState) -> ResourceState:
        """Choose what to do and do it; raises StepFailed."""
        with self.choosing:
            self._go_on()
            calls = self.providers.calls(new.provider, new.urn) if goal.custom else None
        case = _Case(goal, old, new, calls)
        if (
            goal.custom
            and goal.import_id
            and (old is None or old.external or (old.import_id or old.id) != goal.import_id)
        ):
            case = self._imported(case)
        with self.choosing:
            self._go_on()
            act = self._prepare(case)
            self.settled.add(new.urn)
        return act()

    def _go_on(self) -> None:
        """Raise StepFailed if the update is ending: what waited for the lock is not to add to the errors."""
        if self.stepper.refused:
            raise StepFailed("the update is ending")

    def recreated(self, urn: str) -> tuple[str, ...] | None:
        """Return the properties because of which a resource was deleted earlier in this update, None if it was not.

        It is deleted for the sake of one it depends on, and only its registration tells that it is to be made anew.
        """
        dependent = self._deleted.get(urn)
        if dependent is None:
            return None
        self._gone[dependent.state].wait()
        if not self._is_gone(urn):
            return None
        del self._deleted[urn]
        self.replaced.add(urn)
        return dependent.keys

    def _is_gone(self, urn: str) -> bool:
        state = self.olds.get(urn)
        return state is not None and state.pending_replacement

    # -- choosing --------------------------------------------------------------------------------------------------

    def _prepare(self, case: _Case) -> Callable[[], ResourceState]:
        goal, old, new = case.goal, case.old, case.new
        keys = self.recreated(old.urn) if old is not None else None
        if old is not None and keys is not None:
            old = self.olds.get(old.urn) or old
            self.replaced.add(new.urn)
            fresh = dataclasses.replace(new, inputs=self._checked(case, None, goal.inputs, old.id))
            return lambda: self._made_anew(case, old, fresh, (Choice(Action.REPLACE), Choice(Action.REPLACE, keys)))
        if old is None:
            fresh = dataclasses.replace(new, inputs=self._checked(case, None, goal.inputs, ""))
            return lambda: self.stepper.create(case.calls, Step(StepOp.CREATE, new.urn, None, fresh))
        if old.external:
            fresh = dataclasses.replace(new, inputs=self._checked(case, None, goal.inputs, old.id))
            return lambda: self._replaced_later(case, old, fresh, Choice(Action.REPLACE))
        inputs = step_choice.ignore_changes(old.inputs, goal.inputs, goal.ignore_changes)
        new = dataclasses.replace(new, inputs=self._checked(case, old, inputs, ""))
        choice = self._chosen(case, old, new)
        if choice.action is Action.REPLACE:
            return self._replacement(case, old, new, choice)
        # Nobody but the program knows a component's inputs: what it ignores is ignored in comparing only.
        inputs = dict(new.inputs) if goal.custom else goal.inputs
        kept = dataclasses.replace(new, inputs=inputs, id=old.id, outputs=old.outputs)
        return lambda: self._kept(case, old, kept, choice)

    def _checked(self, case: _Case, old: ResourceState | None, news: Properties, generation: str) -> Properties:
        urn, calls = case.new.urn, case.calls
        if calls is None:
            return news
        olds = old.inputs if old is not None else {}
        subject, seed = Subject(urn, name_of(urn), case.goal.type), step_choice.seed(urn, generation)
        checked = self.providers.asked(urn, lambda: calls.check(subject, olds, news, seed))
        if checked.failures:
            raise self.providers.refused_inputs(urn, news, checked.failures)
        return checked.inputs

    def _chosen(self, case: _Case, old: ResourceState, new: ResourceState) -> Choice:
        calls, goal = case.calls, case.goal
        if new.deleted_with and new.deleted_with in self.replaced:
            return Choice(Action.REPLACE, ("deletedWith",))
        if self.providers.moves(old, new):
            return Choice(Action.REPLACE, ("provider",))
        if not goal.custom:
            differ = Difference(changes=dict(old.inputs) != dict(new.inputs))
            return step_choice.choose(old, dict(new.inputs), differ, ())
        if calls is None:
            self.stepper.warn(new.urn, NOT_KNOWN)
            return Choice(Action.UPDATE)
        subject, before = subject_of(dataclasses.replace(new, id=old.id), "update"), (old.inputs, old.outputs)
        diff = self.providers.asked(new.urn, lambda: calls.diff(subject, before, new.inputs, goal.ignore_changes))
        return step_choice.choose(old, dict(new.inputs), diff, goal.replace_on_changes)

    def _kept(self, case: _Case, old: ResourceState, new: ResourceState, choice: Choice) -> ResourceState:
        if choice.action is Action.SAME:
            return old if case.imported else self.stepper.same(Step(StepOp.SAME, new.urn, old, new))
        step = Step(StepOp.UPDATE, new.urn, old, new, diffs=choice.diffs, detailed=choice.detailed)
        return self.stepper.update(case.calls, step, case.goal.ignore_changes)

    # -- replacing -------------------------------------------------------------------------------------------------

    def _replacement(
        self, case: _Case, old: ResourceState, new: ResourceState, choice: Choice
    ) -> Callable[[], ResourceState]:
        goal = case.goal
        self._refuse_if_kept(goal, old, new, choice)
        self.replaced.add(new.urn)
        # Made anew without the old inputs, so that a generated name is a fresh one.
        fresh = dataclasses.replace(new, inputs=self._checked(case, None, goal.inputs, old.id))
        first = choice.delete_first if goal.delete_before_replace is None else goal.delete_before_replace
        if not first:
            return lambda: self._replaced_later(case, old, fresh, choice)
        dependents = dependents_of(old, self.providers, self.settled)
        # What another replacement deletes already is only waited for.
        others = [dependent for dependent in dependents if dependent.state in self._gone]
        doomed = [dependent for dependent in dependents if dependent.state not in self._gone]
        self._refuse_if_protected(old, doomed)
        for dependent in doomed:
            self._gone[dependent.state] = threading.Event()
            if not dependent.state.delete:
                self._deleted[dependent.state.urn] = dependent
        return lambda: self._replaced_first(case, old, fresh, choice, doomed, others)

    def _refuse_if_kept(self, goal: Goal, old: ResourceState, new: ResourceState, choice: Choice) -> None:
        if new.protect and old.protect:
            failure = self.stepper.report(
                new.urn,
                f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
                stop=not self.stepper.dry_run,
            )
            if not self.stepper.dry_run:
                self.stepper.refused = True
                raise failure
        if goal.import_id:
            changed = "\n".join(
                f"{key}: {go_text(old.inputs.get(key))} => {go_text(new.inputs.get(key))}" for key in choice.keys
            )
            words = (
                "previously-imported resources that still specify an ID may not be replaced; "
                f"please remove the `import` declaration from your program;\n{changed}"
            )
            if not self.stepper.dry_run:
                raise self.stepper.refuse(new.urn, words)
            self.stepper.warn(new.urn, words)

    def _refuse_if_protected(self, root: ResourceState, doomed: list[Dependent]) -> None:
        for dependent in reversed(doomed):
            urn = dependent.state.urn
            if dependent.state.protect:
                raise self.stepper.refuse(
                    root.urn,
                    f'unable to replace resource "{urn}" as part of replacing "{root.urn}" as it is currently marked '
                    "for protection. To unprotect the resource, remove the `protect` flag from the resource in your "
                    "Pulumi program and run `pulumi up`, or use the command:\n"
                    f"`pulumi state unprotect '{urn}'`",
                )

    def _replaced_later(self, case: _Case, old: ResourceState, new: ResourceState, choice: Choice) -> ResourceState:
        """Make the new one now; the old one is deleted once everything that depends on it has followed."""
        step = _step(StepOp.CREATE_REPLACEMENT, old, new, choice, logical=False)
        done = self.stepper.create(case.calls, step, (old, dataclasses.replace(old, delete=True)))
        self._tell(_step(StepOp.REPLACE, old, done, choice))
        return done

    def _replaced_first(
        self,
        case: _Case,
        old: ResourceState,
        new: ResourceState,
        choice: Choice,
        doomed: list[Dependent],
        others: list[Dependent],
    ) -> ResourceState:
        """Delete the old one, and before it what goes with it, then make the new one."""
        for other in others:
            self._gone[other.state].wait()
            if not other.state.delete and not self._is_gone(other.state.urn):
                raise StepFailed("what depends on it could not be deleted, which has been told")
        try:
            for dependent in reversed(doomed):
                self._delete(dependent.state, old)
        finally:
            for dependent in doomed:
                self._gone[dependent.state].set()
        if not old.pending_replacement:
            old = self._delete(old, old)
        return self._made_anew(case, old, new, (choice, choice))

    def _made_anew(
        self, case: _Case, old: ResourceState, new: ResourceState, shown: tuple[Choice, Choice]
    ) -> ResourceState:
        """Make the new one of a resource that is gone already; `shown` is what is told of replacing and creating."""
        self._tell(_step(StepOp.REPLACE, old, new, shown[0]))
        return self.stepper.create(case.calls, _step(StepOp.CREATE_REPLACEMENT, old, new, shown[1], logical=False))

    def _delete(self, state: ResourceState, root: ResourceState) -> ResourceState:
        """Delete a resource that is to be made anew; until then the state keeps it, marked as gone."""
        gone = {*self._deleted, root.urn} - {state.urn}
        needs_provider = not self.stepper.dry_run and provider_deletes(state, deleted_with=state.deleted_with in gone)
        calls = self.providers.of_old(state) if needs_provider else None
        if state.delete:
            self.stepper.delete(calls, Step(StepOp.DELETE, state.urn, state, None))
            return state
        marked = dataclasses.replace(state, pending_replacement=True)
        step = Step(delete_op(state, replacing=True), state.urn, state, None, logical=False)
        self.stepper.delete(calls, step, (state, marked))
        self.olds.put(marked)
        return marked

    def _tell(self, step: Step) -> None:
        self.stepper.tell_before(step)
        self.stepper.tell_after(step)

    # -- importing -------------------------------------------------------------------------------------------------

    def _imported(self, case: _Case) -> _Case:
        """Take a resource into the state that exists already; the goal is then compared with what it is."""
        goal, old, calls = case.goal, case.old, case.calls
        new = dataclasses.replace(case.new, inputs={}, id=goal.import_id)
        op = StepOp.IMPORT if old is None else StepOp.IMPORT_REPLACEMENT
        step = Step(op, new.urn, old, new, logical=old is None)
        self.stepper.tell_before(step)
        if calls is None:
            raise self.stepper.fail(step, NOT_KNOWN)
        subject = Subject(new.urn, goal.name, goal.type, goal.import_id)
        try:
            found = self.stepper.with_slot(lambda: calls.read(subject, ({}, {})))
        except ProviderFailure as error:
            raise self.stepper.fail(step, str(error)) from error
        if not found.id:
            raise self.stepper.fail(step, f"resource '{goal.import_id}' does not exist")
        if found.inputs is None:
            package = goal.type.split(":")[0]
            words = f"provider does not support importing resources; please try updating the '{package}' plugin"
            raise self.stepper.fail(step, words)
        made = dataclasses.replace(
            new, id=found.id, inputs=found.inputs, outputs=found.outputs, created=now(), modified=now()
        )
        made = with_secrets(made)
        marked = None if old is None else (old, dataclasses.replace(old, delete=True))
        self.stepper.finish(Result(add=made, supersede=marked))
        self.stepper.tell_after(dataclasses.replace(step, new=made))
        if old is not None:
            self._tell(Step(StepOp.REPLACE, new.urn, old, made))
        fresh = dataclasses.replace(case.new, created=made.created, modified=made.modified)
        return _Case(goal, made, fresh, calls, imported=True)


def _step(op: StepOp, old: ResourceState, new: ResourceState, choice: Choice, *, logical: bool = True) -> Step:
    return Step(op, new.urn, old, new, keys=choice.keys, diffs=choice.diffs, detailed=choice.detailed, logical=logical)
