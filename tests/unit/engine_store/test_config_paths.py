"""Configuration as data: keys, paths, sealed parts, what programs get."""

from __future__ import annotations

import pytest

from rehearsal.engine.config import check_config, config_values, with_project_values
from rehearsal.engine.config_tree import (
    ConfigNode,
    KeyPath,
    Sealed,
    coerced,
    from_json_data,
    get_at,
    is_secure,
    parse_key,
    remove_at,
    set_at,
    text_of,
    to_json_data,
)
from rehearsal.engine.errors import ConfigRefusedError
from rehearsal.engine.project_file import ConfigDeclaration, ProjectFile
from rehearsal.engine.secret_managers import PassphraseManager
from tests.unit.engine_store.workbench import FIXTURES, PASSPHRASE, SALT, shared_keys

MANAGER = PassphraseManager(SALT, {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}, shared_keys())


def project(*config: ConfigDeclaration) -> ProjectFile:
    """Return a project that declares configuration."""
    return ProjectFile(path=FIXTURES / "Pulumi.yaml", name="demo", config=config)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("name", False, ("demo:name", ())),
        ("aws:region", False, ("aws:region", ())),
        ("aws:config:region", False, ("aws:region", ())),
        ("a.b", False, ("demo:a.b", ())),
        ("outer.inner", True, ("demo:outer", ("inner",))),
        ("names[0]", True, ("demo:names", (0,))),
        ("x:y.z[1].w", True, ("x:y", ("z", 1, "w"))),
        ('["a.b"]["c\\"d"]', True, ("demo:a.b", ('c"d',))),
        ("name", True, ("demo:name", ())),
    ],
)
def test_keys_get_the_projects_namespace_and_paths_go_inside(
    text: str, path: bool, expected: tuple[str, KeyPath]
) -> None:
    """A key without namespace is the project's; with `path` the rest of it leads inside the value."""
    assert parse_key(text, "demo", path=path) == expected


@pytest.mark.parametrize(
    ("text", "path"), [("a:b:c", False), ("a:b:c:d", False), ("a[x]", True), ("a[0", True), ("x:", False)]
)
def test_a_malformed_key_is_refused(text: str, path: bool) -> None:
    """A key with too many parts, or a path that does not end, is refused."""
    with pytest.raises(ConfigRefusedError):
        parse_key(text, "demo", path=path)


@pytest.mark.parametrize(
    ("node", "path", "value", "expected"),
    [
        (None, ("a",), 1, {"a": 1}),
        (None, (0,), 1, [1]),
        ({"a": 1}, ("b", 0), 2, {"a": 1, "b": [2]}),
        ([1, 2], (1,), 3, [1, 3]),
        ([1], (1,), 3, [1, 3]),
        ("text", ("a",), 1, {"a": 1}),
        ({"a": [{"b": 1}]}, ("a", 0, "b"), 2, {"a": [{"b": 2}]}),
    ],
)
def test_setting_by_path_builds_what_is_missing(
    node: ConfigNode, path: KeyPath, value: ConfigNode, expected: ConfigNode
) -> None:
    """A path makes the lists and maps it needs, and leaves the rest as it was."""
    assert set_at(node, path, value) == expected


@pytest.mark.parametrize(
    ("node", "path"),
    [([1], (2,)), ([1], ("a",)), ({"a": 1}, (0,)), ({"a": "text"}, ("a", "b")), ({}, ("secure",)), (None, (-1,))],
)
def test_a_path_that_does_not_fit_is_refused(node: ConfigNode, path: KeyPath) -> None:
    """A hole in a list, a name in a list, a number in a map, a step into text: none is guessed at."""
    with pytest.raises(ConfigRefusedError):
        set_at(node, path, "x")


def test_removing_by_path_leaves_the_rest() -> None:
    """An element or a member goes; what is not there is no error."""
    node: ConfigNode = {"a": [1, {"b": 2, "c": 3}]}
    assert remove_at(node, ("a", 1, "b")) == {"a": [1, {"c": 3}]}
    assert remove_at(node, ("a", 0)) == {"a": [{"b": 2, "c": 3}]}
    assert remove_at(node, ("x", "y")) == node


