"""The backend's layout: names, keys, what is listed, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.engine.backend import Backend, open_backend
from rehearsal.engine.errors import NameRefusedError, StateCorruptError, StateUnsupportedError
from rehearsal.engine.references import StackReference, parse_reference
from tests.unit.engine_store.workbench import MemoryStore

REFERENCE = StackReference("demo", "dev")


def test_names_may_be_short_or_full() -> None:
    """A stack is named alone, with the organisation, or in full."""
    expected = StackReference("demo", "dev.eu-west-1")
    names = ("dev.eu-west-1", "organization/dev.eu-west-1", "organization/demo/dev.eu-west-1")
    assert {parse_reference(name, "demo") for name in names} == {expected}
    assert expected.shown("demo") == "dev.eu-west-1"
    assert expected.shown("other") == "organization/demo/dev.eu-west-1"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "may not be empty"),
        ("..", "may not be empty or a path"),
        ("a b", "invalid character ' ' at position 1"),
        ("é", "invalid character 'é' at position 0"),
        ("a" * 101, "cannot exceed 100 characters"),
        ("acme/demo/dev", "organization name must be 'organization'"),
        ("organization/a/b/c", "is no stack name"),
        ("organization/../dev", "project names may only contain"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(name: str, told: str) -> None:
    """Names are checked before they become paths."""
    with pytest.raises(NameRefusedError) as refused:
        parse_reference(name, "demo")
    assert told in str(refused.value)


def test_a_short_name_needs_a_project() -> None:
    """Outside of a project only full names are understood."""
    with pytest.raises(NameRefusedError, match=r"no Pulumi\.yaml"):
        parse_reference("dev", None)
    assert parse_reference("organization/p/dev", None) == StackReference("p", "dev")


def test_keys_are_pulumis() -> None:
    """State, tags, history, backups and locks lie where Pulumi's CLI has them."""
    assert (REFERENCE.checkpoint_key, REFERENCE.tags_key) == (
        ".pulumi/stacks/demo/dev.json",
        ".pulumi/stacks/demo/dev.pulumi-tags",
    )
    assert (REFERENCE.history_folder, REFERENCE.backup_folder, REFERENCE.lock_folder) == (
        ".pulumi/history/demo/dev",
        ".pulumi/backups/demo/dev",
        ".pulumi/locks/organization/demo/dev",
    )


def test_only_state_files_are_stacks() -> None:
    """Copies, tags and files of other depths are not listed."""
    store = MemoryStore()
    for name in ("demo/dev.json", "demo/dev.json.bak", "demo/dev.pulumi-tags", "x.json", "a/b/c.json", "p/q.json.gz"):
        store.put(f".pulumi/stacks/{name}", b"")
    assert Backend(store).references() == [REFERENCE, StackReference("p", "q")]


def test_compressed_state_is_refused_by_name() -> None:
    """A stack whose state is compressed is not taken for a missing one."""
    store = MemoryStore()
    store.put(".pulumi/stacks/demo/dev.json.gz", b"")
    with pytest.raises(StateUnsupportedError, match=r"dev\.json\.gz"):
        Backend(store).exists(REFERENCE)


def test_removing_keeps_a_copy_and_forgets_the_rest() -> None:
    """A removed stack leaves its last state as .bak and its backups; history and tags go."""
    store = MemoryStore()
    for key in (
        REFERENCE.checkpoint_key,
        REFERENCE.tags_key,
        f"{REFERENCE.history_folder}/a",
        f"{REFERENCE.backup_folder}/b",
    ):
        store.put(key, b"x")
    Backend(store).remove(REFERENCE, backups=False)
    assert sorted(store.objects) == [f"{REFERENCE.backup_folder}/b", f"{REFERENCE.checkpoint_key}.bak"]
    Backend(store).remove(REFERENCE, backups=True)
    assert store.objects == {}


def test_tags_are_kept_in_a_file_of_their_own() -> None:
    """Tags have Pulumi's form; without any there is no file."""
    store = MemoryStore()
    backend = Backend(store)
    assert backend.tags(REFERENCE) == {}
    backend.save_tags(REFERENCE, {"b": "2", "a": "1"})
    assert store.objects[REFERENCE.tags_key] == b'{"version":1,"tags":{"a":"1","b":"2"}}'
    assert backend.tags(REFERENCE) == {"a": "1", "b": "2"}
    backend.save_tags(REFERENCE, {})
    assert store.objects == {}
    store.put(REFERENCE.tags_key, b'{"version":2}')
    with pytest.raises(StateCorruptError, match="tags cannot be read"):
        backend.tags(REFERENCE)


def test_backups_can_be_switched_off() -> None:
    """A backend without backups writes none."""
    store = MemoryStore()
    store.put(REFERENCE.checkpoint_key, b"x")
    Backend(store, backups=False).backup(REFERENCE)
    assert list(store.objects) == [REFERENCE.checkpoint_key]
    Backend(store).backup(REFERENCE)
    assert len(store.objects) == 2


@pytest.mark.parametrize("spelled", ["a%20b", "a b"])
def test_a_folder_with_a_space_is_found_however_it_is_spelled(tmp_path: Path, spelled: str) -> None:
    """A `file://` URL may be percent-encoded, as Go's url.Parse decodes it for Pulumi's CLI."""
    (tmp_path / "a b").mkdir()
    open_backend(f"file://{tmp_path}/{spelled}", tmp_path, {})
    assert (tmp_path / "a b" / ".pulumi" / "meta.yaml").is_file()
