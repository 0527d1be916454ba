"""Runs a program of ours with Pulumi's own mocks and returns what it registered.

Pulumi keeps a run's settings in context variables. Each run here gets an empty context and an event loop of its own,
so no test sees anything of another.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import logging
import runpy
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.settings import SETTINGS, get_root_resource
from pulumi.runtime.stack import Stack, run_pulumi_func

from landing_zone.stack_config import StackConfig
from tests.support.repository import ROOT

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


@dataclass(frozen=True)
class Registered:
    """One registration as the engine received it."""

    type: str
    name: str
    custom: bool
    inputs: Mapping[str, Any]
    provider: str
    parent: str
    protect: bool
    ignore_changes: tuple[str, ...]
    depends_on: tuple[str, ...]
    """Names of the resources it waits for."""

    def document(self, key: str) -> dict[str, Any]:
        """Return an input that holds an IAM document."""
        return dict(json.loads(self.inputs[key]))


@dataclass(frozen=True)
class Ran:
    """What a program did: its registrations in their order, its invokes, its outputs."""

    resources: tuple[Registered, ...]
    invokes: tuple[tuple[str, str], ...]
    invoke_arguments: tuple[tuple[str, Mapping[str, Any]], ...]
    outputs: Mapping[str, Any]
    warnings: tuple[str, ...]

    def of_type(self, kind: str) -> dict[str, Registered]:
        """Return the registrations of a type, by name."""
        return {found.name: found for found in self.resources if found.type == kind}

    def only(self, kind: str) -> Registered:
        """Return the one registration of a type."""
        (found,) = self.of_type(kind).values()
        return found

    @property
    def aws(self) -> tuple[Registered, ...]:
        """All AWS resources."""
        return tuple(found for found in self.resources if found.type.startswith("aws:"))


def run_program(
    folder: str | Path,
    config: StackConfig | Mapping[str, str],
    *,
    project: str,
    stack: str,
    preview: bool = False,
    zones: tuple[str, ...] = (),
    unmade: tuple[str, ...] = (),
) -> Ran:
    """Run the program in a folder of the repository under mocks; raises what the program raises.

    `zones` are the public zones that the account looked into has, `unmade` names resources that have no id yet.
    """
    values = config.to_config() if isinstance(config, StackConfig) else dict(config)
    cloud = _Cloud(zones, unmade)
    return contextvars.Context().run(_run, ROOT / folder / "__main__.py", values, (project, stack), cloud, preview)


def _run(program: Path, values: dict[str, str], named: tuple[str, str], cloud: _Cloud, preview: bool) -> Ran:
    monitor, messages = _Recorder(cloud), _Messages()
    project, stack = named
    with _event_loop() as loop:
        # The SDK's mocks share this set between runs; what a failed run left in it would fail the next one.
        SETTINGS.outputs = set()
        set_all_config(values)
        set_mocks(cloud, project=project, stack=stack, preview=preview, monitor=monitor, logger=messages.logger())
        with warnings.catch_warnings():
            # The SDK's modules load at first use and warn of deprecated classes in them; using one is seen in `Ran`.
            warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"pulumi_aws\.")
            ran = run_pulumi_func(lambda: _discard(runpy.run_path(str(program), run_name="__main__")))
            loop.run_until_complete(ran)
        root = get_root_resource()
        assert isinstance(root, Stack)
        outputs = loop.run_until_complete(pulumi.Output.all(**root.outputs).future())
    return Ran(
        tuple(monitor.registered),
        tuple(monitor.invoked),
        tuple(monitor.arguments),
        outputs or {},
        tuple(messages.warnings),
    )


@contextlib.contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give the run a loop, and every thread of its pool one too, since the SDK's mocks want one; close them all."""
    loops: list[asyncio.AbstractEventLoop] = []

    def new_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    new_loop()
    pool = ThreadPoolExecutor(initializer=new_loop)
    loops[0].set_default_executor(pool)
    try:
        yield loops[0]
    finally:
        left = asyncio.all_tasks(loops[0])
        for task in left:
            task.cancel()
        loops[0].run_until_complete(asyncio.gather(*left, return_exceptions=True))
        SETTINGS.outputs = set()
        pool.shutdown(wait=True)
        for loop in loops:
            loop.close()
        asyncio.set_event_loop(None)


def _discard(_: object) -> None:
    """Drop a module's names, so that Pulumi does not take them for something to await."""


