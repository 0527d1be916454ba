"""What an entry of `imports:` may mean, and which entries are refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from landing_zone.manifest import load_manifest
from tests.unit.landing_zone.fleet_files import problems_in, write_files
from tests.unit.landing_zone.fleets import SMALL

EXTRA = "units: {plat: {accounts: {extra: {email: extra@small.example}}}}\n"


def _importing(folder: Path, entry: str, **files: str) -> Path:
    texts = {f"{name}.yaml": text for name, text in files.items()}
    return write_files(folder, {"fleet.yaml": f"imports: {entry}\n{SMALL}", "teams/extra.yaml": EXTRA, **texts})


def _accounts(fleet: Path) -> set[str]:
    return {account.name for account in load_manifest(fleet).accounts}


@pytest.mark.parametrize(
    "entry", ["teams/extra.yaml", "./teams/extra.yaml", "t*/e?tra.yaml", "**/extra.yaml", "teams/*"]
)
def test_paths_and_globs(tmp_path: Path, entry: str) -> None:
    """An entry is a path from the file's folder, or a glob of names and folders."""
    assert "extra" in _accounts(_importing(tmp_path, f'["{entry}"]'))


def test_what_is_hidden_is_no_import(tmp_path: Path) -> None:
    """A glob passes by hidden files, such as those an editor leaves, and takes folders for none."""
    fleet = _importing(tmp_path, '["teams/*"]')
    (tmp_path / "teams" / ".#extra.yaml").write_text("{", encoding="utf-8")
    (tmp_path / "teams" / "more").mkdir()
    assert problems_in(fleet) == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.symlink_to("nowhere.yaml"), "odd.yaml, which is a link to nowhere.yaml, which is not there"),
        (os.mkfifo, "odd.yaml, which is no file that can be read"),
        (lambda path: path.mkdir(), "odd.yaml, which is a folder"),
    ],
)
def test_what_a_glob_finds_and_nobody_can_read_is_a_problem(
    tmp_path: Path, make: Callable[[Path], None], words: str
) -> None:
    """Somebody meant it to be in the manifest; passed by, its accounts would be missing without a word."""
    fleet = _importing(tmp_path, '["teams/*.yaml"]')
    make(tmp_path / "teams" / "odd.yaml")
    (problem,) = problems_in(fleet)
    assert words in problem


def test_folders_linked_in_a_circle(tmp_path: Path) -> None:
    """`**` follows no links to folders, so a circle of them ends."""
    fleet = _importing(tmp_path, '["teams/**/*.yaml"]')
    (tmp_path / "teams" / "again").symlink_to(tmp_path / "teams")
    assert "extra" in _accounts(fleet)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("[teams/exrta.yaml]", '11: there is no file "teams/exrta.yaml" (did you mean "teams/extra.yaml"?)'),
        ("[tems/extra.yaml]", '11: there is no file "tems/extra.yaml" (did you mean "teams/extra.yaml"?)'),
        ('["tems/*.yaml"]', '11: no file matches "tems/*.yaml" (did you mean "teams/*.yaml"?)'),
        ('["teams/*.yml"]', '11: no file matches "teams/*.yml"'),
        ("[teams]", '11: "teams" is a folder; import the files in it (did you mean "teams/*.yaml"?)'),
        ("[/etc/fleet.yaml]", '11: "/etc/fleet.yaml" is no path relative to this file'),
        ("['C:\\fleet.yaml']", "11: \"C:\\fleet.yaml\" is no path relative to this file"),
        ("['~/fleet.yaml']", '11: "~/fleet.yaml" is no path relative to this file'),
        ('["teams/*/../*.yaml"]', '11: "teams/*/../*.yaml" goes upwards after a wildcard'),
        ('["te\\0ams/*.yaml"]', "11: 'te\\x00ams/*.yaml' is no path: "),
        ('["\\0"]', "11: "),
        ('["**x/a.yaml"]', '11: '),
        (f"[{'x' * 5000}]", "11: "),
        ("teams/*.yaml", "10: imports must be a list, such as [a, b]"),
        ("", "1: imports must be a list, such as [a, b]"),
        ("[]", "10: imports must have at least 1, and has 0"),
        ("[7]", "11: imports.0 must be a path or a glob"),
        ("[[a]]", "11: imports.0 must be a path or a glob"),
        ("[fleet.yaml]", "11: files import each other: "),
    ],
)  # fmt: skip
def test_entries_that_are_refused(tmp_path: Path, entry: str, problem: str) -> None:
    """An entry that means no file is told at its place, with the path that was probably meant."""
    (found,) = problems_in(_importing(tmp_path, entry))
    assert found.startswith(f"fleet.yaml:1:{problem}")


def test_imports_are_not_added_to(tmp_path: Path) -> None:
    """`imports+` is refused: each file has imports of its own."""
    fleet = write_files(tmp_path, {"fleet.yaml": f"imports+: [a.yaml]\n{SMALL}"})
    assert problems_in(fleet) == ["fleet.yaml:1:1: imports is a list of this file alone; write imports"]


