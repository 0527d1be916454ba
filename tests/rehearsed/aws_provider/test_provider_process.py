"""The provider as a plugin process, spoken to over gRPC as the real CLI does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from rehearsal.aws.wire import from_struct, to_struct
from tests.support.repository import ROOT
from tests.support.twin_fixtures import RunningTwin, TwinAws
from tests.unit.aws_provider.driving import urn

EXECUTABLE = ROOT / "rehearsal" / "aws" / "bin" / "pulumi-resource-aws"
ACCOUNT = "aws:organizations/account:Account"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A running plugin and the engine's end of it."""

    process: subprocess.Popen[str]
    stub: provider_pb2_grpc.ResourceProviderStub
    port: int


@pytest.fixture
def plugin(running_twin: RunningTwin, aws: TwinAws) -> Iterator[Plugin]:
    """Start the executable as an engine would, and end it if the test did not."""
    env = {**os.environ, **running_twin.environment(aws.administrator), "FLEETYARD_PYTHON": sys.executable}
    arguments = [str(EXECUTABLE), "127.0.0.1:1"]
    process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True, cwd="/")
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with process, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Plugin(process, provider_pb2_grpc.ResourceProviderStub(channel), port)
        process.terminate()


def configured(plugin: Plugin) -> Plugin:
    """Configure the plugin."""
    settings = to_struct({"region": "eu-west-1"})
    plugin.stub.Configure(provider_pb2.ConfigureRequest(args=settings))
    return plugin


def test_the_plugin_serves_the_loopback_address_only(plugin: Plugin) -> None:
    """The first line is the port; it listens on 127.0.0.1 and nowhere else."""
    listening = [c.laddr for c in psutil.Process(plugin.process.pid).net_connections("inet") if c.status == "LISTEN"]
    # gRPC's sockets are of both families and show the address in its IPv6 form.
    assert [(address.ip.removeprefix("::ffff:"), address.port) for address in listening] == [("127.0.0.1", plugin.port)]


def test_the_plugin_creates_over_grpc(plugin: Plugin) -> None:
    """Check, Create and Delete work through the process as they do within one."""
    stub = configured(plugin).stub
    where = urn("aws:cloudwatch/logGroup:LogGroup", "over-grpc")
    checked = stub.Check(provider_pb2.CheckRequest(urn=where, news=to_struct({}), randomSeed=b"x"))
    made = stub.Create(provider_pb2.CreateRequest(urn=where, properties=checked.inputs))
    assert from_struct(made.properties)["arn"].endswith(f":log-group:{made.id}")
    stub.Delete(provider_pb2.DeleteRequest(urn=where, id=made.id, properties=made.properties))


def test_an_incomplete_resource_arrives_over_grpc(plugin: Plugin, organization: str) -> None:
    """The engine finds id and state of a half-made resource in the status's details, where it looks for them."""
    assert organization
    stub = configured(plugin).stub
    where = urn(ACCOUNT, "half-made")
    inputs = to_struct({"name": "half-made", "email": "half-made@acme.example", "parentId": "ou-aaaa-bbbbbbbb"})
    checked = stub.Check(provider_pb2.CheckRequest(urn=where, news=inputs))
    with pytest.raises(grpc.RpcError, match="MoveAccount") as caught:
        stub.Create(provider_pb2.CreateRequest(urn=where, properties=checked.inputs))
    trailing = dict(caught.value.trailing_metadata())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    incomplete = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(incomplete)
    assert from_struct(incomplete.properties)["name"] == "half-made"
    assert incomplete.id.isdigit()


def test_the_plugin_ends_on_cancel(plugin: Plugin) -> None:
    """Cancel ends the process in order."""
    plugin.stub.Cancel(empty_pb2.Empty())
    assert plugin.process.wait(10) == 0


def test_the_plugin_ends_with_its_engine(running_twin: RunningTwin, aws: TwinAws) -> None:
    """A plugin whose engine is gone, however that ended, ends by itself."""
    env = {**os.environ, **running_twin.environment(aws.administrator), "FLEETYARD_PYTHON": sys.executable}
    engine = f"import subprocess,sys; p=subprocess.Popen(['{EXECUTABLE}'],stdout=subprocess.PIPE,text=True)"
    engine += "; p.stdout.readline(); print(p.pid, flush=True)"
    answer = subprocess.run([sys.executable, "-c", engine], env=env, stdout=subprocess.PIPE, text=True, check=True)
    _, alive = psutil.wait_procs(
        [process for process in psutil.process_iter() if process.pid == int(answer.stdout)], 10
    )
    assert alive == []


def test_a_missing_python_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without an interpreter the executable says which one it looked for and what to do."""
    nowhere = tmp_path_factory.mktemp("none") / "python"
    env = {**os.environ, "FLEETYARD_PYTHON": str(nowhere)}
    answer = subprocess.run([str(EXECUTABLE)], env=env, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert f"no Python at {nowhere}" in answer.stderr


def test_warming_up_starts_no_thread_and_needs_no_twin() -> None:
    """A process can warm up before it forks: tables and models are loaded, in its one thread, without a connection."""
    script = (
        "import threading, psutil; from rehearsal.aws.warm import warm_up; warm_up();"
        "p = psutil.Process(); print(p.num_threads(), threading.active_count(), len(p.net_connections()))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["1", "1", "0"]
