"""Numbers of the CHDK operation (trunk/core/ptp.h of CHDK, protocol 2.9).

Client and simulator share them.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

PROTOCOL_VERSION = (2, 9)
"""The newest protocol that this project knows, and that the simulated camera speaks."""

SCRIPT_QUEUE_LENGTH = 15
"""Messages that each queue between host and script holds (a ring of 16)."""

_KEYS = """
ae_lock auto display down erase expo_corr face fe flash framing_assist frontdial_left
frontdial_right help iso jogdial_left jogdial_right left macro menu metering_mode mf mode no_key
playback print remote right set shoot_full shoot_full_only shoot_half timer up video wifi
zoom_assist zoom_in zoom_out
"""
KEY_NAMES = frozenset(_KEYS.split())
"""Names that scripts may give keys. `no_key` is what was clicked when wait_click timed out."""


class ChdkCommand(IntEnum):
    """The first parameter of operation 0x9999."""

    VERSION = 0
    GET_MEMORY = 1
    SET_MEMORY = 2
    CALL_FUNCTION = 3
    TEMP_DATA = 4
    UPLOAD_FILE = 5
    DOWNLOAD_FILE = 6
    EXECUTE_SCRIPT = 7
    SCRIPT_STATUS = 8
    SCRIPT_SUPPORT = 9
    READ_SCRIPT_MSG = 10
    WRITE_SCRIPT_MSG = 11
    GET_DISPLAY_DATA = 12
    REMOTE_CAPTURE_IS_READY = 13
    REMOTE_CAPTURE_GET_DATA = 14


class MemoryMode(IntEnum):
    """How GetMemory reads: straight from the address, or through a buffer (2.8 and newer)."""

    DIRECT = 0
    BUFFERED = 1


class TempDataFlag(IntFlag):
    """What TempData does beside setting the data."""

    DOWNLOAD = 1
    CLEAR = 2


class ScriptLanguage(IntEnum):
    """The low byte of ExecuteScript's second parameter."""

    LUA = 0
    UBASIC = 1


class ScriptFlag(IntFlag):
    """Flags of ExecuteScript (2.6 and newer)."""

    NONE = 0
    NO_KILL = 0x100
    FLUSH_CAMERA_MESSAGES = 0x200
    FLUSH_HOST_MESSAGES = 0x400


class ScriptStart(IntEnum):
    """The second response parameter of ExecuteScript."""

    STARTED = 0
    COMPILE_ERROR = 1
    RUNNING = 0x1000


class ScriptStatus(IntFlag):
    """The answer of ScriptStatus."""

    RUNNING = 1
    MESSAGE_WAITING = 2


class ScriptSupport(IntFlag):
    """The answer of ScriptSupport."""

    LUA = 1


class MessageType(IntEnum):
    """What a message from a script is."""

    NONE = 0
    ERROR = 1
    RETURN = 2
    USER = 3


class ValueType(IntEnum):
    """The subtype of return and user messages: the Lua type of the value."""

    UNSUPPORTED = 0
    NIL = 1
    BOOLEAN = 2
    INTEGER = 3
    STRING = 4
    TABLE = 5


class ErrorType(IntEnum):
    """The subtype of error messages."""

    NONE = 0
    COMPILE = 1
    RUNTIME = 2


class MessageStatus(IntEnum):
    """The answer of WriteScriptMsg."""

    QUEUED = 0
    NO_SCRIPT = 1
    QUEUE_FULL = 2
    BAD_SCRIPT_ID = 3


class DisplayData(IntFlag):
    """Parts of the display that GetDisplayData can send."""

    VIEWPORT = 1
    BITMAP = 4
    PALETTE = 8
    BITMAP_OPACITY = 0x10


class CaptureData(IntFlag):
    """Kinds of data that a remote capture can give."""

    JPEG = 1
    RAW = 2
    DNG_HEADER = 4
    CANON_RAW = 8


CAPTURE_NOT_INITIALISED = 0x10000000
"""RemoteCaptureIsReady: no capture was set up, or it timed out or was cancelled."""

NO_FILE_POSITION = 0xFFFFFFFF
"""RemoteCaptureGetData: the chunk follows the one before it."""
