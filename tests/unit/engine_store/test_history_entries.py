"""History entries: what is stored, and what `stack history --json` shows of it."""

from __future__ import annotations

import json

import pytest

from rehearsal.engine.backend import Backend
from rehearsal.engine.command_table import command_table
from rehearsal.engine.config_tree import Sealed
from rehearsal.engine.errors import StateCorruptError, StateUnsupportedError
from rehearsal.engine.history import Entry, add_entry, entries, environment_of, shown
from rehearsal.engine.references import StackReference
from rehearsal.engine.secret_managers import PassphraseManager
from rehearsal.engine.times import milliseconds, now_text, seconds_of, to_second
from tests.unit.engine_store.workbench import PASSPHRASE, SALT, MemoryStore, shared_keys

REFERENCE = StackReference("demo", "dev")
MANAGER = PassphraseManager(SALT, {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}, shared_keys())


def entry(**fields: object) -> Entry:
    """Return an entry."""
    plain: dict[str, object] = {"kind": "update", "started": 1000, "ended": 1002, "result": "succeeded", **fields}
    return Entry(**plain)  # type: ignore[arg-type]


def test_an_entry_lies_beside_a_copy_of_the_state() -> None:
    """Each operation leaves a pair of files named after stack and time."""
    store = MemoryStore()
    store.put(REFERENCE.checkpoint_key, b"state")
    add_entry(Backend(store), REFERENCE, entry(changes={"same": 2, "create": 1}))
    pair = sorted(key for key in store.objects if key.startswith(REFERENCE.history_folder))
    assert [key.rpartition("/")[2].split(".", 1)[1] for key in pair] == ["checkpoint.json", "history.json"]
    assert store.objects[pair[0]] == b"state"
    assert store.objects[pair[1]] == (
        b'{"kind":"update","startTime":1000,"message":"","environment":{},"config":{},"version":0,'
        b'"result":"succeeded","endTime":1002,"resourceChanges":{"create":1,"same":2}}'
    )


def test_the_latest_comes_first_by_pages() -> None:
    """Entries are counted from the latest; a page beyond the end is empty."""
    backend = Backend(MemoryStore())
    for number in range(5):
        add_entry(backend, REFERENCE, entry(message=str(number)))
    pages = [[found["message"] for found in entries(backend, REFERENCE, 2, page)] for page in (1, 2, 3, 4)]
    assert pages == [["4", "3"], ["2", "1"], ["0"], []]
    assert len(entries(backend, REFERENCE)) == 5


def test_secrets_are_shown_on_demand_only() -> None:
    """Without a key a secret has no value; with it, it is in clear; one that cannot be read says so."""
    config = {"demo:a": Sealed(MANAGER.encrypt("s")), "demo:b": {"k": [1]}, "demo:c": Sealed("v1:bad:bad")}
    backend = Backend(MemoryStore())
    add_entry(backend, REFERENCE, entry(config=config))
    (stored,) = entries(backend, REFERENCE)
    assert shown(stored, None)["config"]["demo:a"] == {"secret": True}
    assert shown(stored, MANAGER)["config"] == {
        "demo:a": {"value": "s", "secret": True},
        "demo:b": {"value": '{"k":[1]}', "objectValue": {"k": [1]}, "secret": False},
        "demo:c": {"value": "ERROR_UNABLE_TO_DECRYPT", "secret": True},
    }


def test_times_always_have_a_fraction() -> None:
    """The SDK parses times with a fraction only, so whole seconds have one as well."""
    assert milliseconds(1000) == "1970-01-01T00:16:40.000Z"
    assert shown(json.loads('{"startTime": 0}'), None)["endTime"] == "1970-01-01T00:00:00.000Z"


def test_times_of_go_are_read() -> None:
    """Nanoseconds, zones and whole seconds are all understood."""
    assert seconds_of("1970-01-01T00:00:01.5Z") == 1.5
    assert seconds_of("1970-01-01T01:00:01.123456789+01:00") == pytest.approx(1.123456)
    assert seconds_of("yesterday") is None
    assert to_second("2026-01-02T03:04:05.678+01:00") == "2026-01-02T03:04:05+01:00"
    assert seconds_of(now_text()) is not None


def test_the_environment_tells_names_and_never_values() -> None:
    """An entry records which flags and variables were set, not to what."""
    line = command_table().parse(["up", "--yes", "--message", "hello", "--exec-kind", "auto.inline"])
    found = environment_of(
        line, {"PULUMI_CONFIG_PASSPHRASE": "hunter2", "PULUMI_SKIP_UPDATE_CHECK": "true", "HOME": "/"}
    )
    assert found["pulumi.env.PULUMI_CONFIG_PASSPHRASE"] == "set"
    assert found["pulumi.env.PULUMI_SKIP_UPDATE_CHECK"] == "true"
    assert (found["pulumi.flag.yes"], found["pulumi.flag.message"], found["exec.kind"]) == (
        "true",
        "set",
        "auto.inline",
    )
    assert "hunter2" not in str(found)
    assert "HOME" not in str(found)


def test_an_entry_that_cannot_be_read_is_named() -> None:
    """A torn or compressed entry is told with its file."""
    store = MemoryStore()
    store.put(f"{REFERENCE.history_folder}/dev-1.history.json", b"{")
    with pytest.raises(StateCorruptError, match=r"dev-1\.history\.json"):
        entries(Backend(store), REFERENCE)
    store.put(f"{REFERENCE.history_folder}/dev-2.history.json.gz", b"")
    with pytest.raises(StateUnsupportedError, match=r"dev-2\.history\.json\.gz"):
        entries(Backend(store), REFERENCE)
