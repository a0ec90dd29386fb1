"""A TCP proxy on loopback that writes what passed through it as a pcap file.

Each PTP/IP packet gets a segment of its own, since Wireshark's dissector looks at the first packet
of a segment only and does not put together what lies in several.
"""

from __future__ import annotations

import contextlib
import itertools
import selectors
import socket
import struct
import threading
from pathlib import Path

PTP_IP_PORT = 15740
"""The port in the recorded packets, by which a dissector knows the protocol."""

MAX_PACKET = 60_000
"""Bytes of a PTP/IP packet that fit in one segment of the record."""

SYN, ACK, PUSH_ACK, SYN_ACK = 0x02, 0x10, 0x18, 0x12
RAW_IP = 101


class Connection:
    """One connection through the proxy: both sockets, and how far each direction has come."""

    def __init__(self, client: socket.socket, server: socket.socket, port: int) -> None:
        self.ends = (client, server)
        self.port = port
        self.sequence = [1000, 2000]
        self.unfinished = [b"", b""]

    def packets(self, from_server: bool, data: bytes) -> list[bytes]:
        """Return the PTP/IP packets that `data` completes."""
        data = self.unfinished[from_server] + data
        whole = []
        while len(data) >= 4 and len(data) >= (length := int.from_bytes(data[:4], "little")):
            assert 8 <= length <= MAX_PACKET
            whole.append(data[:length])
            data = data[length:]
        self.unfinished[from_server] = data
        return whole

    def segment(self, from_server: bool, flags: int, data: bytes = b"") -> bytes:
        """Return one IPv4 packet, and count it."""
        ports = (PTP_IP_PORT, self.port) if from_server else (self.port, PTP_IP_PORT)
        sequence, acknowledged = self.sequence[from_server], self.sequence[not from_server]
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 0xFFFF, 0, 0)
        self.sequence[from_server] += len(data) + bool(flags & SYN)
        hosts = bytes((10, 0, 0, 1 + from_server, 10, 0, 0, 2 - from_server))
        total = 20 + len(tcp) + len(data)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, total, 0, 0, 64, 6, 0) + hosts
        return ip + tcp + data


class TcpRecorder:
    """Listens on `port` and passes connections on to `target`, until `close`."""

    def __init__(self, target: int, pcap: Path) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ports = itertools.count(50000)
        self._connections: list[Connection] = []
        self._file = pcap.open("wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x40000, RAW_IP))
        self._count = 0
        self._waker, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """Stop, and finish the file."""
        self._wake.close()
        self._thread.join()
        for connection in self._connections:
            for end in connection.ends:
                end.close()
        self._listener.close()
        self._waker.close()
        self._file.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._waker, selectors.EVENT_READ)
            selector.register(self._listener, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._waker:
                        return
                    if key.fileobj is self._listener:
                        self._accept(selector)
                    else:
                        self._pass_on(selector, *key.data)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._target))
        connection = Connection(client, server, next(self._ports))
        self._connections.append(connection)
        for flags, from_server in ((SYN, False), (SYN_ACK, True), (ACK, False)):
            self._write(connection.segment(from_server, flags))
        for index, end in enumerate(connection.ends):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(end, selectors.EVENT_READ, (connection, index))

    def _pass_on(
        self, selector: selectors.BaseSelector, connection: Connection, index: int
    ) -> None:
        # An end that closed with something unread resets its connection.
        data = b""
        with contextlib.suppress(ConnectionError):
            data = connection.ends[index].recv(1 << 20)
        if not data:
            selector.unregister(connection.ends[index])
            with contextlib.suppress(OSError):
                connection.ends[not index].shutdown(socket.SHUT_WR)
            return
        with contextlib.suppress(ConnectionError):
            connection.ends[not index].sendall(data)
        for packet in connection.packets(bool(index), data):
            self._write(connection.segment(bool(index), PUSH_ACK, packet))

    def _write(self, packet: bytes) -> None:
        self._count += 1
        self._file.write(struct.pack("<IIII", 0, self._count, len(packet), len(packet)) + packet)
