"""Tries the state bucket and its key as the caller of workloads would, with the rights a management role has.

Runs in its own process. Changes nothing: it lists, reads one small file and encrypts 32 bytes that it throws away.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from landing_zone.naming import STATE_PREFIX

META = f"{STATE_PREFIX}meta.yaml"
"""Pulumi's own note of a backend's layout, its first read. Source: pulumi/pulumi, pkg/backend/diy/meta.go."""


@dataclass(frozen=True, slots=True)
class StateQuestion:
    """What to try, and as whom: `env` is the caller's whole environment."""

    env: Mapping[str, str] = field(repr=False)
    bucket: str
    key_arn: str
    region: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: `step` is the call that was refused with AWS's `code` and `words`; empty if none was."""

    step: str = ""
    code: str = ""
    words: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing was refused."""
        return not self.step


@dataclass(frozen=True, slots=True)
class StateAnswer:
    """What came of bucket and key; `empty` tells that the bucket holds no state yet."""

    bucket: Tried
    key: Tried
    empty: bool = False


def probe_state(question: StateQuestion) -> StateAnswer:
    """Try both; for a process that is there for nothing else. Raises nothing that AWS or its SDK refuses."""
    from botocore.config import Config  # noqa: PLC0415  (the driver itself needs none of it)

    from orchestrator.unasked_session import unasked_session  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(question.env)
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})

    def client(service: str) -> Any:
        return unasked_session(question.region).client(service, config=config)

    found: list[bool] = []

    def use_bucket(tell: Callable[[str], None]) -> None:
        tell("s3:ListBucket")
        s3 = client("s3")
        listing = s3.list_objects_v2(Bucket=question.bucket, Prefix=META, MaxKeys=1)
        if listing.get("Contents"):
            found.append(True)
            tell("s3:GetObject")
            s3.get_object(Bucket=question.bucket, Key=META)["Body"].read()

    def use_key(tell: Callable[[str], None]) -> None:
        tell("kms:Encrypt")
        kms = client("kms")
        wrapped = kms.encrypt(KeyId=question.key_arn, Plaintext=secrets.token_bytes(32))["CiphertextBlob"]
        tell("kms:Decrypt")
        kms.decrypt(KeyId=question.key_arn, CiphertextBlob=wrapped)

    bucket = _tried(use_bucket)
    return StateAnswer(bucket, _tried(use_key), empty=not found)


def _tried(attempt: Callable[[Callable[[str], None]], None]) -> Tried:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (as above)

    steps = [""]
    try:
        attempt(steps.append)
    except ClientError as error:
        about = error.response.get("Error", {})
        return Tried(steps[-1], str(about.get("Code", "")), str(about.get("Message", "")))
    except BotoCoreError as error:
        return Tried(steps[-1], "", str(error))
    return Tried()
