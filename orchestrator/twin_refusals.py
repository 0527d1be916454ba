"""What the twin has refused, and why: which refusals are asked for, and how each is told."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Refusal = Mapping[str, Any]
"""One refusal as the twin tells it; see `rehearsal.twin.serving.record.Denial`."""

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


def chosen(refusals: Iterable[Refusal], principal: str | None, action: str | None, limit: int) -> list[Refusal]:
    """Return the first of the refusals whose caller and action fit the globs, without regard to case."""
    fitting = [one for one in refusals if _fits(one["principal"], principal) and _fits(_asked(one), action)]
    return fitting[:limit]


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


def _head(step: Mapping[str, Any]) -> str:
    return f"{_SHORT.get(step['kind'], step['kind'])} {step['level']}".rstrip()


def _policies(step: Mapping[str, Any]) -> str:
    if step["policy"]:
        of = f"{step['policy']}, {step['statement']}" if step["statement"] else str(step["policy"])
        others = len(set(step["policies"]) - {step["policy"]})
        return f"{of} (and {others} more looked at)" if others else of
    return ", ".join(step["policies"]) or ("none" if step["verdict"] == "no allow" else "")


def _parsed(document: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(document)
    except ValueError:  # a statement too long to be kept whole
        return document
