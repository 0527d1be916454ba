"""DeleteObjects decides each of its objects alone: what may not go is told among the answer's errors, the rest goes.

Source: Amazon S3 API Reference, "DeleteObjects": the action is 200, with an error for each object that stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from rehearsal.twin.actions.demand import Asked, Demand
from rehearsal.twin.actions.s3 import deletion_demands, objects_to_delete
from rehearsal.twin.gate.authorisation import Denied
from rehearsal.twin.requests.http_request import replace_body
from rehearsal.twin.requests.refusals import Answer

_KEY = re.compile(r"<Key>.*?</Key>", re.DOTALL)
_VERSION = re.compile(r"<VersionId>.*?</VersionId>", re.DOTALL)
_END = b"</DeleteResult>"
_EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' + _END
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Objects that the caller may not delete: each one's error, and whether any are left that it may."""

    errors: tuple[bytes, ...]
    some_left: bool

    def told_in(self, answer: Answer) -> Answer:
        """Return an answer with the errors in it; one that is an error as a whole stays as it is."""
        if not self.errors or answer.status != 200:
            return answer
        body = answer.body if _END in answer.body else _EMPTY
        headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
        return Answer(200, body.replace(_END, b"".join(self.errors) + _END), headers)

    def alone(self) -> Answer:
        """Return the answer where nothing may be deleted."""
        return self.told_in(Answer(200, _EMPTY, (("Content-Type", "application/xml"),)))


NOTHING_KEPT = Kept((), some_left=True)


def deletes_many(asked: Asked) -> bool:
    """Tell whether a request is to delete several objects of a bucket that there is."""
    operation = asked.operation
    named = (operation.service, operation.name) == ("s3", "DeleteObjects")
    return named and asked.state.bucket(operation.text("Bucket")) is not None


def keep_what_may_not_go(
    asked: Asked, authorise: Callable[[Iterable[Demand]], None], remember: Callable[[Denied], None]
) -> Kept:
    """Decide each object of the request and leave to moto those that may go.

    `authorise` raises Denied; `remember` is told of each denial.
    """
    errors: list[bytes] = []
    left: list[str] = []
    for found in objects_to_delete(asked.request.body):
        try:
            authorise(deletion_demands(asked, found))
            left.append(found)
        except Denied as denied:
            remember(denied)
            errors.append(_error(found, str(denied)))
    if errors and left:
        whole = asked.request.body.decode("utf-8", "replace")
        head, tail = whole.partition("<Object>")[0], whole.rpartition("</Object>")[2]
        replace_body(asked.request, (head + "".join(left) + tail).encode())
    return Kept(tuple(errors), bool(left) or not errors)


def _error(found: str, words: str) -> bytes:
    told = "".join(match[0] for match in (_KEY.search(found), _VERSION.search(found)) if match)
    return f"<Error>{told}<Code>AccessDenied</Code><Message>{escape(words)}</Message></Error>".encode()
