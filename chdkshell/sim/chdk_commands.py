"""Operation 0x9999 on the simulated camera: the 15 commands as the firmware answers them.

Behaviour follows CHDK's trunk/core/ptp.c: how many parameters a response has, and that a failing
command that owes data sends one zero byte first.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chdkshell.chdk.constants import (
    NO_FILE_POSITION,
    ChdkCommand,
    MemoryMode,
    MessageStatus,
    ScriptLanguage,
    ScriptSupport,
    TempDataFlag,
)
from chdkshell.chdk.versions import LIVE_VIEW, REMOTE_CAPTURE, SCRIPT_FLAGS
from chdkshell.ptp.codes import ResponseCode
from chdkshell.sim.card import Card, CardFailure, path_text
from chdkshell.sim.display.screen import Screen
from chdkshell.sim.lua.host import ScriptHost
from chdkshell.sim.state import CameraState
from chdkshell.streams import Buffer, FileSource, Sink, Source

MAX_TEMP_DATA = 1 << 20
MAX_SCRIPT = 4 << 20
MAX_MESSAGE = 4 << 20
MAX_ARGUMENTS = 4096
"""Bytes that the camera has memory for; with more it answers GeneralError, as when malloc fails."""

_SINCE = {
    ChdkCommand.GET_DISPLAY_DATA: LIVE_VIEW.since,
    ChdkCommand.REMOTE_CAPTURE_IS_READY: REMOTE_CAPTURE.since,
    ChdkCommand.REMOTE_CAPTURE_GET_DATA: REMOTE_CAPTURE.since,
}
"""The protocol from which on there are the commands that not all cameras have."""

MAX_PATH = 1024
"""Bytes of an uploaded file's name; no camera takes that many."""


class Answer(NamedTuple):
    """How the camera ends a transaction: response code and parameters."""

    code: int = ResponseCode.OK
    params: tuple[int, ...] = ()


_GENERAL_ERROR = Answer(ResponseCode.GENERAL_ERROR)


class _TooMuch(Exception):  # noqa: N818 - not an error of this program
    """The initiator sends more than the camera has memory for."""


