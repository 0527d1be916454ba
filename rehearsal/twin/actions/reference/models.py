"""botocore's models as the table is made from them: each operation's input by the names it has on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.loaders import Loader

_MODEL = "service-2"
_HOSTS = (
    "https://{}.us-east-1.amazonaws.com/",
    "https://{}.us-east-1.api.aws/",
    "https://{}.amazonaws.com/",
    "https://123456789012.{}.us-east-1.amazonaws.com/",
)
_WORDS = re.compile(r"[^a-z0-9]")


class Form(StrEnum):
    """The forms of input that matter here."""

    TEXT = "text"
    TEXTS = "list of texts"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Input:
    """One member of an operation's input, at any depth."""

    name: str
    """As on the wire."""
    member: str
    """As in the model."""
    path: str
    """From the request's top, dotted; `*` stands for the items of a list."""
    form: Form
    depth: int
    required: bool


@dataclass(frozen=True, slots=True)
class Tags:
    """Where a request carries tags: a list of pairs by these names, or (both "") a map; or a list of tag keys."""

    path: str
    key: str = ""
    value: str = ""
    keys_only: bool = False


@dataclass(frozen=True, slots=True)
class OperationModel:
    """An operation: what it takes, and where its tags are."""

    name: str
    method: str
    uri: str
    inputs: tuple[Input, ...]
    tags: tuple[Tags, ...]


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """A service of botocore."""

    name: str
    signing_name: str
    endpoint_prefix: str
    operations: tuple[OperationModel, ...] = field(repr=False)


def plain(name: str) -> str:
    """Return a name as names are compared: small letters and digits only."""
    return _WORDS.sub("", name.lower())


def served_by_moto() -> Iterator[ServiceModel]:
    """Yield the model of each service whose endpoint moto has an answer for."""
    from moto.backend_index import backend_url_patterns

    loader = Loader(include_default_search_paths=True)
    for name in loader.list_available_services(_MODEL):
        model = loader.load_service_model(name, _MODEL)
        prefix = model["metadata"]["endpointPrefix"]
        hosts = [form.format(prefix) for form in _HOSTS]
        if any(pattern.match(host) for _, pattern in backend_url_patterns for host in hosts):
            yield service_model(name, model)


def service_model(name: str, model: dict[str, Any]) -> ServiceModel:
    """Return a service as botocore describes it."""
    metadata = model["metadata"]
    reader = _Reader(model)
    operations = tuple(reader.operation(each) for each in sorted(model["operations"]))
    signing = metadata.get("signingName", metadata["endpointPrefix"])
    return ServiceModel(name, signing, metadata["endpointPrefix"], operations)


class _Reader:
    """Walks the shapes of one model."""

    DEEPEST = 4

    def __init__(self, model: dict[str, Any]) -> None:
        self._model = model
        self._shapes: dict[str, Any] = model["shapes"]
        metadata = model["metadata"]
        self._protocol: str = metadata.get("protocol", "")
        listed = metadata.get("protocols", [self._protocol])
        self._is_ec2 = self._protocol == "ec2"
        self._by_member = "json" in listed and not self._protocol.startswith("rest")

    def operation(self, name: str) -> OperationModel:
        """Return one operation."""
        described = self._model["operations"][name]
        shape = described.get("input", {}).get("shape")
        inputs = tuple(self._inputs(shape, "", 0, ())) if shape else ()
        tags = tuple(self._tags(shape, "", 0, ())) if shape else ()
        http = described.get("http", {})
        return OperationModel(name, http.get("method", "POST"), http.get("requestUri", "/"), inputs, tags)

    def _wire(self, name: str, reference: dict[str, Any]) -> str:
        if self._is_ec2:
            located = reference.get("locationName", name)
            return str(reference.get("queryName") or located[0].upper() + located[1:])
        shape = self._shapes[reference["shape"]]
        if self._protocol == "query" and shape["type"] == "list" and shape.get("flattened"):
            return str(shape["member"].get("locationName") or reference.get("locationName", name))
        return name if self._by_member else str(reference.get("locationName", name))

    def _inputs(self, shape_name: str, before: str, depth: int, seen: tuple[str, ...]) -> Iterator[Input]:
        shape = self._shapes[shape_name]
        required = set(shape.get("required", ()))
        for member, reference in shape.get("members", {}).items():
            name = self._wire(member, reference)
            path = f"{before}.{name}" if before else name
            target = self._shapes[reference["shape"]]
            kind = target["type"]
            if kind == "list":
                item = self._shapes[target["member"]["shape"]]
                if item["type"] == "string":
                    yield Input(name, member, f"{path}.*", Form.TEXTS, depth, member in required)
                elif item["type"] == "structure" and self._goes_deeper(depth, target["member"]["shape"], seen):
                    inner = target["member"]["shape"]
                    yield from self._inputs(inner, f"{path}.*", depth + 1, (*seen, inner))
            elif kind == "structure":
                if self._goes_deeper(depth, reference["shape"], seen):
                    yield from self._inputs(reference["shape"], path, depth + 1, (*seen, reference["shape"]))
            else:
                form = Form.TEXT if kind == "string" else Form.OTHER
                yield Input(name, member, path, form, depth, member in required)

    def _goes_deeper(self, depth: int, shape_name: str, seen: tuple[str, ...]) -> bool:
        return depth < self.DEEPEST and shape_name not in seen

    def _tags(self, shape_name: str, before: str, depth: int, seen: tuple[str, ...]) -> Iterator[Tags]:
        for member, reference in self._shapes[shape_name].get("members", {}).items():
            name = self._wire(member, reference)
            path = f"{before}.{name}" if before else name
            target = self._shapes[reference["shape"]]
            if "tag" in member.lower():
                found = self._tag_form(path, member, target)
                if found is not None:
                    yield found
                    continue
            inner = reference["shape"] if target["type"] == "structure" else ""
            if target["type"] == "list" and "tag" in member.lower():
                inner, path = target["member"]["shape"], f"{path}.*"
            if inner and self._shapes[inner]["type"] == "structure" and depth < 2 and inner not in seen:
                yield from self._tags(inner, path, depth + 1, (*seen, inner))

    def _tag_form(self, path: str, member: str, target: dict[str, Any]) -> Tags | None:
        if target["type"] == "map" and plain(member) in ("tags", "tagmap", "tagstoadd", "freeformtags", "resourcetags"):
            return Tags(path)
        if target["type"] != "list":
            return None
        item = self._shapes[target["member"]["shape"]]
        if item["type"] == "string":
            return (
                Tags(f"{path}.*", keys_only=True)
                if "key" in member.lower() or "tagstoremove" in plain(member)
                else None
            )
        names = {plain(each): self._wire(each, reference) for each, reference in item.get("members", {}).items()}
        for key, value in (("key", "value"), ("tagkey", "tagvalue")):
            if key in names and (value in names or len(names) == 1):
                return Tags(f"{path}.*", names[key], names.get(value, ""))
        return None
