"""The two backends as people find them: the address of an object, and the commands that look at it or put it aside."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from orchestrator.workspace import Workspace


class BackendName(StrEnum):
    """The two backends, in the words of the manifest's `workload_state`."""

    FILES = "files"
    BUCKET = "bucket"

    @property
    def other(self) -> BackendName:
        """The other one."""
        return BackendName.BUCKET if self is BackendName.FILES else BackendName.FILES

    @property
    def words(self) -> str:
        """Where that is."""
        return "the state bucket" if self is BackendName.BUCKET else "files beside the manifest"


@dataclass(frozen=True, slots=True)
class Place:
    """One backend: its folder, or its bucket with the profile and region of who may use it."""

    name: BackendName
    folder: Path = Path()
    bucket: str = ""
    profile: str = ""
    region: str = ""

    def address(self, key: str) -> str:
        """Return where an object is."""
        return f"s3://{self.bucket}/{key}" if self.bucket else str(self.folder / key)

    def look(self, key: str) -> str:
        """Return the command that shows an object."""
        return self._aws(f"cp {self._quoted(key)} -") if self.bucket else f"less {self._quoted(key)}"

    def aside(self, key: str) -> str:
        """Return the command that puts an object aside, under a name that Pulumi takes no notice of."""
        return self._two("mv", key, f"{key}.aside")

    def put_back(self, spare: str, key: str) -> str:
        """Return the command that puts a copy in an object's place."""
        return self._two("cp", spare, key)

    def remove(self, key: str) -> str:
        """Return the command that removes an object."""
        return self._aws(f"rm {self._quoted(key)}") if self.bucket else f"rm {self._quoted(key)}"

    def versions(self, key: str) -> str:
        """Return the command that lists earlier versions of an object: the bucket keeps them, and so does git."""
        if self.bucket:
            options = f"--bucket {self.bucket} --prefix {shlex.quote(key)} --profile {self.profile}"
            return f"aws s3api list-object-versions {options} --region {self.region}"
        return f"git log --oneline -- {self._quoted(key)}"

    def fetch(self, key: str, to: Place) -> str:
        """Return the command that copies an object into a folder's place."""
        return self._aws(f"cp {self._quoted(key)} {shlex.quote(to.address(key))}")

    def _two(self, command: str, one: str, other: str) -> str:
        words = f"{command} {self._quoted(one)} {self._quoted(other)}"
        return self._aws(words) if self.bucket else words

    def _aws(self, words: str) -> str:
        return f"aws s3 {words} --profile {self.profile} --region {self.region}"

    def _quoted(self, key: str) -> str:
        return shlex.quote(self.address(key))


def place_of(name: BackendName, manifest: Manifest, workspace: Workspace, lock: Lock) -> Place:
    """Return a backend as people find it."""
    if name is BackendName.BUCKET and lock.state is not None:
        return Place(name, bucket=lock.state.bucket, profile=manifest.callers.management, region=lock.state.region)
    return Place(name, folder=workspace.state)
