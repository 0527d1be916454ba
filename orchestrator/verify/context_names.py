"""One more rule of the manifest: the condition keys that probes give are keys that AWS has."""

from __future__ import annotations

from ipaddress import ip_address

from landing_zone.manifest.outline import Outline, Texts
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules_probes import read_probes
from orchestrator.validation.condition_keys.known_keys import condition_keys

_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip", "aws:ec2instancesourceprivateipv4"})
"""Keys in lower case whose value in a request is one address."""


def probed_keys_exist(outline: Outline, document: Document, problems: Problems) -> None:
    """Note keys that AWS does not have, with the nearest one, but for those said to be newer; and a key twice."""
    del outline
    for line in read_probes(document.values):
        seen: set[str] = set()
        for key, values in line.context.items():
            place, plain = document.key(*key.path), key.value.lower()
            if plain in seen:
                problems.add(place, f"{key.value} stands here twice: capitals make no other key")
            seen.add(plain)
            if plain in _ADDRESSES:
                _check_addresses(values, document, problems)
            if ":" not in key.value or plain in line.also_known or condition_keys().has(key.value):
                continue  # what has not the form of a key is told as such
            meant = condition_keys().nearest(key.value)
            newer = "" if meant else "; one that is newer goes into also_known"
            problems.add(place, f'AWS has no condition key "{key.value}"{newer}', meant)


def _check_addresses(values: Texts, document: Document, problems: Problems) -> None:
    for text in values:
        try:
            ip_address(text.value)
        except ValueError:
            what = f'"{text.value}" is no address: a call comes from one, such as 198.51.100.7'
            problems.add(document.value(*text.path), what)
