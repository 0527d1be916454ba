"""Files: written whole, changed in place, read to the letter."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.engine.config_tree import ConfigData, Sealed
from rehearsal.engine.errors import StateNotWrittenError
from rehearsal.engine.project_file import find_project_file, load_project, read_project
from rehearsal.engine.selection import selection_of
from rehearsal.engine.stack_file import StackFile, read_stack_file, with_config, with_provider, write_stack_file
from rehearsal.engine.state import SecretsProvider
from rehearsal.engine.store import FileStore

STACK_FILE = """\
# the salt is shared
encryptionsalt: v1:a:v1:b:c # keep
config:
  # who may come in
  demo:a: "0123" # quoted
  b: 0123
  aws:region: eu-west-1

  demo:o:
    - x # first
    - {k: 1, s: {secure: v1:x:y}}
"""


def store(folder: Path) -> FileStore:
    """Return a file store."""
    return FileStore(folder, f"file://{folder}")


def test_an_object_is_read_back_and_listed(tmp_path: Path) -> None:
    """Objects are files; temporary files and the CLI's sidecars are not listed."""
    files = store(tmp_path)
    files.put("a/b/c.json", b"1", durable=True)
    (tmp_path / "a/b/c.json.attrs").write_bytes(b"{}")
    (tmp_path / "a/b/left.tmp").write_bytes(b"torn")
    assert (files.get("a/b/c.json"), files.get("a/b/none"), files.get("a/b/c.json/d")) == (b"1", None, None)
    assert [info.key for info in files.list("a")] == ["a/b/c.json"]
    files.copy("a/b/c.json", "a/d.json")
    files.delete("a/b/c.json")
    files.delete("a/b/c.json")
    assert [info.key for info in files.list("a")] == ["a/d.json"]


def test_a_sidecar_that_is_out_of_date_goes(tmp_path: Path) -> None:
    """What the CLI noted of an object does not outlive the object."""
    files = store(tmp_path)
    (tmp_path / "x.attrs").write_bytes(b'{"md5":"old"}')
    files.put("x", b"new")
    assert not (tmp_path / "x.attrs").exists()


def test_a_write_that_fails_leaves_the_object_as_it_was(tmp_path: Path) -> None:
    """An object is replaced whole or not at all, and no temporary file stays."""
    files = store(tmp_path)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "inside").write_bytes(b"1")
    with pytest.raises(StateNotWrittenError, match="cannot write x"):
        files.put("x", b"2")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["inside"]


def test_what_killed_writers_left_is_tidied_once_it_is_old(tmp_path: Path) -> None:
    """A temporary file of a living writer is young, and stays."""
    files = store(tmp_path)
    files.put("x", b"1")
    old, young = tmp_path / ".pulumi" / "old.tmp", tmp_path / ".pulumi" / "young.tmp"
    for path in (old, young):
        path.write_bytes(b"torn")
    os.utime(old, (time.time() - 7200,) * 2)
    files.tidy()
    assert (old.exists(), young.exists()) == (False, True)


def test_changing_a_value_keeps_everything_else(tmp_path: Path) -> None:
    """Comments, order, quotes and the spelling of other values stay when one value changes."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(STACK_FILE, encoding="utf-8")
    file = read_stack_file(path, "demo")
    changed = with_config(file, {**file.config, "demo:a": "new", "demo:o": ["y", {"k": 1, "s": Sealed("v1:x:z")}]})
    write_stack_file(file, changed, "demo")
    expected = STACK_FILE.replace('"0123" # quoted', '"new" # quoted').replace("- x # first", "- y # first")
    expected = expected.replace("v1:x:y", "v1:x:z")
    assert " ".join(path.read_text(encoding="utf-8").split()) == " ".join(expected.split())


def test_a_stack_file_is_read_to_the_letter(tmp_path: Path) -> None:
    """At the top every value is its text; inside lists and maps plain words have types."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(
        "config:\n  a: 0123\n  b: 1.10\n  c: True\n  d: ~\n  e: 'it''s'\n"
        "  f: [0123, 1.10, true, ~, '5', 7, 0x10, 2020-01-02]\n",
        encoding="utf-8",
    )
    assert read_stack_file(path, "p").config == {
        "p:a": "0123",
        "p:b": "1.10",
        "p:c": "True",
        "p:d": "",
        "p:e": "it's",
        "p:f": ["0123", 1.1, True, None, "5", 7, 16, "2020-01-02"],
    }


