"""Signs of life to scripts that wait for their host, so that they end when it is gone.

What hears them on the camera stands in `lua/host.lua`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chdkshell import waits
from chdkshell.errors import Cancelled, ChdkError, PtpError, TransportError
from chdkshell.flow import NEVER, CancelToken

if TYPE_CHECKING:
    from chdkshell.chdk.scriptmessages import ScriptMessages

SIGN = b"\0chdkshell: alive "
ANSWER = b"\0chdkshell: ends"
"""What a script answers to a sign that has it end."""

PERIOD = 0.5
"""Seconds from one sign to the next."""

FINISH_SECONDS = 0.5
"""How long a sign that is under way may take when none is needed any more."""

HOST_TIMEOUT = 12.0
"""For how many seconds a script does without a sign."""

DATA_TIMEOUT = 32.0
"""How long no sign may come while data are fetched; a camera gives up after 30 s by itself."""


def sign(timeout: float) -> bytes:
    """Return a sign of life: the host may be silent for so many seconds from now on."""
    return SIGN + str(round(timeout * 1000)).encode()


class LifeSigns:
    """Signs of life from a thread of its own to the script that was started last.

    Use it in a `with` statement, or `start` and `stop` it. Where the session is in use, or the
    script has no room for messages, a sign is left out.
    """

    def __init__(self, scripts: ScriptMessages) -> None:
        self._scripts = scripts
        self._ended = threading.Event()
        self._cancel = CancelToken()
        self._paused = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, or begin again."""
        self.stop()
        self._ended = threading.Event()
        self._cancel = CancelToken()
        thread = threading.Thread(
            target=self._run, args=(self._ended,), name="signs of life", daemon=True
        )
        thread.start()
        self._thread = thread  # only now: Ctrl-C may come before, and none joins what did not start

    def stop(self) -> None:
        """Send none any more. May be called twice."""
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            waits.ended(thread, FINISH_SECONDS)
            self._cancel.set()  # the camera hangs, or the thread has ended

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Send none in the block: what runs there does not look for them."""
        self._paused = True
        try:
            yield
        finally:
            self._paused = False

    @contextlib.contextmanager
    def allow(self, timeout: float) -> Iterator[None]:
        """Say that for so many seconds no sign may come, and after the block that one may again.

        Raises `TransportError`.
        """
        if self._thread is None:
            yield
            return
        self._send(timeout)
        yield
        self._send(HOST_TIMEOUT)

    def _run(self, ended: threading.Event) -> None:
        while not ended.wait(PERIOD):
            if not self._paused:
                # a camera that is gone is noticed by whoever uses it
                with contextlib.suppress(TransportError, Cancelled):
                    self._send(HOST_TIMEOUT, self._cancel)

    def _send(self, timeout: float, cancel: CancelToken = NEVER) -> None:
        protocol, script_id = self._scripts.protocol, self._scripts.last_id
        refused = contextlib.suppress(ChdkError, PtpError)
        with refused, protocol.session.exclusive(wait=False) as free:
            if free and script_id is not None and not self._ended.is_set():
                protocol.write_message(sign(timeout), script_id, cancel)
