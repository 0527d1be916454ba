"""Ctrl-C, told to whoever waits: the first asks to stop in good order, the second to stop at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def listening(on_interrupt: Callable[[int], None]) -> Iterator[None]:
    """Call `on_interrupt` with 1, 2, ... for each interrupt or request to end, instead of raising.

    It is called between two bytecodes of the main thread, so it may only put something into a `SimpleQueue`. In any
    other thread nothing is installed, as Python delivers signals to the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    count = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        on_interrupt(count)

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
