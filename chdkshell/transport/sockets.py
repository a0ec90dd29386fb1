"""What sockets need to be told, and tell, on Windows."""

from __future__ import annotations

import os
import socket
import sys


def system_error(code: int) -> OSError:
    """Return the error that a code of a socket means, with the system's own text."""
    if sys.platform == "win32":
        import ctypes

        return OSError(code, ctypes.FormatError(code).rstrip(". \r\n"), None, code)
    return OSError(code, os.strerror(code))


def claim_port(listener: socket.socket) -> None:
    """Have the port that a socket will be bound to for itself alone.

    On Windows SO_REUSEADDR means that several programs may listen on a port; elsewhere only that
    nobody waits until the last connections of an earlier one are forgotten.
    """
    if sys.platform == "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections to an address of this computer. Raises `OSError`."""
    family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, number)
    try:
        claim_port(listener)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
