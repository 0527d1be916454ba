"""Create, read, update and delete one resource as its type's table says.

    create: the create call, read back, then each change that is not so yet      -> outputs
    update: each change whose properties differ, tags, read back                  -> outputs
    read:   what AWS tells; what it doesn't tell is kept from the state           -> outputs and inputs
    delete: the delete call; what is not there is deleted

Once a resource exists, a failure is an IncompleteResourceError that carries its id and state, so that the engine does
not lose it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.aws.aws_errors import AwsCallError, code_of, refusal, service_id
from rehearsal.aws.call import Call
from rehearsal.aws.checking import DEFAULTS_KEY
from rehearsal.aws.difference import difference
from rehearsal.aws.errors import ImportIdRefused
from rehearsal.aws.kinds import says_nothing
from rehearsal.aws.properties import Property
from rehearsal.aws.resource_type import ResourceType, Step
from rehearsal.aws.running import run_step
from rehearsal.aws.tags import TagRules, tags_from_aws
from rehearsal.aws.wire import Properties, Value

_AWS_ERRORS = (ClientError, BotoCoreError, TimeoutError)


class IncompleteResourceError(Exception):
    """A resource exists but is not what was asked for; `state` is what is known of it."""

    def __init__(self, resource_id: str, state: Properties, reason: AwsCallError) -> None:
        super().__init__(str(reason))
        self.id = resource_id
        self.state = state
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """A resource as AWS tells it."""

    id: str
    outputs: Properties
    inputs: Properties


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The life of resources of one type under one provider's tag rules."""

    kind: ResourceType
    tag_rules: TagRules = field(default_factory=TagRules)

    def create(self, call: Call, *, may_adopt: bool = False) -> Found:
        """Create the resource and make it what was asked.

        With `may_adopt` (we know that we were creating this very resource when a run died) one that exists already is
        taken over if it is exactly what was asked; otherwise AWS's error stands.
        Raises: AwsCallError if there is no resource, IncompleteResourceError if there is one that isn't right.
        """
        doing = self._doing("creating", call)
        try:
            answer = run_step(self.kind, self.kind.create, call)
            resource_id = self.kind.id_of(call.asked, self.kind.ready(call, answer) if self.kind.ready else answer)
        except _AWS_ERRORS as error:
            adopted = self._adopt(call) if may_adopt and code_of(error) in self.kind.already_exists else None
            if adopted is None:
                raise self._refusal(doing, call, error) from error
            return adopted
        call = replace(call, id=resource_id)
        try:
            return Found(resource_id, self._complete(call), dict(call.asked))
        except _AWS_ERRORS as error:
            raise IncompleteResourceError(
                resource_id, self._best_known(call), self._refusal(doing, call, error)
            ) from error

    def read(self, call: Call, inputs: Mapping[str, Value]) -> Found | None:
        """Return the resource as AWS tells it, None if it is gone. `call.state` and `inputs` are empty at import.

        Raises: AwsCallError, ImportIdRefused.
        """
        if not call.state:
            call = replace(call, state=self._parts_of_id(call.id))
        try:
            outputs = self._outputs(call, inputs)
        except _AWS_ERRORS as error:
            raise self._refusal(self._doing("reading", call), call, error) from error
        return Found(outputs["id"], outputs, self._inputs(outputs, inputs)) if outputs else None

    def update(self, call: Call, ignored: tuple[str, ...] = ()) -> Properties:
        """Change what differs and return the outputs.

        Raises: IncompleteResourceError, or AwsCallError if the resource can't even be read.
        """
        doing = self._doing("updating", call)
        differing = difference(self.kind, call.state, call.asked, ignored).properties
        try:
            for step in self._steps_for(differing):
                run_step(self.kind, step, call)
            if "tagsAll" in differing:
                self._set_tags(call)
            outputs = self._outputs(call, call.asked)
        except _AWS_ERRORS as error:
            failed = self._refusal(doing, call, error)
            try:
                state = self._outputs(call, call.asked)
            except _AWS_ERRORS:
                raise failed from error
            raise IncompleteResourceError(call.id, state or dict(call.state), failed) from error
        if outputs is None:
            raise AwsCallError(doing, "", "it is not there any more")
        return outputs

    def delete(self, call: Call) -> None:
        """Delete the resource; one that is not there is deleted. Raises: AwsCallError."""
        try:
            run_step(self.kind, self.kind.delete, call)
        except _AWS_ERRORS as error:
            if code_of(error) not in self.kind.not_found:
                raise self._refusal(self._doing("deleting", call), call, error) from error

    def _complete(self, call: Call) -> Properties:
        outputs = self._outputs(call, call.asked)
        if outputs is None:
            raise TimeoutError("it can't be found right after its creation")
        differing = difference(self.kind, outputs, call.asked).properties
        steps = self._steps_for(differing)
        after_creation = replace(call, state=outputs)
        for step in steps:
            run_step(self.kind, step, after_creation)
        self._set_tags(after_creation)
        return (self._outputs(call, call.asked) or outputs) if steps or "tagsAll" in differing else outputs

    def _adopt(self, call: Call) -> Found | None:
        resource_id = self.kind.find(call) if self.kind.find else self.kind.id_of(call.asked, {})
        if not resource_id:
            return None
        outputs = self._outputs(replace(call, id=resource_id), call.asked)
        if outputs is None or difference(self.kind, outputs, call.asked).items:
            return None
        return Found(resource_id, outputs, dict(call.asked))

    def _outputs(self, call: Call, inputs: Mapping[str, Value]) -> Properties | None:
        """Read the resource; a value that says the same as the one known before keeps that one's form."""
        try:
            answer = run_step(self.kind, self.kind.read, call)
        except ClientError as error:
            if code_of(error) in self.kind.not_found:
                return None
            raise
        if answer is None:
            return None
        before = call.asked or {**inputs, **call.state}
        outputs = {item.name: _value_of(item, answer, before.get(item.name)) for item in self.kind.properties}
        if self.kind.tagging:
            tags = tags_from_aws(answer.get("Tags"), self.kind.tagging.shape)
            outputs |= self.tag_rules.read(tags, inputs.get("tags") or {})
        if self.kind.regional:
            outputs["region"] = call.region
        outputs["id"] = self.kind.id_read(answer, outputs, call.id)
        return {name: value for name, value in outputs.items() if value is not None}

    def _parts_of_id(self, resource_id: str) -> dict[str, str]:
        parts = self.kind.parts_of(resource_id)
        if not parts and self.kind.id_form:
            raise ImportIdRefused(
                f'"{resource_id}" is no id of {self.kind.type}',
                hint=f"its ids to import have the form {self.kind.id_form}",
            )
        return parts

    def _inputs(self, outputs: Properties, inputs: Mapping[str, Value]) -> Properties:
        """Return the inputs that make the resource what it is: the old ones brought up to date, or all at import."""
        if inputs:
            return {
                name: outputs.get(name) if name in self.kind.by_name else value
                for name, value in inputs.items()
                if name not in self.kind.by_name or outputs.get(name) is not None
            }
        found = {
            item.name: outputs[item.name]
            for item in self.kind.given
            if item.name in outputs and not says_nothing(item.kind, outputs[item.name])
        }
        return found | {DEFAULTS_KEY: []}

    def _steps_for(self, differing: Iterable[str]) -> list[Step]:
        names = set(differing)
        return [change.step for change in self.kind.changes if not names.isdisjoint(change.properties)]

    def _set_tags(self, call: Call) -> None:
        tagging = self.kind.tagging
        old: Mapping[str, str] = call.state.get("tagsAll") or {}
        if tagging is None or old == call.tags:
            return
        if tagging.remove is None:
            run_step(self.kind, tagging.add, call)
            return
        if gone := {key: old[key] for key in old if key not in call.tags}:
            run_step(self.kind, tagging.remove, replace(call, tags=gone))
        if new := {key: value for key, value in call.tags.items() if old.get(key) != value}:
            run_step(self.kind, tagging.add, replace(call, tags=new))

    def _best_known(self, call: Call) -> Properties:
        """Return what is known of a resource that something failed on: what AWS tells, else what was asked."""
        try:
            found = self._outputs(call, call.asked)
        except _AWS_ERRORS:
            found = None
        return found or {**call.asked, DEFAULTS_KEY: None, "id": call.id}

    def _doing(self, verb: str, call: Call) -> str:
        name = call.id or self.kind.name_in(call.asked)
        return f"{verb} {self.kind.title} ({name})" if name else f"{verb} {self.kind.title}"

    def _refusal(self, doing: str, call: Call, error: ClientError | BotoCoreError | TimeoutError) -> AwsCallError:
        return refusal(doing, service_id(call.aws), error)


def _value_of(item: Property, answer: Any, before: Value) -> Value:
    if item.unread:
        return before
    found = item.from_answer(answer)
    if before is None or not item.given:
        return found
    return before if item.same(found, before) else found
