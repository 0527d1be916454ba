"""Tells config that the driver wrote from config that was changed by hand since.

The driver writes a digest of its keys beside them. Where digest and keys disagree, somebody else wrote last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from landing_zone.naming import CONFIG_NAMESPACE

DIGEST_KEY = f"{CONFIG_NAMESPACE}:digest"
_PREFIX = f"{CONFIG_NAMESPACE}:"


def with_digest(config: Mapping[str, str]) -> dict[str, str]:
    """Return a stack's config with the digest of its keys of ours."""
    return {**config, DIGEST_KEY: _digest(config)}


def changed_by_hand(written: Mapping[str, object], wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of ours that somebody else changed since the driver wrote them, and that would change back.

    `written` is the settings file's config, `wanted` what the driver is about to write. Config without a digest was
    never the driver's, so nothing is said about it.
    """
    ours = {key: str(value) for key, value in written.items() if key.startswith(_PREFIX) and key != DIGEST_KEY}
    if written.get(DIGEST_KEY) in {None, _digest(ours)}:
        return ()
    keys = sorted((ours.keys() | wanted.keys()) - {DIGEST_KEY})
    return tuple(key for key in keys if ours.get(key) != wanted.get(key))


def _digest(config: Mapping[str, str]) -> str:
    ours = {key: value for key, value in config.items() if key.startswith(_PREFIX) and key != DIGEST_KEY}
    return hashlib.sha256(json.dumps(ours, sort_keys=True).encode()).hexdigest()[:16]
