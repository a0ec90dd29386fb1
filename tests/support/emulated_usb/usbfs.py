"""The kernel's usbfs, played in user space: device nodes, and what libusb calls on them."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chdkshell.sim.interfaces.usbdevice import Setup, UsbCamera
from chdkshell.sim.interfaces.usbendpoints import (
    InEndpoint,
    OutEndpoint,
    StalledError,
    TransferState,
)
from support.emulated_usb import usbdevice_fs as abi

_MESSAGE = struct.Struct("@LLL")
_IOCTL_CALL, _READ_CALL, _DONE, _PEEK, _POKE = 1, 2, 3, 4, 5
"""The conversation with shim.c."""

_MINUS_ONE = 0xFFFFFFFFFFFFFFFF
"""What a call that fails gives back."""


@dataclass(eq=False)
class Urb:
    """A transfer that the program handed in. `address` is where its struct lies in the program."""

    address: int
    fields: list[int]
    out_data: memoryview = field(default_factory=lambda: memoryview(b""))
    in_chunks: list[memoryview] = field(default_factory=list)
    status: int = 0
    actual: int = 0

    @property
    def type(self) -> int:
        return self.fields[0]

    @property
    def endpoint(self) -> int:
        return self.fields[1]

    @property
    def flags(self) -> int:
        return self.fields[3]

    @property
    def buffer(self) -> int:
        return self.fields[4]

    @property
    def length(self) -> int:
        return self.fields[5]

    def packed(self) -> bytes:
        """The struct as the kernel gives it back."""
        fields = list(self.fields)
        fields[2], fields[6] = self.status, self.actual
        return abi.URB.pack(*fields)


class Node:
    """A device on the bus: its node, who has it open, and who claimed it."""

    def __init__(self, bus: int, address: int, fifo: int, port: str) -> None:
        self.camera: UsbCamera
        self.bus = bus
        self.address = address
        self.port = port
        self.lock = threading.RLock()
        self.open_errno = 0  # what opening the node fails with
        self.kernel_driver: str | None = None
        self.attached: list[str] = []
        """What became of the kernel's driver: "detach" and "attach", in order."""
        self.configuration_file: Path
        """The attribute in /sys that tells the active configuration."""
        self.gone = False
        self.owner: OpenNode | None = None
        self.claims = 0  # by programs, so far
        self.open_nodes: list[OpenNode] = []
        self._fifo = fifo
        self._fifo_full = False
        self.update_poll()

    def endpoint_changed(self, address: int) -> None:
        """Move the transfers on that endpoint on."""
        with self.lock:
            for opened in self.open_nodes:
                opened.advance(address)

    def update_poll(self) -> None:
        """Make the node writable if there is something to reap. Called with the lock held.

        The pipe has one page: a byte in it leaves no room, and none leaves it writable.
        """
        full = not self.gone and not any(opened.done for opened in self.open_nodes)
        if self._fifo >= 0 and full != self._fifo_full:
            if full:
                os.write(self._fifo, b"x")
            else:
                os.read(self._fifo, 1)
            self._fifo_full = full

    def unplug(self) -> None:
        """End all transfers as the kernel does; what is called later gets ENODEV."""
        with self.lock:
            self.gone = True
            for opened in self.open_nodes:
                opened.end_all(-errno.ESHUTDOWN)
            self.update_poll()
            os.close(self._fifo)
            self._fifo = -1
        self.camera.unplug()


