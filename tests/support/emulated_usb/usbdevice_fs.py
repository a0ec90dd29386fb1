"""Numbers and layouts of <linux/usbdevice_fs.h> on 64-bit Linux."""

from __future__ import annotations

import struct

URB = struct.Struct("@BBiIPiiiiIIP")
CONTROL_URB = 2
ZERO_PACKET = 0x40
DRIVER_CALL = struct.Struct("@iiP")
CONTROL_CALL = struct.Struct("@BBHHHIP")
SETUP_SIZE = 8
POINTER = struct.calcsize("P")

CAPABILITIES = 0x01 | 0x04 | 0x08 | 0x10
"""Zero packets, no packet size limit, scatter-gather, reap after disconnect."""

HIGH_SPEED = 3


def _ioctl(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("U") << 8 | number


_NONE, _READ, _WRITE = 0, 2, 1
# Which way data goes as the header's _IOR and _IOW have it, which is not always the way it goes.
CONTROL = _ioctl(_READ | _WRITE, 0, CONTROL_CALL.size)
RESET_ENDPOINT = _ioctl(_READ, 3, 4)
SET_INTERFACE = _ioctl(_READ, 4, 8)
SET_CONFIGURATION = _ioctl(_READ, 5, 4)
GET_DRIVER = _ioctl(_WRITE, 8, 260)
SUBMIT_URB = _ioctl(_READ, 10, URB.size)
DISCARD_URB = _ioctl(_NONE, 11, 0)
REAP_URB = _ioctl(_WRITE, 12, POINTER)
REAP_URB_NO_DELAY = _ioctl(_WRITE, 13, POINTER)
CLAIM_INTERFACE = _ioctl(_READ, 15, 4)
RELEASE_INTERFACE = _ioctl(_READ, 16, 4)
CONNECT_INFO = _ioctl(_WRITE, 17, 8)
DRIVER = _ioctl(_READ | _WRITE, 18, DRIVER_CALL.size)
RESET = _ioctl(_NONE, 20, 0)
CLEAR_HALT = _ioctl(_READ, 21, 4)
DISCONNECT = _ioctl(_NONE, 22, 0)
CONNECT = _ioctl(_NONE, 23, 0)
GET_CAPABILITIES = _ioctl(_READ, 26, 4)
DISCONNECT_CLAIM = _ioctl(_READ, 27, 264)
GET_SPEED = _ioctl(_NONE, 31, 0)
