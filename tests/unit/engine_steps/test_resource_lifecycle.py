"""What an update does with resources: create, keep, change, replace, delete."""

from __future__ import annotations

from functools import partial

import pulumi
from pulumi import ResourceOptions as Options

from rehearsal.engine.state import PendingKind
from rehearsal.engine.update import UpdateResult
from rehearsal.engine.values import Secret, Unknown
from tests.unit.engine_steps.trials import STACK, Box, Stub, Thing, Trial


def chain(colour: str = "red", size: int = 1, length: int = 3) -> None:
    """Declare a component with a chain of children."""
    box = Box("box", Options(provider=Stub()))
    before: list[pulumi.Resource] = []
    for number in range(length):
        before = [Thing(f"t{number}", Options(parent=box, depends_on=before), colour=colour, size=size)]
    box.register_outputs({"length": length})
    pulumi.export("length", length)


def test_a_first_update_creates_everything_in_order_of_dependency() -> None:
    """Parents come before children, dependencies before dependents."""
    done = Trial().up(chain)
    assert done.changes == {"create": 6}
    assert done.steps() == ["create box", "create t0", "create t1", "create t2"]
    assert done.outcome.outputs == {"length": 3}


def test_an_update_without_changes_keeps_everything_and_asks_for_nothing_to_be_done() -> None:
    """The provider is asked to check and compare, to nothing else."""
    trial = Trial()
    trial.up(chain)
    done = trial.up(chain)
    assert done.changes == {"same": 6}
    assert not any(done.calls(method) for method in ("Create", "Update", "Delete", "Read"))


def test_an_update_without_changes_writes_the_state_once() -> None:
    """Same-steps alone are not worth a write each."""
    trial = Trial()
    trial.up(chain)
    assert len(trial.up(chain).recorder.snapshots) == 1


def test_a_changed_input_updates_in_place() -> None:
    """The id stays, inputs and outputs are the new ones."""
    trial = Trial()
    before = trial.up(chain).state("t0")
    done = trial.up(partial(chain, "blue"))
    after = done.state("t0")
    assert done.changes == {"same": 3, "update": 3}
    assert (after.id, after.inputs["colour"], after.created) == (before.id, "blue", before.created)
    assert after.modified > before.modified


def test_a_replacement_is_created_before_the_old_one_is_deleted() -> None:
    """Deletes come at the end, in reverse order of dependency."""
    trial = Trial()
    trial.up(chain)
    done = trial.up(partial(chain, size=2))
    assert done.changes == {"same": 3, "replace": 3}
    assert [step for step in done.steps() if step.startswith("delete")] == [
        "delete-replaced t2",
        "delete-replaced t1",
        "delete-replaced t0",
    ]
    assert done.steps().index("create-replacement t2") < done.steps().index("delete-replaced t2")


def test_what_is_declared_no_more_is_deleted() -> None:
    """Only the state and the provider forget it."""
    trial = Trial()
    trial.up(chain)
    done = trial.up(partial(chain, length=1))
    assert done.steps()[-2:] == ["delete t2", "delete t1"]
    assert done.names() == ["box", "s", "t0"]


def test_destroy_deletes_dependents_first_and_leaves_nothing() -> None:
    """The chain goes from its end, the component and provider last."""
    trial = Trial()
    trial.up(chain)
    done = trial.destroy()
    assert done.steps() == ["delete t2", "delete t1", "delete t0", "delete box"]
    assert done.outcome.snapshot.resources == ()
    assert done.changes == {"delete": 6}


def test_a_preview_changes_nothing_and_leaves_computed_outputs_unknown() -> None:
    """No state is recorded; what only the provider will know is unknown."""

    def program() -> None:
        thing = Thing("a", Options(provider=Stub()), computed=["arn"])
        pulumi.export("arn", thing.arn)

    done = Trial().preview(program)
    assert done.changes == {"create": 3}
    assert isinstance(done.outcome.outputs["arn"], Unknown)
    assert (done.recorder.snapshots, done.outcome.snapshot.resources) == ([], ())


def test_every_create_is_recorded_as_pending_before_it_begins() -> None:
    """A crash at any moment leaves a trace of what may exist."""
    done = Trial().up(chain)
    pending = [
        (operation.kind, operation.resource.urn.rsplit("::", 1)[-1])
        for snapshot in done.recorder.snapshots
        for operation in snapshot.pending_operations
    ]
    assert {(PendingKind.CREATING, f"t{number}") for number in range(3)} <= set(pending)
    assert done.outcome.snapshot.pending_operations == ()


