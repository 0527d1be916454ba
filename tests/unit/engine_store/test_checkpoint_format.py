"""Checkpoints: what is written is read back, in Pulumi's form, and nothing else is accepted."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.engine.checkpoint import CheckpointWriter, parse_checkpoint, parse_deployment, read_snapshot
from rehearsal.engine.errors import StateCorruptError, StateUnsupportedError
from rehearsal.engine.resource_json import ResourceReader, ResourceWriter, SealBook
from rehearsal.engine.state import PendingKind, PendingOperation, ResourceState, SecretsProvider, Snapshot
from rehearsal.engine.values import Secret
from tests.unit.engine_store.strategies import properties, snapshots

NAME = "organization/demo/dev"
URN = "urn:pulumi:dev::demo::test:index:Thing::"


WHOLE = frozenset(
    {"urn", "custom", "type", "id", "inputs", "outputs", "parent", "dependencies", "provider", "propertyDependencies"}
    | {"customTimeouts", "stackTrace", "aliases", "created", "replacementTrigger", "initErrors", "deletedWith"}
    | {"manifest", "resources", "pending_operations", "metadata", "secrets_providers", "snippets"}
)


def _nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)


class Rot13:
    """A secrets manager that tells its ciphertexts apart by a counter."""

    def __init__(self) -> None:
        self.sealed = 0

    @property
    def provider(self) -> SecretsProvider:
        """Return a provider entry."""
        return SecretsProvider("passphrase", {"salt": "v1:x"})

    def verify(self) -> None:
        """Accept."""

    def encrypt(self, plaintext: str) -> str:
        """Return a text that is new each time."""
        self.sealed += 1
        return f"{self.sealed}:{plaintext[::-1]}"

    def decrypt(self, ciphertext: str) -> str:
        """Return the text."""
        return ciphertext.partition(":")[2][::-1]


def written(snapshot: Snapshot, manager: Rot13 | None = None, book: SealBook | None = None) -> bytes:
    """Return the checkpoint file of a snapshot."""
    manager = manager or Rot13()
    return CheckpointWriter(NAME, ResourceWriter(manager, book or SealBook()), manager.provider).checkpoint(snapshot)


def read(content: bytes, book: SealBook | None = None) -> Snapshot:
    """Return the snapshot of a checkpoint file."""
    return read_snapshot(parse_checkpoint(content, "file"), ResourceReader(Rot13(), book))


def latest(content: bytes) -> dict[str, Any]:
    """Return a checkpoint's deployment."""
    found: dict[str, Any] = json.loads(content)["checkpoint"]["latest"]
    return found


def one(**fields: Any) -> Snapshot:
    """Return a snapshot of one resource."""
    return Snapshot((ResourceState(**{"urn": f"{URN}a", "type": "test:index:Thing", "custom": False, **fields}),))


def as_data(snapshot: Snapshot) -> tuple[list[dict[str, Any]], list[tuple[dict[str, Any], PendingKind]]]:
    """Return what two equal snapshots have in common."""
    return (
        [dataclasses.asdict(state) for state in snapshot.resources],
        [(dataclasses.asdict(pending.resource), pending.kind) for pending in snapshot.pending_operations],
    )


@given(snapshots())
@settings(max_examples=25, deadline=None)
def test_a_snapshot_survives_the_file(snapshot: Snapshot) -> None:
    """Whatever a snapshot holds, secrets included, is there again when its file is read."""
    assert as_data(read(written(snapshot))) == as_data(snapshot)


@given(properties)
@settings(max_examples=25, deadline=None)
def test_an_unchanged_state_is_rewritten_to_the_byte(outputs: dict[str, Any]) -> None:
    """A state that was read and not changed is written with the same ciphertexts."""
    first = written(one(outputs=outputs))
    book = SealBook()
    again = written(read(first, book), Rot13(), book)
    assert latest(again)["resources"] == latest(first)["resources"]


def test_a_changed_secret_gets_a_new_ciphertext_and_its_neighbour_keeps_its_own() -> None:
    """A ciphertext is reused only at its own place and while its plaintext is the same."""
    first = written(one(outputs={"a": Secret("one"), "b": Secret("two")}))
    book = SealBook()
    read(first, book)
    again = written(one(outputs={"a": Secret("one"), "b": Secret("changed"), "c": Secret("one")}), Rot13(), book)
    before, after = (latest(content)["resources"][0]["outputs"] for content in (first, again))
    assert after["a"] == before["a"]
    assert after["b"] != before["b"]
    assert after["c"]["ciphertext"] != before["a"]["ciphertext"]


