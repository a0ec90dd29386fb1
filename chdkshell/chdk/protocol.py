"""The 15 commands of the CHDK operation as typed methods.

Layouts, flags and limits are those of CHDK's trunk/core/ptp.h and ptp.c. Every method raises
`NoChdkError` where the camera does not know the operation, `ChdkVersionError` where its CHDK is too
old, `PtpError` where it answers an error, and `TransportError` where the connection fails.
"""

from __future__ import annotations

import struct
from collections.abc import Collection

from chdkshell.chdk import versions
from chdkshell.chdk.answers import (
    MAX_DISPLAY_DATA,
    MAX_MEMORY,
    MAX_MESSAGE,
    CaptureChunk,
    CaptureState,
    ExecutedScript,
    answered,
    check_count,
    exact,
    known,
    shown,
    unsigned_word,
)
from chdkshell.chdk.constants import (
    CAPTURE_NOT_INITIALISED,
    NO_FILE_POSITION,
    CaptureData,
    ChdkCommand,
    DisplayData,
    MemoryMode,
    MessageStatus,
    MessageType,
    ScriptFlag,
    ScriptLanguage,
    ScriptStart,
    ScriptStatus,
    ScriptSupport,
    TempDataFlag,
)
from chdkshell.chdk.dataphase import DummyGuard, WithHeader, script_payload
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.versions import Feature, Version
from chdkshell.errors import CardError, ChdkError, NoChdkError, PtpError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.session import Session
from chdkshell.reasons import Reason
from chdkshell.streams import Buffer, BytesSink, BytesSource, Sink, Source

__all__ = ["CaptureChunk", "CaptureState", "ChdkProtocol", "ExecutedScript", "ScriptMessage"]


