"""An open USB camera: its three endpoints and its class requests, without PTP's transactions."""

from __future__ import annotations

import contextlib
import errno
import struct
from array import array
from typing import Any

from chdkshell.errors import ConnectError, TransportError
from chdkshell.ptp.codes import EventCode
from chdkshell.ptp.container import ClassRequest
from chdkshell.streams import Buffer
from chdkshell.transport import usb_system
from chdkshell.transport.usb_devices import held, still_image_interface
from chdkshell.transport.usb_errors import (
    address_of,
    connect_error,
    location,
    place,
    transfer_error,
)

_CLASS_OUT = 0x21
_CLASS_IN = 0xA1
_ENDPOINT_IN = 0x80
_BULK, _INTERRUPT = 2, 3
_TRANSFER_TYPE = 0x03
_PACKET_SIZE = 0x07FF
_PACKET_SIZES = (8, 16, 32, 64, 512, 1024)
"""Fields of endpoint descriptors, and the packet sizes of bulk and interrupt (USB 2.0, 9.6.6)."""

_CONTROL_TIMEOUT = 1000
"""Milliseconds that a class request may take; a camera answers in a few."""


_REFUSALS = (OSError, NotImplementedError)
"""What pyusb raises: the second where libusb cannot do it on this system."""


class EndpointStalledError(TransportError):
    """The camera halted an endpoint: it cannot go on with the transaction."""


