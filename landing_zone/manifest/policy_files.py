"""Finds and reads the files of policies: JSON or YAML, with the place of every key and value."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landing_zone.manifest.import_paths import repository_of
from landing_zone.manifest.positions import Document, read_document
from landing_zone.manifest.problems import Place, Problems, nearest

STARTER = "starter/"
"""How the manifest names a policy that Fleetyard ships."""

STARTERS = Path(__file__).resolve().parents[2] / "organization" / "policies"
"""Where the shipped policies are."""

VARS = "vars"
"""Beside the policy's own elements: values that its variables have unless the manifest says otherwise."""

_ENDINGS = (".json", ".yaml", ".yml")
_LARGEST = 100_000  # bytes; a policy has at most 10,240 characters once it is written without white space


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy's file: its `document` with places, and `defaults` of its variables."""

    document: Document
    defaults: Mapping[str, Any]

    @property
    def template(self) -> dict[str, Any]:
        """Return the policy as it is written, without the defaults beside it."""
        return {key: value for key, value in self.document.values.items() if key != VARS}


class PolicyFiles:
    """The policy files of one manifest; each is read once. What is wrong with them is noted."""

    def __init__(self, manifest: str, problems: Problems) -> None:
        self._repository = repository_of(Path(manifest))
        self._problems = problems
        self._read: dict[Path, PolicyFile | None] = {}

    def find(self, written: str, place: Place) -> PolicyFile | None:
        """Return the file that a manifest names at a place, relative to the manifest's file there."""
        if written.startswith(STARTER):
            return self._starter(written, place)
        path = self._own(written, place)
        return self._once(path, place) if path is not None else None

    def shipped(self, name: str) -> PolicyFile | None:
        """Return a shipped policy by its name."""
        path = STARTERS / f"{name}.yaml"
        return self._once(path, Place(str(path), 1, 1))

    def _starter(self, written: str, place: Place) -> PolicyFile | None:
        known = shipped_names()
        name = written.removeprefix(STARTER)
        if name in known:
            return self.shipped(name)
        meant = nearest(name, known)
        listed = "" if meant else f"; shipped are: {', '.join(known)}"
        self._problems.add(place, f'no policy is shipped as "{written}"{listed}', f"{STARTER}{meant}" if meant else "")
        return None

    def _own(self, written: str, place: Place) -> Path | None:
        path = Path(place.file).parent / written
        try:
            wrong = self._wrong_with(written, path)
        except (OSError, ValueError) as error:
            wrong = f"{written!r} is no path: {error}"
        if wrong:
            self._problems.add(place, wrong, _nearest_file(path, written))
        return None if wrong else _without_detours(path)

    def _wrong_with(self, written: str, path: Path) -> str:
        if written.startswith(("/", "~")) or "\\" in written:
            return f'"{written}" is no path relative to this file, with / between its parts'
        if not written.endswith(_ENDINGS):
            return f'"{written}" is no policy file: its name ends in .json, .yaml or .yml'
        if not path.is_file():
            return f'there is no policy file "{written}"'
        if not path.resolve().is_relative_to(self._repository):
            return f'"{written}" leads out of the repository {self._repository}; files outside are not read'
        return ""

    def _once(self, path: Path, place: Place) -> PolicyFile | None:
        real = path.resolve()
        if real not in self._read:
            self._read[real] = self._parsed(path, place)
        return self._read[real]

    def _parsed(self, path: Path, place: Place) -> PolicyFile | None:
        name = os.path.relpath(path.absolute()) if path.absolute().is_relative_to(Path.cwd()) else str(path)
        text = self._text(path, name, place)
        if text is None or (path.suffix == ".json" and not self._is_json(text, name)):
            return None
        before = len(self._problems)
        # JSON may be indented with tabs, YAML may not; inside a text of JSON a tab can't stand.
        plain = text.replace("\t", " ") if path.suffix == ".json" else text
        document = read_document(plain, name, self._problems, example="Version, Statement")
        if document.values is None or len(self._problems) > before:
            return None
        defaults = document.values.get(VARS, {})
        if not isinstance(defaults, Mapping):
            self._problems.add(document.key(VARS), "vars holds values of variables by name")
            return None
        return PolicyFile(document, defaults)

    def _text(self, path: Path, name: str, place: Place) -> str | None:
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                self._problems.add(place, f"{name} is too large for a policy: more than {_LARGEST:,} bytes")
                return None
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._problems.add(place, f"{name} is not text: byte {error.start} is not UTF-8")
        except OSError as error:
            self._problems.add(place, f"{name} can't be read: {error.strerror or error}")
        return None

    def _is_json(self, text: str, name: str) -> bool:
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            self._problems.add(Place(name, error.lineno, error.colno), f"not JSON: {error.msg}")
            return False
        except RecursionError:
            self._problems.add(Place(name, 1, 1), "not read: its values are nested too deeply")
            return False
        return True


def shipped_names() -> tuple[str, ...]:
    """Return the names of the policies that Fleetyard ships."""
    return tuple(sorted(path.stem for path in STARTERS.glob("*.yaml")))


def _without_detours(path: Path) -> Path:
    """Return the path without `..`, as long as that is the same file: behind a symbolic link it may be another."""
    plain = Path(os.path.normpath(path))
    return plain if plain.exists() and plain.samefile(path) else path


def _nearest_file(path: Path, written: str) -> str:
    """Return the policy file beside the one that is not there whose name is most like it, written as it is."""
    try:
        beside = {other.stem: other.name for other in sorted(path.parent.iterdir()) if other.suffix in _ENDINGS}
    except (OSError, ValueError):
        return ""
    meant = beside.get(nearest(path.stem, beside), "")
    above = written.rpartition("/")[0]
    return f"{above}/{meant}" if above and meant else meant
