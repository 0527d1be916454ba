"""Kinds of organisation policies, switched on for a while: whoever finds them on leaves them so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.twin_fixtures import TwinAws

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@contextmanager
def switched_on(aws: TwinAws, kind: str) -> Iterator[Any]:
    """Switch a kind of policy on and give the client of the organisation; it is off afterwards if it was before."""
    client = aws.client("organizations")
    (root,) = client.list_roots()["Roots"]
    before = any(one["Type"] == kind for one in root["PolicyTypes"])
    if not before:
        client.enable_policy_type(RootId=root["Id"], PolicyType=kind)
    yield client
    if not before:
        client.disable_policy_type(RootId=root["Id"], PolicyType=kind)
