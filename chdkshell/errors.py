"""Every error that the library raises on purpose. All of them derive from `ChdkShellError`.

`str(error)` is one line that says what happened and on what; `error.reason` is why, as a code for
programs; `error.detail` is what more is known, such as the values that are allowed, or empty. What
to do next is for the caller to say. Texts that came from a camera are escaped before they get here
(`printable`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chdkshell.reasons import Reason


def printable(text: str) -> str:
    """Return `text` with control and other non-printing characters escaped.

    A camera is an untrusted peer: what it sends must not reach a terminal as it is. Tabs and line
    feeds stay, since tables and messages hold them.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\t\n" else _escaped(c) for c in text)


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte that is not text, as Python keeps it in a string
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def printable_name(text: str) -> str:
    """Return a name, which must stay on its line: `printable`, and without line feeds and tabs."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was made of, each once: a chain may lead back to itself."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


class LeftOnCard(NamedTuple):
    """A picture that is still on the card; `target` is the file that it was to become here."""

    path: str
    target: str = ""


class ChdkShellError(Exception):
    """Base of all errors of this package.

    `data` are the particulars of the reason, such as the address of another camera. Callers on the
    way may add to an error what came of the call (`add_note`): what was kept, what is not done;
    `left_on_card` names pictures that a call took and did not fetch.
    """

    reason = Reason.WRONG_USE

    def __init__(
        self,
        message: str = "",
        detail: str = "",
        *,
        reason: Reason | None = None,
        data: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.detail = detail
        self.reason = reason or type(self).reason
        self.data = dict(data or {})
        self.left_on_card: list[LeftOnCard] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What callers added: what came of the call that failed."""
        return tuple(getattr(self, "__notes__", ()))


class UsageError(ChdkShellError):
    """A command or a call was used wrongly. Nothing was sent to the camera."""


class Cancelled(ChdkShellError):  # noqa: N818 - the name says what happened, it is no failure
    """The caller asked for the call to end. The connection stays usable."""

    reason = Reason.CANCELLED

    def __init__(self, message: str = "cancelled", detail: str = "") -> None:
        super().__init__(message, detail)


class NotConnectedError(ChdkShellError):
    """A call needs a camera and none is connected."""

    reason = Reason.NOT_CONNECTED

    def __init__(self, message: str = "not connected", detail: str = "") -> None:
        super().__init__(message, detail)


# ---- the connection -----------------------------------------------------------------------------


class TransportError(ChdkShellError):
    """The connection to the camera failed; the session on it can no longer be used."""

    reason = Reason.CONNECTION_FAILED


class ConnectError(TransportError):
    """A connection could not be opened."""

    reason = Reason.CANNOT_CONNECT


class NoDeviceError(ConnectError):
    """No camera matches what was asked for."""

    reason = Reason.NO_DEVICE


class AmbiguousDeviceError(ConnectError):
    """Several cameras match. The message names them."""

    reason = Reason.SEVERAL_DEVICES


class PermissionDeniedError(ConnectError):
    """The system does not let this user open the device."""

    reason = Reason.NO_PERMISSION


class DeviceBusyError(ConnectError):
    """Another program holds the camera. `holder` names it, "" where that is not known."""

    reason = Reason.IN_USE

    def __init__(
        self, message: str = "", detail: str = "", holder: str = "", reason: Reason | None = None
    ) -> None:
        super().__init__(message, detail, reason=reason)
        self.holder = holder


class DisconnectedError(TransportError):
    """The camera went away: unplugged, switched off, or asleep."""

    reason = Reason.CAMERA_GONE


class CameraTimeoutError(TransportError):
    """The camera sent nothing for longer than the time limit."""

    reason = Reason.NO_ANSWER


class FramingError(TransportError):
    """The peer broke the rules of PTP framing: a wrong length, type or order."""

    reason = Reason.FRAMING


class HostFileError(ChdkShellError):
    """A file or folder of this computer cannot be read or written."""

    reason = Reason.HOST_FILE


class MissingPackageError(ChdkShellError):
    """A Python package is not installed that only some calls need."""

    reason = Reason.MISSING_PACKAGE


# ---- PTP ----------------------------------------------------------------------------------------


_REASONS_OF_CODES = {0x2019: Reason.BUSY}
"""Response codes of ISO 15740 that are a reason of their own, whatever the operation."""


class PtpError(ChdkShellError):
    """The camera answered an operation with a response code other than OK.

    `code` is the response code, `operation` the operation that was refused, and `params` what the
    response carried.
    """

    reason = Reason.REFUSED

    def __init__(
        self,
        code: int,
        operation: int,
        message: str,
        params: tuple[int, ...] = (),
        *,
        reason: Reason | None = None,
    ) -> None:
        super().__init__(message, reason=_REASONS_OF_CODES.get(code) or reason)
        self.code = code
        self.operation = operation
        self.params = params


