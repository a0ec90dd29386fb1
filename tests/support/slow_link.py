"""A TCP proxy on loopback that makes a camera slow: its data by a rate, its answers by a delay."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType

BLOCK = 1 << 14


class SlowLink:
    """Passes connections on to `address` (`ip:host:port`); `rate` and `delay` may be changed.

    `rate` is in bytes a second, 0 for all there is; `delay` in seconds for each block from the
    camera.
    """

    def __init__(self, address: str, rate: float = 0, delay: float = 0) -> None:
        _, host, port = address.split(":")
        self._target = (host, int(port))
        self.rate = rate
        self.delay = delay
        self._left: int | None = None
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """The address that the camera seems to have."""
        return f"ip:127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> SlowLink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.hold_after(None)
        for end in self._sockets:
            end.close()

    def hold_after(self, count: int | None) -> None:
        """Let `count` more bytes of the camera pass, and then none; None lets all pass."""
        with self._changed:
            self._left = count
            self._changed.notify_all()

    def _wait_for_leave(self, count: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._left is None or self._left >= count)
            if self._left is not None:
                self._left -= count

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                camera = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [client, camera]
            threading.Thread(target=self._copy, args=(client, camera, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(camera, client, True), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, from_camera: bool) -> None:
        try:
            while data := source.recv(BLOCK):
                if from_camera and self.delay:
                    time.sleep(self.delay)
                if from_camera and self.rate:
                    time.sleep(len(data) / self.rate)
                if from_camera:
                    self._wait_for_leave(len(data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return
