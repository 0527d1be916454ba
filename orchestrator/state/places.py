"""The two backends as people find them: the address of an object, and the commands that look at it or put it aside."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from landing_zone.fleet import Manifest
from landing_zone.lock import Lock
from landing_zone.state_buckets import DEFAULT_BUCKET
from orchestrator.files.workspace import Workspace


@dataclass(frozen=True, slots=True)
class BackendName:
    """A backend in the words of the manifest's `workload_state`; `bucket` is that bucket's name, empty for files."""

    bucket: str = ""

    FILES: ClassVar[BackendName]
    BUCKET: ClassVar[BackendName]
    """The default state bucket."""

    @property
    def value(self) -> str:
        """Return its name for machines: `files`, `bucket`, or with a name of the manifest's `bucket NAME`."""
        if not self.bucket:
            return "files"
        return "bucket" if self.bucket == DEFAULT_BUCKET else f"bucket {self.bucket}"

    @property
    def words(self) -> str:
        """Where that is."""
        if not self.bucket:
            return "files beside the manifest"
        return "the state bucket" if self.bucket == DEFAULT_BUCKET else f"the state bucket {self.bucket}"


BackendName.FILES = BackendName()
BackendName.BUCKET = BackendName(DEFAULT_BUCKET)


def backends_of(lock: Lock) -> tuple[BackendName, ...]:
    """Return every backend there is: the files, and each bucket that is made."""
    return (BackendName.FILES, *(BackendName(name) for name in lock.homes))


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
    home = lock.home(name.bucket) if name.bucket else None
    if home is not None:
        return Place(name, bucket=home.bucket, profile=manifest.callers.management, region=home.region)
    return Place(name, folder=workspace.state)
