"""Reads a manifest from beginning to end: its files, shape, rules, sizes; all problems are told together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from landing_zone.errors import ManifestInvalid, ManifestUnreadable
from landing_zone.fleet import Manifest
from landing_zone.manifest.access_lines import read_access
from landing_zone.manifest.boundary_files import with_boundaries
from landing_zone.manifest.bounds import LARGEST_FILE
from landing_zone.manifest.build import build_manifest
from landing_zone.manifest.build_access import with_access
from landing_zone.manifest.build_governance import with_governance
from landing_zone.manifest.build_people import with_people
from landing_zone.manifest.build_probes import with_probes
from landing_zone.manifest.build_settings import BlockReader, with_settings
from landing_zone.manifest.governance_lines import read_governance
from landing_zone.manifest.imports import Layers, read_layers, shown
from landing_zone.manifest.outline import Outline, read_outline
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules import check_rules
from landing_zone.manifest.rules_settings import check_settings
from landing_zone.manifest.shape import check_shape
from landing_zone.sizes.policies import check_policy_sizes

Rule = Callable[[Outline, Document, Problems], None]
"""Notes what is wrong with a manifest's names, as `check_rules` does."""


def load_manifest(path: Path, rules: Sequence[Rule] = ()) -> Manifest:
    """Return the fleet of a manifest file; `rules` know what only the caller can, and are told with all others.

    Raises: ManifestUnreadable when there is no such file or no text in it; ManifestInvalid with every problem of it;
    PolicyTooLarge when an IAM document of this fleet would be larger than AWS accepts.
    """
    return parse_manifest(_read(path), path, rules)


def load_edited(path: Path, edited: Mapping[Path, str], rules: Sequence[Rule] = ()) -> tuple[Manifest, Layers]:
    """Return the fleet that a manifest would be if some of its files had these texts, and where its values stand.

    `edited` is by path with no links in it. Raises what `load_manifest` raises.
    """
    real = path.resolve()
    return _parse(edited[real] if real in edited else _read(path), path, rules, edited)


def load_with_places(path: Path, rules: Sequence[Rule] = ()) -> tuple[Manifest, Layers]:
    """Return the fleet of a manifest file, and where each of its values stands; raises what `load_manifest` raises."""
    return _parse(_read(path), path, rules)


def parse_manifest(text: str, path: Path, rules: Sequence[Rule] = ()) -> Manifest:
    """Return the fleet of a manifest's text; `path` is named in problems, paths in the text start from its folder."""
    return _parse(text, path, rules)[0]


def _parse(
    text: str, path: Path, rules: Sequence[Rule], edited: Mapping[Path, str] | None = None
) -> tuple[Manifest, Layers]:
    problems = Problems()
    layers = read_layers(text, path, problems, edited)
    document = layers.document
    manifest = _checked(layers, path, problems, rules) if document.values is not None else None
    if manifest is None or problems:
        raise ManifestInvalid(problems.sorted(), document.file)
    check_policy_sizes(manifest, document.key)
    return manifest, layers


def _checked(layers: Layers, path: Path, problems: Problems, rules: Sequence[Rule]) -> Manifest | None:
    document = layers.document
    region_vars = layers.region_vars()
    fleet = check_shape(document, problems, told_once=layers.defaults, whole=layers.whole)
    outline = replace(
        read_outline(document.values, region_vars),
        governance=read_governance(document, problems),
        access=read_access(document, problems),
    )
    for rule in (check_rules, *rules) if layers.whole else ():
        rule(outline, document, problems)
    blocks = BlockReader()
    if layers.whole:
        check_settings(layers.settings, blocks, outline, document, problems)
    if fleet is None or problems:
        return None
    manifest = with_governance(with_people(build_manifest(fleet, path, region_vars), fleet), fleet, outline, document)
    manifest = with_access(manifest, fleet, outline, document, problems)
    manifest = with_probes(manifest, fleet, document, problems)
    return with_settings(with_boundaries(manifest, document), layers.settings, blocks)


def _read(path: Path) -> str:
    subject = shown(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) <= LARGEST_FILE:
            return content.decode("utf-8-sig")
    except FileNotFoundError:
        hint = "name another with --fleet, or go to the folder that holds fleet.yaml"
        raise ManifestUnreadable("there is no manifest here", subject=subject, hint=hint) from None
    except IsADirectoryError:
        hint = f"name the file in it: --fleet {path / 'fleet.yaml'}"
        raise ManifestUnreadable("the manifest is a folder", subject=subject, hint=hint) from None
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is not UTF-8"
        raise ManifestUnreadable(
            "the manifest is not text", subject=subject, why=why, hint="save it as UTF-8"
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        hint = f"see who may read it: ls -l {path}"
        raise ManifestUnreadable("the manifest can't be read", subject=subject, why=why, hint=hint) from None
    raise ManifestUnreadable(
        "the manifest is too large",
        subject=subject,
        why=f"it has more than {LARGEST_FILE:,} bytes",
        hint="see whether this is the right file; if not, name another with --fleet",
    )
