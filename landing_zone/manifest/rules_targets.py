"""What must hold wherever a block says which accounts it means: its globs mean some, and it says so at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from landing_zone.manifest.outline import AccountLine, Text
from landing_zone.manifest.positions import Document, Path
from landing_zone.manifest.problems import Problems, nearest
from landing_zone.manifest.selection import matching


def check_globs(
    globs: Iterable[Text], accounts: Collection[AccountLine], document: Document, problems: Problems, *, why: str
) -> None:
    """Note globs that no member account matches; `why` ends the words about one that means the management account."""
    members = [line.name for line in accounts if not line.management]
    management = [line.name for line in accounts if line.management]
    for glob in globs:
        if matching(members, glob.value):
            continue
        place = document.value(*glob.path)
        if matching(management, glob.value):
            problems.add(place, f'"{glob.value}" means only the management account{why}')
        else:
            problems.add_unknown(place, "no account matches", glob.value, members)


def is_told_of(keys: Collection[str], path: Path, document: Document, problems: Problems) -> bool:
    """Return whether a block without any of these keys has one that is told already: mistyped, or of a wrong form."""
    block = document.values
    for part in path:
        block = block[part]
    return any(
        problems.tells_of(document.value(*path, key))
        if key in keys
        else bool(nearest(str(key), keys)) and problems.tells_of(document.key(*path, key))
        for key in (block if isinstance(block, Mapping) else ())
    )
