"""What a command prints: collected, and handed to the caller's callbacks line by line.

Callbacks run in one thread of their own, in order, so that a slow or failing one never holds up the engine.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from rehearsal.engine.wording import PLAIN, Wording

Callback = Callable[[str], Any]


class Lines:
    """Collects standard output and standard error; several threads may write."""

    def __init__(
        self, on_output: Callback | None = None, on_error: Callback | None = None, wording: Wording = PLAIN
    ) -> None:
        """Take the callbacks for lines of output and of errors, and how commands are worded in the latter."""
        self.wording = wording
        self._callbacks: dict[str, Callback] = {}
        if on_output:
            self._callbacks["on_output"] = on_output
        if on_error:
            self._callbacks["on_error"] = on_error
        self._stdout: list[str] = []
        self._stderr: list[str] = []
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def say(self, text: str = "") -> None:
        """Print text on standard output."""
        self._add(self._stdout, "on_output", text)

    def complain(self, text: str) -> None:
        """Print text on standard error."""
        self._add(self._stderr, "on_error", self.wording.told(text))

    def warn(self, text: str) -> None:
        """Print a warning on standard error."""
        self.complain(f"warning: {text}")

    def close(self) -> None:
        """Wait until the callbacks have had every line."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    @property
    def stdout(self) -> str:
        """Return standard output as the SDK joins it."""
        with self._lock:
            return "\n".join(self._stdout)

    @property
    def stderr(self) -> str:
        """Return standard error as the SDK joins it."""
        with self._lock:
            return "\n".join(self._stderr)

    def _add(self, lines: list[str], name: str, text: str) -> None:
        with self._lock:
            for line in text.split("\n"):
                lines.append(line.rstrip())
                if name in self._callbacks:
                    self._start()
                    self._queue.put((name, line.rstrip()))

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver, name="output callbacks", daemon=True)
            self._thread.start()

    def _deliver(self) -> None:
        while (item := self._queue.get()) is not None:
            name, line = item
            callback = self._callbacks.get(name)
            if callback is None:
                continue
            try:
                callback(line)
            except Exception as error:  # noqa: BLE001 (the caller's code; told, and not called again)
                del self._callbacks[name]
                with self._lock:
                    self._stderr.append(f"warning: {name} raised {error!r}; it is given no further lines")
