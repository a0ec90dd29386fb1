"""Ending by a signal what has to leave things in order: a terminal, a server."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from chdkshell.flow import CancelToken


@contextmanager
def ending_signals(cancel: CancelToken) -> Iterator[None]:
    """Have SIGTERM and SIGHUP set `cancel`, and end the program when the block has ended.

    A second one ends the program at once, through the blocks that restore things.
    """
    caught: list[int] = []

    def on_end(number: int, frame: FrameType | None) -> None:
        if caught:
            raise SystemExit(128 + number)
        caught.append(number)
        cancel.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, on_end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if caught:
            raise SystemExit(128 + caught[0])
