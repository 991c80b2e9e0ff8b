"""How far the work is, on a terminal, and Ctrl+C that ends it cleanly."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from channelopt.errors import Cancelled

_WORDS = ("reading", "storing", "writing", "restoring")


class Progress:
    """Prints steps to a stream; raises ``Cancelled`` at the next step once ``stop`` was called.

    On a terminal one line is written over and over; elsewhere a new line comes every tenth.
    """

    def __init__(self, stream: Any, wanted: bool) -> None:
        self._stream = stream
        self._terminal = bool(stream.isatty())
        self._shown = wanted or self._terminal
        self._last: tuple[str, str, int] | None = None
        self._open = False
        self._stopped = threading.Event()

    def __call__(self, name: str, phase: str, done: int, total: int) -> None:
        if self.stopped:
            raise Cancelled()
        if not self._shown or phase not in _WORDS:
            return
        share = int(100 * done / max(total, 1))
        now = (name, phase, share if self._terminal else share // 10)
        if now == self._last:
            return
        self._last = now
        text = f"{phase} {name}: {share}%"
        self._stream.write(f"\r\033[K{text[:110]}" if self._terminal else f"{text}\n")
        self._stream.flush()
        self._open = self._terminal

    @property
    def stopped(self) -> bool:
        """Whether somebody wants it to end."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the work at the next step."""
        self._stopped.set()

    def say(self, text: str) -> None:
        """One line beside the progress."""
        self.clear()
        print(text, file=self._stream, flush=True)

    def clear(self) -> None:
        """Take the unfinished line away."""
        if self._open:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._open = False


@contextmanager
def on_interrupt(first: Callable[[], None], *, at_once: bool) -> Iterator[None]:
    """Within it the first Ctrl+C calls ``first``; the next one interrupts as usual.

    Only the main thread can watch for signals; elsewhere nothing changes.

    Args:
        first: what to do.
        at_once: interrupt what is running as well.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        first()
        if at_once:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
