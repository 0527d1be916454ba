"""From a form of ARN to the parameters that fill it.

The Service Authorization Reference names a variable of an ARN (`${FunctionName}`), botocore a parameter of a request
(`FunctionName`, `functionArn`, `Name`): they are the same thing where their names say so, with or without the name of
the kind of resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rehearsal.twin.actions.reference.models import Form, Input, OperationModel, plain

VARIABLE = re.compile(r"\$\{([^}]*)\}")
_GIVEN = {"partition": "aws", "region": "{region}", "account": "{account}", "accountid": "{account}"}
_SUFFIXES = ("namewithpath", "identifier", "fullname", "name", "id", "arn", "key")
_MAKES_NEW = ("Create", "Register", "Allocate", "Import", "Run", "Copy", "Request", "Restore", "Launch", "Purchase")
_WHOLE = ("arn", "resourcearn", "resourcearns", "resourcearnlist", "resourceidentifier", "resource", "resourceid")
# What services call their resources in requests where the reference has another name for them, by kind.
_ALSO_CALLED = {
    "security-group": ("groupid",),
    "vpc-flow-log": ("flowlogids", "flowlogid"),
    "elastic-ip": ("allocationid", "allocationids"),
    "key-pair": ("keyname", "keypairid"),
    "instance": ("target",),
    "task-definition": ("family",),
}
_LONG_ENOUGH = 7  # a parameter within another is taken for a resource by a telling name only


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource that an action takes."""

    name: str
    form: str
    """The form of its ARN."""
    required: bool
    foreign: bool
    """Whether it is another service's."""


@dataclass(frozen=True, slots=True)
class Resource:
    """An ARN with the parameters that fill it, `{Parameter}`; an optional one counts when all of them are given."""

    arn: str
    optional: bool

    @property
    def fillers(self) -> tuple[str, ...]:
        """The paths of the parameters in it."""
        return tuple(found for found in re.findall(r"\{([^}]+)\}", self.arn) if found not in ("region", "account"))


def resources_of(operation: OperationModel, kinds: Iterable[Kind]) -> tuple[Resource, ...]:
    """Return the resources an operation asks for, of the kinds that its action takes; none means "*"."""
    texts = [each for each in operation.inputs if each.form is not Form.OTHER and each.depth <= 1]
    ordered = sorted(kinds, key=lambda kind: (not kind.required, kind.name))
    found = [each for kind in ordered for each in _match(operation, kind, texts, sole=len(ordered) == 1)]
    if not found:
        found = [each for kind in ordered for each in _match(operation, kind, texts, sole=True)]
    return _without_doubles(operation, found)


def _without_doubles(operation: OperationModel, found: Iterable[Resource]) -> tuple[Resource, ...]:
    """Leave one resource to each set of parameters: the first, required before optional.

    One that no parameter names is what the operation makes, or all that is known.
    """
    kept: dict[tuple[str, ...], Resource] = {}
    unnamed = []
    for each in found:
        if each.fillers:
            kept.setdefault(each.fillers, each)
        else:
            unnamed.append(each)
    makes_new = operation.name.startswith(_MAKES_NEW)
    required_named = any(not each.optional for each in kept.values())
    return (*kept.values(), *(unnamed if makes_new or not required_named else ()))


def _match(operation: OperationModel, kind: Kind, texts: list[Input], *, sole: bool) -> Iterator[Resource]:
    if kind.foreign:
        texts = [text for text in texts if text.depth == 0 or text.name.lower().endswith("arn")]
    variables = [name for name in VARIABLE.findall(kind.form) if plain(name) not in _GIVEN]
    about = sole or plain(kind.name) in plain(operation.name)
    makes_new = operation.name.startswith(_MAKES_NEW)
    filled = _filled(kind, variables, texts, about=about, makes_new=makes_new)
    if not variables or variables[-1] not in filled:
        whole = _first(texts, _arn_names(kind.name, variables))
        if whole is None and about and not filled:
            whole = _first(texts, _WHOLE)
        if whole is not None:
            yield Resource(f"{{{whole.path}}}", not kind.required)
            return
    if len(filled) < len(variables) and not kind.required:
        return

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if plain(name) in _GIVEN:
            return _GIVEN[plain(name)]
        return f"{{{filled[name]}}}" if name in filled else "*"

    yield Resource(VARIABLE.sub(fill, kind.form), not kind.required)


def _filled(kind: Kind, variables: list[str], texts: list[Input], *, about: bool, makes_new: bool) -> dict[str, str]:
    """Return the parameter for each variable that has one; none stands for two, the last is matched first."""
    filled: dict[str, str] = {}
    # AWS gives new things their ids: what names one is the variable before.
    naming = [at for at, variable in enumerate(variables) if not (makes_new and plain(variable).endswith("id"))]
    named_last = naming[-1] if naming else len(variables) - 1
    for exact in (True, False):
        for position, variable in enumerate(variables):
            if variable in filled:
                continue
            last = position == named_last
            names = [plain(variable)] if exact else list(_names_of(variable, kind.name, about=about, last=last))
            if makes_new and plain(variable).endswith("id"):
                names = [name for name in names if not name.endswith("name")]
            found = _first([text for text in texts if text.path not in filled.values()], names)
            if found is not None:
                filled[variable] = found.path
    return filled


def _names_of(variable: str, kind: str, *, about: bool, last: bool) -> Iterator[str]:
    """Yield the names a parameter may have that gives this variable, the surest first."""
    name, what = plain(variable), plain(kind)
    stem = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix) and name != suffix), name)
    for base in dict.fromkeys((name, stem)):
        yield from _with_suffixes(base)
    if last:
        yield from _with_suffixes(what)
        yield from _ALSO_CALLED.get(kind, ())
        if about:
            ids, names = ("id", "identifier", "ids"), ("name", "names")
            yield from (*ids, *names) if name.endswith("id") else (*names, *ids)
            yield from ("arn", "arns", "resourcename", "resourceid")


def _with_suffixes(base: str) -> Iterator[str]:
    yield base
    for suffix in ("name", "id", "identifier", "arn", "nameorarn", "idorarn"):
        yield base + suffix
        yield f"{base}{suffix}s"
        yield f"{base}{suffix}list"
    yield base + "s"
    yield base + "list"


def _arn_names(kind: str, variables: list[str]) -> Iterator[str]:
    for base in (plain(kind), *(plain(variable) for variable in variables[-1:])):
        stem = base
        for suffix in _SUFFIXES:
            stem = stem.removesuffix(suffix) or stem
        yield from (f"{stem}arn", f"{stem}arns", f"{stem}arnlist")


def _first(texts: list[Input], names: Iterable[str]) -> Input | None:
    for name in names:
        for depth in (0, 1):
            for each in texts:
                if each.depth == depth and plain(each.member) == name and (depth == 0 or len(name) >= _LONG_ENOUGH):
                    return each
    return None
