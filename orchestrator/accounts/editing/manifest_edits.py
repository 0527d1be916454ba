"""Changes what the manifest says of accounts, in whichever of its files it is said, and leaves every other line alone.

A change is made on the texts, checked as a whole manifest, and only then written: each file whole or not at all, none
if any of them was changed meanwhile. `add_account` and its kin do that at once; a `ManifestEditor` takes many changes.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from landing_zone.errors import AccountUnknown, ManifestInvalid, PolicyLocksOut, PolicyTooLarge
from landing_zone.fleet import Manifest
from landing_zone.manifest.imports import Layers, shown
from landing_zone.manifest.load import load_edited
from landing_zone.manifest.problems import nearest
from landing_zone.whole_files import replace_whole
from orchestrator.accounts.editing import yaml_text
from orchestrator.accounts.editing.edit_problems import edit_problems, listed
from orchestrator.accounts.editing.yaml_text import Change, PutEntries, SetValue, TakeOut, Written, written
from orchestrator.accounts.editing.yaml_tree import FormNotUnderstood, Keys, tree_of
from orchestrator.accounts.editing.yaml_words import WIDTH, Entry, make_entry
from orchestrator.accounts.errors import EditRefused, ManifestChanged, ManifestNotEditable, ManifestUnwritable

_BOM = b"\xef\xbb\xbf"
_NOTHING_WRITTEN = "nothing was written"

Given = ParamSpec("Given")

Load = Callable[[Path, Mapping[Path, str]], tuple[Manifest, Layers]]
"""Reads and checks a manifest some of whose files have other texts, as `load_edited` does."""

Write = Callable[[Path, bytes], None]
"""Writes a file whole or not at all; raises OSError."""


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; who may read it stays as it is. Raises OSError."""
    if not os.access(path, os.W_OK):
        raise PermissionError(13, os.strerror(13), str(path))
    replace_whole(path, content)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the manifest before and after; the path has no links in it."""

    path: Path
    before: bytes
    after: bytes

    @property
    def diff(self) -> str:
        """The change as `diff -u` shows it."""
        name = shown(self.path)
        old, new = (content.decode("utf-8-sig").splitlines(keepends=True) for content in (self.before, self.after))
        lines = difflib.unified_diff(old, new, name, name)
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class ManifestEdit:
    """A change that is known to leave the manifest valid; `manifest` is what it will be."""

    manifest: Manifest
    changes: tuple[FileChange, ...]

    @property
    def diff(self) -> str:
        """All changes as `diff -u` shows them; empty if there are none."""
        return "".join(change.diff for change in self.changes)

    def write(self, write: Write = replace_file) -> tuple[Path, ...]:
        """Write the files and return them; whatever is raised, all of them are then as they were.

        Raises: ManifestChanged, ManifestUnwritable.
        """
        for change in self.changes:
            _refuse_changed(change)
        done: list[FileChange] = []
        for change in self.changes:
            try:
                write(change.path, change.after)
            except OSError as error:
                for other in done:
                    write(other.path, other.before)
                raise _unwritable(change.path, error) from error
            done.append(change)
        return tuple(change.path for change in self.changes)


class ManifestEditor:
    """Takes changes of one manifest, on its texts; `finish` checks what they make of it together.

    `load` knows all that has to hold: a manifest that it refuses is neither edited nor made. Every method raises
    ManifestNotEditable where the files are written in a form it cannot change; making one raises what `load` raises.
    """

    def __init__(self, path: Path, load: Load = load_edited) -> None:
        self.manifest, layers = load(path, {})
        self._document = layers.document
        self._path = path
        self._load = load
        own, *imported = layers.files
        # Later files win, the manifest's own over all.
        self._before = {file: _bytes_of(file) for file in (*imported, own)}
        self._files = {file: written(content.decode("utf-8-sig")) for file, content in self._before.items()}

    def add_accounts(
        self, unit: str, blocks: Mapping[str, Mapping[str, Any]], file: Path | None = None, *, make_unit: bool = False
    ) -> None:
        """Put accounts at the end of a unit, each a block of the manifest as JSON values.

        They go to the file that has the unit's last account, or to `file`, which the manifest must read already.
        Raises: EditRefused for a name that is taken, a unit that is not there (unless `make_unit`), or another file.
        """
        self._refuse_taken(blocks)
        self._put_accounts(self._file_for(unit, file, make_unit=make_unit), {unit: blocks})

    def add_all(self, accounts: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Put accounts at the end of many units, given by path, as `add_accounts` does for one; raises as that does."""
        by_file: dict[Path, dict[str, Mapping[str, Mapping[str, Any]]]] = {}
        for unit, blocks in accounts.items():
            self._refuse_taken(blocks)
            by_file.setdefault(self._file_for(unit, None, make_unit=False), {})[unit] = blocks
        for file, units in by_file.items():
            self._put_accounts(file, units)

    def set_key(self, name: str, key: str, value: object | None) -> None:
        """Give one key of an account another value, or with None take it out of every file that has it.

        Raises: AccountUnknown.
        """
        self.set_keys({name: {key: value}})

    def set_keys(self, values: Mapping[str, Mapping[str, object | None]]) -> None:
        """Give keys of many accounts other values, as `set_key` does for one; raises AccountUnknown.

        One key of every account at a time: what changes one account's entry twice cannot be done at once.
        """
        for at in range(max(map(len, values.values()), default=0)):
            changes: dict[Path, list[Change]] = {}
            for name, keys in values.items():
                for key, value in list(keys.items())[at : at + 1]:
                    for file, change in self._setting(name, key, value):
                        changes.setdefault(file, []).append(change)
            for file, together in changes.items():
                self._change(file, yaml_text.changed, together)

    def put(self, keys: Keys, values: Mapping[str, object]) -> None:
        """Give a mapping of the manifest these entries, in its own file, which wins over those that it imports."""
        own = list(self._files)[-1]
        for key, value in values.items():
            if yaml_text.has(self._files[own].values, (*keys, key)):
                self._change(own, yaml_text.changed, [SetValue((*keys, key), value)])
            else:
                self._change(own, yaml_text.with_entries, keys, [(key, value, make_entry(key, value))])

    def put_units(self, above: str, entries: Sequence[tuple[str, object, Entry]]) -> None:
        """Put whole new units (name, value, words) below a unit, or with an empty path at the top, in the own file."""
        own = list(self._files)[-1]
        keys = (*(_unit_keys(above) if above else ()), "units")
        self._change(own, yaml_text.with_entries, keys, entries)

    def move(self, name: str, unit: str, *, make_unit: bool = False) -> None:
        """Put an account, as it is written, at the end of another unit, in the same file.

        Raises: AccountUnknown; EditRefused for a unit that is not there, unless `make_unit`.
        """
        homes = self._known(name)
        self._file_for(unit, None, make_unit=make_unit)
        target = (*_unit_keys(unit), "accounts")
        for file, keys in homes:
            if keys[:-1] != target:
                self._change(file, _moved, keys, target)

    def remove(self, name: str) -> None:
        """Take an account out of every file that has it; raises AccountUnknown."""
        for file, keys in self._known(name):
            self._change(file, yaml_text.changed, [TakeOut(keys)])

    def remove_hollow(self, unit: str) -> None:
        """Take a unit out of the files that only say of it that it has no accounts, with no word of anybody's.

        Nothing is changed by that where the unit is one that the manifest has without it.
        """
        for keys in (_unit_keys(unit), ("units",)):
            for file, each in self._files.items():
                hollow = yaml_text.has(each.values, keys) and yaml_text.at(each.values, keys) in ({"accounts": {}}, {})
                if hollow and "#" not in "".join(yaml_text.words_of(each.text, keys).block):
                    self._change(file, yaml_text.changed, [TakeOut(keys)])

    def finish(self) -> ManifestEdit:
        """Return all changes together; raises EditRefused with every problem that the manifest would have."""
        texts = {file: each.text for file, each in self._files.items()}
        edited = {file: text for file, text in texts.items() if text != self._before[file].decode("utf-8-sig")}
        try:
            manifest, _ = self._load(self._path, edited)
        except ManifestInvalid as error:
            both = {file: (self._before[file].decode("utf-8-sig"), text) for file, text in edited.items()}
            problems = edit_problems(error.problems, self._document, both)
            refused = _refused("the manifest would not be valid", shown(self._path), listed(problems))
            refused.keys = tuple(problem.keys for problem in problems)
            raise refused from error
        except PolicyLocksOut as error:
            words = [line.partition(": ")[2] for line in error.found]
            raise _refused("policies would lock Fleetyard out", shown(self._path), "; ".join(words)) from error
        except PolicyTooLarge as error:
            raise _refused(error.summary, shown(self._path), error.why) from error
        changes = (
            FileChange(file, self._before[file], (_BOM if self._before[file].startswith(_BOM) else b"") + text.encode())
            for file, text in edited.items()
        )
        return ManifestEdit(manifest, tuple(changes))

    def _setting(self, name: str, key: str, value: object | None) -> Iterator[tuple[Path, Change]]:
        """Yield the changes after which an account has this value for a key, and the file of each."""
        homes = self._known(name)
        having = [(file, keys) for file, keys in homes if yaml_text.has(self._files[file].values, (*keys, key))]
        if value is None:
            for file, keys in having:
                yield file, TakeOut((*keys, key))
        elif having:
            file, keys = having[-1]
            yield file, SetValue((*keys, key), value)
        else:
            with_email = [home for home in homes if yaml_text.has(self._files[home[0]].values, (*home[1], "email"))]
            file, keys = (with_email or homes)[-1]
            yield file, PutEntries(keys, [(key, value, make_entry(key, value))])

    def _refuse_taken(self, names: Iterable[str]) -> None:
        for name in names:
            if homes := self._homes(name):
                raise _refused(f"there is an account {name} already", shown(homes[-1][0]))

    def _put_accounts(self, file: Path, units: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Put accounts into units of a file, written as the last account there is."""
        tree = tree_of(self._files[file].text)
        puts = []
        for unit, blocks in units.items():
            keys = (*_unit_keys(unit), "accounts")
            near = tree.siblings_in_braces(keys)
            entries = [
                (name, dict(block), _account_entry(name, block, keys, near=near)) for name, block in blocks.items()
            ]
            puts.append(PutEntries(keys, entries))
        there = [put for put in puts if tree.mapping(put.keys) is not None]
        if there:
            self._change(file, yaml_text.changed, there)
        for put in puts:
            if put not in there:
                self._change(file, yaml_text.with_entries, put.keys, put.entries)

    def _homes(self, name: str) -> list[tuple[Path, Keys]]:
        """Return the files that say something of an account, and under which keys; the last one wins."""
        return [(file, keys) for file, each in self._files.items() for keys in _places(each.values, (), name)]

    def _known(self, name: str) -> list[tuple[Path, Keys]]:
        homes = self._homes(name)
        if not homes:
            known = [account.name for account in self.manifest.accounts]
            raise AccountUnknown(name, shown(self._path), nearest(name, known))
        return homes

    def _file_for(self, unit: str, file: Path | None, *, make_unit: bool) -> Path:
        keys = _unit_keys(unit)
        having = [file for file, each in self._files.items() if yaml_text.has(each.values, keys)]
        if not having and not make_unit:
            near = nearest(unit, [each.path for each in self.manifest.units])
            meant = f' (did you mean "{near}"?)' if near else ""
            raise _refused(f'there is no unit "{unit}"{meant}', shown(self._path))
        if file is not None:
            if file.resolve() not in self._files:
                why = f"its files are {', '.join(map(shown, self._files))}"
                raise _refused(f"{shown(file)} is no file of the manifest", shown(self._path), why)
            return file.resolve()
        filled = [each for each in having if (yaml_text.at(self._files[each].values, keys) or {}).get("accounts")]
        return (filled or having or list(self._files))[-1]

    def _change(
        self,
        file: Path,
        change: Callable[Concatenate[Written, Given], Written],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> None:
        """Let a function that takes a text, and what is given after it, make the file's text anew."""
        try:
            self._files[file] = change(self._files[file], *given, **named)
        except FormNotUnderstood:
            raise ManifestNotEditable(
                "the lines of the account are written in a form that cannot be changed without touching others",
                subject=shown(file),
                not_run=_NOTHING_WRITTEN,
                hint="change them by hand, then: fleetyard validate",
            ) from None


def add_account(path: Path, unit: str, name: str, block: Mapping[str, Any], load: Load = load_edited) -> ManifestEdit:
    """Put an account at the end of a unit and write it; raises what ManifestEditor and `ManifestEdit.write` raise."""
    editor = ManifestEditor(path, load)
    editor.add_accounts(unit, {name: block})
    return _written(editor)


def set_account_key(path: Path, name: str, key: str, value: object | None, load: Load = load_edited) -> ManifestEdit:
    """Give a key of an account another value, or with None none, and write it; raises as `add_account`."""
    editor = ManifestEditor(path, load)
    editor.set_key(name, key, value)
    return _written(editor)


def move_account(
    path: Path, name: str, unit: str, load: Load = load_edited, *, make_unit: bool = False
) -> ManifestEdit:
    """Put an account into another unit and write it; raises as `add_account`."""
    editor = ManifestEditor(path, load)
    editor.move(name, unit, make_unit=make_unit)
    return _written(editor)


def remove_account(path: Path, name: str, load: Load = load_edited) -> ManifestEdit:
    """Take an account out of the manifest and write it; raises as `add_account`."""
    editor = ManifestEditor(path, load)
    editor.remove(name)
    return _written(editor)


def _written(editor: ManifestEditor) -> ManifestEdit:
    edit = editor.finish()
    edit.write()
    return edit


def _unit_keys(unit: str) -> Keys:
    return tuple(word for name in unit.split("/") for word in ("units", name))


def _places(values: object, above: Keys, name: str) -> list[Keys]:
    """Return the keys under which a file has an account; `above` leads to the unit whose values are given."""
    found: list[Keys] = []
    units = values.get("units") if isinstance(values, dict) else None
    for unit, block in units.items() if isinstance(units, dict) else ():
        keys = (*above, "units", unit)
        if yaml_text.has(block, ("accounts", name)):
            found.append((*keys, "accounts", name))
        found += _places(block, keys, name)
    return found


def _account_entry(name: str, block: Mapping[str, Any], keys: Keys, *, near: bool) -> Entry:
    """Return an account's words: in one line where that is short, and those beside it are (`near`)."""
    entry = make_entry(name, block)
    return entry if near and len(entry.flow) + 2 * len(keys) <= WIDTH else make_entry(name, block, in_braces=False)


def _moved(before: Written, keys: Keys, target: Keys) -> Written:
    entry = (keys[-1], yaml_text.at(before.values, keys), yaml_text.words_of(before.text, keys))
    return yaml_text.with_entries(yaml_text.changed(before, [TakeOut(keys)]), target, [entry])


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unwritable(path, error) from error


def _refuse_changed(change: FileChange) -> None:
    if _bytes_of(change.path) != change.before:
        raise ManifestChanged(
            "a file of the manifest was changed meanwhile",
            subject=shown(change.path),
            not_run=_NOTHING_WRITTEN,
            hint="see what was changed, and repeat the command",
        )


def _unwritable(path: Path, error: OSError) -> ManifestUnwritable:
    return ManifestUnwritable(
        "a file of the manifest cannot be written",
        subject=shown(path),
        why=error.strerror or str(error),
        not_run=_NOTHING_WRITTEN,
        hint=f"see who may write it: ls -l {path}",
    )


def _refused(summary: str, subject: str, why: str = "") -> EditRefused:
    hint = "correct the command, or the lines named, and repeat it; fleetyard accounts list has the accounts and units"
    return EditRefused(summary, subject=subject, why=why, not_run=_NOTHING_WRITTEN, hint=hint)