def test_a_map_never_comes_to_look_like_a_secret() -> None:
    """Removing the other key of a map with a text under `secure` is refused: it would read as a ciphertext."""
    with pytest.raises(ConfigRefusedError, match="reserved"):
        remove_at({"secure": "text", "b": 1}, ("b",))


def test_inside_a_value_plain_words_get_types() -> None:
    """`true` and whole numbers lose their quotes inside lists and maps; leading zeros and the rest stay text."""
    assert [coerced(text) for text in ("true", "5", "-3", "007", "1.5", "x")] == [True, 5, -3, "007", "1.5", "x"]


def test_sealed_parts_survive_the_history_form() -> None:
    """A sealed text is `{secure: CIPHERTEXT}` in files and a value of its own in memory."""
    node: ConfigNode = {"a": [Sealed("v1:x"), 1]}
    assert to_json_data(node) == {"a": [{"secure": "v1:x"}, 1]}
    assert from_json_data(to_json_data(node)) == node
    assert is_secure(node)


def test_programs_get_text_and_json() -> None:
    """A program reads a text as it is, a list or map as JSON in key order; without a key secrets are masked."""
    assert text_of("0123", None) == "0123"
    assert text_of({"b": 1.0, "a": Sealed("v1:x")}, None) == '{"a":"[secret]","b":1}'
    assert text_of(["<"], None) == '["\\u003c"]'
    assert get_at({"a": [5]}, ("a", 0)) == (5, True)
    assert get_at({"a": [5]}, ("a", 1)) == (None, False)


def test_config_is_opened_with_what_is_secret_marked() -> None:
    """Values for a deployment are in clear, and know whether they are secret and whether they are objects."""
    values = config_values({"demo:a": "x", "demo:b": {"k": Sealed(MANAGER.encrypt("s"))}}, MANAGER)
    assert (values["demo:a"].plaintext, values["demo:a"].secret, values["demo:a"].is_object) == ("x", False, False)
    assert (values["demo:b"].plaintext, values["demo:b"].secret, values["demo:b"].is_object) == (
        '{"k":"s"}',
        True,
        True,
    )


def test_the_projects_values_stand_under_the_stacks() -> None:
    """A project's default or value holds where the stack says nothing."""
    declared = project(ConfigDeclaration("demo:a", "1"), ConfigDeclaration("pulumi:disable-default-providers", ["*"]))
    assert with_project_values({"demo:a": "2"}, declared) == {"demo:a": "2", "pulumi:disable-default-providers": ["*"]}


def test_a_missing_value_is_told_with_the_command_to_set_it() -> None:
    """A key the project declares without a value must be set by the stack."""
    with pytest.raises(ConfigRefusedError, match="pulumi config set demo:needed VALUE --stack dev"):
        check_config("dev", {}, {}, project(ConfigDeclaration("demo:needed")))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", "12", "1.5"),
        ("boolean", "true", "yes"),
        ("string", "x", ["x"]),
        ("object", {"a": 1}, "{}"),
        ("array", ["a"], [1]),
    ],
)
def test_declared_types_are_checked(kind: str, good: ConfigNode, bad: ConfigNode) -> None:
    """A value of another type than the project declares is refused."""
    declared = project(ConfigDeclaration("demo:a", None, kind, {"type": "string"} if kind == "array" else {}))
    check_config("dev", {"demo:a": good}, config_values({"demo:a": good}, MANAGER), declared)
    with pytest.raises(ConfigRefusedError, match="must be of type"):
        check_config("dev", {"demo:a": bad}, config_values({"demo:a": bad}, MANAGER), declared)


def test_what_is_declared_secret_must_be_encrypted() -> None:
    """A value in clear for a key declared secret is refused."""
    declared = project(ConfigDeclaration("demo:a", None, "string", {}, secret=True))
    with pytest.raises(ConfigRefusedError, match="must be encrypted"):
        check_config("dev", {"demo:a": "x"}, config_values({"demo:a": "x"}, MANAGER), declared)
