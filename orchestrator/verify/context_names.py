"""One more rule of the manifest: the condition keys that probes give are keys that AWS has, and theirs to give."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from iam_decision.comparisons import ORDERS, compile_dates, compile_numbers
from landing_zone.manifest.outline import Outline, Texts
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Problems
from landing_zone.manifest.rules_probes import read_probes
from orchestrator.validation.condition_keys.known_keys import condition_keys
from orchestrator.verify.filled_in_keys import filled_in

_NO_ADDRESS = "is no address: a call comes from one, such as 198.51.100.7"


def _address(text: str) -> object:
    return ip_address(text)


def _moment(text: str) -> object:
    return compile_dates([text], ORDERS["Equals"])


def _number(text: str) -> object:
    return compile_numbers([text], ORDERS["Equals"])


def _truth(text: str) -> object:
    return ("true", "false").index(text.lower())


Read = Callable[[str], object]
"""Reads a value; raises ValueError for one that is not of the kind."""

_KINDS: dict[str, tuple[Read, str]] = {
    **dict.fromkeys(("aws:sourceip", "aws:vpcsourceip", "aws:ec2instancesourceprivateipv4"), (_address, _NO_ADDRESS)),
    **{
        key.lower(): (read, f"is no value of {key}, which is {what}")
        for keys, read, what in (
            (("aws:CurrentTime", "aws:TokenIssueTime"), _moment, "a moment, such as 2030-01-31T12:00:00Z"),
            (("aws:EpochTime",), _moment, "a moment, in seconds since 1970 or as 2030-01-31T12:00:00Z"),
            (("aws:MultiFactorAuthAge",), _number, "a number, of seconds"),
            (("aws:MultiFactorAuthPresent", "aws:SecureTransport", "aws:ViaAWSService"), _truth, "true or false"),
        )
        for key in keys
    },
}
"""How a value of a key in lower case is read, and what is said of one that cannot be.

Source: IAM User Guide, "AWS global condition context keys", Data type and Value type.
"""


def probed_keys_exist(outline: Outline, document: Document, problems: Problems) -> None:
    """Note keys that AWS does not have, with the nearest one, but for those said to be newer; and a key twice.

    As well keys that AWS fills in from what the probe says elsewhere, and values that are not of the key's kind.
    """
    del outline
    for line in read_probes(document.values):
        seen: set[str] = set()
        for key, values in line.context.items():
            place, plain = document.key(*key.path), key.value.lower()
            if plain in seen:
                problems.add(place, f"{key.value} stands here twice: capitals make no other key")
            seen.add(plain)
            if why := filled_in(line, key.value):
                problems.add(place, f"{key.value} {why}")
                continue
            if plain in _KINDS:
                _check_values(values, *_KINDS[plain], document, problems)
            if ":" not in key.value or plain in line.also_known or condition_keys().has(key.value):
                continue  # what has not the form of a key is told as such
            meant = condition_keys().nearest(key.value)
            newer = "" if meant else "; one that is newer goes into also_known"
            problems.add(place, f'AWS has no condition key "{key.value}"{newer}', meant)


def _check_values(values: Texts, read: Read, what: str, document: Document, problems: Problems) -> None:
    for text in values:
        try:
            read(text.value)
        except ValueError:
            problems.add(document.value(*text.path), f'"{text.value}" {what}')