class _Messages(logging.Handler):
    """Keeps the warnings and errors that a program or the SDK logs, such as a deprecated resource."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.warnings.append(record.getMessage())

    def logger(self) -> logging.Logger:
        """Return a logger of this run's own."""
        logger = logging.Logger("program under mocks")
        logger.addHandler(self)
        return logger


class _Cloud(Mocks):
    """Answers as AWS would, as far as the programs look."""

    def __init__(self, zones: tuple[str, ...] = (), unmade: tuple[str, ...] = ()) -> None:
        self._zones, self._unmade = zones, unmade

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Return an id and the outputs: the inputs, and what AWS adds."""
        made = None if args.name in self._unmade else f"{args.name}-id"
        return made, {**args.inputs, **self._added(args)}

    def call(self, args: MockCallArgs) -> Any:
        """Answer the invokes the programs make."""
        if args.token == "aws:route53/getZone:getZone":
            found = args.args["name"] in self._zones
            missing = [("", "reading getZone: no matching Route 53 Hosted Zone found")]
            return {"id": "Z1", "zoneId": "Z1", "name": args.args["name"]} if found else ({}, missing)
        assert args.token == "aws:index/getAvailabilityZones:getAvailabilityZones"
        return {"names": list(reversed(ZONES)), "id": "eu-west-1"}

    @staticmethod
    def _added(args: MockResourceArgs) -> dict[str, Any]:
        name = args.inputs.get("name", args.name)
        match args.typ:
            case "aws:organizations/organization:Organization":
                return {"roots": [{"id": "r-ab12", "arn": "", "name": "Root", "policyTypes": []}]}
            case "aws:iam/role:Role":
                return {"arn": f"arn:aws:iam::000000000000:role/{name}"}
            case "aws:iam/policy:Policy":
                return {"arn": f"arn:aws:iam::000000000000:policy/{name}"}
            case "aws:sns/topic:Topic":
                return {"arn": f"arn:aws:sns:eu-west-1:000000000000:{name}"}
            case "aws:kms/key:Key":
                return {"arn": "arn:aws:kms:eu-west-1:000000000000:key/k-1", "keyId": "k-1"}
            case "aws:cloudtrail/trail:Trail":
                return {"arn": f"arn:aws:cloudtrail:eu-west-1:000000000000:trail/{name}"}
            case "aws:cloudwatch/logGroup:LogGroup":
                return {"arn": f"arn:aws:logs:eu-west-1:000000000000:log-group:{name}"}
        return _delivered(args, name)


def _delivered(args: MockResourceArgs, name: str) -> dict[str, Any]:
    """Return what AWS adds to resources that deliver something."""
    match args.typ:
        case "aws:cloudfront/distribution:Distribution":
            return {"arn": "arn:aws:cloudfront::000000000000:distribution/E1", "domainName": "d1.cloudfront.net"}
        case "aws:ecr/repository:Repository":
            return {"repositoryUrl": f"000000000000.dkr.ecr.eu-west-1.amazonaws.com/{name}"}
        case "aws:route53/zone:Zone":
            return {"zoneId": f"{name}-zone", "nameServers": ["ns-1.example.com", "ns-2.example.net"]}
        case "aws:s3/bucket:Bucket":
            return {"bucketRegionalDomainName": f"{args.inputs.get('bucket', args.name)}.s3.eu-west-1.amazonaws.com"}
    return {}


class _Recorder(MockMonitor):
    """The SDK's mock monitor, keeping what it was asked for."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.registered: list[Registered] = []
        self.invoked: list[tuple[str, str]] = []
        self.arguments: list[tuple[str, Mapping[str, Any]]] = []

    def RegisterResource(self, request: Any) -> Any:
        """Keep what was asked for, then answer as the SDK's mock does."""
        if request.type != "pulumi:pulumi:Stack":
            self.registered.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    custom=request.custom,
                    inputs=pulumi.runtime.rpc.deserialize_properties(request.object),
                    provider=request.provider,
                    parent=request.parent,
                    protect=request.protect,
                    ignore_changes=tuple(request.ignoreChanges),
                    depends_on=tuple(urn.rpartition("::")[2] for urn in request.dependencies),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:
        """Keep what was asked for, then answer as the SDK's mock does."""
        self.invoked.append((request.tok, request.provider))
        self.arguments.append((request.tok, pulumi.runtime.rpc.deserialize_properties(request.args)))
        return super().Invoke(request)  # type: ignore[no-untyped-call]
