"""Says of each stack whether its state holds anything: the question behind destroy, refresh and partial runs."""

from __future__ import annotations

from collections.abc import Iterable

from landing_zone.lock import Lock
from orchestrator.planning.plan import Plan, PlannedStack
from orchestrator.stack_id import StackId
from orchestrator.state.backends import Backends, BucketReader, stack_record_name
from orchestrator.state.bucket_states import BucketStates, Name
from orchestrator.state.state_files import FolderObjects, StateFiles
from orchestrator.tools import Tools


class DeployedStacks:
    """Answers for the stacks of one run; the bucket is asked once, when the first answer needs it.

    A workload whose state cannot be read counts as deployed: nothing must be pulled from under it.
    """

    def __init__(self, backends: Backends, tools: Tools, plan: Plan, lock: Lock, selected: Iterable[StackId]) -> None:
        self._backends = backends
        self._tools = tools
        self._plan = plan
        self._lock = lock
        self._near = _near(plan, frozenset(selected))
        self._in_bucket: BucketStates | None = None
        self.unknown = ""
        """AWS's words when the bucket could not be read."""

    def __call__(self, stack: StackId) -> bool:
        """Return whether the state holds anything of a stack."""
        planned = self._plan.stack(stack)
        name = self._name(planned)
        if not self._backends.in_bucket(planned):
            state = StateFiles(FolderObjects(self._backends.workspace.state)).state(*name)
        else:
            found = self._read_bucket()
            if found.words(name):
                return True
            state = found.states.get(name)
        return state is not None and state.deployed

    def _read_bucket(self) -> BucketStates:
        if self._in_bucket is None:
            reader = BucketReader(self._backends, self._tools.env, self._tools.read_bucket)
            answer = reader.deployed(self._lock, [self._name(planned) for planned in self._asked()])
            self._in_bucket, self.unknown = answer, answer.refused
        return self._in_bucket

    def _asked(self) -> list[PlannedStack]:
        near = (planned for planned in self._plan.stacks if planned.id in self._near)
        return [planned for planned in near if self._backends.in_bucket(planned)]

    def _name(self, planned: PlannedStack) -> Name:
        return stack_record_name(self._backends.workspace, planned)


def _near(plan: Plan, selected: frozenset[StackId]) -> frozenset[StackId]:
    """Return the selected stacks, what they rest on and what rests on them: all that a run may ask about."""
    above = plan.dependents()
    return selected.union(*(plan.rests_on[stack] | above[stack] for stack in selected))