def test_deleting_first_takes_dependents_along_and_keeps_them_in_the_state_meanwhile() -> None:
    """What the replacement of the first would replace is deleted before it, and made anew after it."""

    def program(site: str) -> None:
        provider = Stub()
        first = Thing("a", Options(provider=provider), site=site, computed=["arn"])
        Thing("b", Options(provider=provider), size=first.arn)
        Thing("c", Options(provider=provider, depends_on=[first]), colour="x")

    trial = Trial()
    trial.up(partial(program, "x"))
    done = trial.up(partial(program, "y"))
    changing = [step for step in done.steps() if not step.startswith("same")]
    assert changing == [
        *("delete-replaced b", "delete-replaced a"),
        *("replace a", "create-replacement a", "replace b", "create-replacement b"),
    ]
    assert any(s.pending_replacement for snapshot in done.recorder.snapshots for s in snapshot.resources)
    assert not any(s.pending_replacement for s in done.outcome.snapshot.resources)


def test_a_replacement_that_failed_after_its_delete_is_resumed_without_a_second_delete() -> None:
    """The state remembers that the old one is gone."""

    def program(site: str, *, fail: bool = False) -> None:
        Thing("a", Options(provider=Stub()), site=site, **({"boom": "no room"} if fail else {}))

    trial = Trial()
    trial.up(partial(program, "x"))
    failed = trial.up(partial(program, "y", fail=True))
    assert failed.state("a").pending_replacement
    done = trial.up(partial(program, "y"))
    assert (done.changes["replace"], done.calls("Delete")) == (1, [])
    assert done.state("a").id == "a--y"


def test_what_waits_for_its_replacement_goes_from_the_state_when_nobody_wants_it() -> None:
    """The provider has deleted it already."""

    def program(site: str, *, fail: bool = False) -> None:
        Thing("a", Options(provider=Stub()), site=site, **({"boom": "no room"} if fail else {}))

    trial = Trial()
    trial.up(partial(program, "x"))
    trial.up(partial(program, "y", fail=True))
    done = trial.destroy()
    assert "remove-pending-replace a" in done.steps()
    assert (done.calls("Delete"), done.names()) == ([], [])


def test_a_failed_replacement_leaves_the_old_resource_as_it_was() -> None:
    """The old one is marked for deletion only once the new one exists."""

    def program(size: int, *, fail: bool = False) -> None:
        Thing("a", Options(provider=Stub()), size=size, **({"boom": "no room"} if fail else {}))

    trial = Trial()
    trial.up(partial(program, 1))
    done = trial.up(partial(program, 2, fail=True))
    assert (done.state("a").inputs, done.state("a").delete) == ({"size": 1}, False)
    assert done.outcome.snapshot.pending_operations == ()


def test_component_outputs_and_stack_outputs_stand_in_the_state() -> None:
    """Both arrive after the resource itself."""
    done = Trial().up(chain)
    assert done.state("box").outputs == {"length": 3}
    assert done.state("trial-dev").urn == STACK
    assert done.state("trial-dev").outputs == {"length": 3}


def test_a_failed_update_keeps_stack_outputs_that_it_did_not_come_to() -> None:
    """An output that is missing after a failure need not have been removed."""

    def program(*, undeletable: bool, second: bool) -> None:
        if undeletable:
            Thing("a", Options(provider=Stub()), undeletable="stuck")
        pulumi.export("one", 1)
        if second:
            pulumi.export("two", 2)

    trial = Trial()
    trial.up(partial(program, undeletable=True, second=True))
    done = trial.up(partial(program, undeletable=False, second=False))
    assert done.outcome.result is UpdateResult.FAILED
    assert done.outcome.outputs == {"one": 1, "two": 2}


def test_secret_inputs_come_back_as_secret_outputs_from_a_provider_that_takes_plain_values() -> None:
    """The provider sees the plain value, the state the mark."""

    def program() -> None:
        options = Options(provider=Stub(), additional_secret_outputs=["arn"])
        Thing("a", options, colour=pulumi.Output.secret("x"), computed=["arn"])

    done = Trial().up(program)
    assert done.state("a").inputs["colour"] == Secret("x")
    assert done.state("a").outputs == {"colour": Secret("x"), "computed": ["arn"], "arn": Secret("arn of a")}
    (request,) = [r for provider in done.providers for name, r in provider.requests if name == "Create"]
    assert request.properties["colour"] == "x"
