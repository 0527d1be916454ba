"""Imported once, by the fork server: everything a stack's worker needs, so that its children start warm.

Importing this module does work on purpose; nothing else may import it. It must leave the process without a thread and
without a gRPC object, as neither survives a fork.
"""

from __future__ import annotations

import atexit
import gc
import os
import threading

# A process group of its own: a terminal's Ctrl-C reaches workers through the driver alone.
os.setpgrp()
# gRPC writes "Got goaway" to stderr when a server stops before its clients; it reads this when it is imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import orchestrator.composition  # noqa: E402  (the environment has to be set first)

try:
    orchestrator.composition.warm_up()
except ImportError as error:
    # The fork server passes over an ImportError; its children would then start cold, or half warm.
    raise RuntimeError(f"workers cannot be warmed up: {error}") from error

TASKS = "/proc/self/task"
THREADS = len(os.listdir(TASKS)) if os.path.isdir(TASKS) else threading.active_count()  # noqa: PTH112, PTH208
"""Threads of the fork server when it was ready, native ones too where the system tells; must be 1."""

# When its last client is gone the fork server ends at once, without taking apart a thousand modules. Children never
# come here, as they end by themselves.
atexit.register(os._exit, 0)

# What is alive now stays: children neither scan it for garbage nor copy its pages for that. They live for a moment, and
# make little garbage.
gc.collect()
gc.freeze()
gc.set_threshold(20_000)
