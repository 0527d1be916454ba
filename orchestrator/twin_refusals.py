"""What the twin has refused, and why: which refusals are asked for, and how each is told."""

from __future__ import annotations

import fnmatch
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Refusal = Mapping[str, Any]
"""One refusal as the twin tells it; see `rehearsal.twin.serving.record.Denial`."""

LOOK = "fleetyard-look"
"""What a request's User-Agent carries when Fleetyard looks for itself: by this the twin knows such refusals."""
_CODED = "Encoded authorization failure message:"
_SHORT = {
    "service control policy": "SCP",
    "resource control policy": "RCP",
    "resource-based policy": "resource policy",
    "role trust policy": "trust policy",
    "identity-based policy": "identity policies",
    "permissions boundary": "permissions boundary",
    "session policy": "session policies",
    "root user": "root user",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """Which refusals are asked for: globs of caller and action in any case; how many; whether every `own` as well."""

    principal: str | None = None
    action: str | None = None
    limit: int = 5
    own: bool = False


def chosen(refusals: Iterable[Refusal], asking: Asking) -> tuple[list[Refusal], Counter[str]]:
    """Return the first refusals that are asked for, and how many of Fleetyard's own were left out, by their kind."""
    fitting = [
        one for one in refusals if _fits(one["principal"], asking.principal) and _fits(_asked(one), asking.action)
    ]
    if asking.own:
        return fitting[: asking.limit], Counter()
    others = [one for one in fitting if not one["own"]]
    return others[: asking.limit], Counter(one["own"] for one in fitting if one["own"])


def left_out_words(left_out: Mapping[str, int]) -> str:
    """Return how many refusals were left out, and how to see them."""
    kinds = {
        "look": "of Fleetyard's own looks",
        "rehearsal": "of the rehearsal and its proofs",
        "service": "by rules of the services' own",
    }
    counts = " and ".join(f"{left_out[kind]} {words}" for kind, words in kinds.items() if left_out.get(kind))
    return f"Left out: {counts} (--own tells them too)."


def _fits(text: str, glob: str | None) -> bool:
    return glob is None or fnmatch.fnmatchcase(text.lower(), glob.lower())


def _asked(refusal: Refusal) -> str:
    """Return the action that was refused, the operation where none was decided on."""
    return str(refusal["action"] or f"{refusal['service']}:{refusal['operation']}")


def told(refusals: Sequence[Refusal]) -> str:
    """Return the refusals as text: what was asked, what was answered, the chain of policies, what would let it pass."""
    return "\n\n".join("\n".join(_lines(refusal)) for refusal in refusals)


def _lines(refusal: Refusal) -> Iterator[str]:
    yield f"{refusal['time']}  {_asked(refusal)}  {refusal['code']}"
    operation = f"{refusal['service']}:{refusal['operation']}"
    facts = {
        "caller": refusal["principal"] or "not known",
        "operation": "" if operation == _asked(refusal) else operation,
        "resource": refusal["resource"],
        "region": refusal["region"],
        "reason": refusal["reason"] if refusal["chain"] else "",
        "answer": _without_code(str(refusal["message"])),
    }
    yield from (f"  {name:<9} {value}" for name, value in facts.items() if value)
    if not refusal["chain"]:
        yield f"  no policy decided{': ' if refusal['reason'] else ''}{refusal['reason']}"
        return
    yield "  policies, in AWS's order:"
    yield from _chain(refusal["chain"])
    yield f"  {refusal['change']}"


def _without_code(message: str) -> str:
    words, marker, _ = message.partition(_CODED)
    return f"{words}{marker} …" if marker else words


def _chain(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    heads = [_head(step) for step in steps]
    width = max(map(len, heads))
    for head, step in zip(heads, steps, strict=True):
        mark = ">" if step["decided"] else " "
        yield f"  {mark} {head:<{width}}  {step['verdict']:<14}  {_policies(step)}".rstrip()
        if step["decided"] and step["document"]:
            yield from (f"      {line}" for line in json.dumps(_parsed(step["document"]), indent=2).splitlines())
        yield from (f"      {line}" for line in _held(step))
        if step["decided"] and step["verdict"] == "no allow" and step["policies"] and not step["nearest"]:
            yield "      no Allow in it is for this action"
        for nearest in step["nearest"]:
            yield from (f"      {line}" for line in _near_miss(nearest))


def _head(step: Mapping[str, Any]) -> str:
    return f"{_SHORT.get(step['kind'], step['kind'])} {step['level']}".rstrip()


def _policies(step: Mapping[str, Any]) -> str:
    if step["policy"]:
        of = f"{step['policy']}, {step['statement']}" if step["statement"] else str(step["policy"])
        others = len(set(step["policies"]) - {step["policy"]})
        return f"{of} (and {others} more looked at)" if others else of
    return ", ".join(step["policies"]) or ("none" if step["verdict"] == "no allow" else "")


def _held(step: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conditions of a Deny that applied."""
    if step["held"]:
        yield "its conditions hold:"
        yield from (f"  {_condition(each, held=True)}" for each in step["held"])


def _near_miss(nearest: Mapping[str, Any]) -> Iterator[str]:
    """Yield an Allow that would have applied, and what of the request does not fit it."""
    number, label = f"statement {nearest['number']}", nearest["statement"]
    of = number if label == number else f"{number} {label!r}"
    yield f"nearest: {of} of {nearest['policy']} would allow it, but:"
    yield from (f"  {_unfit(each)}" for each in nearest["unfit"])


def _unfit(one: Mapping[str, Any]) -> str:
    if one["part"] == "condition":
        return _condition(one)
    wanted, had = " or ".join(one["wanted"]), ", ".join(one["had"]) or "nobody known"
    if one["part"] == "resource":
        return f"it is on {'everything but ' if one['negated'] else ''}{wanted}; asked was {had}"
    return f"it names {'everybody but ' if one['negated'] else ''}{wanted}; the caller is {had}"


def _condition(one: Mapping[str, Any], *, held: bool = False) -> str:
    name, had = f"{one['operator']} {one['key']}", ", ".join(one["had"]) or "none"
    if one["secret"]:
        compared = "one that fits" if held else "one that differs"
        return f"{name}: the request has {f'{compared} (values are not shown)' if one['had'] else 'none'}"
    return f"{name} {' or '.join(one['wanted'])}: the request has {had}"


def _parsed(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError:  # a statement too long to be kept whole
        return document
