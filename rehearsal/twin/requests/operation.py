"""Which operation of which service a request calls, and with what parameters.

Query and EC2 services name it in `Action`, JSON services in `X-Amz-Target`; of REST services moto's router finds it
from botocore's models.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from rehearsal.twin.requests.http_request import HttpRequest
from rehearsal.twin.requests.refusals import Protocol, Refusal
from rehearsal.twin.requests.signature import Signature

UNKNOWN = "UnknownOperation"

# Signing names under which REST services of another name are found, in the order they are tried.
_REST_SERVICES: dict[str, tuple[str, ...]] = {
    "access-analyzer": ("accessanalyzer",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "aps": ("amp",),
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-runtime"),
    "elasticfilesystem": ("efs",),
    "es": ("opensearch", "es"),
    "execute-api": ("apigatewaymanagementapi",),
    "geo": ("location",),
    "iotdata": ("iot-data",),
    "lex": ("lexv2-models", "lex-models"),
    "mobiletargeting": ("pinpoint",),
    "ses": ("sesv2",),
}
# Signing names whose IAM actions carry another prefix. Source: Service Authorization Reference.
_ACTION_PREFIXES = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "cloudcontrolapi": "cloudformation",
    "iotdata": "iot",
}
# Query: Tags.member.1.Key; EC2: Tag.1.Key and TagSpecification.1.Tag.1.Key.
_FLAT_TAG = re.compile(r"((?:Tags\.member\.\d+)|(?:(?:TagSpecification\.\d+\.)?Tag\.\d+))\.Key")
_FORM = "application/x-www-form-urlencoded"
_VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
"""Source: IAM and AWS STS API Reference, "Common Parameters", Version."""
_QUERIES_ONLY = frozenset(
    {"autoscaling", "cloudformation", "ec2", "elasticache", "elasticbeanstalk", "elasticloadbalancing", "iam"}
    | {"rds", "redshift", "sns", "sts"}
)
_NO_ACTION = "The request is missing an action or a required parameter."
"""Source: IAM API Reference, "Common Error Types", MissingAction; the same of the other query services."""
_NO_JSON = "The body of the request is no JSON object that can be read."


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one service."""

    service: str
    """The signing name, except where one name stands for two services (`s3control`)."""
    name: str
    """As in the service's API reference; `UnknownOperation` if it could not be told."""
    protocol: Protocol
    region: str
    params: Mapping[str, Any] = field(repr=False)
    """Query: flat (`Tags.member.1.Key`); JSON: the document; REST: labels, a JSON body's fields, the query."""
    unreadable: Refusal | None = field(default=None, repr=False, compare=False)
    """What is wrong with the form or the JSON itself: told to whoever has signed it."""

    @property
    def prefix(self) -> str:
        """The prefix of the service's IAM actions."""
        return _ACTION_PREFIXES.get(self.service, self.service)

    def text(self, name: str) -> str:
        """Return a parameter that is text, "" if it is absent or of another kind."""
        value = self.params.get(name)
        return value if isinstance(value, str) else ""

    def listed(self, name: str) -> list[str]:
        """Return a list of texts: a JSON list, or a query service's `<name>.1`, `<name>.member.1`."""
        value = self.params.get(name)
        if isinstance(value, list):
            return [item for item in value if isinstance(item, str)]
        return [
            text
            for key, text in self.params.items()
            if isinstance(text, str)
            and key.rpartition(".")[0] in (name, f"{name}.member")
            and key.rpartition(".")[2].isdigit()
        ]

    def values(self, path: str) -> list[str]:
        """Return the texts at a path of parameters: `Name`, `Outer.Inner`, `*` for the items of a list."""
        if "." not in path:
            return [text] if (text := self.text(path)) else []
        if self.is_flat:
            if "*" not in path:
                return [text] if (text := self.text(path)) else []
            form = _flat(path)
            return [value for key, value in self.params.items() if form.fullmatch(key) and isinstance(value, str)]
        return [value for value in _walk(self.params, path.split(".")) if isinstance(value, str)]

    def pairs(self, path: str, key: str, value: str) -> list[tuple[str, str]]:
        """Return the pairs (a tag's key and value) in the list at a path; a value that is not there is ""."""
        if self.is_flat:
            form = _flat(f"{path}.{key}")
            return [
                (str(name), str(self.params.get(at.removesuffix(key) + value, "")))
                for at, name in self.params.items()
                if form.fullmatch(at)
            ]
        found = [each for each in _walk(self.params, path.split(".")) if isinstance(each, Mapping)]
        return [(str(each[key]), str(each.get(value) or "")) for each in found if key in each]

    def mapping(self, path: str) -> dict[str, str]:
        """Return the map of texts at a path."""
        if self.is_flat:
            return {}
        found = [each for each in _walk(self.params, path.split(".")) if isinstance(each, Mapping)]
        return {str(key): str(value) for each in found for key, value in each.items()}

    @property
    def is_flat(self) -> bool:
        """Whether parameters are a form's pairs."""
        return self.protocol in (Protocol.QUERY, Protocol.EC2)

    def tags(self) -> dict[str, str]:
        """Return the tags a request carries, by key, in whichever form its service writes them."""
        given = self.params.get("Tags") or self.params.get("tags")
        if isinstance(given, dict):
            return {str(key): str(value) for key, value in given.items()}
        if isinstance(given, list):
            pairs = [tag for tag in given if isinstance(tag, dict)]
            return {
                str(tag.get("Key") or tag.get("TagKey") or ""): str(tag.get("Value") or tag.get("TagValue") or "")
                for tag in pairs
            }
        return {
            value: str(self.params.get(f"{match[1]}.Value", ""))
            for key, value in self.params.items()
            if (match := _FLAT_TAG.fullmatch(key))
        }


