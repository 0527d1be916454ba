"""The provider as a plugin process: what `bin/pulumi-resource-aws` runs under the real Pulumi CLI.

Prints the port as its first line, serves on 127.0.0.1, and ends with its engine: on Cancel, on a signal, or when the
process that started it is gone. Source: Pulumi `pkg/resource/plugin/plugin.go`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.aws.plugin import AwsProvider

_THREADS = 32
_LOOK_FOR_PARENT = 0.25  # seconds between looks
_FINISH_WITHIN = 30.0  # seconds for the calls in hand


def main() -> int:
    """Serve until the engine is done; return the exit code. The engine's address is the last argument, unused here."""
    over = threading.Event()
    parent = os.getppid()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(os.environ, on_cancel=over.set), server)
    port = server.add_insecure_port("127.0.0.1:0")
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: over.set())
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not over.wait(_LOOK_FOR_PARENT) and os.getppid() == parent:
        pass
    server.stop(_FINISH_WITHIN).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
