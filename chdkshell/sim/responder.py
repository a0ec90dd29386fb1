"""The simulated camera as PTP sees it: requests in, responses out, no I/O of its own.

Every interface (in process, TCP, USB) calls `Responder.transact`. The standard's operations are
here, those of CHDK in `chdk_commands`.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable

from chdkshell.chdk.constants import ChdkCommand, TempDataFlag
from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.datasets import DeviceInfo, pack_string
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.card import Card
from chdkshell.sim.chdk_commands import Answer, ChdkCommands
from chdkshell.streams import Sink, Source

STORAGE_ID = 0x00010001
"""The one card (ISO 15740, 5.2.2: store 1, partition 1)."""

_REMOVABLE_RAM = 4
_FILESYSTEM_DCF = 3
_READ_WRITE = 0
"""Storage type, file system type and access capability of StorageInfo (ISO 15740, 5.5.3)."""

_CHDK = int(OperationCode.CHDK)
_WITHOUT_SESSION = frozenset((OperationCode.GET_DEVICE_INFO, OperationCode.OPEN_SESSION))
"""The operations that need no session."""

_COMMANDS_WITH_DATA = frozenset(
    (
        ChdkCommand.SET_MEMORY,
        ChdkCommand.CALL_FUNCTION,
        ChdkCommand.UPLOAD_FILE,
        ChdkCommand.EXECUTE_SCRIPT,
        ChdkCommand.WRITE_SCRIPT_MSG,
    )
)


def takes_data(request: Request) -> bool:
    """Return whether the initiator owes a data phase after `request`.

    An interface needs this where the request itself does not tell, as with initiators over PTP/IP
    that leave the data phase info at 0.
    """
    if request.code != _CHDK or not request.params:
        return False
    command, first = request.params[0], (*request.params, 0)[1]
    if command == ChdkCommand.TEMP_DATA:
        return not first & (TempDataFlag.DOWNLOAD | TempDataFlag.CLEAR)
    return command in _COMMANDS_WITH_DATA


class Responder:
    """Answers the transactions of one session at a time.

    Calls from several interfaces are run one after another.
    """

    def __init__(self, device_info: DeviceInfo, card: Card, commands: ChdkCommands) -> None:
        self.device_info = device_info
        self._card = card
        self._commands = commands
        self._lock = threading.Lock()
        self._session_id = 0
        self._operations: dict[int, Callable[[Request, Sink], Answer]] = {
            OperationCode.GET_DEVICE_INFO: self._get_device_info,
            OperationCode.OPEN_SESSION: self._open_session,
            OperationCode.CLOSE_SESSION: self._close_session,
            OperationCode.GET_STORAGE_IDS: self._get_storage_ids,
            OperationCode.GET_STORAGE_INFO: self._get_storage_info,
        }

    def transact(self, request: Request, source: Source | None, sink: Sink) -> Response:
        """Run one transaction. `source` is None where the initiator sends no data phase.

        `sink.begin` is called only where the firmware sends a data phase. What `source` and `sink`
        raise is passed on; the camera is then ready for the next request.
        """
        with self._lock:
            answer = self._answer(request, source, sink)
        return Response(answer.code, request.transaction_id, answer.params)

    def end_session(self) -> None:
        """Forget the session: the connection that it lived on is gone."""
        # Without the lock: a script that switches the camera off comes here too, and a transaction
        # that kills the script waits for it.
        self._session_id = 0

    def _answer(self, request: Request, source: Source | None, sink: Sink) -> Answer:
        operation = self._operations.get(request.code)
        if operation is None and request.code != _CHDK:
            return Answer(ResponseCode.OPERATION_NOT_SUPPORTED)
        if not self._session_id and request.code not in _WITHOUT_SESSION:
            return Answer(ResponseCode.SESSION_NOT_OPEN)
        if operation is not None:
            return operation(request, sink)
        return self._commands.run(request.params, source, sink)

    def _get_device_info(self, request: Request, sink: Sink) -> Answer:
        return _send(sink, self.device_info.pack())

    def _open_session(self, request: Request, sink: Sink) -> Answer:
        session_id = request.params[0] if request.params else 0
        if self._session_id:
            return Answer(ResponseCode.SESSION_ALREADY_OPEN, (self._session_id,))
        if not session_id:
            return Answer(ResponseCode.INVALID_PARAMETER)
        self._session_id = session_id
        return Answer()

    def _close_session(self, request: Request, sink: Sink) -> Answer:
        self._session_id = 0
        return Answer()

    def _get_storage_ids(self, request: Request, sink: Sink) -> Answer:
        return _send(sink, struct.pack("<II", 1, STORAGE_ID))

    def _get_storage_info(self, request: Request, sink: Sink) -> Answer:
        if request.params[:1] != (STORAGE_ID,):
            return Answer(ResponseCode.INVALID_STORAGE_ID)
        card = self._card
        sizes = struct.pack(
            "<HHHQQI",
            _REMOVABLE_RAM,
            _FILESYSTEM_DCF,
            _READ_WRITE,
            card.total_bytes,
            card.free_bytes,
            0xFFFFFFFF,
        )
        return _send(sink, sizes + pack_string("SD") + pack_string("CANON_SIM"))


def _send(sink: Sink, data: bytes) -> Answer:
    sink.begin(len(data))
    sink.write(data)
    return Answer()