class UsbLink:
    """A claimed PTP interface. Takes a pyusb device and opens it; errors are the project's own.

    Times are in milliseconds, as libusb takes them. A transfer that ends by its time limit gives
    what went through until then, so nothing is lost between two calls.
    """

    def __init__(self, device: Any) -> None:
        """Open and claim. Raises a `ConnectError`, or `DisconnectedError`."""
        import usb.core
        import usb.util

        self._device = device
        self._interface = 0
        self._claimed = False
        self._events: int | None
        self._timeout_error: type[Exception] = usb.core.USBTimeoutError
        self._detached: int | None = None
        self.location = location(device)
        self.address = address_of(device)
        self.place = place(device)
        self.product_id = int(device.idProduct)
        try:
            self._set_up()
        except (usb.core.USBError, NotImplementedError) as error:
            self.close()
            raise connect_error(error, device) from error
        except BaseException:
            self.close()
            raise
        held.add(self.location)
        self._claimed = True

    def _set_up(self) -> None:
        import usb.core
        import usb.util

        device = self._device
        try:
            device.get_active_configuration()
        except usb.core.USBError as error:
            if error.errno is not None:
                raise
            # pyusb's way to say that no configuration is set. One that is set stays: setting it
            # again resets the device.
            device.set_configuration()
        interface = still_image_interface(device)
        self._interface = interface.bInterfaceNumber
        self._detach_kernel_driver()
        usb.util.claim_interface(device, self._interface)
        bulk_in = _endpoint(interface, _BULK, _ENDPOINT_IN)
        bulk_out = _endpoint(interface, _BULK, 0)
        events = _endpoint(interface, _INTERRUPT, _ENDPOINT_IN)
        if bulk_in is None or bulk_out is None:
            raise ConnectError(
                f"the camera at usb:{self.location} lacks the two bulk endpoints that PTP needs"
            )
        self._bulk_in, self.in_packet_size = bulk_in
        self._bulk_out, self.out_packet_size = bulk_out
        self._events, self.event_packet_size = events or (None, 0)

    def _detach_kernel_driver(self) -> None:
        import usb.core

        if not usb_system.SYSTEM.detaches:
            return
        # Not every camera has a driver to detach, and where it fails, claiming says why.
        with contextlib.suppress(usb.core.USBError, NotImplementedError):
            if self._device.is_kernel_driver_active(self._interface):
                self._device.detach_kernel_driver(self._interface)
                self._detached = self._interface

    # ---- transfers -------------------------------------------------------------------------------

    def read(self, buffer: array[int], milliseconds: int) -> int | None:
        """Read into `buffer`, whose length must be a multiple of the packet size.

        Returns the number of bytes, 0 for a zero-length packet, None if nothing came in time.
        Fewer bytes than asked for, and a multiple of the packet size, mean either a zero-length
        packet or the end of the time. Raises `EndpointStalledError` or another `TransportError`.
        """
        return self._transfer(self._device.read, self._bulk_in, buffer, milliseconds)

    def write(self, data: array[int], milliseconds: int) -> int | None:
        """Write `data`, or a zero-length packet where it is empty. Returns as `read` does."""
        return self._transfer(self._device.write, self._bulk_out, data, milliseconds)

    def read_event(self, buffer: array[int], milliseconds: int) -> int | None:
        """Read from the event endpoint, as `read` does. Without such an endpoint nothing comes."""
        if self._events is None:
            return None
        return self._transfer(self._device.read, self._events, buffer, milliseconds)

    def _transfer(
        self, call: Any, endpoint: int, data: array[int], milliseconds: int
    ) -> int | None:
        try:
            return int(call(endpoint, data, milliseconds))
        except self._timeout_error:
            return None
        except _REFUSALS as error:
            raise _failure(error) from error

    # ---- control ---------------------------------------------------------------------------------

    def cancel_request(self, transaction_id: int) -> None:
        """Ask the camera to end a transaction. Raises `TransportError`."""
        payload = struct.pack("<HI", EventCode.CANCEL_TRANSACTION, transaction_id)
        self._control(_CLASS_OUT, ClassRequest.CANCEL, payload)

    def device_reset_request(self) -> None:
        """Ask the camera to end its session and all it does for it. Raises `TransportError`."""
        self._control(_CLASS_OUT, ClassRequest.DEVICE_RESET, b"")

    def device_status(self) -> int | None:
        """Return what the camera says of itself, a response code, or None if it does not tell.

        Raises `TransportError` where the camera went away.
        """
        try:
            answer = self._control(_CLASS_IN, ClassRequest.GET_DEVICE_STATUS, 64)
        except EndpointStalledError:
            return None
        return int.from_bytes(answer[2:4], "little") if len(answer) >= 4 else None

    def _control(self, kind: int, request: int, data: bytes | int) -> Buffer:
        try:
            answer = self._device.ctrl_transfer(
                kind, request, 0, self._interface, data, _CONTROL_TIMEOUT
            )
        except _REFUSALS as error:
            raise _failure(error) from error
        return b"" if isinstance(answer, int) else bytes(answer)

    def clear_halts(self) -> None:
        """Clear both bulk endpoints. Raises `TransportError`."""
        try:
            self._device.clear_halt(self._bulk_in)
            self._device.clear_halt(self._bulk_out)
        except _REFUSALS as error:
            raise _failure(error) from error

    def port_reset(self) -> None:
        """Reset the camera's USB port, which ends everything. Raises `TransportError`."""
        try:
            self._device.reset()
        except _REFUSALS as error:
            raise _failure(error) from error

    def close(self) -> None:
        """Release the interface, give it back to the kernel's driver, close. Never raises."""
        import usb.core
        import usb.util

        if self._claimed:
            held.discard(self.location)
        self._claimed = False
        with contextlib.suppress(usb.core.USBError, NotImplementedError):
            usb.util.release_interface(self._device, self._interface)
            if self._detached is not None:
                self._device.attach_kernel_driver(self._detached)
        self._detached = None
        with contextlib.suppress(usb.core.USBError, NotImplementedError):
            usb.util.dispose_resources(self._device)


def _endpoint(interface: Any, transfer_type: int, direction: int) -> tuple[int, int] | None:
    """Return address and packet size of the first endpoint of that kind with a sane size."""
    for endpoint in interface:
        address, packet = endpoint.bEndpointAddress, endpoint.wMaxPacketSize & _PACKET_SIZE
        if (
            endpoint.bmAttributes & _TRANSFER_TYPE == transfer_type
            and address & _ENDPOINT_IN == direction
            and packet in _PACKET_SIZES
        ):
            return address, packet
    return None


def _failure(error: OSError | NotImplementedError) -> TransportError:
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        return EndpointStalledError("the camera refused to go on with the transfer")
    return transfer_error(error)