class TransferStalledError(ChdkShellError):
    """The camera stopped a transfer and gave no reason. The session stays usable."""

    reason = Reason.STALLED


class AnswerTooLongError(ChdkShellError):
    """The camera sent, or announced, more data than an answer of its kind can have.

    The transaction was ended early; the session stays usable.
    """

    reason = Reason.ANSWER_TOO_LONG


class DatasetError(ChdkShellError):
    """A PTP dataset from the camera is shorter than, or differs from, what the standard says."""

    reason = Reason.DATASET


# ---- CHDK ---------------------------------------------------------------------------------------


class ChdkError(ChdkShellError):
    """A failure of the CHDK extension."""

    reason = Reason.CHDK


class NoChdkError(ChdkError):
    """The camera does not run CHDK (it refused operation 0x9999)."""

    reason = Reason.NO_CHDK


class ChdkVersionError(ChdkError):
    """The CHDK on the camera is too old for this call. The message says what is missing."""

    reason = Reason.CHDK_TOO_OLD


class ScriptError(ChdkError):
    """A script on the camera did not compile (`kind` "compile") or failed ("runtime").

    `text` is what the camera said and `message` that without its position. `line` counts from 1
    in the code that the caller passed, or in the file `source` where that is not "" (a file on the
    card, or of this package's own Lua). It is None where the camera does not say the line. The
    error's message is the camera's own, but with this line: ":1: boom". `excerpt` may be set to
    the text of that line, for people to look at.
    """

    reason = Reason.SCRIPT_FAILED

    excerpt: str = ""

    def __init__(
        self, kind: str, text: str, message: str = "", line: int | None = None, source: str = ""
    ) -> None:
        self.kind = kind
        self.text = text
        self.message = message or text or "the script failed without a message"
        self.line = line
        self.source = source
        super().__init__(printable(self.position + self.message))

    @property
    def position(self) -> str:
        """Where the error lies, as Lua writes it: ":3: ", "A/SCRIPT.LUA:3: ", or "" if unknown."""
        return "" if self.line is None else f"{self.source}:{self.line}: "


class ScriptRunningError(ChdkError):
    """A script is already running on the camera."""

    reason = Reason.SCRIPT_RUNNING

    def __init__(self, message: str = "a script is already running", detail: str = "") -> None:
        super().__init__(message, detail)


class NoScriptError(ChdkError):
    """No script is running that could take the message."""

    reason = Reason.NO_SCRIPT

    def __init__(self, message: str = "no script running", *, reason: Reason | None = None) -> None:
        super().__init__(message, reason=reason)


class QueueFullError(ChdkError):
    """The camera's queue of messages to the script is full."""

    reason = Reason.QUEUE_FULL


class ScriptTimeoutError(ChdkError):
    """A script did not end in the time that the caller gave it. It is still running."""

    reason = Reason.SCRIPT_STILL_RUNNING


class LuaDataError(ChdkError):
    """Text that should hold a Lua value does not, or a value has no Lua form."""

    reason = Reason.LUA_DATA


class LiveViewError(ChdkError):
    """A live view frame, or a dump of frames, is broken or of a kind that nobody here knows."""

    reason = Reason.LIVE_VIEW


class DngError(ChdkError):
    """A DNG file, or the header of one, is broken or not of the kind that CHDK makes."""

    reason = Reason.DNG


class CaptureError(ChdkError):
    """A remote capture did not give all of a shot.

    `saved` names the files of the shot that are complete; those that are not were removed.
    """

    reason = Reason.CAPTURE

    def __init__(
        self, message: str, saved: tuple[str, ...] = (), *, reason: Reason | None = None
    ) -> None:
        super().__init__(message, reason=reason)
        self.saved = saved


class SeriesError(ChdkShellError):
    """A row of shots ended before its last: every try of a shot lost the camera.

    `taken` is how many shots it had taken. The camera was brought back for the end of the row.
    """

    reason = Reason.SERIES_ENDED

    def __init__(self, message: str, taken: int = 0) -> None:
        super().__init__(message)
        self.taken = taken


class CardError(ChdkError):
    """An operation on the camera's card failed. `path` is the camera path it failed on.

    `is_vague`: the camera says no more than that it failed, or a number; a look at the card may
    tell why (`CardAccess.look_why`). What it found may be set as `finding`. `is_making`: the
    path was to be made.
    """

    reason = Reason.CARD
    is_vague = False
    is_making = False
    finding = ""

    def __init__(
        self, message: str, path: str = "", detail: str = "", *, reason: Reason | None = None
    ) -> None:
        super().__init__(printable(message), detail, reason=reason)
        self.path = path


class IncompleteError(ChdkShellError):
    """Of many files, some did not arrive. `missing` names them; the others are complete."""

    reason = Reason.INCOMPLETE

    def __init__(
        self, message: str, missing: tuple[str, ...] = (), *, reason: Reason | None = None
    ) -> None:
        super().__init__(message, reason=reason)
        self.missing = missing
