"""The methods of a connection that use CHDK."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.constants import (
    CAPTURE_NOT_INITIALISED,
    CaptureData,
    DisplayData,
    ErrorType,
    MemoryMode,
    MessageStatus,
    MessageType,
    ScriptFlag,
    ScriptStart,
    ScriptStatus,
    ValueType,
)
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.transfer import PartFile
from chdkshell.hostlua.arguments import data, instance, integer, path, word
from chdkshell.hostlua.buffers import Lbuf
from chdkshell.hostlua.connections import LuaConnection
from chdkshell.hostlua.faults import Fault
from chdkshell.hostlua.services import Host
from chdkshell.streams import BytesSink, FileSink, FileSource

if TYPE_CHECKING:
    from chdkshell.chdk.protocol import ChdkProtocol

MAX_CHUNK = 1 << 30
"""Bytes of a captured chunk that are accepted."""

MOST_ARGUMENTS = 10


def _protocol(con: object) -> ChdkProtocol:
    return instance(con, LuaConnection, 1).protocol


def _value(message: ScriptMessage) -> object:
    """Return a message's value as chdkptp gives it: tables and the unsupported stay strings."""
    if message.type is MessageType.ERROR:
        return message.data
    match message.subtype:
        case ValueType.NIL:
            return None
        case ValueType.BOOLEAN:
            return any(message.data)
        case ValueType.INTEGER:
            return int(struct.unpack("<i", message.data[:4].ljust(4, b"\0"))[0])
    return message.data


def _subtype(message: ScriptMessage) -> str:
    is_error = message.type is MessageType.ERROR
    names = ErrorType if is_error else ValueType
    try:
        return names(message.subtype).name.lower()
    except ValueError:
        return "unknown_error_subtype" if is_error else "unknown_msg_subtype"


def message_table(message: ScriptMessage) -> dict[str, object]:
    """Return a message as read_msg does."""
    return {
        "script_id": message.script_id,
        "type": message.type.name.lower(),
        "subtype": _subtype(message),
        "value": _value(message),
    }


