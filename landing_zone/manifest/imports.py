"""Reads a manifest with all files that it imports, and merges them to one document; problems keep their own file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from landing_zone.manifest.bounds import LARGEST_FILE, Extent, TooMuch
from landing_zone.manifest.defaults import Defaults
from landing_zone.manifest.import_paths import Found, NoSuchImport, find_imports, repository_of
from landing_zone.manifest.merging import Merger
from landing_zone.manifest.outline import RegionVars
from landing_zone.manifest.parts import Part, document_of, part_of
from landing_zone.manifest.positions import Document, read_document
from landing_zone.manifest.problems import Place, Problems
from landing_zone.manifest.settings_layers import SettingsLayers, SettingsParts

IMPORTS = "imports"
LONGEST_CHAIN = 20
"""Files that import one another in a row."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A manifest after its layers were merged and its defaults given to accounts.

    `whole` is false when a file could not be read: what seems missing may then stand in it. `region_parts` has
    variables by account name and region. `defaults` are the places of what many accounts share, in which a problem is
    told once. `settings` has what accounts are set to, which is not in the document. `files` are those that were read,
    with no links in their paths, the manifest's own first.
    """

    document: Document
    whole: bool = True
    region_parts: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)
    defaults: frozenset[Place] = frozenset()
    settings: SettingsParts = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    def region_vars(self) -> RegionVars:
        """Return the variables by account name and region, without places."""
        return {
            account: {region: part.plain() for region, part in regions.items()}
            for account, regions in self.region_parts.items()
        }


def read_layers(text: str, path: Path, problems: Problems, edited: Mapping[Path, str] | None = None) -> Layers:
    """Return the layers of a manifest whose text is given; whatever can't be read or merged is added to the problems.

    Its document has no values when there is nothing to go on with. `edited` has the texts of imported files that are
    taken in place of what they hold, by their path with no links in it.
    """
    files = _Files(problems, repository_of(path), edited or {})
    try:
        part = files.root(text, path)
        return _given(part, files) if part is not None else Layers(Document(shown(path)), whole=False)
    except TooMuch as error:
        problems.add(error.place, f"not read: {error.message}")
        return Layers(Document(shown(path)), whole=False)


def _given(part: Part, files: _Files) -> Layers:
    block, units = part.inside("defaults"), part.inside("units")
    if units is None or units.parts is None:
        return Layers(document_of(part, files.name), files.whole, files=files.read)
    defaults = Defaults(files.merger, block or Part(parts={}), SettingsLayers(files.merger, part))
    spread = dataclasses.replace(part, parts={**(part.parts or {}), "units": defaults.spread(units)})
    return Layers(
        document_of(spread, files.name),
        files.whole,
        defaults.region_parts,
        defaults=frozenset(block.places() if block is not None else ()),
        settings=defaults.settings.parts,
        files=files.read,
    )


def shown(path: Path) -> str:
    """Return the path as a person in the working directory would write it."""
    absolute = path.absolute()
    return os.path.relpath(absolute) if absolute.is_relative_to(Path.cwd()) else str(path)


class _Files:
    """The files of one manifest: each read once, whichever ways lead to it."""

    def __init__(self, problems: Problems, repository: Path, edited: Mapping[Path, str]) -> None:
        self.merger = Merger(problems)
        self.whole = True
        self.name = ""
        self._problems = problems
        self._repository = repository
        self._edited = edited
        self._root = Path()
        self._extent = Extent()
        self._bytes = 0
        self._read: dict[Path, Part | None] = {}

    def root(self, text: str, path: Path) -> Part | None:
        """Return the manifest's own text over all it imports, None when there is nothing in it."""
        self.name = shown(path)
        self._root = path.resolve()
        self._bytes = len(text.encode("utf-8", "surrogatepass"))
        return self._part(text, path, (path.resolve(),))

    @property
    def read(self) -> tuple[Path, ...]:
        """The files read, the manifest's own first."""
        return (self._root, *self._read)

    def _part(self, text: str, path: Path, chain: tuple[Path, ...]) -> Part | None:
        document = read_document(text, shown(path), self._problems, self._extent)
        if document.values is None:
            self.whole = False
            return None
        own = part_of(document, self._problems)
        imported = own.inside(IMPORTS)
        if imported is None:
            return own
        own = dataclasses.replace(
            own, parts={name: part for name, part in (own.parts or {}).items() if name != IMPORTS}
        )
        layers = [self._layer(entry, path, chain) for entry in self._entries(imported, document)]
        return self.merger.over([*(layer for layer in layers if layer is not None), own])

    def _entries(self, imported: Part, document: Document) -> list[Part]:
        if imported.appends or not imported.items:
            wrong = "must be a list, such as [a, b]" if imported.items is None else "must have at least 1, and has 0"
            wrong = f"is a list of this file alone; write {IMPORTS}" if imported.appends else wrong
            self._miss(document.value(IMPORTS) if not imported.appends else imported.where, f"{IMPORTS} {wrong}")
            return []
        for at, entry in enumerate(imported.items):
            if not isinstance(entry.value, str) or not entry.value:
                self._miss(document.value(IMPORTS, at), f"{IMPORTS}.{at} must be a path or a glob")
        return [entry for entry in imported.items if isinstance(entry.value, str) and entry.value]

    def _layer(self, entry: Part, importer: Path, chain: tuple[Path, ...]) -> Part | None:
        """Return the files that an entry means as one layer, None when there is none."""
        try:
            found = find_imports(entry.value, importer.parent, self._repository)
        except NoSuchImport as error:
            self._miss(entry.where, error.message, error.suggestion)
            return None
        parts = [self._file(file, entry, chain) for file in found]
        known = {id(part): part for part in parts if part is not None}
        return self.merger.beside(list(known.values())) if known else None

    def _file(self, file: Found, entry: Part, chain: tuple[Path, ...]) -> Part | None:
        if file.real in chain:
            circle = [*chain[chain.index(file.real) :], file.real]
            self._miss(entry.where, f"files import each other: {' -> '.join(map(shown, circle))}")
            return None
        if file.real not in self._read:
            if len(chain) >= LONGEST_CHAIN:
                self._miss(entry.where, f"more than {LONGEST_CHAIN} files import one another in a row")
                return None
            text = self._text(file, entry)
            self._read[file.real] = self._part(text, file.path, (*chain, file.real)) if text is not None else None
        return self._read[file.real]

    def _text(self, file: Found, entry: Part) -> str | None:
        name = shown(file.path)
        try:
            content = self._content(file.real)
            self._bytes += len(content)
            if self._bytes > LARGEST_FILE:
                raise TooMuch(f"with {name} the manifest's files have more than {LARGEST_FILE:,} bytes", entry.where)
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._miss(entry.where, f"{name} is not text: byte {error.start} is not UTF-8")
        except OSError as error:
            self._miss(entry.where, f"{name} can't be read: {error.strerror or error}")
        return None

    def _content(self, real: Path) -> bytes:
        if real in self._edited:
            return self._edited[real].encode("utf-8")
        with real.open("rb") as opened:
            return opened.read(LARGEST_FILE - self._bytes + 1)

    def _miss(self, place: Place, message: str, suggestion: str = "") -> None:
        self.whole = False
        self._problems.add(place, message, suggestion)
