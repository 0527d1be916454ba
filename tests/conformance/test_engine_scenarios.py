"""The embedded engine does what the real Pulumi CLI does: same steps, counts, refusals, exit codes and state.

Each scenario is played on both, turn by turn, with the same provider: in process here, as a plugin there.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pulumi
import pytest
from pulumi import Alias
from pulumi import ResourceOptions as Options

from tests.conformance.engine_scenarios import Bench, Box, Stub, Thing, Turn, assert_same, embedded, real

pytestmark = [
    pytest.mark.real_engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the real Pulumi CLI is not on PATH"),
]
UP = "up --yes --skip-preview"
REFRESH = "refresh --yes --skip-preview"
DESTROY = "destroy --yes --skip-preview"
DENY_ALL = {"pulumi:disable-default-providers": '["*"]'}


def explicit() -> Stub:
    """Return an explicit provider."""
    return Stub("s", region="a")


def town(colour: str = "red", size: int = 1, *, extra: bool = True) -> None:
    """Declare a component with children, dependencies, secrets, computed outputs and stack outputs."""
    provider = explicit()
    box = Box("b", Options(provider=provider))
    thing = Thing("t", Options(parent=box), colour=colour, size=size)
    if extra:
        Thing("u", Options(parent=box, depends_on=[thing]), colour=thing.colour)
    Thing("v", Options(provider=provider), arn=thing.arn, secret=pulumi.Output.secret("hidden"), computed=["arn"])
    box.register_outputs({"x": thing.id})
    pulumi.export("id", thing.id)
    pulumi.export("s", pulumi.Output.secret("q"))


def test_a_stack_lives_through_create_update_replace_delete_and_destroy(tmp_path: Path) -> None:
    """Every step of an ordinary life is the same, previewed and carried out."""
    blue, large = partial(town, "blue"), partial(town, "blue", 2)
    turns = [
        Turn("preview", town),
        Turn(UP, town),
        Turn(UP, town),
        Turn("preview", blue),
        Turn(UP, blue),
        Turn("preview", large),
        Turn(UP, large),
        Turn(UP, partial(town, "blue", 2, extra=False)),
        Turn("preview"),
        Turn(DESTROY),
    ]
    assert_same(tmp_path, turns)


def _moved(name: str, region: str, *, both: bool = True, **config: str) -> None:
    provider = Stub(name, region=region, **config)
    Thing("t", Options(provider=provider), colour="red")
    if both:
        Thing("u", Options(provider=provider), colour="blue")


def test_a_change_of_provider_replaces_only_where_the_provider_says_so(tmp_path: Path) -> None:
    """Another region replaces the provider and its resources; other config, or another provider alike, does not."""
    turns = [
        Turn(UP, partial(_moved, "s", "a")),
        Turn("preview", partial(_moved, "s", "b")),
        Turn(UP, partial(_moved, "s", "b")),
        Turn(UP, partial(_moved, "s", "b", tag="x")),
        Turn(UP, partial(_moved, "s2", "b", tag="x")),
        Turn(UP, partial(_moved, "s3", "c", tag="x")),
        # One thing only: of two, the first to come is refused by name, and either may be.
        Turn(UP, partial(_moved, "s3", "c", both=False, refuse="bad credentials")),
    ]
    assert_same(tmp_path, turns)


def _versioned() -> None:
    Thing("t", Options(provider=Stub("s", Options(version="1.0.0"), region="a")), colour="red")
    Thing("d", Options(version="1.0.0"), colour="red")


def test_provider_versions_stand_in_the_state_alike(tmp_path: Path) -> None:
    """A provider's version, and a default provider's inputs from config, are recorded field for field."""
    assert_same(tmp_path, [Turn(UP, _versioned), Turn("preview", _versioned)], {"stub:region": "zz"})


def _denied_resource() -> None:
    Thing("t", colour="x")


def _denied_read() -> None:
    Thing("t", Options(id="abc"))


def test_default_providers_are_denied_in_pulumis_words(tmp_path: Path) -> None:
    """A resource and a read without an explicit provider are refused with the same words."""
    turns = [Turn("preview", _denied_resource), Turn(UP, _denied_resource), Turn(UP, _denied_read)]
    assert_same(tmp_path, turns, DENY_ALL)


def _guarded(size: int = 1, *, protect: bool = True, gone: bool = False) -> None:
    provider = explicit()
    if not gone:
        thing = Thing("t", Options(provider=provider, protect=protect), size=1)
        Thing("u", Options(provider=provider, protect=protect, depends_on=[thing]), size=size)


def test_protected_resources_are_neither_replaced_nor_deleted(tmp_path: Path) -> None:
    """A preview tells all that is in the way, an update stops; without protection both go through."""
    turns = [
        Turn(UP, _guarded),
        Turn("preview", partial(_guarded, 2)),
        Turn(UP, partial(_guarded, 2)),
        Turn("preview", partial(_guarded, gone=True)),
        Turn(UP, partial(_guarded, gone=True)),
        Turn(DESTROY),
        Turn(UP, partial(_guarded, 2, protect=False)),
        Turn(DESTROY),
    ]
    assert_same(tmp_path, turns)


def _in_place_of(site: str, *, replaces: bool = True, linked: bool = True, boom: str = "") -> None:
    provider = explicit()
    options = Options(provider=provider)
    first = Thing("a", options, site=site, computed=["arn"], **({"boom": boom} if boom else {}))
    second = Thing("b", options, **{"size" if replaces else "colour": first.arn})
    Thing("c", Options(provider=provider, depends_on=[second]), size=second.id if linked else "x")
    Thing("d", Options(provider=provider, depends_on=[first]), colour="q")


def test_deleting_first_takes_along_what_would_be_replaced(tmp_path: Path) -> None:
    """Delete-before-replace deletes the dependents whose replacement it causes, and no others."""
    turns = [
        Turn(UP, partial(_in_place_of, "x")),
        Turn("preview", partial(_in_place_of, "y")),
        Turn(UP, partial(_in_place_of, "y")),
        Turn(UP, partial(_in_place_of, "z", linked=False)),
        Turn(UP, partial(_in_place_of, "q", replaces=False)),
    ]
    assert_same(tmp_path, turns)


def test_a_replacement_that_failed_after_the_delete_is_resumed(tmp_path: Path) -> None:
    """What was deleted to be made anew is not deleted again, and goes from the state if nobody wants it any more."""
    turns = [
        Turn(UP, partial(_in_place_of, "x")),
        Turn(UP, partial(_in_place_of, "y", boom="no room")),
        Turn("preview", partial(_in_place_of, "y")),
        Turn(UP, partial(_in_place_of, "y")),
        Turn(UP, partial(_in_place_of, "z", boom="no room")),
        Turn(DESTROY),
    ]
    assert_same(tmp_path, turns)


def _kept_back(stage: int) -> None:
    provider = explicit()
    if stage == 3:
        return
    home = Thing("a", Options(provider=provider), size=stage)
    Thing("t", Options(provider=provider, retain_on_delete=True), size=stage, undeletable="x")
    Thing("w", Options(provider=provider, deleted_with=home), colour="x", undeletable="x")


def test_retained_resources_and_those_deleted_with_another_are_left_to_it(tmp_path: Path) -> None:
    """The provider is not asked to delete them, in a replacement or in a delete."""
    assert_same(tmp_path, [Turn(UP, partial(_kept_back, stage)) for stage in (1, 2, 3)])


def _taken_over(id_: str | None, colour: str = "blue") -> None:
    Thing("t", Options(provider=explicit(), import_=id_), colour=colour)


def test_imports_are_alike(tmp_path: Path) -> None:
    """A resource is imported once, another id replaces it, differing inputs update it, a missing one is refused."""
    turns = [
        Turn("preview", partial(_taken_over, "id1")),
        Turn(UP, partial(_taken_over, "id1", "red")),
        Turn(UP, partial(_taken_over, "id1", "red")),
        Turn(UP, partial(_taken_over, "id2")),
        Turn(UP, partial(_taken_over, "missing")),
        Turn(UP, partial(_taken_over, None)),
    ]
    assert_same(tmp_path, turns)


def _renamed(name: str, type_: str, aliases: Sequence[Alias] | None = None) -> None:
    box = Box(name, Options(provider=explicit(), aliases=list(aliases or [])), type_)
    Thing(f"{name}-k", Options(parent=box), colour="x")
    Thing("leaf", Options(parent=Box(f"{name}-in", Options(parent=box))), colour="x")


def test_aliases_carry_a_component_and_its_children_over(tmp_path: Path) -> None:
    """A component by another name or type keeps its children, whose names follow."""
    turns = [
        Turn(UP, partial(_renamed, "a", "own:index:Box")),
        Turn("preview", partial(_renamed, "b", "own:index:Box", [Alias(name="a")])),
        Turn(UP, partial(_renamed, "b", "own:index:Box", [Alias(name="a")])),
        Turn(UP, partial(_renamed, "b", "own:index:Box2", [Alias(type_="own:index:Box")])),
        Turn(UP, partial(_renamed, "b", "own:index:Box2")),
    ]
    assert_same(tmp_path, turns)


def _delicate(half: str = "", colour: str = "red", boom: str = "") -> None:
    provider = explicit()
    thing = Thing("a", Options(provider=provider), colour=colour, **({"boom": boom} if boom else {}))
    Thing("b", Options(provider=provider, depends_on=[thing]), colour="x", **({"half": half} if half else {}))
    pulumi.export("o", thing.colour)


def test_failures_leave_the_same_state_and_the_next_run_repairs_it(tmp_path: Path) -> None:
    """Failed creates and updates, half-made resources and kept stack outputs are recorded alike."""
    turns = [
        Turn(UP, partial(_delicate, boom="no way")),
        Turn(UP, partial(_delicate, "not ready")),
        Turn("preview", _delicate),
        Turn(UP, _delicate),
        Turn(UP, partial(_delicate, "again", "blue")),
        Turn(UP, partial(_delicate, boom="denied", colour="white")),
        Turn(UP, _delicate),
    ]
    assert_same(tmp_path, turns)


def _stuck(*, wanted: bool) -> None:
    provider = explicit()
    if wanted:
        thing = Thing("a", Options(provider=provider), colour="x")
        Thing("b", Options(provider=provider, depends_on=[thing]), undeletable="stuck")
        Thing("c", Options(provider=provider), colour="x")


def test_a_failed_delete_spares_what_the_resource_needs(tmp_path: Path) -> None:
    """Deleting stops after the round that failed; with continue-on-error only what is needed is left."""
    turns = [
        Turn(UP, partial(_stuck, wanted=True)),
        Turn(UP, partial(_stuck, wanted=False)),
        Turn(DESTROY),
        Turn(f"{DESTROY} --continue-on-error"),
    ]
    assert_same(tmp_path, turns)


def _partly() -> None:
    provider = explicit()
    failing = Thing("a", Options(provider=provider), boom="no")
    Thing("b", Options(provider=provider, depends_on=[failing]), colour="x")
    Thing("c", Options(provider=provider), colour="x")
    Thing("d", Options(provider=provider), colour=failing.colour)


def test_continue_on_error_leaves_out_only_what_depends_on_a_failure(tmp_path: Path) -> None:
    """Independent resources are made, dependents are skipped, the update fails."""
    assert_same(tmp_path, [Turn(f"{UP} --continue-on-error", _partly)])


def _drifting() -> None:
    provider = explicit()
    thing = Thing("a", Options(provider=provider), colour="red")
    Thing("b", Options(provider=provider, depends_on=[thing]), colour=thing.colour)
    box = Box("bx", Options(provider=provider))
    Thing("c", Options(parent=box, deleted_with=thing), colour="z")
    Thing("r", Options(provider=provider, id="ext"))


def test_refresh_finds_what_changed_and_what_is_gone(tmp_path: Path) -> None:
    """Same, changed and missing resources are told and recorded alike, in a refresh and before an update."""
    turns = [
        Turn(UP, _drifting),
        Turn(REFRESH),
        Turn(REFRESH, drift={"a": {"colour": "green"}}),
        Turn("refresh --preview-only", drift={"a": None}),
        Turn(REFRESH, drift={"a": None, "c": {"colour": "q"}}),
        Turn(f"{UP} --refresh", _drifting, {"b": {"colour": "no"}}),
        Turn("preview --refresh", _drifting, {"b": None}),
        Turn(f"{UP} --expect-no-changes", _drifting),
        Turn(f"{REFRESH} --expect-no-changes", drift={"b": {"colour": "w"}}),
    ]
    assert_same(tmp_path, turns)


def _seen(id_: str = "", colour: str = "") -> None:
    provider = explicit()
    if id_:
        Thing("r", Options(provider=provider, id=id_))
    elif colour:
        Thing("r", Options(provider=provider), colour=colour)


def test_reads_become_resources_and_the_reverse(tmp_path: Path) -> None:
    """A read resource is taken over by making one, and a made one is let go by reading another."""
    ids = [{"id_": "e1"}, {"id_": "e2"}, {"colour": "red"}, {"id_": "e3"}, {}, {"id_": "missing"}]
    assert_same(tmp_path, [Turn(UP, partial(_seen, **given)) for given in ids])


def _discreet(value: str, **config: str) -> None:
    provider = Stub("s", region="a", **config)
    options = Options(provider=provider, additional_secret_outputs=["arn"])
    nested = {"a": [pulumi.Output.secret(1), 2]}
    thing = Thing("t", options, secret=pulumi.Output.secret(value), nest=nested, computed=["arn"])
    Thing("u", Options(provider=provider), colour=thing.arn, secret=thing.secret)
    pulumi.export("n", thing.arn)


def test_secrets_stay_marked_whatever_the_provider_understands(tmp_path: Path) -> None:
    """Secrets are marked again for a provider that takes plain values, and left marked for one that takes secrets."""
    turns = [
        Turn("preview", partial(_discreet, "x")),
        Turn(UP, partial(_discreet, "x")),
        Turn(UP, partial(_discreet, "y", secrets="true")),
    ]
    assert_same(tmp_path, turns)


def _options(*, given: bool, colour: str = "x") -> None:
    more = {
        "custom_timeouts": pulumi.CustomTimeouts(create="5m", delete="1h30m"),
        "additional_secret_outputs": ["z"],
        "ignore_changes": ["colour", "tags.a", "new"],
        "replace_on_changes": ["rule"],
    }
    tags, rule = {"a": colour, "b": "2"}, "1" if given else colour
    Thing("t", Options(provider=explicit(), **(more if given else {})), colour=colour, tags=tags, rule=rule)


def test_options_are_recorded_and_obeyed_alike(tmp_path: Path) -> None:
    """Timeouts, ignoreChanges, replaceOnChanges and additionalSecretOutputs act the same and stand in the state."""
    turns = [
        Turn(UP, partial(_options, given=True)),
        Turn("preview", partial(_options, given=True, colour="y")),
        Turn(UP, partial(_options, given=False, colour="y")),
    ]
    assert_same(tmp_path, turns)


def _unsure(colour: str) -> None:
    Thing("t", Options(provider=explicit()), loose=True, colour=colour, nest={"a": {"b": colour}}, l=[1, colour])


def test_a_provider_that_cannot_tell_is_answered_for_alike(tmp_path: Path) -> None:
    """Where Diff says nothing, inputs are compared, and the differing paths told."""
    assert_same(tmp_path, [Turn(UP, partial(_unsure, colour)) for colour in ("a", "b", "b")])


def _referring() -> None:
    pulumi.export("got", pulumi.StackReference("organization/trial/dev").outputs)
    pulumi.export("mine", pulumi.Output.secret("s"))


def test_stack_references_stand_in_the_state_alike(tmp_path: Path) -> None:
    """A stack reference is an external resource of the engine's own provider."""
    assert_same(tmp_path, [Turn("preview", _referring), Turn(UP, _referring), Turn(UP, _referring)])


