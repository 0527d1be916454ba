"""Backends in memory and what lies in them, for tests of where state is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SALT = "v1:hOtj2I/QN1w=:v1:M90AfktRUdxLOatp:zcWAYz8NqkDT7CLii0Ma/OfprDxsXA=="


@dataclass
class Objects:
    """The objects of a backend."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str) -> bytes | None:
        """Return an object."""
        return self.objects.get(key)

    def keys(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with a prefix."""
        return sorted(key for key in self.objects if key.startswith(prefix))

    def write(self, key: str, content: bytes) -> None:
        """Keep an object."""
        self.objects[key] = content

    def put(self, key: str, value: object) -> None:
        """Keep an object as JSON."""
        self.objects[key] = json.dumps(value).encode()

    def put_stack(self, name: str, **more: object) -> None:
        """Keep the state of a stack, named `project/stack`."""
        self.put(f".pulumi/stacks/{name}.json", checkpoint(name, **more))

    def put_lock(self, name: str, **more: object) -> str:
        """Keep a lock of a stack and return its key."""
        key = f".pulumi/locks/organization/{name}/11111111.json"
        self.put(key, {"pid": 4242, "username": "ada", "hostname": "desk", "timestamp": NOON, **more})
        return key


NOON = "2026-11-21T12:00:00+00:00"


def checkpoint(name: str, **more: object) -> Mapping[str, Any]:
    """Return a checkpoint with one bucket in it; `more` goes over the deployment, `accounts` into its provider."""
    project, stack = name.split("/")
    urn = f"urn:pulumi:{stack}::{project}"
    inputs = {"allowedAccountIds": json.dumps(more.pop("accounts", []))}
    resources = [
        {"urn": f"{urn}::pulumi:pulumi:Stack::{project}-{stack}", "type": "pulumi:pulumi:Stack"},
        {"urn": f"{urn}::pulumi:providers:aws::account", "type": "pulumi:providers:aws", "inputs": inputs},
        {"urn": f"{urn}::aws:s3/bucket:Bucket::logs", "type": "aws:s3/bucket:Bucket"},
    ]
    deployment = {
        "manifest": {"time": NOON},
        "secrets_providers": {"type": "passphrase", "state": {"salt": SALT}},
        "resources": resources,
        **more,
    }
    return {"version": 3, "checkpoint": {"latest": deployment}}
