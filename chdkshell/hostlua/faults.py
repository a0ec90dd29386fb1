"""What functions of the C layer throw, and what becomes of this library's errors in Lua.

Errors are tables with `etype`, `msg` and, for PTP, `ptp_rc`; wrong arguments are strings with the
place of the call, as Lua's own functions throw them.
"""

from __future__ import annotations

from chdkshell.chdk.answers import response_words
from chdkshell.errors import (
    AnswerTooLongError,
    ChdkError,
    ChdkShellError,
    DatasetError,
    HostFileError,
    NoChdkError,
    NotConnectedError,
    PtpError,
    TransportError,
)
from chdkshell.ptp.codes import ResponseCode

ERROR_IO = 0x02FF
ERROR_DATA_EXPECTED = 0x02FE
ERROR_RESP_EXPECTED = 0x02FD
ERROR_BADPARAM = 0x02FC
ERROR_NOT_CONNECTED = 0x02FA
"""Codes of failures that no camera answered, as chdkptp numbers them."""

_OWN_CODES = {
    "ERROR_IO": ERROR_IO,
    "ERROR_DATA_EXPECTED": ERROR_DATA_EXPECTED,
    "ERROR_RESP_EXPECTED": ERROR_RESP_EXPECTED,
    "ERROR_BADPARAM": ERROR_BADPARAM,
    "ERROR_NOT_CONNECTED": ERROR_NOT_CONNECTED,
}

_SPELLINGS = {
    ResponseCode.OK: "RC_OK",
    ResponseCode.INVALID_TRANSACTION_ID: "RC_InvalidTransactionID",
    ResponseCode.SESSION_ALREADY_OPEN: "RC_SessionAlreadyOpened",
    ResponseCode.TRANSACTION_CANCELLED: "RC_TransactionCanceled",
}
"""Names in the table `ptp` that are not the standard's words joined."""


class Fault(Exception):  # noqa: N818 - it is thrown in Lua
    """Becomes an error table. `critical` ones are faults of the program that called."""

    def __init__(
        self, etype: str, msg: str, ptp_rc: int | None = None, critical: bool = False
    ) -> None:
        super().__init__(msg)
        self.etype = etype
        self.ptp_rc = ptp_rc
        self.critical = critical


class WrongCall(Exception):  # noqa: N818 - as `Fault`
    """Becomes an error string with the place of the call."""


class WrongArgument(WrongCall):
    """Becomes the string that Lua has for a wrong argument, the `index`-th."""

    def __init__(self, index: int, expected: str, got: str) -> None:
        super().__init__(f"{expected} expected, got {got}")
        self.index = index

    def text(self, function: str) -> str:
        """Return the message for a call of `function`."""
        return f"bad argument #{self.index} to '{function}' ({self})"


def response_codes() -> dict[str, int]:
    """Return the table `ptp`."""
    codes = {_SPELLINGS.get(code, _spelled(code)): int(code) for code in ResponseCode}
    return codes | _OWN_CODES


def _spelled(code: ResponseCode) -> str:
    return "RC_" + "".join(word.capitalize() for word in code.name.split("_"))


def fault_of(error: ChdkShellError | OSError) -> Fault:
    """Return what becomes of an error of the library."""
    match error:
        case PtpError():
            return Fault("ptp", response_words(error.code), error.code)
        case NoChdkError():
            code = ResponseCode.OPERATION_NOT_SUPPORTED
            return Fault("ptp", response_words(code), code)
        case NotConnectedError():
            return not_connected()
        case TransportError() | HostFileError():
            return Fault("ptp", str(error), ERROR_IO)
        case DatasetError() | AnswerTooLongError():
            return Fault("ptp", str(error), ERROR_DATA_EXPECTED)
        case ChdkError():
            return Fault("protocol", str(error))
        case OSError():
            name = "" if error.filename is None else f"{error.filename}: "
            return Fault("ptp", f"{name}{error.strerror}", ERROR_IO)
    return Fault("bad_arg", str(error), critical=True)


def not_connected() -> Fault:
    """Return the fault of a call that needs a camera."""
    return Fault("ptp", "not connected", ERROR_NOT_CONNECTED)