@lru_cache(maxsize=1024)
def _flat(path: str) -> re.Pattern[str]:
    """Return the form of a path's keys in a form body: `Tags.*.Key` is `Tags.member.1.Key` or `Tags.1.Key`."""
    return re.compile(re.escape(path).replace(r"\.\*", r"(?:\.[A-Za-z]+)?\.\d+"))


def _walk(value: object, path: list[str]) -> Iterator[object]:
    if not path:
        yield value
    elif path[0] == "*":
        for each in value if isinstance(value, list) else ():
            yield from _walk(each, path[1:])
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _walk(value[path[0]], path[1:])


def identify(request: HttpRequest, signature: Signature | None) -> Operation:
    """Return the operation a request calls; one that cannot be told is named `UnknownOperation`, never guessed."""
    service = signature.service.lower() if signature else _unsigned_service(request)
    region = signature.region if signature else "us-east-1"
    if request.header("Smithy-Protocol"):
        name = request.path.rpartition("/")[2] or UNKNOWN
        return Operation(service, name, Protocol.CBOR, region, {})
    target = request.header("X-Amz-Target")
    if target and "Action" in _form(request):
        return Operation(service, UNKNOWN, Protocol.JSON, region, {})  # two names: what moto takes is not ours to guess
    if target:
        document = _json_object(request)
        problem = Refusal.of("SerializationException", _NO_JSON) if document is None else None
        return Operation(service, target.rpartition(".")[2], Protocol.JSON, region, document or {}, problem)
    if service != "s3":
        pairs = _form_pairs(request)
        form = dict(pairs)
        if "Action" in form:
            protocol = Protocol.EC2 if service == "ec2" else Protocol.QUERY
            return Operation(service, form["Action"], protocol, region, form, _problem_with(pairs, request, service))
        if service in _QUERIES_ONLY:
            protocol = Protocol.EC2 if service == "ec2" else Protocol.QUERY
            missing = Refusal.of("MissingAction", _NO_ACTION)
            return Operation(service, UNKNOWN, protocol, region, {}, missing)
    return _rest_operation(request, service, region)


def _unsigned_service(request: HttpRequest) -> str:
    # Only a guess for the shape of the refusal: nothing unsigned is let in while the gate is on.
    if request.header("X-Amz-Target"):
        return "unsigned"
    return "sts" if "Action" in _form(request) else "s3"


def _form(request: HttpRequest) -> dict[str, str]:
    return dict(_form_pairs(request))


def _form_pairs(request: HttpRequest) -> list[tuple[str, str]]:
    pairs = list(request.query)
    if request.header("Content-Type").startswith(_FORM):
        pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return pairs


def _problem_with(pairs: list[tuple[str, str]], request: HttpRequest, service: str) -> Refusal | None:
    """Return what is wrong with a form, None for nothing. A name given twice would be read otherwise by moto."""
    form = dict(pairs)
    if len(form) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return Refusal.of("MalformedInput", f"The parameter {twice} must not come more than once.")
    if service not in _VERSIONS:
        return None
    if request.method not in ("GET", "POST"):
        return Refusal.of(
            "MethodNotAllowed", f"{request.method} is not allowed: queries are asked by GET or POST.", 405
        )
    version = form.get("Version") or "NO_VERSION_SPECIFIED"
    if version != _VERSIONS[service]:
        return Refusal.of("InvalidAction", f"Could not find operation {form['Action']} for version {version}")
    return None


def _query(request: HttpRequest) -> dict[str, Any]:
    """Return what a REST request asks in its query; a name given several times is a list, as `tagKeys` always is."""
    found: dict[str, Any] = {}
    for name, value in request.query:
        before = found.get(name)
        many = before is not None or name.lower() == "tagkeys"
        found[name] = [*(before if isinstance(before, list) else [before] if before else []), value] if many else value
    return found


def _json_body(request: HttpRequest) -> dict[str, Any]:
    return _json_object(request) or {}


def _json_object(request: HttpRequest) -> dict[str, Any] | None:
    """Return the JSON object of a body in UTF-8, an empty one of an empty body; None if it is anything else."""
    try:
        document = json.loads(request.body.decode()) if request.body else {}
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _rest_operation(request: HttpRequest, service: str, region: str) -> Operation:
    # The routers load botocore's models: at the first use of a service, not at start.
    from moto.core.request import Request
    from moto.core.routing import NotFound, get_service_router

    if service == "s3" and request.path.startswith("/v20180820/"):
        service = "s3control"
    for candidate in _REST_SERVICES.get(service, (service,)):
        try:
            router = get_service_router(candidate)
            model, labels = router.match(Request(dict(request.environ)))
        except (NotFound, NotImplementedError, _unknown_service()):
            continue
        protocol = _rest_protocol(service, str(model.service_model.protocol))
        body = _json_body(request) if protocol is Protocol.REST_JSON else {}
        asked_in_query = {} if protocol is Protocol.S3 else _query(request)
        return Operation(service, str(model.name), protocol, region, {**asked_in_query, **body, **labels})
    return Operation(service, UNKNOWN, Protocol.S3 if service == "s3" else Protocol.REST_JSON, region, {})


def _rest_protocol(service: str, protocol: str) -> Protocol:
    if service == "s3":
        return Protocol.S3
    return Protocol.REST_JSON if protocol == "rest-json" else Protocol.REST_XML


def _unknown_service() -> type[Exception]:
    from botocore.exceptions import UnknownServiceError

    error: type[Exception] = UnknownServiceError
    return error