def test_a_resource_made_anew_with_the_same_secret_keeps_its_ciphertext() -> None:
    """Within one update each write of an unchanged secret is the same, whichever object holds it."""
    manager = Rot13()
    writer = CheckpointWriter(NAME, ResourceWriter(manager, SealBook()), manager.provider)
    contents = [writer.checkpoint(one(outputs={"a": Secret("s")}, modified=str(number))) for number in range(3)]
    assert len({latest(content)["resources"][0]["outputs"]["a"]["ciphertext"] for content in contents}) == 1


def test_a_secret_in_a_secret_is_one_secret() -> None:
    """A value marked secret twice is written and read as marked once."""
    assert read(written(one(outputs={"a": Secret(Secret("s"))}))).resources[0].outputs == {"a": Secret("s")}


def test_no_secret_is_in_the_file_in_clear() -> None:
    """A secret stands in a checkpoint as its marker and a ciphertext."""
    content = written(one(inputs={"password": Secret("hunter2")}))
    assert b"hunter2" not in content
    assert latest(content)["resources"][0]["inputs"]["password"] == {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "ciphertext": '1:"2retnuh"',
    }


def test_fields_stand_in_pulumis_order_and_empty_ones_are_left_out() -> None:
    """A resource has only the fields that say something, in the order of Pulumi's own structure."""
    snapshot = one(custom=True, id="i", outputs={"b": 1, "a": 2}, protect=True, created="t", delete=True)
    assert list(latest(written(snapshot))["resources"][0]) == [
        *("urn", "custom", "delete", "id", "type", "outputs", "protect", "created")
    ]
    assert b'"outputs":{"a":2,"b":1}' in written(snapshot)


def test_the_file_is_compact_and_unescaped() -> None:
    """A checkpoint has no white space, and `<`, `>`, `&` stand as they are."""
    content = written(one(outputs={"url": "http://a<b>&c é"}))
    assert '"url":"http://a<b>&c é"'.encode() in content
    assert content.startswith(
        b'{"version":3,"checkpoint":{"stack":"organization/demo/dev","latest":{"manifest":{"time":'
    )


def test_whole_numbers_have_no_fraction() -> None:
    """Numbers are written as Go writes them, whichever type Python gave them."""
    assert b'"outputs":{"a":3,"b":0.5,"c":100000000000000000000}' in written(
        one(outputs={"a": 3.0, "b": 0.5, "c": 1e20})
    )


def test_numbers_that_json_has_no_form_for_survive() -> None:
    """Infinity is kept by its bits."""
    outputs = read(written(one(outputs={"a": math.inf, "b": -math.inf}))).resources[0].outputs
    assert outputs == {"a": math.inf, "b": -math.inf}


def test_a_fresh_stack_has_manifest_and_secrets_provider_only() -> None:
    """An empty snapshot is written as `stack init` writes it."""
    assert list(latest(written(Snapshot()))) == ["manifest", "secrets_providers", "metadata"]


def test_pending_operations_keep_their_kind() -> None:
    """An operation under way is in the file with its resource."""
    state = one().resources[0]
    content = written(Snapshot((), (PendingOperation(state, PendingKind.CREATING),)))
    assert latest(content)["pending_operations"] == [
        {"resource": {"urn": f"{URN}a", "custom": False, "type": "test:index:Thing"}, "type": "creating"}
    ]


def test_a_feature_raises_the_version() -> None:
    """State that uses a newer feature is marked, so that an older CLI refuses it."""
    content = json.loads(written(one(replace_with=(f"{URN}b",))))
    assert (content["version"], content["features"]) == (4, ["replaceWith"])


def test_fields_this_engine_does_not_know_are_kept() -> None:
    """A field that a newer Pulumi wrote is written back as it was."""
    content = json.loads(written(one()))
    content["checkpoint"]["latest"]["resources"][0]["somethingNew"] = {"a": [1]}
    assert latest(written(read(json.dumps(content).encode())))["resources"][0]["somethingNew"] == {"a": [1]}


def test_a_trigger_that_is_secret_is_sealed_anew() -> None:
    """A replacement trigger may hold a secret, and is encrypted like any other."""
    content = written(one(extra={"replacementTrigger": Secret("again")}))
    assert b"again" not in content
    assert read(content).resources[0].extra == {"replacementTrigger": Secret("again")}


def test_an_export_shows_secrets_on_demand() -> None:
    """A writer that shows secrets writes their JSON text as plaintext."""
    writer = CheckpointWriter(NAME, ResourceWriter(Rot13(), SealBook(), show_secrets=True), None)
    found = writer.deployment(one(outputs={"a": Secret({"k": 1})}))
    assert found["deployment"]["resources"][0]["outputs"]["a"]["plaintext"] == '{"k":1}'