class ChdkCommands:
    """The state behind the commands, and one method a command."""

    def __init__(self, card: Card, state: CameraState, scripts: ScriptHost, screen: Screen) -> None:
        self._card = card
        self._state = state
        self._scripts = scripts
        self._screen = screen
        self._temp_data: bytes | None = None
        self._commands: dict[int, Callable[[tuple[int, ...], Source | None, Sink], Answer]] = {
            ChdkCommand.VERSION: self._version,
            ChdkCommand.GET_MEMORY: self._get_memory,
            ChdkCommand.SET_MEMORY: self._set_memory,
            ChdkCommand.CALL_FUNCTION: self._call_function,
            ChdkCommand.TEMP_DATA: self._temp_data_command,
            ChdkCommand.UPLOAD_FILE: self._upload_file,
            ChdkCommand.DOWNLOAD_FILE: self._download_file,
            ChdkCommand.EXECUTE_SCRIPT: self._execute_script,
            ChdkCommand.SCRIPT_STATUS: self._script_status,
            ChdkCommand.SCRIPT_SUPPORT: self._script_support,
            ChdkCommand.READ_SCRIPT_MSG: self._read_script_msg,
            ChdkCommand.WRITE_SCRIPT_MSG: self._write_script_msg,
            ChdkCommand.GET_DISPLAY_DATA: self._get_display_data,
            ChdkCommand.REMOTE_CAPTURE_IS_READY: self._remote_capture_is_ready,
            ChdkCommand.REMOTE_CAPTURE_GET_DATA: self._remote_capture_get_data,
        }
        for command, since in _SINCE.items():
            if state.identity.protocol < since:
                del self._commands[command]

    def run(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        """Run the command that the first parameter names. Parameters left out count as 0."""
        all_five = (*params, 0, 0, 0, 0, 0)
        command = self._commands.get(all_five[0])
        if command is None:
            return Answer(ResponseCode.PARAMETER_NOT_SUPPORTED)
        try:
            return command(all_five[1:5], source, sink)
        except _TooMuch:
            return _GENERAL_ERROR

    # ---- memory ---------------------------------------------------------------------------------

    def _version(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return Answer(params=self._state.identity.protocol)

    def _get_memory(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        address, size, mode, _ = params
        if not 1 <= size < 1 << 31 or mode not in (MemoryMode.DIRECT, MemoryMode.BUFFERED):
            return _GENERAL_ERROR
        sink.begin(size)
        for part in self._state.memory.read(address, size):
            sink.write(part)
        return Answer()

    def _set_memory(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        address, size, *_ = params
        if not address or not 1 <= size < 1 << 31:
            return _GENERAL_ERROR
        data = _collect(source, self._state.memory.room)
        if len(data) < size:
            return _GENERAL_ERROR
        return Answer() if self._state.memory.write(address, data[:size]) else _GENERAL_ERROR

    def _call_function(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        """Answer with the first argument: what a function that only returns leaves in R0."""
        data = _collect(source, MAX_ARGUMENTS)
        if not data or len(data) % 4:
            return _GENERAL_ERROR
        _pointer, *arguments = struct.unpack(f"<{len(data) // 4}I", data)
        return Answer(params=(arguments[0] if arguments else 0,))

    # ---- files ----------------------------------------------------------------------------------

    def _temp_data_command(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        flags = params[0]
        if flags & TempDataFlag.DOWNLOAD:
            if self._temp_data is None:
                return _GENERAL_ERROR
            _send(sink, self._temp_data)
        elif not flags & TempDataFlag.CLEAR:
            self._temp_data = None
            self._temp_data = _collect(source, MAX_TEMP_DATA)
        if flags & TempDataFlag.CLEAR:
            self._temp_data = None
        return Answer()

    def _upload_file(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        stream = _Stream(source)
        name_length = int.from_bytes(stream.take(4), "little")
        if name_length > MAX_PATH:
            return _GENERAL_ERROR
        name = stream.take(name_length)
        if len(name) < name_length or not name:
            return _GENERAL_ERROR
        path = path_text(name)
        try:
            file = self._card.open(path, "w")
        except CardFailure:
            return _GENERAL_ERROR
        # As the firmware does: it does not look whether the card takes what it writes, and leaves
        # what it has where the data phase breaks off.
        try:
            for part in stream.rest():
                with contextlib.suppress(OSError):
                    file.write(part)
        finally:
            with contextlib.suppress(OSError):
                file.close()
        self._state.clock.sleep(self._state.pace.file_ms)
        return Answer()

    def _download_file(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        name, self._temp_data = self._temp_data, None
        if name is None:
            return _fail_with_data(sink)
        try:
            size = self._card.stat(path_text(name)).size
            file = self._card.open(path_text(name))
        except CardFailure:
            return _fail_with_data(sink)
        with file:
            if size:
                sink.begin(size)
                for part in FileSource(file, size).chunks():
                    sink.write(part)
        return Answer(params=(size & 0xFFFFFFFF,))

    # ---- scripts --------------------------------------------------------------------------------

    def _execute_script(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        scripts = self._scripts
        flags = params[0]
        if flags & 0xFF != ScriptLanguage.LUA:
            return Answer(ResponseCode.PARAMETER_NOT_SUPPORTED, (scripts.last_id, 0))
        try:
            code = _collect(source, MAX_SCRIPT)
        except _TooMuch:
            return Answer(ResponseCode.GENERAL_ERROR, (scripts.last_id, 0))
        if self._state.identity.protocol < SCRIPT_FLAGS.since:
            flags = ScriptLanguage.LUA
        return Answer(params=scripts.execute(code, flags))

    def _script_status(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return Answer(params=(self._scripts.status(),))

    def _script_support(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        return Answer(params=(ScriptSupport.LUA,))

    def _read_script_msg(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        message = self._scripts.read_message()
        _send(sink, message.data or b"\0")
        return Answer(params=(message.type, message.subtype, message.script_id, len(message.data)))

    def _write_script_msg(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        data = _collect(source, MAX_MESSAGE)
        if not data:
            return Answer(ResponseCode.GENERAL_ERROR, (MessageStatus.QUEUED,))
        return Answer(params=(self._scripts.write_message(data, params[0]),))

    # ---- display and capture --------------------------------------------------------------------

    def _get_display_data(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        data = self._screen.display_data(params[0])
        _send(sink, data)
        return Answer(params=(len(data),))

    def _remote_capture_is_ready(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        return Answer(params=self._state.capture.is_ready())

    def _remote_capture_get_data(
        self, params: tuple[int, ...], source: Source | None, sink: Sink
    ) -> Answer:
        capture, bit = self._state.capture, params[0]
        piece = capture.next_piece(bit)
        if piece is None:
            _send(sink, b"\0")
            return Answer(ResponseCode.GENERAL_ERROR, (0, 0, NO_FILE_POSITION))
        size = piece.data.length or 0
        try:
            sink.begin(size)
            for part in piece.data.chunks():
                sink.write(part)
        except BaseException:
            capture.reset()
            raise
        code = ResponseCode.OK if capture.sent(bit, piece.more) else ResponseCode.GENERAL_ERROR
        return Answer(code, (size, int(piece.more), NO_FILE_POSITION))


class _Stream:
    """A source from which a header of known size is taken first."""

    def __init__(self, source: Source | None) -> None:
        self._chunks: Iterator[Buffer] = iter(()) if source is None else source.chunks()
        self._ahead: Buffer = b""

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes, or fewer at the end."""
        taken = bytearray()
        while len(taken) < count:
            if not len(self._ahead):
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                self._ahead = chunk
            view = memoryview(self._ahead)
            part = view[: count - len(taken)]
            taken += part
            self._ahead = view[len(part) :]
        return bytes(taken)

    def rest(self) -> Iterator[Buffer]:
        """Yield all that was not taken."""
        if len(self._ahead):
            yield self._ahead
        yield from self._chunks


def _collect(source: Source | None, limit: int) -> bytes:
    """Return all of a data phase. Raises `_TooMuch` above `limit` bytes."""
    if source is None:
        return b""
    if (source.length or 0) > limit:
        raise _TooMuch
    data = bytearray()
    for chunk in source.chunks():
        if len(data) + len(chunk) > limit:
            raise _TooMuch
        data += chunk
    return bytes(data)


def _send(sink: Sink, data: bytes) -> None:
    sink.begin(len(data))
    if data:
        sink.write(data)


def _fail_with_data(sink: Sink) -> Answer:
    _send(sink, b"\0")
    return _GENERAL_ERROR
