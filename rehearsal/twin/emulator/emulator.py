"""moto's server application, called in-process. What it cannot do becomes a refusal that SDKs do not retry."""

from __future__ import annotations

import contextlib
import io
import re
import threading
import traceback
from typing import Any
from xml.parsers.expat import ExpatError

from rehearsal.twin.emulator.late_fixes import LateFixes
from rehearsal.twin.emulator.lookups import remember_lookups
from rehearsal.twin.requests.operation import UNKNOWN, Operation
from rehearsal.twin.requests.refusals import Answer, Fault, Refusal

_HTML = (b"<!doctype html", b"<!DOCTYPE html", b"<!DOCTYPE HTML", b"<html")
# Paths by which moto's own control interfaces would be reached; no bucket can have such a name here.
_MOTO_PATHS = ("/moto-api", "/latest/meta-data/", "/latest/api/", "/favicon.ico")
_ANYBODY = "AWS4-HMAC-SHA256 Credential=anybody/20260101/{}/s3/aws4_request, SignedHeaders=host, Signature=0"

# Source: Amazon S3 API Reference, "Error responses".
_NO_XML = "The XML you provided was not well-formed or did not validate against our published schema"

_FILTER = re.compile(r"The filter '([^']+)' for")


class Emulator:
    """Calls moto for one request in one account."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            create_backend_app,
        )

        self._dispatcher: Any = DomainDispatcherApplication(create_backend_app)
        remember_lookups(self._dispatcher)
        self._conditional_writes = threading.Lock()
        self._late_fixes = LateFixes()

    def call(self, environ: dict[str, Any], operation: Operation, account_id: str) -> Answer:
        """Return moto's answer. Raises: Refusal (UNSUPPORTED, EMULATION_FAILED), naming service and operation."""
        if str(environ.get("PATH_INFO", "")).startswith(_MOTO_PATHS):
            raise unsupported(operation)
        # Which account a request acts in is the gate's to say: this replaces what a client may have sent.
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account_id
        if operation.service == "s3" and "Signature=" not in str(environ.get("QUERY_STRING", "")):
            # moto has an opinion on requests that nobody signed: the gate has let them in by the bucket's policy.
            environ.setdefault("HTTP_AUTHORIZATION", _ANYBODY.format(operation.region))
        # moto would take a region named there over the one the request was signed for.
        environ.pop("HTTP_USER_AGENT", None)
        self._late_fixes.apply(operation.service)
        try:
            application = self._dispatcher.get_application(environ)
        except Exception as error:  # whatever moto stumbles over on its way to a service it has not
            raise unsupported(operation) from error
        # moto looks and then writes: of two conditional writes at once both could win.
        conditional = operation.service == "s3" and ("HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MATCH" in environ)
        try:
            with self._conditional_writes if conditional else contextlib.nullcontext():
                answer = _run(application, environ)
        except NotImplementedError as error:
            raise unsupported(operation, str(error)) from error
        except ExpatError as error:
            raise Refusal.of("MalformedXML", _NO_XML) from error
        except Exception as error:
            raise failed(operation, error) from error
        if answer.status in (404, 405, 500, 501) and answer.body[:20].lstrip().startswith(_HTML):
            raise unsupported(operation)
        return answer


def failed(operation: Operation, error: Exception) -> Refusal:
    """Return the refusal of what the twin stumbles over; where it did is told in its log alone."""
    traceback.print_exception(error)
    return Refusal(
        Fault.EMULATION_FAILED,
        f"The twin failed at {operation.service}:{_told(operation)}: {type(error).__name__}: {error}. "
        "This is a fault of the emulation, not an answer of AWS.",
    )


def unsupported(operation: Operation, words: str = "") -> Refusal:
    """Return the refusal of what the twin does not emulate; `words` are moto's, for the filter that they may name."""
    found = _FILTER.search(words)
    what = f" with the filter {found[1]!r}" if found else ""
    return Refusal(Fault.UNSUPPORTED, f"The twin does not emulate {operation.service}:{_told(operation)}{what}.")


def _told(operation: Operation) -> str:
    return "this request" if operation.name == UNKNOWN else operation.name


def _run(application: Any, environ: dict[str, Any]) -> Answer:
    environ.setdefault("wsgi.input", io.BytesIO())
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_error: object) -> Any:
        started.append((status, headers))
        return lambda _data: None

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started[-1]
    return Answer(int(status.split(" ", 1)[0]), body, tuple(headers))
