"""Error answers, read back as botocore reads them."""

from __future__ import annotations

import pytest
from botocore.parsers import create_parser

from rehearsal.twin.requests.refusals import Fault, Protocol, Refusal, render_refusal

READERS = {
    Protocol.QUERY: "query",
    Protocol.EC2: "ec2",
    Protocol.JSON: "json",
    Protocol.REST_JSON: "rest-json",
    Protocol.REST_XML: "rest-xml",
    Protocol.S3: "rest-xml",
    Protocol.CBOR: "smithy-rpc-v2-cbor",
}
MESSAGE = 'User: <arn> & "others" may not, in a message that is longer than the shortest form of a text'


def _read(protocol: Protocol, refusal: Refusal) -> dict[str, str]:
    answer = render_refusal(refusal, protocol)
    parsed = create_parser(READERS[protocol]).parse(
        {"status_code": answer.status, "headers": _Headers(answer.headers), "body": answer.body}, None
    )
    return dict(parsed["Error"])


class _Headers(dict[str, str]):
    """Headers as botocore has them: names in any case."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__({name.lower(): value for name, value in pairs})

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


@pytest.mark.parametrize("protocol", list(Protocol))
@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_words_in_every_protocol(protocol: Protocol, fault: Fault) -> None:
    """Each fault is a client error with a code and the message given, whatever signs it carries."""
    answer = render_refusal(Refusal(fault, MESSAGE), protocol)
    assert 400 <= answer.status < 500
    error = _read(protocol, Refusal(fault, MESSAGE))
    assert error["Code"]
    assert error["Message"] == MESSAGE


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_services_own_error_keeps_code_and_status(protocol: Protocol) -> None:
    """A service's own error has the code, status and message it was made with."""
    refusal = Refusal.of("MalformedPolicy", "x" * 300, 409)
    assert render_refusal(refusal, protocol).status == 409
    assert _read(protocol, refusal) == _read(protocol, refusal) | {"Code": "MalformedPolicy", "Message": "x" * 300}


def test_an_answer_to_head_has_no_body() -> None:
    """The answer to a HEAD request is its status alone."""
    assert render_refusal(Refusal(Fault.DENIED), Protocol.S3, head=True).body == b""
