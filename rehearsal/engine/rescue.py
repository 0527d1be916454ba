"""What an update did and could not write down is kept on this machine, to be imported once the backend answers again.

Pulumi's CLI gives such a state up. Secrets in the file are encrypted as in the state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rehearsal.engine.go_json import indented
from rehearsal.engine.journal import StateJournal

_FOLDER = "unwritten"


@contextmanager
def unwritten_kept(journal: StateJournal, env: Mapping[str, str], warn: Callable[[str], None]) -> Iterator[None]:
    """Keep the last state of an update that ends with it unwritten under PULUMI_HOME, and say where it is."""
    try:
        yield
    except BaseException:
        _keep(journal, env, warn)
        raise


def _keep(journal: StateJournal, env: Mapping[str, str], warn: Callable[[str], None]) -> None:
    deployment = journal.unwritten()
    if deployment is None:
        return
    reference = journal.reference
    home = Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi")
    file = home / _FOLDER / f"{reference.project}-{reference.name}-{time.time_ns()}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(f"{indented(deployment, 4)}\n", encoding="utf-8")
    except OSError as error:
        warn(f"the last state could not be written here either: {file}: {error.strerror}")
        return
    warn(
        f"the last state could not be written to the backend, and is kept in {file}; once the backend answers: "
        f"pulumi cancel --yes --stack {reference.name}, then pulumi stack import --file {file} "
        f"--stack {reference.name}, then run the command again"
    )
