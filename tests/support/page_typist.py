"""Types the shell blocks of a page in their order, in one shell, in a copy of this repository.

    with typist(folder, env, scratch) as shell:
        shell.type("fleetyard validate")

Between two blocks the test can look at what has come of them, which a script as a whole would not allow.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support.repository import ROOT, tracked_files

_MARK = "--- end of a block ---"
_FENCE = re.compile(r"^#+ (?P<heading>[^\n]*)$|^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LOOP = f'set -eu -o pipefail; while read -r block <&"$1"; do source "$block"; echo "{_MARK}"; done'


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language (empty if none is named), its text, and the heading it stands under."""

    language: str
    text: str
    heading: str


class Failed(AssertionError):
    """A block did not end with 0."""


def blocks(page: str) -> tuple[Block, ...]:
    """Return a page's fenced blocks in their order."""
    found = []
    heading = ""
    for match in _FENCE.finditer(page):
        if match["text"] is None:
            heading = match["heading"]
        else:
            found.append(Block(match["language"], match["text"], heading))
    return tuple(found)


def copy_repository(folder: Path) -> None:
    """Copy what a clone of this repository would hold."""
    for path in tracked_files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def clean_environment(home: Path) -> dict[str, str]:
    """Return the environment of somebody who has the virtual environment active, and nothing of AWS or Pulumi set."""
    ours = ("AWS_", "PULUMI_", "FLEETYARD_", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**env, "HOME": str(home), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"}


@dataclass
class Typist:
    """A running shell without a terminal, which ends at the first command that fails."""

    process: subprocess.Popen[str]
    files: IO[str]
    scratch: Path
    count: int = 0

    def type(self, text: str, typed_in: str = "") -> str:
        """Run one block and return what was said; `typed_in` is what its `read` commands are answered.

        Raises: Failed, with the block and everything it said.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.count += 1
        file = self.scratch / f"block-{self.count}.sh"
        file.write_text(text, encoding="utf-8")
        self.process.stdin.write(typed_in)
        self.process.stdin.flush()
        self.files.write(f"{file}\n")
        self.files.flush()
        said = []
        for line in self.process.stdout:
            if line.rstrip("\n").endswith(_MARK):
                return "".join(said)
            said.append(line)
        raise Failed(f"{text}\n{''.join(said)}\nended with {self.process.wait()}")


@contextmanager
def typist(folder: Path, env: Mapping[str, str], scratch: Path) -> Iterator[Typist]:
    """Yield a shell in a folder; `scratch` is a folder for the blocks."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["bash", "-c", _LOOP, "bash", str(reading)],
        cwd=folder,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=(reading,),
    )
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as files, process:
        try:
            yield Typist(process, files, scratch)
        finally:
            process.terminate()
