"""Who holds the controls: one client at a time; all others watch, and see who."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from chdkshell.page.problems import CallRefusedError

SILENCE_SECONDS = 60.0
"""How long a client that does nothing keeps the controls from others."""

LONGEST_NAME = 80


class Controls:
    """The client that may change something. Whoever changes something first holds them.

    `told` is called where the holder changes.
    """

    def __init__(self, told: Callable[[], None], now: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._told = told
        self._now = now
        self._client = ""
        self._name = ""
        self._seen = 0.0

    def holder(self) -> tuple[str, str]:
        """Return the client that holds them and its name, "" for nobody."""
        with self._lock:
            if self._client and self._now() - self._seen > SILENCE_SECONDS:
                self._client = self._name = ""
            return self._client, self._name

    def use(self, client: str) -> None:
        """Note that a client changes something. Raises `CallRefusedError` where another holds."""
        held, name = self.holder()
        if held and held != client:
            raise CallRefusedError(
                423, f"{name} holds the controls", "a call to api/controls takes them over"
            )
        if held:
            self._seen = self._now()
        else:
            self.take(client, "")

    def take(self, client: str, name: str) -> None:
        """Give the controls to a client, whoever holds them."""
        with self._lock:
            shown = name.strip()[:LONGEST_NAME] or (self._name if self._client == client else "")
            self._client, self._name, self._seen = client, shown or "another client", self._now()
        self._told()

    def leave(self, client: str) -> None:
        """Take the controls from a client that holds them."""
        with self._lock:
            if self._client != client:
                return
            self._client = self._name = ""
        self._told()
