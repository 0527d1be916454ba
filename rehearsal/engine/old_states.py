"""The old state as registrations find it: by URN, else by one of the names a resource had before.

Source: Pulumi `pkg/resource/deploy/step_generator.go` (getOldResource, generateAliases).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from rehearsal.engine.goal import AliasSpec, Goal
from rehearsal.engine.state import ResourceState
from rehearsal.engine.urn import make_urn, name_of, qualified_type, type_of


class AliasTaken(Exception):
    """A former name is claimed by two resources; the message is Pulumi's own."""


@dataclass
class OldStates:
    """What there was before this update. Not safe for several threads at once."""

    stack: str
    project: str
    resources: Sequence[ResourceState]
    new_names: dict[str, str] = field(default_factory=dict)
    """Old URN to the URN by which the resource is registered now."""

    def __post_init__(self) -> None:
        self._by_urn = {state.urn: state for state in self.resources if not state.delete}
        self._former: dict[str, str] = {}

    def get(self, urn: str) -> ResourceState | None:
        """Return the live old resource of a URN."""
        return self._by_urn.get(urn)

    def put(self, state: ResourceState) -> None:
        """Take another version of an old resource, such as one that has been deleted to be made anew."""
        self._by_urn[state.urn] = state

    def live(self) -> list[ResourceState]:
        """Return the live old resources in their order."""
        return list(self._by_urn.values())

    def find(self, urn: str, goal: Goal, claimed: Collection[str]) -> ResourceState | None:
        """Return the old resource of a registration; raises AliasTaken."""
        if urn in self.new_names:
            raise AliasTaken(f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN "
                             f"'{self.new_names[urn]}'")  # fmt: skip
        if urn in self._by_urn:
            return self._by_urn[urn]
        for former in self._former_names(urn, goal):
            old = self._by_urn.get(former)
            if old is None:
                continue
            if former in claimed or former in self.new_names:
                other = self.new_names.get(former, urn)
                raise AliasTaken(
                    f"Duplicate resource alias '{former}' applied to resource with URN '{urn}' conflicting with "
                    f"resource with URN '{other}'"
                )
            self.new_names[former] = urn
            self._former[urn] = former
            return old
        return None

    def _former_names(self, urn: str, goal: Goal) -> list[str]:
        own = [self._spelled_out(spec, goal) for spec in goal.aliases]
        found = list(own)
        above = self._former.get(goal.parent)
        if above:
            named = [(goal.type, goal.name), *((type_of(alias), name_of(alias)) for alias in own)]
            found += [self._under(above, goal.parent, type_, name) for type_, name in named]
        return [former for former in dict.fromkeys(found) if former != urn]

    def _under(self, former_parent: str, parent: str, type_: str, name: str) -> str:
        """Return a child's former name: one that begins with its parent's name has followed the parent's."""
        if name.startswith(name_of(parent)):
            name = name_of(former_parent) + name.removeprefix(name_of(parent))
        chain = f"{qualified_type(former_parent)}${type_}"
        return f"urn:pulumi:{self.stack}::{self.project}::{chain}::{name}"

    def _spelled_out(self, spec: AliasSpec, goal: Goal) -> str:
        if spec.urn:
            return spec.urn
        parent = goal.parent
        if spec.parent_urn:
            parent = self._former.get(spec.parent_urn, spec.parent_urn)
        return make_urn(
            spec.stack or self.stack,
            spec.project or self.project,
            "" if spec.no_parent else parent,
            spec.type or goal.type,
            spec.name or goal.name,
        )
