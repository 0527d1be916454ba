"""Clears away what the SDK leaves behind of programs that failed.

Its language server closes neither loop nor coroutine of such a program, and its settings keep the last program's calls
for as long as the process lives. They complain when they are collected, at a time of their own choosing, which would
be in some other test, or after the last one.
"""

from __future__ import annotations

import contextvars
import gc
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pulumi.runtime.settings import reset_options


@contextmanager
def swept() -> Iterator[None]:
    """Collect what a program leaves behind, without a word."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    # The server of a program that is left by its engine logs the end of it, and pytest keeps the log's tracebacks.
    log = logging.getLogger("grpc._server")
    told, log.disabled = log.disabled, True
    try:
        yield
        contextvars.Context().run(reset_options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            for _ in range(3):  # what is collected may let go of more
                gc.collect()
    finally:
        sys.unraisablehook = before
        log.disabled = told
