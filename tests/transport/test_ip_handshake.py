"""The first packet to a camera on the network: it leaves whole, or the connection is given up."""

from __future__ import annotations

import pytest

from chdkshell.errors import ConnectError
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer
from chdkshell.transport.ip import IpTransport
from chdkshell.transport.iplink import PacketSocket


def test_the_system_takes_a_few_bytes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    write = PacketSocket.write

    def write_little(self: PacketSocket, buffers: list[memoryview]) -> int:
        first, rest = buffers[0][:3], [buffers[0][3:], *buffers[1:]]
        sent = write(self, [first])
        buffers[:] = [buffer for buffer in rest if len(buffer)]
        return sent

    camera = SimCamera()
    with IpServer(camera) as server:
        monkeypatch.setattr(PacketSocket, "write", write_little)
        IpTransport(server.host, server.port).close()
        monkeypatch.undo()
    camera.close()


def test_the_system_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def write_nothing(self: PacketSocket, buffers: list[memoryview]) -> int:
        return 0

    camera = SimCamera()
    with IpServer(camera) as server:
        monkeypatch.setattr(PacketSocket, "write", write_nothing)
        with pytest.raises(ConnectError, match=r"took no packet in 0\.01 s"):
            IpTransport(server.host, server.port, timeout=0.01)
        monkeypatch.undo()
    camera.close()
