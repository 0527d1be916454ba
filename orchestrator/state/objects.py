"""The objects of a backend by its URL, to be read and written: a folder, or a bucket as this process's caller."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from orchestrator.state.bucket_states import BucketObjects, open_bucket
from orchestrator.state.state_files import FolderObjects, StateObjects


class WritableObjects(StateObjects, Protocol):
    """The objects of a backend, in a folder or a bucket; keys have slashes."""

    def write(self, key: str, content: bytes) -> None:
        """Write an object whole."""


@dataclass(frozen=True, slots=True)
class WritableFolder(FolderObjects):
    """A backend in a folder."""

    def write(self, key: str, content: bytes) -> None:
        """Write a file in one step; raises OSError."""
        file = self.folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f".{file.name}.new")
        new.write_bytes(content)
        new.replace(file)


@dataclass(frozen=True, slots=True)
class WritableBucket(BucketObjects):
    """A backend in a bucket. What AWS refuses is raised as botocore's ClientError."""

    def write(self, key: str, content: bytes) -> None:
        """Put an object; the bucket's own settings encrypt it."""
        client: Any = self.client
        client.put_object(Bucket=self.bucket, Key=key, Body=content)


def open_objects(url: str) -> WritableObjects:
    """Return the objects of a backend as Pulumi names it."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        bucket = open_bucket(url)
        return WritableBucket(bucket.client, bucket.bucket)
    return WritableFolder(Path(unquote(parts.path)))


def copy_history(source: WritableObjects, target: WritableObjects, project: str, stack: str) -> int:
    """Copy what was done to a stack, and its tags; returns how many objects were copied.

    An object that is there already is left alone, as no entry of a history ever changes. Source: Pulumi
    `pkg/backend/diy/{store,stack_tags}.go`.
    """
    folder = f".pulumi/history/{project}/{stack}/"
    there = set(target.keys(folder))
    copied = 0
    for key in (*source.keys(folder), f".pulumi/stacks/{project}/{stack}.pulumi-tags"):
        content = None if key in there else source.read(key)
        if content is not None:
            target.write(key, content)
            copied += 1
    return copied
