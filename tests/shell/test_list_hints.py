"""`list` on a terminal: below the table stands what to do about cameras that cannot be used."""

# needs: POSIX

from __future__ import annotations

import errno

import pexpect
from support.emulated_usb.fixtures import UsbBus
from support.shell_process import program
from support.timeouts import TIMEOUT


def test_what_to_do_stands_below_the_table(usb_bus: UsbBus) -> None:
    usb_bus.plug(4, open_errno=errno.EACCES)
    command, *arguments = program()
    child = pexpect.spawn(
        command,
        [*arguments, "-r", "-e", "list"],
        env=usb_bus.environment(),
        dimensions=(24, 110),
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    shown = child.read()
    child.close()
    assert child.exitstatus == 0
    assert shown.index("not permitted") < shown.index('1: put the line SUBSYSTEM=="usb"')