def test_a_circle_of_files(tmp_path: Path) -> None:
    """Files that import each other are told as the circle they make, at the import that closes it."""
    fleet = _importing(tmp_path, "[a.yaml]", a="imports: [b.yaml]\n", b="imports: [a.yaml]\n")
    (found,) = problems_in(fleet)
    assert found == "b.yaml:1:11: files import each other: a.yaml -> b.yaml -> a.yaml"


@pytest.mark.parametrize("entry", ["../other.yaml", "../*.yaml", "../../../../../**/*.yaml", "link.yaml", "*ink.yaml"])
def test_files_outside_are_refused(tmp_path: Path, entry: str) -> None:
    """Without a repository around it a manifest imports from its own folder only, by whatever way."""
    fleet = _importing(tmp_path / "here", f'["{entry}"]')
    (tmp_path / "other.yaml").write_text(EXTRA, encoding="utf-8")
    (tmp_path / "here" / "link.yaml").symlink_to(tmp_path / "other.yaml")
    (found,) = problems_in(fleet)
    assert f"out of the repository {tmp_path / 'here'}; files outside are not imported" in found


def test_files_of_the_repository_are_taken(tmp_path: Path) -> None:
    """Inside a repository a manifest may import from any of its folders."""
    (tmp_path / ".git").mkdir()
    fleet = _importing(tmp_path / "fleets" / "prod", "[../../shared.yaml]")
    (tmp_path / "shared.yaml").write_text(EXTRA, encoding="utf-8")
    assert "extra" in _accounts(fleet)


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """A broken link is a file that is not there."""
    fleet = _importing(tmp_path, "[gone.yaml]")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nothing")
    assert problems_in(fleet) == ['fleet.yaml:1:11: there is no file "gone.yaml"']


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    """A pipe is not opened, since reading it would wait for ever."""
    fleet = _importing(tmp_path, "[pipe.yaml]")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert problems_in(fleet) == ['fleet.yaml:1:11: there is no file "pipe.yaml"']


def test_what_is_no_text(tmp_path: Path) -> None:
    """An imported file that is not UTF-8 is told at its import, with the byte at which it is not."""
    fleet = _importing(tmp_path, "[a.yaml]")
    (tmp_path / "a.yaml").write_bytes(b"a: \xff\n")
    assert problems_in(fleet) == ["fleet.yaml:1:11: a.yaml is not text: byte 3 is not UTF-8"]


def test_bounds_are_of_all_files_together(tmp_path: Path) -> None:
    """Files that are each within the bounds and not together are refused: by their bytes, and by their values."""
    comment = "#" * 2_000_000 + "\n" + EXTRA
    fleet = _importing(tmp_path / "bytes", "[a.yaml, b.yaml, c.yaml]", a=comment, b=comment, c=comment)
    assert [each.partition("with ")[2] for each in problems_in(fleet)] == [
        "c.yaml the manifest's files have more than 5,000,000 bytes"
    ]
    nines = "[" + ", ".join(["1"] * 99) + "]"
    many = f"x: &x {nines}\ny: [{', '.join(['*x'] * 600)}]\n"
    fleet = _importing(tmp_path / "values", "[a.yaml, b.yaml]", a=many, b=many)
    assert "b.yaml:2:1: not read: more than 100,000 values once aliases are written out" in problems_in(fleet)


def test_defaults_that_multiply(tmp_path: Path) -> None:
    """Defaults count once for every account that has them."""
    accounts = ", ".join(f"a{at}: {{email: a{at}@small.example}}" for at in range(300))
    variables = ", ".join(f"v{at}: 1" for at in range(400))
    text = f"units: {{many: {{accounts: {{{accounts}}}}}}}\ndefaults: {{accounts: {{vars: {{{variables}}}}}}}\n"
    (found,) = problems_in(_importing(tmp_path, "[a.yaml]", a=text))
    assert found.endswith("not read: more than 100,000 values once layers and defaults are merged")


def test_files_that_multiply_each_other(tmp_path: Path) -> None:
    """Files that each import the two before twice over end in a manifest or a problem, soon."""
    files = {f"f{at}": f"imports: [f{at - 1}.yaml, g{at - 1}.yaml]\n" for at in range(1, 15)}
    files |= {f"g{at}": f"imports: [g{at - 1}.yaml, f{at - 1}.yaml]\n" for at in range(1, 15)}
    fleet = _importing(tmp_path, "[f14.yaml]", f0=EXTRA, g0="roles: {Admin: {description: x}}\n", **files)
    assert "extra" in _accounts(fleet)


def test_a_long_chain(tmp_path: Path) -> None:
    """Files that import one another in too long a row are refused at the import that is one too many."""
    files = {f"f{at}": f"imports: [f{at + 1}.yaml]\n" for at in range(1, 30)}
    (found,) = problems_in(_importing(tmp_path, "[f1.yaml]", **files))
    assert found == "f19.yaml:1:11: more than 20 files import one another in a row"
