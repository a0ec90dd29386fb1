"""What calls of the page answer where they fail: the code of HTTP, and a line for people."""

from __future__ import annotations

from chdkshell.errors import (
    Cancelled,
    ChdkShellError,
    NotConnectedError,
    TransportError,
    UsageError,
    printable,
)


class CallRefusedError(ChdkShellError):
    """A call that is refused before anything is asked of a camera. `status` is HTTP's code."""

    def __init__(self, status: int, message: str, detail: str = "") -> None:
        super().__init__(message, detail)
        self.status = status


def status_of(error: ChdkShellError) -> int:
    """Return the code of HTTP for an error of the library."""
    if isinstance(error, CallRefusedError):
        return error.status
    if isinstance(error, TransportError | NotConnectedError | Cancelled):
        return 503
    if isinstance(error, UsageError):
        return 400
    return 409


def text_of(error: ChdkShellError) -> str:
    """Return what happened, in one line."""
    return printable(str(error)).replace("\n", " ")


MEANINGS = {
    400: "The request is not as it is described here.",
    403: "The token for changes is missing or wrong; or nothing may be changed here.",
    404: "There is no such camera, picture or script.",
    409: "The camera refuses, or is busy with something else.",
    421: "The Host header names neither an address nor this computer.",
    423: "Another client holds the controls.",
    503: "The camera is gone, and is being looked for; or there are too many viewers.",
}
"""What the codes of refusals mean."""
