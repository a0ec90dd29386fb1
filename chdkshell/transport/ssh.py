"""Cameras on other computers: `chdkshell share` there, through the user's own OpenSSH."""

from __future__ import annotations

import json
from typing import Any

from chdkshell import waits
from chdkshell.errors import ConnectError, DisconnectedError, UsageError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.packet import Peer
from chdkshell.ptp.transaction import Event, Request, Response
from chdkshell.reasons import Reason
from chdkshell.streams import Sink, Source
from chdkshell.transport.base import Device, DeviceState
from chdkshell.transport.ip import CONNECT_SECONDS, IpTransport
from chdkshell.transport.ipconnect import Connector
from chdkshell.transport.iplink import PacketSocket
from chdkshell.transport.onepipe import OnePipe
from chdkshell.transport.ssh_process import SshProcess
from chdkshell.transport.ssh_target import EXAMPLE, SshTarget

SSH_PORT = 22


def open_transport(rest: str, cancel: CancelToken = NEVER) -> SshTransport:
    """Connect to the camera of `[user@]host[:port][/ADDRESS]`.

    Raises `UsageError`, `ConnectError`, `Cancelled`.
    """
    return SshTransport(SshTarget.parse(rest), cancel)


def list_devices() -> list[Device]:
    """Return nothing: no host is asked that nobody named."""
    return []


def cameras_of(rest: str, cancel: CancelToken = NEVER) -> list[Device]:
    """Return the cameras on USB of `[user@]host[:port]`, with their addresses from here.

    Those addresses are by serial number, or by port, and so stay right when cameras are replugged.
    Raises `UsageError`, `ConnectError`, `Cancelled`.
    """
    target = SshTarget.parse(rest)
    if target.address:
        raise UsageError(f"'{target}' names a camera, where a host is meant", EXAMPLE)
    process = SshProcess(target, ["share", "--list"])
    process.await_greeting(cancel)
    try:
        line = waits.result_of(process.read_line, cancel.check)
        return [_device(target, row) for row in json.loads(line)]
    except (ValueError, TypeError, KeyError) as error:
        raise ConnectError(
            f"{target.place}: what it tells of its cameras makes no sense",
            reason=Reason.OTHER_VERSION,
        ) from error
    finally:
        process.close()


def _device(target: SshTarget, row: dict[str, Any]) -> Device:
    reason = row["reason"]
    return Device(
        str(target.with_camera(str(row["address"]))),
        vendor_id=int(row["vendor_id"]),
        product_id=int(row["product_id"]),
        model=row["model"],
        serial=row["serial"],
        state=DeviceState(row["state"]),
        holder=str(row["holder"]),
        problem=str(row["problem"]),
        reason=Reason(reason) if reason else None,
        place=f"{target.place}, {row['place']}" if row["place"] else target.place,
    )


class SshTransport(IpTransport):
    """A link to a camera on another computer: PTP/IP over the pipe of ssh."""

    def __init__(self, target: SshTarget, cancel: CancelToken = NEVER) -> None:
        self._target = target
        self._process: SshProcess | None = None
        super().__init__(target.host, target.port or SSH_PORT, CONNECT_SECONDS, cancel)
        self.address = str(target)

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        process = self._process
        try:
            return super().transact(request, source, sink, cancel)
        except DisconnectedError as error:
            raise self._why(process, error) from error

    def next_event(self, seconds: float) -> Event | None:
        process = self._process
        try:
            return super().next_event(seconds)
        except DisconnectedError as error:
            raise self._why(process, error) from error

    def close(self) -> None:
        super().close()
        self._process = None

    def _why(self, process: SshProcess | None, error: DisconnectedError) -> DisconnectedError:
        return error if process is None else process.why_ended(error)

    def _connect(self, cancel: CancelToken) -> Peer:
        words = ["share", "--stdio"]
        process = SshProcess(
            self._target, [*words, self._target.address] if self._target.address else words
        )
        process.await_greeting(cancel)
        self._process = process
        connector = _PipeConnector(str(self._target), OnePipe(*process.take_pipes()), cancel)
        self._link, camera = connector.connect(self.timeout)
        return camera

    def _place(self, camera: Peer) -> str:
        return f"{self._target.place}, GUID {camera.guid.hex()}"


class _PipeConnector(Connector):
    """Shakes hands over the two connections of a pipe."""

    def __init__(self, address: str, pipe: OnePipe, cancel: CancelToken) -> None:
        super().__init__("", 0, CONNECT_SECONDS, cancel)
        self._address = address
        self._sockets = [pipe.event, pipe.command]

    def _open_socket(self, buffer_size: int) -> PacketSocket:
        return PacketSocket(self._sockets.pop(), buffer_size)
