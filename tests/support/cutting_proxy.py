"""A TCP proxy on loopback that cuts the connections of PTP/IP at a command of CHDK."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType

from chdkshell.chdk.constants import ChdkCommand
from chdkshell.ptp.codes import OperationCode

BLOCK = 1 << 16
_OPERATION_REQUEST = 6
_HEAD = struct.Struct("<IIIHII")
"""Length, type, data phase, operation, transaction id, and the first parameter."""


class CuttingProxy:
    """Passes connections on to `address` (`ip:host:port`), until the host asks for `cuts_at`.

    Then all connections are cut before the camera hears of it. `cuts` is how often that was.
    """

    def __init__(self, address: str) -> None:
        _, host, port = address.split(":")
        self._target = (host, int(port))
        self.cuts_at: ChdkCommand | None = None
        self.cuts = 0
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """The address that the camera seems to have."""
        return f"ip:127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> CuttingProxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self._cut()

    def _cut(self) -> None:
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for end in sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                host, _ = self._listener.accept()
                camera = socket.create_connection(self._target)
            except OSError:
                return
            with self._lock:
                self._sockets += [host, camera]
            threading.Thread(target=self._copy, args=(host, camera, True), daemon=True).start()
            threading.Thread(target=self._copy, args=(camera, host, False), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, from_host: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(BLOCK):
                if from_host and self._is_wanted(data):
                    self.cuts += 1
                    self._cut()
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _is_wanted(self, data: bytes) -> bool:
        if self.cuts_at is None or len(data) < _HEAD.size:
            return False
        _, kind, _, operation, _, command = _HEAD.unpack_from(data)
        return (kind, operation, command) == (_OPERATION_REQUEST, OperationCode.CHDK, self.cuts_at)
