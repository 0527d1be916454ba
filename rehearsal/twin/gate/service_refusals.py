"""What a service refused by its own rules, where the emulator answered: code and words, in each protocol's form."""

from __future__ import annotations

import json
import re

from rehearsal.twin.requests.refusals import Answer

_READ = 65_536  # bytes of an answer that are looked at; no error is longer
_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_WORDS = re.compile(rb"<Message>([^<]*)</Message>")


def refusal_in(answer: Answer) -> tuple[str, str] | None:
    """Return code and words of an answer that is an error of the client's; None for any other answer."""
    if not 400 <= answer.status < 500:
        return None
    body = answer.body[:_READ]
    if body.lstrip().startswith(b"{"):
        return _of_json(body, answer.status)
    code, words = _CODE.search(body), _WORDS.search(body)
    return _text(code) or str(answer.status), _text(words)


def _text(found: re.Match[bytes] | None) -> str:
    return found[1].decode("utf-8", "replace") if found else ""


def _of_json(body: bytes, status: int) -> tuple[str, str]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return str(status), ""
    code = str(document.get("__type") or document.get("code") or document.get("Code") or status)
    return code.rpartition("#")[2], str(document.get("message") or document.get("Message") or "")