class ChdkProtocol:
    """Commands to the CHDK at the other end of `session`.

    `operations` are those that the camera's DeviceInfo lists, None where that is not known: a
    camera that does not list CHDK's is not sent it. `absence` is the reason that is told then.
    """

    def __init__(
        self,
        session: Session,
        operations: Collection[int] | None = None,
        absence: Reason = Reason.NO_CHDK,
    ) -> None:
        self.session = session
        self._absence = absence
        self._offered = operations is None or OperationCode.CHDK in operations
        self._version: Version | None = None

    # ---- what the camera has ----

    def version(self, cancel: CancelToken = NEVER) -> Version:
        """Return the major and minor version of the camera's protocol. It is asked for once.

        A camera that lists CHDK's operation for something of its own refuses that, or answers what
        is no version: `NoChdkError`, from then on for every command.
        """
        if self._version is None:
            try:
                version = self._command(2, ChdkCommand.VERSION, asked="its version", cancel=cancel)
            except (ChdkError, PtpError) as error:
                if isinstance(error, PtpError) and error.code == ResponseCode.DEVICE_BUSY:
                    raise
                version = (0, 0)
            if not 0 < version[0] <= versions.LAST_MAJOR:
                self._offered = False
                raise self.no_chdk()
            self._version = version[0], version[1]
        return self._version

    def no_chdk(self) -> NoChdkError:
        """Return the error for what needs CHDK, where the camera does not run it."""
        whose = ", which is for Canon's" if self._absence is Reason.OTHER_MAKER else ""
        return NoChdkError(f"the camera does not run CHDK{whose}", reason=self._absence)

    def supports(self, feature: Feature) -> bool:
        """Whether the camera's CHDK is new enough for `feature` (`chdk.versions`)."""
        return versions.supports(self.version(), feature)

    def require(self, feature: Feature) -> None:
        """Raise `ChdkVersionError` unless the camera's CHDK is new enough for `feature`."""
        versions.check(self.version(), feature)

    # ---- memory ----

    def get_memory(
        self,
        address: int,
        size: int,
        mode: MemoryMode = MemoryMode.DIRECT,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> bytes:
        """Return `size` bytes of the camera's memory, from `address` on.

        Buffered mode (2.8 and newer) is slower, and reaches memory that the camera's DMA cannot.
        A camera may crash where there is no memory at the address.
        """
        if not 1 <= size <= MAX_MEMORY:
            raise UsageError(f"cannot read {size} bytes of memory: 1 to {MAX_MEMORY} are possible")
        if mode != MemoryMode.DIRECT:
            self.require(versions.BUFFERED_MEMORY)
        sink = BytesSink(size)
        asked = f"{size} bytes of memory at 0x{unsigned_word(address):08x}"
        parameters = (ChdkCommand.GET_MEMORY, unsigned_word(address), size, mode)
        self._command(0, *parameters, asked=asked, sink=sink, progress=progress, cancel=cancel)
        return exact(sink.data, size, asked)

    def set_memory(self, address: int, data: Buffer, cancel: CancelToken = NEVER) -> None:
        """Write `data` to the camera's memory at `address`. Wrong addresses crash the camera."""
        if not len(data):
            raise UsageError("no bytes to write to memory")
        self._command(
            0,
            ChdkCommand.SET_MEMORY,
            unsigned_word(address),
            len(data),
            asked=f"to write {len(data)} bytes of memory at 0x{unsigned_word(address):08x}",
            source=BytesSource(data),
            cancel=cancel,
        )

    def call_function(self, pointer: int, *arguments: int, cancel: CancelToken = NEVER) -> int:
        """Call the function at `pointer` with 32-bit arguments; return its result, unsigned.

        Before protocol 2.5 there can be 10 arguments at most. Wrong pointers crash the camera.
        """
        if len(arguments) > versions.MAX_OLD_ARGUMENTS:
            self.require(versions.MANY_ARGUMENTS)
        words = [unsigned_word(word) for word in (pointer, *arguments)]
        (result,) = self._command(
            1,
            ChdkCommand.CALL_FUNCTION,
            asked=f"to call the function at 0x{words[0]:08x}",
            source=BytesSource(struct.pack(f"<{len(words)}I", *words)),
            cancel=cancel,
        )
        return result

    # ---- files and the one temporary buffer ----

    def set_temp_data(self, data: Buffer, cancel: CancelToken = NEVER) -> None:
        """Leave `data` in the camera's temporary buffer, the one DownloadFile takes its name from.

        At least one byte: PTP over USB has no way to send an empty data phase to every camera.
        """
        if not len(data):
            raise UsageError("no bytes for the camera's temporary buffer")
        asked = "to keep temporary data"
        source = BytesSource(data)
        self._command(0, ChdkCommand.TEMP_DATA, 0, asked=asked, source=source, cancel=cancel)

    def get_temp_data(self, clear: bool = False, cancel: CancelToken = NEVER) -> bytes:
        """Return what is in the temporary buffer, and empty it if `clear`.

        Raises `PtpError` where it holds nothing.
        """
        sink = BytesSink(MAX_MESSAGE)
        flags = TempDataFlag.DOWNLOAD | (TempDataFlag.CLEAR if clear else 0)
        asked = "its temporary data"
        self._command(0, ChdkCommand.TEMP_DATA, flags, asked=asked, sink=sink, cancel=cancel)
        return sink.data or b""

    def clear_temp_data(self, cancel: CancelToken = NEVER) -> None:
        """Empty the temporary buffer."""
        asked = "to clear temporary data"
        self._command(0, ChdkCommand.TEMP_DATA, TempDataFlag.CLEAR, asked=asked, cancel=cancel)

    def upload_file(
        self,
        path: bytes,
        source: Source,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Write the bytes of `source`, whose length must be known, to the file `path` on the card.

        A file that is there is overwritten. Raises `PtpError` where the camera cannot open the file
        for writing: no such directory, a directory of that name, a protected or full card.
        """
        self._command(
            0,
            ChdkCommand.UPLOAD_FILE,
            asked=f"to write {shown(path)}",
            refused=Reason.NO_SUCH_FOLDER,
            source=WithHeader(struct.pack("<I", len(path)) + path, source),
            progress=progress,
            cancel=cancel,
        )

    def download_file(
        self, path: bytes, sink: Sink, progress: Progress = SILENT, cancel: CancelToken = NEVER
    ) -> int:
        """Write the contents of the file `path` on the card to `sink`; return its size in bytes.

        An empty file has no data phase: `sink.begin` is then never called. Raises `PtpError` where
        the camera cannot open the file, and `CardError` where it sent more or fewer bytes than it
        says the file has.
        """
        guard = DummyGuard(sink)
        with self.session.exclusive():
            self.set_temp_data(path, cancel)
            (size,) = self._command(
                1,
                ChdkCommand.DOWNLOAD_FILE,
                asked=f"to read {shown(path)}",
                refused=Reason.NOT_ON_CARD,
                sink=guard,
                progress=progress,
                cancel=cancel,
            )
        guard.release()
        if guard.count != size:
            raise CardError(
                f"{shown(path)} has {size} bytes, but the camera sent {guard.count}",
                shown(path),
                "try again; some cameras fail on transfers of particular sizes",
            )
        return size

    # ---- scripts ----

    def execute_script(
        self,
        source: bytes,
        flags: ScriptFlag = ScriptFlag.NONE,
        language: ScriptLanguage = ScriptLanguage.LUA,
    ) -> ExecutedScript:
        """Give the camera a script to run.

        Without NO_KILL a script that runs is killed first; flags need protocol 2.6. Before 2.6,
        starting a script while another runs can crash the camera: look at `script_status` first.
        Where the script does not compile, the text waits as an error message.
        """
        if flags:
            self.require(versions.SCRIPT_FLAGS)
        script_id, start = self._command(
            2,
            ChdkCommand.EXECUTE_SCRIPT,
            language | flags,
            asked="to run a script",
            source=BytesSource(script_payload(source)),
        )
        return ExecutedScript(script_id, known(ScriptStart, start, "a script start"))

    def script_status(self, cancel: CancelToken = NEVER) -> ScriptStatus:
        """Say whether a script runs, and whether a message waits."""
        asked = "the state of its scripts"
        (status,) = self._command(1, ChdkCommand.SCRIPT_STATUS, asked=asked, cancel=cancel)
        return ScriptStatus(status & 3)

    def script_support(self, cancel: CancelToken = NEVER) -> ScriptSupport:
        """Say which script languages this build of CHDK takes."""
        asked = "its script languages"
        (support,) = self._command(1, ChdkCommand.SCRIPT_SUPPORT, asked=asked, cancel=cancel)
        return ScriptSupport(support & 1)

    def read_message(self) -> ScriptMessage | None:
        """Take the next message that scripts left for the host, or None where none waits.

        Cannot be cancelled: the camera forgets a message as it sends it.
        """
        sink = BytesSink(MAX_MESSAGE)
        kind, subtype, script_id, length = self._command(
            4, ChdkCommand.READ_SCRIPT_MSG, asked="for a message", sink=sink
        )
        message_type = known(MessageType, kind, "a message type")
        if message_type == MessageType.NONE:
            return None
        # A message without bytes comes with one zero byte, since a data phase cannot be left out.
        data = exact(sink.data, length, "a message") if length else b""
        return ScriptMessage(message_type, subtype, script_id, data)

    def write_message(
        self, data: Buffer, script_id: int = 0, cancel: CancelToken = NEVER
    ) -> MessageStatus:
        """Queue `data` for the running script, if `script_id` is 0 or its id. At least one byte."""
        if not len(data):
            raise UsageError("invalid data: a message needs at least one byte")
        asked, number = "to take a message", ChdkCommand.WRITE_SCRIPT_MSG
        source = BytesSource(data)
        (status,) = self._command(1, number, script_id, asked=asked, source=source, cancel=cancel)
        return known(MessageStatus, status, "a message status")

    # ---- pictures ----

    def get_display_data(self, parts: DisplayData, cancel: CancelToken = NEVER) -> bytes:
        """Return the screen's contents in the live view format (trunk/core/live_view.h)."""
        sink = BytesSink(MAX_DISPLAY_DATA)
        self.receive_display_data(parts, sink, cancel)
        return sink.data or b""

    def receive_display_data(
        self, parts: DisplayData, sink: Sink, cancel: CancelToken = NEVER
    ) -> int:
        """Write the screen's contents to `sink`; return how many bytes that are."""
        self.require(versions.LIVE_VIEW)
        guard = DummyGuard(sink)
        asked, number = "its display data", ChdkCommand.GET_DISPLAY_DATA
        (size,) = self._command(1, number, parts, asked=asked, sink=guard, cancel=cancel)
        guard.release()
        check_count(guard.count, size, asked)
        return size

    def require_capture(self, kinds: CaptureData) -> None:
        """Raise `ChdkVersionError` unless the camera's CHDK can send these kinds of data."""
        new = CaptureData.CANON_RAW in kinds
        self.require(versions.CANON_RAW_CAPTURE if new else versions.REMOTE_CAPTURE)

    def remote_capture_is_ready(self, cancel: CancelToken = NEVER) -> CaptureState:
        """Say what a remote capture has ready."""
        self.require(versions.REMOTE_CAPTURE)
        bits, image_number = self._command(
            2, ChdkCommand.REMOTE_CAPTURE_IS_READY, asked="for captured data", cancel=cancel
        )
        armed = bits != CAPTURE_NOT_INITIALISED
        return CaptureState(CaptureData(bits & 0xF if armed else 0), image_number, armed)

    def remote_capture_get_data(
        self,
        kind: CaptureData,
        sink: Sink,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> CaptureChunk:
        """Write the next piece of one kind of captured data to `sink`.

        Asking for a kind that is not ready ends the capture. Raises `ChdkError` where the camera
        sent more or fewer bytes than it says.
        """
        self.require_capture(kind)
        guard = DummyGuard(sink)
        length, more, position = self._command(
            3,
            ChdkCommand.REMOTE_CAPTURE_GET_DATA,
            kind,
            asked=f"captured data of kind {int(kind)}",
            sink=guard,
            progress=progress,
            cancel=cancel,
        )
        guard.release()
        if guard.count != length:
            raise ChdkError(f"the camera announced {length} bytes and sent {guard.count}")
        return CaptureChunk(length, bool(more), None if position == NO_FILE_POSITION else position)

    def _command(
        self,
        answers: int,
        *parameters: int,
        asked: str,
        refused: Reason = Reason.REFUSED,
        source: Source | None = None,
        sink: Sink | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> tuple[int, ...]:
        """Run one command and return the `answers` parameters that its response must carry.

        `asked` completes "the camera was asked ..." in error messages; `refused` is the reason of a
        refusal.
        """
        if not self._offered:
            raise self.no_chdk()
        response = self.session.try_transaction(
            OperationCode.CHDK,
            *parameters,
            source=source,
            sink=sink,
            progress=progress,
            cancel=cancel,
        )
        if response.code == ResponseCode.OPERATION_NOT_SUPPORTED:
            raise self.no_chdk()
        return answered(response, answers, asked, refused)
