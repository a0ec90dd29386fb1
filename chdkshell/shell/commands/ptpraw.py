"""Single PTP operations, and those that the camera does as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import Integer, Named, PtpCodeType, Target
from chdkshell.shell.card.confirming import DoIt
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.ptpinfo import ask_first

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.ptp import RawAnswer

MAX_SENT = 1 << 30
"""Bytes of a file that one operation sends."""

HARMFUL = {
    0x100B: "delete objects",  # DeleteObject
    0x100F: "delete all that is on a storage",  # FormatStore
    0x1010: "reset the camera",  # ResetDevice
    0x1013: "switch the camera off",  # PowerDown
    0x1017: "give settings their factory values",  # ResetDevicePropValue
    0x1019: "move an object",  # MoveObject
    0x9105: "delete an object",  # EOSDeleteObject
    0x9106: "delete all that is on a storage",  # EOSFormatStore
    0x911F: "write a firmware to the camera",  # EOSUpdateFirmware
}
"""Operations that delete, move, reset, power off or update, and what they would do.

By number, since a start loads no `ptp.codes`.
"""

_FORMS = "write -out=0a0b0c, or -out=@FILE"


class Bytes(Named):
    """Bytes in hexadecimal, or `@FILE` with them."""

    def parse(self, text: str) -> bytes:
        if text.startswith("@"):
            return _file(text[1:])
        digits = re.sub(r"[\s:,]|0x", "", text)
        try:
            return bytes.fromhex(digits)
        except ValueError:
            raise UsageError(f"'{text}' is no hex", _FORMS) from None


def _file(name: str) -> bytes:
    from pathlib import Path

    from chdkshell.chdk.transfer import host_error

    path = Path(name)
    try:
        if path.stat().st_size > MAX_SENT:
            raise UsageError(f"{name} is too long", f"one operation sends up to {MAX_SENT} bytes")
        return path.read_bytes()
    except OSError as error:
        raise host_error("read", path, error) from error


@command("ptp raw", topic="ptp", needs=Needs.CAMERA)
def ptp_raw(
    context: Context,
    operation: Arg[
        str, PtpCodeType("operation"), "Its name or code, such as GetDeviceInfo or 0x1001."
    ],
    *params: Arg[int, Integer(-0x80000000), "Up to five parameters."],
    in_: Arg[Target | bool, "Take data from the camera, into a file if given."] = False,
    out: Arg[bytes | None, Bytes("hex|@file"), "Send these bytes to the camera."] = None,
    force: Arg[bool, "Send it though the camera does not list it."] = False,
    y: DoIt = False,
) -> RawAnswer:
    """Run one operation, and show its response, its parameters and its data.

    Without -in and -out the table of operations decides; of an unknown one, nothing is sent and
    what comes is taken. What deletes, formats, moves, resets, powers off or updates asks at a
    terminal and needs -y elsewhere.
    Example: ptp raw GetStorageIDs
    Example: ptp raw 0x1015 0x5001
    Example: ptp raw 0x1016 0xD033 -out=04000000416e6e00
    """
    from chdkshell.ptp.codes import ResponseCode
    from chdkshell.ptp.names import CodeKind
    from chdkshell.shell.results.ptp import RawAnswer
    from chdkshell.standard.datasets import fields_of

    device = context.camera.ptp
    code = device.operation(operation)
    if in_ and out is not None:
        raise UsageError("an operation sends or takes data, not both", "leave -in or -out out")
    name = device.names.name(CodeKind.OPERATION, code)
    if not force:
        try:
            device.require(code)
        except UsageError as error:
            error.detail = "`ptp ops` lists what it has; -force sends it anyway"
            raise
    if out is None and device.sends_data(code):
        raise UsageError(f"{name} sends data to the camera, and there is none", _FORMS)
    if code in HARMFUL:
        ask_first(context, HARMFUL[code], y)
    answer = device.try_transaction(code, *params, data=out, force=force, cancel=context.cancel)
    data, file = answer.data, ""
    if isinstance(in_, str) and answer.code == ResponseCode.OK:
        from pathlib import Path

        from chdkshell.chdk.transfer import write_whole

        file = in_
        write_whole(Path(file), data)
    found = fields_of(code, data) if data and not file else None
    result = RawAnswer(
        f"{name} (0x{code:04X})",
        device.names.name(CodeKind.RESPONSE, answer.code),
        answer.code,
        answer.params,
        data,
        None if found is None else tuple((field.name, field.value) for field in found),
        file,
    )
    if answer.code == ResponseCode.OK:
        return result
    context.emit(result)
    raise device.refusal(answer.code, code, answer.params)


@command("ptp capture", topic="ptp", needs=Needs.CAMERA)
def ptp_capture(
    context: Context,
    local: Arg[
        Target | None, "With -download: the folder or file to copy it to; else here."
    ] = None,
    *,
    download: Arg[bool, "Copy the picture to this computer."] = False,
    timeout: Arg[int, Integer(1, 3600, "s"), "How long to wait for the picture."] = 30,
) -> None:
    """Take a picture by standard PTP, or as older PowerShots let a computer release their shutter.

    A file that is here under its name stays: the new one gets a number.
    Example: ptp capture -download
    """
    from pathlib import Path

    from chdkshell.chdk.card.single import download_target
    from chdkshell.chdk.transfer import free_path
    from chdkshell.shell.results.ptp import StoredObject
    from chdkshell.standard.capture import capture
    from chdkshell.standard.objecttree import ObjectTree
    from chdkshell.standard.transfer import get

    device, tree = context.camera.ptp, ObjectTree(context.camera.ptp)
    for handle in capture(device, timeout, context.cancel):
        node = tree.resolve(str(handle), context.cancel)
        if not download:
            context.emit(StoredObject(node.path, handle, "", node.size))
            continue
        # names begin anew on an empty card, and a raw file comes beside its JPEG
        target = free_path(Path(download_target(node.path, local)))
        with context.progress(node.path) as progress:
            size = get(device, node, target, progress=progress, cancel=context.cancel)
        context.emit(StoredObject(node.path, handle, str(target), size))


@command("ptp power", topic="ptp", needs=Needs.CAMERA)
def ptp_power(context: Context, *, y: DoIt = False) -> None:
    """Switch the camera off.

    It asks at a terminal, and needs -y elsewhere.
    Example: ptp power -y
    """
    from chdkshell.ptp.codes import OperationCode

    _alone(context, OperationCode.POWER_DOWN, y)


@command("ptp reset", topic="ptp", needs=Needs.CAMERA)
def ptp_reset(context: Context, *, y: DoIt = False) -> None:
    """Reset the camera: it leaves the connection, and comes back as after power on.

    It asks at a terminal, and needs -y elsewhere.
    Example: ptp reset -y
    """
    from chdkshell.ptp.codes import OperationCode

    _alone(context, OperationCode.RESET_DEVICE, y)


def _alone(context: Context, code: int, yes: bool) -> None:
    """Run an operation without parameters that cannot be undone."""
    device = context.camera.ptp
    device.require(code)
    ask_first(context, HARMFUL[code], yes)
    device.transaction(code, cancel=context.cancel)