def test_nothing_changed_is_nothing_written(tmp_path: Path) -> None:
    """A stack file that says what it said is not touched; a missing one stays missing."""
    path = tmp_path / "Pulumi.dev.yaml"
    write_stack_file(StackFile(path), StackFile(path), "demo")
    assert not path.exists()
    path.write_text(STACK_FILE, encoding="utf-8")
    before = path.stat().st_mtime_ns
    file = read_stack_file(path, "demo")
    write_stack_file(file, with_config(file, dict(file.config)), "demo")
    assert path.stat().st_mtime_ns == before


def test_a_new_file_begins_with_its_salt(tmp_path: Path) -> None:
    """A stack file that is made has the salt first, and its folder is made with it."""
    path = tmp_path / "stacks" / "Pulumi.dev.yaml"
    new = with_provider(with_config(StackFile(path), {"demo:a": "1"}), SecretsProvider("passphrase", {"salt": "v1:s"}))
    write_stack_file(StackFile(path), new, "demo")
    assert path.read_text(encoding="utf-8") == 'encryptionsalt: v1:s\nconfig:\n  demo:a: "1"\n'


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029\ufeff"), max_size=15)
NODES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-(10**12), 10**12) | TEXTS | st.none() | TEXTS.map(Sealed),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(lambda key: key != "secure"), inner, max_size=3)
    ),
    max_leaves=6,
)
CONFIGS: st.SearchStrategy[ConfigData] = st.dictionaries(
    st.text("abc.-_", min_size=1, max_size=5).map(lambda name: f"demo:{name}"),
    TEXTS | TEXTS.map(Sealed) | NODES.filter(lambda node: isinstance(node, list | dict)),
    max_size=4,
)


@given(CONFIGS, CONFIGS)
@settings(max_examples=40, deadline=None)
def test_whatever_is_set_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, first: ConfigData, then: ConfigData
) -> None:
    """Any configuration, and any change of it, survives the file."""
    path = tmp_path_factory.mktemp("stack") / "Pulumi.dev.yaml"
    for config in (first, then):
        file = read_stack_file(path, "demo")
        write_stack_file(file, with_config(file, config), "demo")
        assert read_stack_file(path, "demo").config == config


@pytest.mark.parametrize(
    ("main", "expected"),
    [
        ("", (".", ".")),
        ("program", ("program", ".")),
        ("program/__main__.py", ("program", "__main__.py")),
        ("./program/../program", ("program", ".")),
        ("../outside", ("../outside", ".")),
        ("ABSOLUTE", ("../outside", ".")),
    ],
)
def test_main_leads_to_folder_or_file(tmp_path: Path, main: str, expected: tuple[str, str]) -> None:
    """`main` is a folder or a file, under the project, beside it, or absolute; as Pulumi's CLI takes it."""
    root = tmp_path / "project"
    (root / "program").mkdir(parents=True)
    (root / "program" / "__main__.py").touch()
    (tmp_path / "outside").mkdir()
    main = main.replace("ABSOLUTE", str(tmp_path / "outside"))
    (root / "Pulumi.yaml").write_text(
        f"name: demo\nruntime: python\n{f'main: {main}' if main else ''}\n", encoding="utf-8"
    )
    project = read_project(root / "Pulumi.yaml").project()
    assert (project.root, project.program_dir, project.entry) == (
        root,
        Path(os.path.normpath(root / expected[0])),
        expected[1],
    )


def test_the_nearest_project_file_counts(tmp_path: Path) -> None:
    """The search goes upwards and stops at the first project file; its runtime may have options."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    text = "name: outer\nruntime:\n  name: python\n  options: {virtualenv: venv, toolchain: pip}\n"
    (tmp_path / "Pulumi.yaml").write_text(text, encoding="utf-8")
    project = load_project(inner)
    assert (project.name, project.root, project.runtime) == ("outer", tmp_path, "python")
    assert project.runtime_options == {"virtualenv": "venv", "toolchain": "pip"}
    (tmp_path / "a" / "Pulumi.yml").write_text("name: inner\n", encoding="utf-8")
    assert find_project_file(inner) == tmp_path / "a" / "Pulumi.yml"


def test_a_selection_is_kept_per_project_and_backend(tmp_path: Path) -> None:
    """What is selected lies under PULUMI_HOME, by backend; forgetting the last one removes the file."""
    env = {"PULUMI_HOME": str(tmp_path)}
    one, two = (selection_of("demo", Path("/p/Pulumi.yaml"), url, env) for url in ("file:///a", "file:///b"))
    one.select("organization/demo/dev")
    assert (one.stack(), two.stack()) == ("organization/demo/dev", "")
    two.select("organization/demo/prod")
    one.select("")
    assert (one.stack(), two.stack()) == ("", "organization/demo/prod")
    two.select("")
    assert not two.file.exists()