def _mistaken(kind: str) -> None:
    provider = explicit()
    if kind == "twice":
        first = Thing("a", Options(provider=provider), colour="x")
        Thing("a", Options(provider=provider, depends_on=[first]), colour="y")
    elif kind == "invalid":
        Thing("a", Options(provider=provider), colour="x", invalid="is bad")
    else:
        pulumi.log.error("told")


def test_mistakes_of_a_program_are_refused_in_the_same_words(tmp_path: Path) -> None:
    """A duplicate name and refused inputs fail; a message of severity error alone does not."""
    assert_same(tmp_path, [Turn(UP, partial(_mistaken, kind)) for kind in ("twice", "invalid", "logged")])


def test_each_engine_carries_on_with_the_others_state(tmp_path: Path) -> None:
    """A stack made by either engine has no changes in the other's eyes, and the other can destroy it."""
    command, env = real(tmp_path)
    theirs = Bench(command, tmp_path / "shared", env)
    ours = Bench(embedded(), tmp_path / "shared", {})
    theirs.make()
    for maker, other in ((ours, theirs), (theirs, ours)):
        made = maker.play(Turn(UP, _drifting))
        assert made.exit_code == 0
        seen = other.play(Turn("preview --expect-no-changes", _drifting))
        assert (seen.exit_code, seen.resources) == (0, made.resources)
        assert other.play(Turn(DESTROY)).resources == ()