class CameraCalls:
    """What connections can do with CHDK, all cancelled by the host's token."""

    def __init__(self, host: Host) -> None:
        self._host = host

    # ---- scripts ----

    def execlua(self, con: object, code: object = None, flags: object = None) -> None:
        """Start a script."""
        camera = instance(con, LuaConnection, 1).camera
        source = b"" if code is None else data(code, 2)
        started = camera.protocol.execute_script(source, ScriptFlag(integer(flags, 3, 0)))
        camera.scripts.last_id = started.script_id
        if started.start == ScriptStart.COMPILE_ERROR:
            raise Fault("execlua_compile", "compile error")
        if started.start == ScriptStart.RUNNING:
            raise Fault("execlua_scriptrun", "a script is already running")
        if camera not in self._host.started:
            self._host.started.append(camera)

    def script_status(self, con: object) -> dict[str, object]:
        """Whether a script runs, and whether a message waits."""
        status = _protocol(con).script_status(self._host.cancel)
        running, waiting = ScriptStatus.RUNNING in status, ScriptStatus.MESSAGE_WAITING in status
        return {"run": running, "msg": waiting}

    def script_support(self, con: object) -> int:
        """Which script languages there are."""
        return int(_protocol(con).script_support(self._host.cancel))

    def get_script_id(self, con: object) -> int | bool:
        """The id of the script that was started last, false for none."""
        camera = instance(con, LuaConnection, 1).found
        return (camera.scripts.last_id if camera else None) or False

    def read_msg(self, con: object) -> dict[str, object]:
        """Take the next message; its type is none where there is none."""
        message = _protocol(con).read_message()
        if message is None:
            return {"script_id": 0, "type": "none"}
        return message_table(message)

    def write_msg(self, con: object, message: object = None, script_id: object = None) -> None:
        """Send a message to the script that was started last, or to the one of an id."""
        camera = instance(con, LuaConnection, 1).camera
        if not isinstance(message, str | bytes | int | float) or not data(message, 2):
            raise Fault("bad_arg", "invalid data", critical=True)
        target = word(script_id, 3, camera.scripts.last_id or 0)
        match camera.protocol.write_message(data(message, 2), target, self._host.cancel):
            case MessageStatus.NO_SCRIPT:
                raise Fault("msg_notrun", "no script running")
            case MessageStatus.QUEUE_FULL:
                raise Fault("msg_full", "message queue full")
            case MessageStatus.BAD_SCRIPT_ID:
                raise Fault("msg_badid", "bad script id")

    # ---- files ----

    def upload(self, con: object, source: object, target: object) -> None:
        """Send a file of this computer to the card."""
        protocol, local = _protocol(con), path(source, 2)
        with open(local, "rb") as file:
            length = file.seek(0, 2)
            file.seek(0)
            content = FileSource(file, length)
            protocol.upload_file(data(target, 3), content, cancel=self._host.cancel)

    def download(self, con: object, source: object, target: object) -> None:
        """Fetch a file from the card. One that does not arrive whole leaves nothing behind."""
        protocol = _protocol(con)
        with PartFile(Path(path(target, 3))) as part:
            protocol.download_file(data(source, 2), FileSink(part.file), cancel=self._host.cancel)
            part.finish(None)

    # ---- memory ----

    def getmem(
        self, con: object, address: object, size: object, form: object = None, flags: object = None
    ) -> object:
        """Read memory as a string, a number of 32 bits, or an lbuf."""
        mode = MemoryMode.BUFFERED if integer(flags, 5, 0) else MemoryMode.DIRECT
        kind = b"string" if form is None else data(form, 4)
        content = _protocol(con).get_memory(
            word(address, 2), word(size, 3), mode, cancel=self._host.cancel
        )
        match kind:
            case b"string":
                return content
            case b"number":
                return int.from_bytes(content[:4], "little")
            case b"lbuf":
                return Lbuf(content)
        raise Fault("bad_arg", "memory comes as string, number or lbuf", critical=True)

    def setmem(self, con: object, address: object = None, content: object = None) -> None:
        """Refuse: chdkptp has no such function either."""
        raise Fault("not_implemented", "not implemented, use poke() in Lua on the camera")

    def call_function(self, con: object, *words: object) -> int:
        """Call a function of the camera's firmware with numbers; return its signed result."""
        protocol = _protocol(con)
        if not 1 <= len(words) <= MOST_ARGUMENTS:
            raise Fault("bad_arg", "invalid number of arguments", critical=True)
        numbers = [word(value, index) for index, value in enumerate(words, 2)]
        result = protocol.call_function(*numbers, cancel=self._host.cancel)
        return result - (1 << 32) if result >= 1 << 31 else result

    # ---- pictures ----

    def get_live_data(self, con: object, buffer: object = None, parts: object = None) -> Lbuf:
        """Fetch a frame of the screen, into a buffer where one is given."""
        frame = _protocol(con).get_display_data(DisplayData(word(parts, 3, 0)), self._host.cancel)
        if isinstance(buffer, Lbuf):
            buffer.content = bytearray(frame)
            return buffer
        return Lbuf(frame)

    def capture_ready(self, con: object) -> tuple[int, int]:
        """Which kinds of captured data are ready, and the picture's number."""
        state = _protocol(con).remote_capture_is_ready(self._host.cancel)
        ready = int(state.available) if state.initialised else CAPTURE_NOT_INITIALISED
        return ready, state.image_number

    def capture_get_chunk(self, con: object, kind: object = None) -> dict[str, object]:
        """Fetch the next chunk of one kind of captured data."""
        sink = BytesSink(MAX_CHUNK)
        wanted = CaptureData(integer(kind, 2) & 0xF)
        chunk = _protocol(con).remote_capture_get_data(wanted, sink, cancel=self._host.cancel)
        found: dict[str, object] = {
            "size": chunk.length,
            "last": not chunk.more,
            "data": Lbuf(sink.data or b""),
        }
        if chunk.position is not None:
            found["offset"] = chunk.position
        return found

    def functions(self) -> dict[str, Callable[..., object]]:
        """Return what the library chdk_connection has of them."""
        return {
            "camera_api_version": lambda con=None: _protocol(con).version(self._host.cancel),
            "execlua": self.execlua,
            "upload": self.upload,
            "download": self.download,
            "getmem": self.getmem,
            "setmem": self.setmem,
            "call_function": self.call_function,
            "script_support": self.script_support,
            "script_status": self.script_status,
            "read_msg": self.read_msg,
            "write_msg": self.write_msg,
            "get_script_id": self.get_script_id,
            "get_live_data": self.get_live_data,
            "capture_ready": self.capture_ready,
            "capture_get_chunk": self.capture_get_chunk,
        }
