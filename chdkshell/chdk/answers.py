"""What CHDK's commands answer, as values, and checks of what a camera claims."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeVar

from chdkshell.chdk.constants import CaptureData, ScriptStart
from chdkshell.errors import ChdkError, PtpError, UsageError
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.transaction import Response
from chdkshell.reasons import Reason

_Code = TypeVar("_Code", bound=IntEnum)

MAX_MESSAGE = 16 << 20
"""Bytes of a script's message that are accepted; a camera's whole heap is smaller."""

MAX_DISPLAY_DATA = 64 << 20
"""Bytes of live view data that are accepted: far above any screen with its overlay."""

MAX_MEMORY = 256 << 20
"""Bytes that GetMemory is asked for at once at most; no such camera has more memory."""


class ExecutedScript(NamedTuple):
    """How ExecuteScript ended: the script's id, and whether it was started."""

    script_id: int
    start: ScriptStart


class CaptureState(NamedTuple):
    """What a remote capture has ready. `initialised` is False where no capture is set up."""

    available: CaptureData
    image_number: int
    initialised: bool


class CaptureChunk(NamedTuple):
    """One piece of captured data: its bytes, whether more follow, and where in the file it goes.

    `position` is None where the piece follows the one before it.
    """

    length: int
    more: bool
    position: int | None


def exact(data: bytes | None, length: int, what: str) -> bytes:
    """Return a data phase that must have `length` bytes. Raises `ChdkError`."""
    received = data or b""
    check_count(len(received), length, what)
    return received


def check_count(received: int, length: int, what: str) -> None:
    """Raise `ChdkError` where a data phase had another number of bytes than it must have."""
    if received != length:
        raise ChdkError(f"{what}: the camera sent {received} bytes instead of {length}")


def unsigned_word(value: int) -> int:
    """Return `value` as an unsigned 32-bit word. Raises `UsageError` where it is none."""
    if not -0x80000000 <= value <= 0xFFFFFFFF:
        raise UsageError(f"{value:#x} does not fit in 32 bits")
    return value & 0xFFFFFFFF


def known(kind: type[_Code], value: int, what: str) -> _Code:
    """Return the member of an enum that the camera's `value` stands for. Raises `ChdkError`."""
    try:
        return kind(value)
    except ValueError:
        raise ChdkError(f"the camera sent {value} as {what}, which is unknown") from None


def shown(path: bytes) -> str:
    """Return a path on the card for a message."""
    return path.decode("utf-8", "backslashreplace")


def response_words(code: int) -> str:
    """Return a response code in words, as chdkptp prints it: "General Error"."""
    try:
        return ResponseCode(code).name.replace("_", " ").title()
    except ValueError:
        return f"response 0x{code:04X}"


def answered(response: Response, count: int, asked: str, refused: Reason) -> tuple[int, ...]:
    """Return the first `count` parameters of a response, which must carry as many.

    Raises `PtpError` where it is a refusal, for the reason `refused`, and `ChdkError`. `asked`
    completes "the camera was asked ...".
    """
    if response.code != ResponseCode.OK:
        raise PtpError(
            response.code,
            OperationCode.CHDK,
            f"{response_words(response.code)}: the camera was asked {asked}",
            response.params,
            reason=refused,
        )
    if (got := len(response.params)) < count:
        said = f"{got} values instead of {count} when asked {asked}"
        raise ChdkError(f"the camera answered with {said}")
    return response.params[:count]