class OpenNode(threading.Thread):
    """One open file on a node, served over its connection to the program."""

    def __init__(self, node: Node, connection: socket.socket) -> None:
        super().__init__(name="usbfs", daemon=True)
        self.node = node
        self.pending: dict[int, Urb] = {}
        self.done: deque[Urb] = deque()
        self._connection = connection
        self._position = 0

    def run(self) -> None:
        node = self.node
        with node.lock:
            for opened in list(node.open_nodes):
                opened.leave_if_closed()
            node.open_nodes.append(self)
        try:
            self._connection.sendall(struct.pack("@i", node.open_errno))
            while True:
                call, first, second = _MESSAGE.unpack(self._receive(_MESSAGE.size))
                result, error = 0, 0
                try:
                    if call == _READ_CALL:
                        result = self._read(first, second)
                    else:
                        result = self._ioctl(first, second)
                except OSError as failure:
                    result, error = _MINUS_ONE, failure.errno or errno.EIO
                self._connection.sendall(_MESSAGE.pack(_DONE, result, error))
        except (EOFError, OSError):
            pass
        finally:
            self._leave()
            self._connection.close()

    def leave_if_closed(self) -> None:
        """Let go of the device if the program has closed it, however late this thread hears of it.

        The kernel has done so when the program's end is told. Called with the node's lock held.
        """
        with contextlib.suppress(OSError):
            if not self._connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                self._leave()

    def _leave(self) -> None:
        node = self.node
        with node.lock:
            if self in node.open_nodes:
                node.open_nodes.remove(self)
            if node.owner is self:
                node.owner = None
            node.update_poll()

    # ---- the program's memory --------------------------------------------------------------------

    def _receive(self, count: int) -> bytes:
        data = bytearray(count)
        left = memoryview(data)
        while left:
            got = self._connection.recv_into(left)
            if not got:
                raise EOFError
            left = left[got:]
        return bytes(data)

    def _peek(self, address: int, count: int) -> bytes:
        if not count:
            return b""
        self._connection.sendall(_MESSAGE.pack(_PEEK, address, count))
        return self._receive(count)

    def _poke(self, address: int, chunks: Iterable[bytes | memoryview]) -> None:
        chunks = list(chunks)
        count = sum(map(len, chunks))
        if count:
            self._connection.sendall(_MESSAGE.pack(_POKE, address, count))
            for chunk in chunks:
                self._connection.sendall(chunk)

    def _peek_int(self, address: int) -> int:
        return int.from_bytes(self._peek(address, 4), "little")

    # ---- transfers -------------------------------------------------------------------------------

    def advance(self, address: int) -> None:
        """Move the transfers on an endpoint on, in order. Called with the node's lock held."""
        for urb in [u for u in self.pending.values() if u.endpoint == address]:
            if not self._advance_one(urb):
                break
            self._finish(urb)

    def _advance_one(self, urb: Urb) -> bool:
        """Returns whether the transfer has ended."""
        endpoint = self.node.camera.endpoints[urb.endpoint]
        try:
            if isinstance(endpoint, InEndpoint):
                taken = endpoint.take(urb.length - urb.actual)
                urb.in_chunks += taken.chunks
                urb.actual += sum(map(len, taken.chunks))
                if taken.state is TransferState.OVERFLOW:
                    urb.status = -errno.EOVERFLOW
                return taken.state is not TransferState.PENDING
            assert isinstance(endpoint, OutEndpoint)
            urb.actual += endpoint.offer(urb.out_data[urb.actual :])
            if urb.actual < urb.length:
                return False
            if urb.flags & abi.ZERO_PACKET and urb.length and not urb.length % endpoint.packet_size:
                endpoint.offer(memoryview(b""))
        except StalledError:
            urb.status = -errno.EPIPE
        return True

    def _finish(self, urb: Urb) -> None:
        self.pending.pop(urb.address, None)
        self.done.append(urb)
        self.node.update_poll()

    def end_all(self, status: int) -> None:
        """End all transfers with `status`. Called with the node's lock held."""
        for urb in list(self.pending.values()):
            urb.status = status
            self._finish(urb)

    def _submit(self, address: int) -> None:
        urb = Urb(address, list(abi.URB.unpack(self._peek(address, abi.URB.size))))
        if urb.type == abi.CONTROL_URB or not urb.endpoint & 0x80:
            urb.out_data = memoryview(self._peek(urb.buffer, urb.length))
        with self.node.lock:
            if self.node.gone:
                raise OSError(errno.ENODEV, "unplugged")
            if urb.type == abi.CONTROL_URB:
                self._submit_control(urb)
                self._finish(urb)
                return
            if urb.endpoint not in self.node.camera.endpoints:
                raise OSError(errno.ENOENT, "no such endpoint")
            self.pending[address] = urb
            self.advance(urb.endpoint)

    def _submit_control(self, urb: Urb) -> None:
        setup = Setup(*struct.unpack_from("<BBHHH", urb.out_data))
        try:
            answer = self.node.camera.control(setup, bytes(urb.out_data[abi.SETUP_SIZE :]))
        except StalledError:
            urb.status = -errno.EPIPE
            return
        if setup.request_type & 0x80:
            urb.in_chunks = [memoryview(answer)]
            urb.actual = len(answer)
        else:
            urb.actual = setup.length

    def _discard(self, address: int) -> None:
        with self.node.lock:
            urb = self.pending.get(address)
            if urb is None:
                raise OSError(errno.EINVAL, "no such transfer")
            urb.status = -errno.ENOENT
            self._finish(urb)

    def _reap(self, argument: int) -> None:
        with self.node.lock:
            if not self.done:
                raise OSError(errno.ENODEV if self.node.gone else errno.EAGAIN, "none is done")
            urb = self.done.popleft()
            self.node.update_poll()
        header = abi.SETUP_SIZE if urb.type == abi.CONTROL_URB else 0
        self._poke(urb.buffer + header, urb.in_chunks)
        self._poke(urb.address, [urb.packed()])
        self._poke(argument, [struct.pack("P", urb.address)])

    # ---- calls -----------------------------------------------------------------------------------

    def _read(self, address: int, count: int) -> int:
        """Reading a node gives its descriptors in a row."""
        camera = self.node.camera
        descriptors = camera.device_descriptor + camera.configuration_descriptor
        part = descriptors[self._position : self._position + count]
        self._poke(address, [part])
        self._position += len(part)
        return len(part)

    def _ioctl(self, request: int, argument: int) -> int:
        node = self.node
        if request == abi.SUBMIT_URB:
            self._submit(argument)
        elif request in (abi.REAP_URB, abi.REAP_URB_NO_DELAY):
            self._reap(argument)
        elif node.gone:
            raise OSError(errno.ENODEV, "unplugged")
        elif request == abi.DISCARD_URB:
            self._discard(argument)
        elif request == abi.GET_CAPABILITIES:
            self._poke(argument, [struct.pack("I", abi.CAPABILITIES)])
        elif request == abi.CONNECT_INFO:
            self._poke(argument, [struct.pack("IBxxx", node.address, 0)])
        elif request == abi.GET_SPEED:
            return abi.HIGH_SPEED
        elif request == abi.CONTROL:
            return self._control_call(argument)
        else:
            self._device_call(request, argument)
        return 0

    def _device_call(self, request: int, argument: int) -> None:
        node = self.node
        with node.lock:
            if request == abi.CLAIM_INTERFACE:
                self._claim(self._peek_int(argument))
            elif request == abi.RELEASE_INTERFACE:
                if node.owner is not self:
                    raise OSError(errno.EINVAL, "not claimed")
                node.owner = None
            elif request == abi.SET_CONFIGURATION:
                if node.owner is not None:
                    raise OSError(errno.EBUSY, "claimed")
                node.configuration_file.write_text(f"{self._peek_int(argument)}\n")
                node.camera.reset()
            elif request == abi.CLEAR_HALT:
                node.camera.endpoints[self._peek_int(argument)].halt(False)
            elif request == abi.RESET:
                node.camera.reset()
            elif request == abi.GET_DRIVER:
                self._get_driver(argument)
            elif request == abi.DRIVER:
                self._driver_call(argument)
            elif request == abi.DISCONNECT_CLAIM:
                node.kernel_driver = None
                self._claim(self._peek_int(argument))
            elif request not in (abi.SET_INTERFACE, abi.RESET_ENDPOINT):
                raise OSError(errno.ENOTTY, "unknown call")

    def _claim(self, interface: int) -> None:
        node = self.node
        if interface != 0:
            raise OSError(errno.ENOENT, "no such interface")
        if node.owner not in (None, self) or node.kernel_driver:
            raise OSError(errno.EBUSY, "claimed")
        node.owner = self
        node.claims += 1

    def _get_driver(self, argument: int) -> None:
        name = self.node.kernel_driver or ("usbfs" if self.node.owner else None)
        if name is None:
            raise OSError(errno.ENODATA, "no driver")
        self._poke(argument + 4, [name.encode().ljust(256, b"\0")])

    def _driver_call(self, argument: int) -> None:
        _interface, call, _data = abi.DRIVER_CALL.unpack(self._peek(argument, abi.DRIVER_CALL.size))
        node = self.node
        if call == abi.DISCONNECT:
            if not node.kernel_driver:
                raise OSError(errno.ENODATA, "no driver")
            node.kernel_driver = None
            node.attached.append("detach")
        elif call == abi.CONNECT:
            node.attached.append("attach")
        else:
            raise OSError(errno.ENOTTY, "unknown call")

    def _control_call(self, argument: int) -> int:
        """A control transfer that returns when it is done, as libusb 0.1 makes them."""
        *fields, _timeout, buffer = abi.CONTROL_CALL.unpack(
            self._peek(argument, abi.CONTROL_CALL.size)
        )
        setup = Setup(*fields)
        incoming = setup.request_type & 0x80
        data = b"" if incoming else self._peek(buffer, setup.length)
        try:
            with self.node.lock:
                answer = self.node.camera.control(setup, data)
        except StalledError:
            raise OSError(errno.EPIPE, "stalled") from None
        self._poke(buffer, [answer])
        return len(answer) if incoming else setup.length