def test_without_a_manager_secrets_read_as_masked() -> None:
    """Outputs can be listed without the passphrase: secrets hold a mask."""
    document = parse_checkpoint(written(one(outputs={"a": Secret("s")})), "file")
    assert ResourceReader(None).properties(document.resources[0]["outputs"], (URN, "outputs")) == {
        "a": Secret("[secret]")
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "this is no JSON"),
        (b'{"version":3,"checkpoint":{"stack"', "this is no JSON"),
        (b"[]", "this is no Pulumi checkpoint"),
        (b'{"version":3}', "this is no Pulumi checkpoint"),
        (b'{"version":3,"checkpoint":{"latest":[]}}', "not a JSON object"),
    ],
)
def test_a_corrupt_file_is_refused_by_name(content: bytes, told: str) -> None:
    """A file that Pulumi did not write is refused, naming it."""
    with pytest.raises(StateCorruptError) as refused:
        parse_checkpoint(content, "/state/dev.json")
    assert told in str(refused.value)
    assert "/state/dev.json" in str(refused.value)


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        ({"version": 5, "checkpoint": {}}, "checkpoint version 5 is newer"),
        ({"version": 1, "checkpoint": {}}, "checkpoint version 1 is older"),
        ({"target": "x", "latest": {}}, "checkpoint version 0 is older"),
        ({"version": 4, "features": ["hooks", "taint"], "checkpoint": {}}, "hooks, taint"),
        ({"version": 3, "checkpoint": {"latest": {"snippets": [{"uuid": "x"}]}}}, "snippets"),
    ],
)
def test_a_newer_or_older_file_is_refused(envelope: dict[str, Any], told: str) -> None:
    """State of another age, or with features this engine does not carry out, is refused by name."""
    with pytest.raises(StateUnsupportedError) as refused:
        parse_checkpoint(json.dumps(envelope).encode(), "file")
    assert told in str(refused.value)


def test_a_file_changed_by_hand_is_refused() -> None:
    """A manifest whose magic is not that of its version is refused."""
    content = json.loads(written(one()))
    content["checkpoint"]["latest"]["manifest"]["magic"] = "0"
    with pytest.raises(StateCorruptError, match="magic cookie mismatch"):
        read(json.dumps(content).encode())


def test_a_secret_with_both_texts_is_refused() -> None:
    """A secret holds a ciphertext or a plaintext, never both or none."""
    content = json.loads(written(one(outputs={"a": Secret("s")})))
    content["checkpoint"]["latest"]["resources"][0]["outputs"]["a"]["plaintext"] = '"s"'
    with pytest.raises(StateCorruptError, match="neither or both"):
        read(json.dumps(content).encode())


def test_an_unknown_kind_of_value_is_refused_with_its_place() -> None:
    """A marker this engine does not know is refused, naming resource and property."""
    content = json.loads(written(one(outputs={"a": {"deep": 1}})))
    content["checkpoint"]["latest"]["resources"][0]["outputs"]["a"] = {"4dabf18193072939515e22adb298388d": "?"}
    with pytest.raises(StateCorruptError, match=r"Thing::a\.outputs\.a"):
        read(json.dumps(content).encode())


def test_an_exported_deployment_is_parsed_with_its_version() -> None:
    """What `stack export` prints has its version outside."""
    manifest = latest(written(one()))
    document = parse_deployment(json.dumps({"version": 3, "deployment": manifest}).encode(), "file")
    assert (document.version, len(document.resources)) == (3, 1)


@given(st.binary(max_size=40))
@settings(max_examples=50, deadline=None)
def test_no_content_makes_the_reader_fail_in_another_way(content: bytes) -> None:
    """Whatever a file holds, it is read or refused with an error of ours."""
    try:
        read(content)
    except (StateCorruptError, StateUnsupportedError):
        return


@given(
    st.sampled_from(sorted(WHOLE)), st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), _nest)
)
@settings(max_examples=100, deadline=None)
def test_a_field_of_another_form_is_refused_or_harmless(field: str, value: Any) -> None:
    """Whatever stands in a field of a resource or deployment, the file is read or refused with an error of ours."""
    for place in ("resource", "deployment"):
        content = json.loads(written(one()))
        latest = content["checkpoint"]["latest"]
        (latest["resources"][0] if place == "resource" else latest)[field] = value
        try:
            read(json.dumps(content).encode())
        except (StateCorruptError, StateUnsupportedError):
            continue
