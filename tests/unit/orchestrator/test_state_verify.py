"""Whether two exports of a stack say the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.state.verify import Export, differing, named

MARK, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
ROOT = "urn:pulumi:one::net::pulumi:pulumi:Stack::net-one"
LOGS = "urn:pulumi:one::net::aws:s3/bucket:Bucket::logs"
Change = Callable[[dict[str, Any]], object]


def resources() -> list[dict[str, Any]]:
    """Return the resources of a small state."""
    return [
        {"urn": ROOT, "type": "pulumi:pulumi:Stack", "custom": False},
        {
            "urn": LOGS,
            "type": "aws:s3/bucket:Bucket",
            "custom": True,
            "id": "logs-1",
            "inputs": {"size": 0, "key": {MARK: SECRET, "plaintext": '{"a": 1}'}},
            "outputs": {"on": False},
            "dependencies": [ROOT],
            "provider": "p::1",
            "protect": True,
        },
    ]


def export(entries: list[dict[str, Any]]) -> Export:
    """Return an export of these resources."""
    return Export({}, {"deployment": {"resources": entries}})


def changed(change: Change) -> list[dict[str, Any]]:
    """Return the resources with the second one changed."""
    entries = copy.deepcopy(resources())
    change(entries[1])
    return entries


def test_equal_states_do_not_differ() -> None:
    """Two exports of the same resources are the same."""
    assert differing(export(resources()), export(resources())) == ()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda entry: entry.update(id="logs-2"), id="id"),
        pytest.param(lambda entry: entry["inputs"].update(size=1), id="input"),
        pytest.param(lambda entry: entry["inputs"].pop("size"), id="input that is zero"),
        pytest.param(lambda entry: entry["inputs"].update(size=False), id="kind of an input"),
        pytest.param(lambda entry: entry["inputs"]["key"].update(plaintext='{"a": 2}'), id="secret"),
        pytest.param(lambda entry: entry["inputs"].update(key={"a": 1}), id="secrecy"),
        pytest.param(lambda entry: entry["outputs"].pop("on"), id="output that is false"),
        pytest.param(lambda entry: entry.update(dependencies=[]), id="dependencies"),
        pytest.param(lambda entry: entry.update(provider="p::2"), id="provider"),
        pytest.param(lambda entry: entry.pop("protect"), id="protection"),
        pytest.param(lambda entry: entry.update(delete=True), id="pending deletion"),
    ],
)
def test_any_change_is_seen(change: Change) -> None:
    """A resource that differs in anything at all is named."""
    assert differing(export(resources()), export(changed(change))) == (LOGS,)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda entry: entry["inputs"]["key"].update(plaintext='{"a":1}'), id="spelling of a secret"),
        pytest.param(lambda entry: entry.update(sourcePosition="project:///x.py#1"), id="place in the program"),
        pytest.param(lambda entry: entry.update(aliases=[], external=False, parent=""), id="fields that say nothing"),
    ],
)
def test_what_only_an_engine_adds_is_no_difference(change: Change) -> None:
    """What one engine writes and another leaves out does not count."""
    assert differing(export(resources()), export(changed(change))) == ()


def test_missing_resources_and_another_order_are_seen() -> None:
    """A state with fewer resources differs in those, and one in another order in all."""
    assert differing(export(resources()), export(resources()[:1])) == (LOGS,)
    assert differing(export(resources()), export(resources()[::-1])) == (ROOT, LOGS)


def test_messages_name_resources_and_no_values() -> None:
    """At most three are named, by type and name."""
    urns = [f"urn:pulumi:one::net::t:i:R::r{number}" for number in range(5)]
    assert named(urns) == "t:i:R r0, t:i:R r1, t:i:R r2 and 2 more"
