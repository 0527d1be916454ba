"""The embedded engine does what the real Pulumi CLI does where a stack takes an unusual turn.

Scenarios as in `test_engine_scenarios`: changes of kind, resumed replacements, killed runs, missing parents.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import ResourceOptions as Options

from tests.conformance.engine_scenarios import Stub, Thing, Turn, assert_same
from tests.support.stub_provider import THING

pytestmark = [
    pytest.mark.real_engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the real Pulumi CLI is not on PATH"),
]
UP = "up --yes --skip-preview"
REFRESH = "refresh --yes --skip-preview"
DESTROY = "destroy --yes --skip-preview"


class Shell(pulumi.ComponentResource):
    """A component by the type of a custom resource."""

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None = None,
        props: dict[str, Any] | None = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(THING, name, props or {}, opts)
        if outputs:
            self.register_outputs(outputs)


def _of_a_kind(
    kind: str,
    props: dict[str, Any] | None = None,
    outputs: dict[str, Any] | None = None,
    **more: Any,
) -> None:
    provider = Stub("s", region="a")
    options = Options(provider=provider, **more)
    changing: pulumi.Resource
    if kind == "component":
        changing = Shell("x", options, props, outputs)
    elif kind == "read":
        changing = Thing("x", Options(provider=provider, id="ext"))
    else:
        changing = Thing("x", options, colour="red")
    Thing("child", Options(provider=provider, parent=changing), colour="a")
    Thing("w", Options(provider=provider, deleted_with=changing), colour="a", undeletable="no")


def test_a_custom_resource_becomes_a_component_and_the_reverse(tmp_path: Path) -> None:
    """Each is replaced, and so is what is deleted with it; what is only read gives way as well."""
    component = partial(_of_a_kind, "component")
    turns = [
        Turn(UP, partial(component, {"a": 1}, {"o": 1})),
        Turn(UP, partial(component, {"a": 2})),
        Turn(UP, partial(_of_a_kind, "custom")),
        Turn("preview", partial(component, {"a": 3}, {"o": 5})),
        Turn(UP, partial(component, {"a": 3}, {"o": 5})),
        Turn(UP, partial(_of_a_kind, "read")),
        Turn(UP, component),
        Turn(UP, partial(_of_a_kind, "custom", protect=True)),
        Turn(UP, partial(component, protect=True)),
        Turn(UP, partial(component, protect=False)),
    ]
    assert_same(tmp_path, turns)


def test_kinds_change_with_the_old_one_deleted_first(tmp_path: Path) -> None:
    """DeleteBeforeReplace and ignoreChanges of a component act as those of a custom resource do."""
    first = partial(_of_a_kind, "component", None, {"o": 1}, delete_before_replace=True)
    turns = [
        Turn(UP, partial(_of_a_kind, "custom")),
        Turn("preview", first),
        Turn(UP, first),
        Turn(UP, partial(_of_a_kind, "custom", delete_before_replace=True)),
        Turn(UP, partial(_of_a_kind, "component", {"z": 2}, ignore_changes=["z"])),
        Turn(UP, partial(_of_a_kind, "component", {"z": 3}, ignore_changes=["z"])),
        Turn(DESTROY),
    ]
    assert_same(tmp_path, turns)


def _chain(boom: str = "", *, first: bool | None = None, wanted: bool = True, **changes: Any) -> None:
    provider = Stub("s", region="a")
    options = Options(provider=provider, delete_before_replace=first)
    head = Thing("a", options, computed=["arn"], **changes, **({"boom": boom} if boom else {}))
    if wanted:
        Thing("b", Options(provider=provider), size=head.arn)
    Thing("c", Options(provider=provider), colour=head.arn)


def test_a_change_is_taken_back_after_its_replacement_failed_half_way(tmp_path: Path) -> None:
    """What was deleted is made anew, the new one first, and the delete of the old one is told once more."""
    turns = [
        Turn(UP, partial(_chain, site="x")),
        Turn(UP, partial(_chain, "no room", site="y")),
        Turn(UP, partial(_chain, "no room", site="x")),
        Turn("preview", partial(_chain, site="x")),
        Turn(UP, partial(_chain, site="x")),
        Turn(UP, partial(_chain, site="x")),
    ]
    assert_same(tmp_path, turns)


def test_a_replacement_that_failed_half_way_is_resumed_in_another_order(tmp_path: Path) -> None:
    """Whether the old one is deleted first is decided anew, and a dependent may be gone meanwhile."""
    turns = [
        Turn(UP, partial(_chain, size=1)),
        Turn(UP, partial(_chain, "no room", size=2, first=True)),
        Turn("preview", partial(_chain, size=2)),
        Turn(UP, partial(_chain, size=2)),
        Turn(UP, partial(_chain, "no room", size=3, first=True)),
        Turn(REFRESH),
        Turn(UP, partial(_chain, size=3, first=True, wanted=False)),
    ]
    assert_same(tmp_path, turns)


def _carried_over(**inputs: Any) -> None:
    Thing("t", Options(provider=Stub("s", region="a"), import_="id1"), colour="blue", **inputs)


def test_a_replacement_of_what_still_names_its_import_is_refused_in_the_same_words(tmp_path: Path) -> None:
    """Every kind of value is printed as Pulumi prints it, secrets masked."""
    numbers = [0, 999999, 1000000, -20000000, 1234567.5, 0.0001, 0.00001, 1e21]
    values: dict[str, Any] = {"a": [1.5, True, None, "x"], "n": numbers}
    turns = [
        Turn(UP, _carried_over),
        Turn("preview", partial(_carried_over, size=values)),
        Turn(UP, partial(_carried_over, size=values)),
        Turn(UP, lambda: _carried_over(size={"k": pulumi.Output.secret(3), "l": "x"})),
        Turn("preview", lambda: _carried_over(size=pulumi.Output.secret("x"))),
    ]
    assert_same(tmp_path, turns)


def _versions(*versions: str | None) -> None:
    for number, version in enumerate(versions):
        Thing(f"d{number}", Options(version=version), colour="x")


def test_a_default_provider_without_a_version_takes_the_newest_of_the_state(tmp_path: Path) -> None:
    """It is one with the default provider of that version, and does not come anew."""
    turns = [
        Turn(UP, partial(_versions, None)),
        Turn(UP, partial(_versions, "0.9.0", "1.0.0")),
        Turn("preview", partial(_versions, None, None)),
        Turn(UP, partial(_versions, None, None)),
        Turn(UP, partial(_versions, "0.10.0", None, None)),
    ]
    assert_same(tmp_path, turns)


def _family() -> None:
    provider = Stub("s", region="a")
    above: pulumi.Resource | None = None
    for name in "abcd":
        above = Thing(name, Options(provider=provider, parent=above), colour="red")


def test_a_refresh_leaves_the_child_of_what_is_gone_without_a_parent(tmp_path: Path) -> None:
    """The next update gives it its parent back."""
    turns = [
        Turn(UP, _family),
        Turn(REFRESH, drift={"b": None}),
        Turn("preview", _family),
        Turn(UP, _family),
        Turn(REFRESH, drift={"a": None, "c": None}),
        Turn(f"{UP} --refresh", _family, {"b": None}),
    ]
    assert_same(tmp_path, turns)


def _two(count: int = 2) -> None:
    provider = Stub("s", region="a")
    for name in ("a", "b")[:count]:
        Thing(name, Options(provider=provider), colour="red")


def test_operations_that_a_killed_run_left_open_are_warned_of(tmp_path: Path) -> None:
    """An update warns and keeps creates only; a refresh repairs, and forgets creates when told to."""
    killed = {"b": "creating", "a": "updating"}
    turns = [
        Turn(UP, partial(_two, 1)),
        Turn("preview", _two, left_open=killed),
        Turn("refresh --preview-only"),
        Turn(UP, _two),
        Turn(REFRESH),
        Turn(f"{UP} --refresh", _two),
        Turn(f"{REFRESH} --clear-pending-creates"),
        Turn(UP, _two),
        Turn(f"{REFRESH} --skip-pending-creates", left_open={"b": "creating", "a": "deleting"}),
        Turn(DESTROY),
    ]
    assert_same(tmp_path, turns)
