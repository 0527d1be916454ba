"""One HTTP request as it arrived: what signatures are computed over, before anything is decoded."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

Environ = dict[str, Any]
"""A WSGI environment."""
_LONGEST = 5 * 2**30 + 2**24
"""Bytes: S3's largest upload in one request, with the framing of its chunks. Source: Amazon S3 User Guide, "Uploading
objects"."""
_PIECE = 2**26
"""Bytes read at once: memory is taken for what came, not for what was announced."""


class UnreadableRequest(Exception):
    """The request's framing is broken: nobody can tell where its body ends. The text says why."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request with its body read; `environ` is what is handed on to moto."""

    method: str
    path: str
    """The path as sent, percent-encoded."""
    query: tuple[tuple[str, str], ...]
    """The query's pairs, decoded, in the order sent. A plus sign is a plus sign, as for AWS's signatures."""
    body: bytes = field(repr=False)
    secure: bool
    """Whether the request counts as TLS."""
    environ: Environ = field(repr=False)

    def header(self, name: str) -> str:
        """Return a header's value, "" if it was not sent; names are case-insensitive."""
        key = name.upper().replace("-", "_")
        prefix = "" if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_"
        return str(self.environ.get(prefix + key, ""))

    def query_value(self, name: str) -> str:
        """Return the first value of a query parameter, "" if there is none."""
        return next((value for key, value in self.query if key == name), "")

    def has_query(self, name: str) -> bool:
        """Tell whether a query parameter is there, with or without a value."""
        return any(key == name for key, _ in self.query)


def read_request(environ: Environ, *, secure: bool) -> HttpRequest:
    """Read a request whole, and leave `environ` so that the next reader finds the body again.

    Raises: UnreadableRequest.
    """
    body = _body(environ)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    uri = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    if not uri.startswith("/"):  # absolute form, as a client behind HTTP_PROXY sends it
        parts = urlsplit(uri)
        uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path, _, query = uri.partition("?")
    return HttpRequest(environ["REQUEST_METHOD"], path or "/", _pairs(query), body, secure, environ)


def _body(environ: Environ) -> bytes:
    length = str(environ.get("CONTENT_LENGTH") or "")
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated") and not length:
        try:
            return bytes(stream.read())
        except (ConnectionError, TimeoutError):
            raise
        except (OSError, ValueError) as error:
            raise UnreadableRequest(str(error)) from error
    if not (length or "0").isdecimal() or not length.isascii():
        raise UnreadableRequest(f"Content-Length is {length[:40]!r}")
    if len(length) > len(str(_LONGEST)) or int(length or 0) > _LONGEST:
        raise UnreadableRequest(f"Content-Length is above {_LONGEST}")
    left, pieces = int(length or 0), []
    while left and (piece := stream.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return tuple((unquote(key), unquote(value)) for key, _, value in pairs)


def replace_body(request: HttpRequest, body: bytes) -> None:
    """Give whoever reads the request next another body; the request itself keeps the one that was signed."""
    request.environ["wsgi.input"] = io.BytesIO(body)
    request.environ["CONTENT_LENGTH"] = str(len(body))
