"""What the real `aws` package offers of a type or function, read from the installed SDK's classes.

For the coverage page and its tests, and for people: `python -m rehearsal.aws.sdk_reference aws:sns/topic:Topic`, or
with the name a program uses: `aws.sns.Topic`.
Never imported while serving.
"""

from __future__ import annotations

import importlib
import inspect
import keyword
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

_TOKEN = re.compile(r"aws:(?P<service>\w+)/\w+:(?P<name>\w+)")
PROVIDER = "pulumi:providers:aws"
_CLASS = re.compile(r"aws\.(?P<service>\w+)\.(?P<name>\w+)")


@dataclass(frozen=True, slots=True)
class RealType:
    """Names of a resource type in pulumi_aws, as on the wire."""

    inputs: frozenset[str]
    required: frozenset[str]
    outputs: frozenset[str]


def real_type(token: str) -> RealType:
    """Return what pulumi_aws knows of a resource type such as `aws:iam/role:Role`. Raises: AttributeError."""
    resource = _member(token, token.rsplit(":", 1)[-1])
    signature = inspect.signature(argument_class(token).__init__)  # type: ignore[misc]
    arguments = [item for item in signature.parameters.values() if item.name != "__self__"]
    outputs = [name for name, member in vars(resource).items() if isinstance(member, property)]
    return RealType(
        inputs=frozenset(_wire_name(item.name) for item in arguments),
        required=frozenset(_wire_name(item.name) for item in arguments if item.default is inspect.Parameter.empty),
        outputs=frozenset(_wire_name(item) for item in outputs),
    )


def argument_class(token: str) -> type:
    """Return the class of a resource type's arguments, or of the provider's own. Raises: AttributeError."""
    if token == PROVIDER:
        return _provider_arguments()
    name = token.rsplit(":", 1)[-1]
    # Where a nested type took the name, as `BucketVersioningArgs`, the resource's arguments are called InitArgs.
    home = vars(sys.modules[_member(token, name).__module__])
    found: type = home.get(f"{name}InitArgs") or home[f"{name}Args"]
    return found


def _provider_arguments() -> type:
    found: type = importlib.import_module("pulumi_aws.provider").ProviderArgs
    return found


def input_texts(token: str) -> dict[str, str]:
    """Return what the package says of each input of a resource type, by the name on the wire."""
    members = vars(argument_class(token)).items()
    return {_wire_name(name): inspect.getdoc(member) or "" for name, member in members if isinstance(member, property)}


def real_arguments(token: str) -> frozenset[str]:
    """Return the arguments of a function such as `aws:index/getRegion:getRegion`. Raises: AttributeError."""
    name = re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", token.rsplit(":", 1)[-1])
    function = _member(token, name)
    return frozenset(_wire_name(item) for item in inspect.signature(function).parameters if item != "opts")


def describe(token: str) -> str:
    """Return the names of a resource type's inputs and outputs as text, required ones marked with a star."""
    real = real_type(token)
    inputs = (f"{name}{'*' if name in real.required else ''}" for name in sorted(real.inputs))
    return f"inputs:  {', '.join(inputs)}\noutputs: {', '.join(sorted(real.outputs - real.inputs))}\n"


def token_of(written: str) -> str:
    """Return the token of a resource type that is written as a token, or as programs name it (`aws.sns.Topic`).

    Raises: LookupError if pulumi_aws has no such type, naming what is nearest.
    """
    found = _TOKEN.fullmatch(written) or _CLASS.fullmatch(written)
    if found is None:
        raise LookupError(f'"{written}" names no resource type; write aws:sns/topic:Topic or aws.sns.Topic')
    service, name = found["service"].removesuffix("_"), found["name"]
    token = f"aws:{service}/{name[0].lower()}{name[1:]}:{name}"
    try:
        _member(token, name)
    except ModuleNotFoundError:
        raise LookupError(f'pulumi_aws has no service "{service}"') from None
    except AttributeError:
        named = get_close_matches(name, dir(importlib.import_module(_module(service))), n=3)
        nearest = f"; nearest: {', '.join(named)}" if named else ""
        raise LookupError(f'pulumi_aws.{service} has no type "{name}"{nearest}') from None
    return token


def _member(token: str, name: str) -> Any:
    service = token.split(":")[1].split("/", maxsplit=1)[0]
    with warnings.catch_warnings():
        # The SDK's packages load themselves at the first attribute asked for, and warn of their old types then.
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(importlib.import_module(_module(service)), name)


def _module(service: str) -> str:
    """Return the module of a service in the package; Python's own words get a stroke: `lambda_`."""
    if service == "index":
        return "pulumi_aws"
    return f"pulumi_aws.{service}{'_' if keyword.iskeyword(service) else ''}"


def _wire_name(python_name: str) -> str:
    head, *rest = python_name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def main(arguments: Sequence[str]) -> int:
    """Print what pulumi_aws offers of the types named and return an exit code; 2 if one can't be found."""
    if not arguments:
        sys.stderr.write("usage: python -m rehearsal.aws.sdk_reference aws.sns.Topic ...\n")
        return 2
    try:
        tokens = [token_of(written) for written in arguments]
    except LookupError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
    sys.stdout.write("\n".join(f"{token}\n{describe(token)}" for token in tokens))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
