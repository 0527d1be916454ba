"""Reads the state of workloads from the state bucket, as the caller that deploys them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from orchestrator.state.state_files import StackState, StateFiles

if TYPE_CHECKING:
    from botocore.client import BaseClient

THREADS = 32
"""Reads in flight: each waits for one answer."""

Name = tuple[str, str]
"""Project and stack."""


class Detail(StrEnum):
    """How much is asked of each stack."""

    DEPLOYED = "deployed"
    """The state alone: one call a stack."""
    RECORD = "record"
    """Its last operation and its locks as well, and which stacks there are: some four calls a stack."""


@dataclass(frozen=True, slots=True)
class BucketQuery:
    """What to read. `env` is the caller's environment, `url` the backend's as Pulumi names it."""

    env: Mapping[str, str] = field(repr=False)
    url: str
    stacks: tuple[Name, ...]
    detail: Detail = Detail.DEPLOYED


@dataclass(frozen=True, slots=True)
class BucketStates:
    """What was found; `refused` holds AWS's words when nothing could be read.

    Of several buckets, `unread` has those words for each stack of a bucket that could not be read.
    """

    states: Mapping[Name, StackState] = field(default_factory=dict)
    names: tuple[Name, ...] = ()
    refused: str = ""
    unread: Mapping[Name, str] = field(default_factory=dict)

    def words(self, name: Name) -> str:
        """Return AWS's words if a stack's bucket could not be read, else nothing."""
        return self.unread.get(name, "") if self.unread else self.refused


ReadBucket = Callable[[BucketQuery], BucketStates]
"""Answers a query; never raises for what AWS refuses."""


def together(queried: Sequence[tuple[BucketQuery, BucketStates]]) -> BucketStates:
    """Return the answers of several buckets as one; one bucket's refusal says nothing of the others' stacks."""
    if len(queried) == 1:
        return queried[0][1]
    refused = [(query, answer.refused) for query, answer in queried if answer.refused]
    return BucketStates(
        states={name: state for _, answer in queried for name, state in answer.states.items()},
        names=tuple(dict.fromkeys(name for _, answer in queried for name in answer.names)),
        refused=refused[0][1] if refused else "",
        unread={name: words for query, words in refused for name in query.stacks},
    )


def read_bucket_in_own_process(query: BucketQuery) -> BucketStates:
    """Read the states asked for; for a process that is there for nothing else."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (the driver itself needs none of it)

    os.environ.clear()
    os.environ.update(query.env)
    try:
        return _read(StateFiles(open_bucket(query.url)), query)
    except (ClientError, BotoCoreError) as error:
        return BucketStates(refused=str(error))


def open_bucket(url: str) -> BucketObjects:
    """Return the backend at a URL as Pulumi names it, as whoever this process's environment names; asks nothing yet."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    bucket, options = urlsplit(url).netloc, parse_qs(urlsplit(url).query)
    style = "path" if options.get("use_path_style") == ["true"] else "auto"
    config = Config(max_pool_connections=THREADS, s3={"addressing_style": style})
    session = unasked_session(look=False)
    return BucketObjects(session.client("s3", region_name=options["region"][0], config=config), bucket)


def _read(files: StateFiles, query: BucketQuery) -> BucketStates:
    read = files.stack if query.detail is Detail.RECORD else files.state
    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(lambda name: read(*name), query.stacks))
    states = {name: state for name, state in zip(query.stacks, found, strict=True) if state is not None}
    return BucketStates(states, files.stacks() if query.detail is Detail.RECORD else ())


@dataclass(frozen=True, slots=True)
class BucketObjects:
    """A backend in a bucket. What AWS refuses is raised as botocore's ClientError."""

    client: BaseClient
    bucket: str

    def read(self, key: str) -> bytes | None:
        """Return an object; None if there is none, which S3 says plainly to whoever may list the key's prefix."""
        client: Any = self.client
        try:
            return bytes(client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except client.exceptions.NoSuchKey:
            return None

    def keys(self, prefix: str) -> Sequence[str]:
        """Return the keys below a prefix; one call for each thousand."""
        client: Any = self.client
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return sorted(str(entry["Key"]) for page in pages for entry in page.get("Contents", ()))
