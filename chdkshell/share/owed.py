"""Which operations are followed by data from the initiator, where the packet does not tell."""

from __future__ import annotations

from chdkshell.chdk.constants import ChdkCommand, TempDataFlag
from chdkshell.ptp.codes import SENDS_DATA, OperationCode
from chdkshell.ptp.eos import SENDS_EOS_DATA
from chdkshell.ptp.transaction import Request

_OPERATIONS_WITH_DATA = SENDS_DATA | SENDS_EOS_DATA

_CHDK = int(OperationCode.CHDK)

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
    if request.code != _CHDK:
        return request.code in _OPERATIONS_WITH_DATA
    if not request.params:
        return False
    command, first = request.params[0], (*request.params, 0)[1]
    if command == ChdkCommand.TEMP_DATA:
        return not first & (TempDataFlag.DOWNLOAD | TempDataFlag.CLEAR)
    return command in _COMMANDS_WITH_DATA
