"""What resource options do: protect, ignoreChanges, retainOnDelete, deletedWith, import, replaceOnChanges, aliases."""

from __future__ import annotations

from functools import partial

import pulumi
import pytest
from pulumi import Alias
from pulumi import ResourceOptions as Options

from tests.unit.engine_steps.trials import Box, Stub, Thing, Trial


def guarded(size: int = 1, *, gone: bool = False) -> None:
    """Declare two protected things."""
    provider = Stub()
    if not gone:
        Thing("a", Options(provider=provider, protect=True), size=size)
        Thing("b", Options(provider=provider, protect=True), size=1)


def test_a_protected_resource_is_not_replaced() -> None:
    """The update stops, the state stays."""
    trial = Trial()
    trial.up(guarded)
    done = trial.up(partial(guarded, 2))
    assert "unable to replace resource" in done.error
    assert done.state("a").inputs["size"] == 1


def test_a_preview_shows_the_replacement_that_protection_forbids() -> None:
    """It fails all the same, and goes on to the end."""
    trial = Trial()
    trial.up(guarded)
    done = trial.preview(partial(guarded, 2))
    assert done.changes == {"replace": 1, "same": 3}
    assert "unable to replace resource" in done.error


@pytest.mark.parametrize("way", ["update", "destroy"])
def test_every_protected_resource_that_would_be_deleted_is_told(way: str) -> None:
    """One run tells all of them, and deletes none."""
    trial = Trial()
    trial.up(guarded)
    done = trial.destroy() if way == "destroy" else trial.up(partial(guarded, gone=True))
    assert done.error.count("because it is protected") == 2
    assert done.names() == ["a", "b", "s"]


def test_protection_is_inherited_from_the_parent() -> None:
    """A child says nothing and is protected."""

    def program() -> None:
        Thing("a", Options(parent=Box("box", Options(provider=Stub(), protect=True))))

    assert Trial().up(program).state("a").protect


def test_ignored_changes_keep_the_old_input() -> None:
    """A whole property, one inside a map, and one that was not there."""

    def program(colour: str, tag: str, **more: str) -> None:
        options = Options(provider=Stub(), ignore_changes=["colour", "tags.a", "new"])
        Thing("a", options, colour=colour, tags={"a": tag, "b": "1"}, **more)

    trial = Trial()
    trial.up(partial(program, "red", "x"))
    done = trial.up(partial(program, "blue", "y", new="z"))
    assert done.changes == {"same": 3}
    assert done.state("a").inputs == {"colour": "red", "tags": {"a": "x", "b": "1"}}


def test_a_retained_resource_leaves_the_state_only() -> None:
    """The provider is not asked to delete it."""
    trial = Trial()
    trial.up(lambda: Thing("a", Options(provider=Stub(), retain_on_delete=True)) and None)
    done = trial.up(lambda: Stub() and None)
    assert (done.changes, done.calls("Delete"), done.names()) == ({"same": 2, "delete": 1}, [], ["s"])


def test_a_resource_deleted_with_another_is_left_to_that() -> None:
    """Only the other one is deleted by the provider."""

    def program() -> None:
        provider = Stub()
        home = Thing("home", Options(provider=provider))
        Thing("a", Options(provider=provider, deleted_with=home))

    trial = Trial()
    trial.up(program)
    assert trial.destroy().calls("Delete") == ["home"]


def test_replacing_a_resource_replaces_what_is_deleted_with_it() -> None:
    """It would be gone with the old one."""

    def program(size: int) -> None:
        provider = Stub()
        home = Thing("home", Options(provider=provider), size=size)
        Thing("a", Options(provider=provider, deleted_with=home))

    trial = Trial()
    trial.up(partial(program, 1))
    assert trial.up(partial(program, 2)).changes == {"same": 2, "replace": 2}


def test_an_import_takes_over_what_exists_and_then_brings_it_in_line() -> None:
    """Nothing is created; a differing input is updated; the second run has nothing to do."""

    def program(colour: str) -> None:
        Thing("a", Options(provider=Stub(), import_="id-1"), colour=colour)

    trial = Trial()
    done = trial.up(partial(program, "red"))
    assert done.changes == {"create": 2, "import": 1, "update": 1}
    assert (done.state("a").id, done.state("a").import_id, done.calls("Create")) == ("id-1", "id-1", [])
    assert trial.up(partial(program, "red")).changes == {"same": 3}


def test_what_still_names_its_import_is_not_replaced() -> None:
    """Old and new values are told as Pulumi prints them; secrets are masked, inside of others as well."""

    def program(*, changed: bool) -> None:
        size = {"k": pulumi.Output.secret("hidden"), "l": [1, True, None, 2000000, 0.5]}
        inputs = {"size": size} if changed else {}
        Thing("a", Options(provider=Stub(), import_="id-1"), colour="blue", **inputs)

    trial = Trial()
    trial.up(partial(program, changed=False))
    done = trial.up(partial(program, changed=True))
    assert done.error.endswith(
        "previously-imported resources that still specify an ID may not be replaced; please remove the `import` "
        "declaration from your program;\n"
        "size: {<nil>} => {map[k:{[secret]} l:{[{1} {true} {<nil>} {2e+06} {0.5}]}]}"
    )


def test_an_import_of_what_does_not_exist_fails() -> None:
    """The id is named."""
    done = Trial().up(lambda: Thing("a", Options(provider=Stub(), import_="missing")) and None)
    assert "resource 'missing' does not exist" in done.error


@pytest.mark.parametrize(("rule", "change"), [("colour", "replace"), ("*", "replace"), ("tags", "update")])
def test_replace_on_changes_turns_an_update_into_a_replacement(rule: str, change: str) -> None:
    """Only where the rule covers the property that differs."""

    def program(colour: str) -> None:
        Thing("a", Options(provider=Stub(), replace_on_changes=[rule]), colour=colour)

    trial = Trial()
    trial.up(partial(program, "red"))
    assert trial.up(partial(program, "blue")).changes == {"same": 2, change: 1}


def test_delete_before_replace_overrides_the_providers_order() -> None:
    """The option decides in both directions."""

    def program(size: int) -> None:
        Thing("a", Options(provider=Stub(), delete_before_replace=True), size=size)

    trial = Trial()
    trial.up(partial(program, 1))
    assert trial.up(partial(program, 2)).steps() == ["delete-replaced a", "replace a", "create-replacement a"]


def test_an_alias_carries_a_component_and_its_children_over() -> None:
    """Nothing is made anew; children whose names begin with their parent's follow it."""

    def program(name: str, aliases: list[Alias]) -> None:
        box = Box(name, Options(provider=Stub(), aliases=list(aliases)))
        Thing(f"{name}-child", Options(parent=box), colour="x")

    trial = Trial()
    trial.up(partial(program, "old", []))
    done = trial.up(partial(program, "new", [Alias(name="old")]))
    assert (done.changes, done.names()) == ({"same": 4}, ["new", "new-child", "s"])
    assert done.state("new-child").parent == done.state("new").urn


def test_an_alias_claimed_twice_is_refused() -> None:
    """One old resource cannot become two."""

    def program() -> None:
        provider = Stub()
        first = Thing("b", Options(provider=provider, aliases=[Alias(name="a")]))
        Thing("c", Options(provider=provider, aliases=[Alias(name="a")], depends_on=[first]))

    trial = Trial()
    trial.up(lambda: Thing("a", Options(provider=Stub())) and None)
    assert "Duplicate resource alias" in trial.up(program).error
