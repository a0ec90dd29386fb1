"""Addresses of cameras on other computers: `ssh:[user@]host[:port][/ADDRESS]`."""

from __future__ import annotations

import re
from typing import NamedTuple

from chdkshell.errors import UsageError, printable_name

EXAMPLE = "like this: ssh:pi@pi1, ssh:pi1:2222, ssh:pi1/usb:serial=A1B2"

_HOST = re.compile(
    r"(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^\s:@/\[\]-][^\s:@/\[\]]*))(?::([0-9]{1,5}))?"
)
_USER = re.compile(r"[^\s:@/-][^\s:@/]*")


class SshTarget(NamedTuple):
    """A host as OpenSSH takes it, and the camera there. `address` "" is the only one on USB."""

    host: str
    user: str = ""
    port: int | None = None
    address: str = ""

    @classmethod
    def parse(cls, rest: str) -> SshTarget:
        """Read what follows "ssh:" in an address. Raises `UsageError`.

        A host or user that begins with a hyphen is refused: OpenSSH takes that for an option.
        """
        where, _, address = rest.partition("/")
        user, at, host = where.rpartition("@")
        found = _HOST.fullmatch(host)
        if not found or (at and not _USER.fullmatch(user)) or not where.isprintable():
            raise UsageError(f"'{printable_name(where)}' is no host for ssh", EXAMPLE)
        port = int(found[3]) if found[3] else None
        if port is not None and not 0 < port < 65536:
            raise UsageError(f"'{found[3]}' is not a port", EXAMPLE)
        if address and (":" not in address or not address.isprintable()):
            raise UsageError(f"'{printable_name(address)}' is not an address of a camera", EXAMPLE)
        return cls(found[1] or found[2], user, port, address)

    @property
    def login(self) -> str:
        """The host as the program takes it."""
        return f"{self.user}@{self.host}" if self.user else self.host

    @property
    def place(self) -> str:
        """The address without the camera."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        return f"ssh:{user}{host}" + (f":{self.port}" if self.port else "")

    def __str__(self) -> str:
        return f"{self.place}/{self.address}" if self.address else self.place

    def with_camera(self, address: str) -> SshTarget:
        """Return where another camera of the host is."""
        return self._replace(address=address)
