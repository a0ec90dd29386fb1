"""The simulated camera as PTP sees it: requests in, responses out, no I/O of its own.

Every interface (in process, TCP, USB) calls `Responder.transact`. The standard's operations are
here, those of CHDK in `chdk_commands`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from chdkshell.ptp.codes import OperationCode, ResponseCode
from chdkshell.ptp.datasets import DeviceInfo
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.chdk_commands import Answer, ChdkCommands
from chdkshell.sim.standard.objectoperations import Operation, send
from chdkshell.sim.standard.standardptp import StandardPtp
from chdkshell.streams import Sink, Source

_WITHOUT_SESSION = frozenset((OperationCode.GET_DEVICE_INFO, OperationCode.OPEN_SESSION))
"""The operations that need no session."""


class Responder:
    """Answers the transactions of one session at a time.

    Calls from several interfaces are run one after another. `travel` takes the time of each way,
    of the request and of the response.
    """

    def __init__(
        self,
        device_info: DeviceInfo,
        standard: StandardPtp,
        commands: ChdkCommands,
        travel: Callable[[], None] = lambda: None,
    ) -> None:
        self.device_info = device_info
        self._standard = standard
        self._commands = commands
        self._travel = travel
        self._lock = threading.Lock()
        self._session_id = 0
        known: dict[int, Operation] = {
            OperationCode.GET_DEVICE_INFO: self._device_info,
            OperationCode.OPEN_SESSION: self._open_session,
            OperationCode.CLOSE_SESSION: self._close_session,
            **standard.table,
            OperationCode.CHDK: commands.run,
        }
        listed = device_info.operations_supported
        self._operations = {code: known.get(code, _not_here) for code in listed}

    def transact(self, request: Request, source: Source | None, sink: Sink) -> Response:
        """Run one transaction. `source` is None where the initiator sends no data phase.

        `sink.begin` is called only where the firmware sends a data phase. What `source` and `sink`
        raise is passed on; the camera is then ready for the next request.
        """
        self._travel()
        with self._lock:
            answer = self._answer(request, source, sink)
        self._travel()
        return Response(answer.code, request.transaction_id, answer.params)

    def end_session(self) -> None:
        """Forget the session: the connection that it lived on is gone."""
        # Without the lock: a script that switches the camera off comes here too, and a transaction
        # that kills the script waits for it.
        self._session_id = 0
        self._standard.end_session()

    def _answer(self, request: Request, source: Source | None, sink: Sink) -> Answer:
        operation = self._operations.get(request.code)
        if operation is None:
            return Answer(ResponseCode.OPERATION_NOT_SUPPORTED)
        if not self._session_id and request.code not in _WITHOUT_SESSION:
            return Answer(ResponseCode.SESSION_NOT_OPEN)
        return operation((*request.params, 0, 0, 0, 0, 0)[:5], source, sink)

    def _device_info(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        listed = tuple(self._standard.properties.properties)
        return send(sink, self.device_info._replace(device_properties_supported=listed).pack())

    def _open_session(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        session_id = params[0]
        if self._session_id:
            return Answer(ResponseCode.SESSION_ALREADY_OPEN, (self._session_id,))
        if not session_id:
            return Answer(ResponseCode.INVALID_PARAMETER)
        self._session_id = session_id
        self._standard.events.open()
        return Answer()

    def _close_session(self, params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
        self.end_session()
        return Answer()


def _not_here(params: tuple[int, ...], source: Source | None, sink: Sink) -> Answer:
    """Refuse an operation that the camera lists, and this simulated one does not do."""
    return Answer(ResponseCode.PARAMETER_NOT_SUPPORTED)
