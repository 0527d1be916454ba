"""Files recorded from the real Pulumi CLI 3.259.0 are read, and written back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.engine.backend import Backend
from rehearsal.engine.checkpoint import CheckpointWriter, Document, parse_checkpoint, read_snapshot
from rehearsal.engine.config import config_values
from rehearsal.engine.config_tree import from_json_data
from rehearsal.engine.history import Entry, add_entry, entries, shown
from rehearsal.engine.integrity import magic_of
from rehearsal.engine.outputs import shown_outputs, stack_outputs
from rehearsal.engine.references import StackReference
from rehearsal.engine.resource_json import ResourceReader, ResourceWriter, SealBook
from rehearsal.engine.secret_managers import SecretsManager, manager_of
from rehearsal.engine.stack_file import read_stack_file
from rehearsal.engine.state import SecretsProvider
from rehearsal.engine.values import Secret
from tests.unit.engine_store.workbench import FIXTURES, RECORDED_PASSPHRASE, MemoryStore, shared_keys

RECORDED = ("empty.json", "resources.json")


def recorded(name: str) -> Document:
    """Return a recorded checkpoint."""
    return parse_checkpoint((FIXTURES / name).read_bytes(), name)


def manager(document: Document) -> SecretsManager:
    """Return who encrypted it."""
    provider = document.secrets_provider or SecretsProvider("none")
    return manager_of(provider, {"PULUMI_CONFIG_PASSPHRASE": RECORDED_PASSPHRASE}, shared_keys())


def deployment(content: bytes) -> dict[str, Any]:
    """Return a checkpoint's deployment without its manifest, which holds the time."""
    found: dict[str, Any] = json.loads(content)["checkpoint"]["latest"]
    return {name: value for name, value in found.items() if name != "manifest"}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_state_is_written_back_as_it_was(name: str) -> None:
    """Read and written, every field stands where it stood, ciphertexts included."""
    document, book = recorded(name), SealBook()
    sealer = manager(document)
    snapshot = read_snapshot(document, ResourceReader(sealer, book))
    content = CheckpointWriter("organization/demo/dev", ResourceWriter(sealer, book), sealer.provider).checkpoint(
        snapshot
    )
    before = deployment((FIXTURES / name).read_bytes())
    assert json.dumps(deployment(content)) == json.dumps(before)


def test_a_recorded_state_is_understood() -> None:
    """Resources, relations, options and secrets of the recorded state are there."""
    document = recorded("resources.json")
    states = {
        state.urn.rpartition("::")[2]: state
        for state in read_snapshot(document, ResourceReader(manager(document))).resources
    }
    kept, last, other = states["kept"], states["last"], states["organization/base/dev"]
    assert kept.inputs["input"] == {"a": [1, 2.5, True], "s": Secret("inner")}
    assert kept.outputs["output"] == Secret({"a": [1, 2.5, True], "s": Secret("inner")})
    assert (kept.retain_on_delete, kept.custom_timeouts, kept.ignore_changes) == (True, {"create": 300}, ("input.x",))
    assert (last.deleted_with, last.replace_on_changes) == (kept.urn, ("input",))
    assert last.property_dependencies == {"input": (other.urn,)}
    assert (other.external, other.outputs["secretOutputNames"]) == (True, ["hidden"])
    assert states["two"].protect


def test_recorded_outputs_are_shown() -> None:
    """Outputs are masked without the passphrase and in clear with it."""
    document = recorded("resources.json")
    masked = shown_outputs(stack_outputs(document, None), show_secrets=False)
    clear = shown_outputs(stack_outputs(document, manager(document)), show_secrets=True)
    assert (masked["sec"], clear["sec"], clear["uni"]) == ("[secret]", ["s"], "hé \u2028 \u0001")
    assert clear["part"]["secret"] == {"k": ["v", 1, None]}


def test_a_recorded_magic_is_recognised() -> None:
    """The manifest's magic is what this engine computes for its version."""
    manifest = (recorded("empty.json").deployment or {})["manifest"]
    assert manifest["magic"] == magic_of(manifest["version"])


def test_a_recorded_stack_file_is_read() -> None:
    """Configuration set by the CLI reads to the letter, with types inside objects only."""
    file = read_stack_file(FIXTURES / "Pulumi.dev.yaml", "demo")
    opener = manager_of(
        SecretsProvider("passphrase", {"salt": file.salt}),
        {"PULUMI_CONFIG_PASSPHRASE": RECORDED_PASSPHRASE},
        shared_keys(),
    )
    values = config_values(file.config, opener)
    assert {key: value.plaintext for key, value in values.items()} == {
        "demo:hush": "pst",
        "demo:plain": "0123",
        "other:flag": "true",
        "demo:obj": '{"deep":{"secret":"x"},"id":"012345678901","list":[5],"on":true}',
    }
    assert [key for key, value in values.items() if value.secret] == ["demo:hush", "demo:obj"]


def test_a_recorded_history_entry_is_shown_and_written_alike() -> None:
    """An entry of the CLI is listed with its counts, and an entry of ours has the same form."""
    content = (FIXTURES / "history.json").read_bytes()
    reference, store = StackReference("demo", "dev"), MemoryStore()
    store.put(f"{reference.history_folder}/dev-1.history.json", content)
    (entry,) = entries(Backend(store), reference)
    assert (shown(entry, None)["resourceChanges"], shown(entry, None)["message"]) == ({"create": 5}, "recorded")
    assert shown(entry, None)["config"]["demo:obj"] == {"secret": True}
    ours = MemoryStore()
    add_entry(
        Backend(ours),
        reference,
        Entry(
            kind=entry["kind"],
            started=entry["startTime"],
            ended=entry["endTime"],
            result=entry["result"],
            message=entry["message"],
            environment=entry["environment"],
            config={key: from_json_data(data) for key, data in entry["config"].items()},
            changes=entry["resourceChanges"],
        ),
    )
    assert list(ours.objects.values()) == [content]
