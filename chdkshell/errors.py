"""Every error that the library raises on purpose. All of them derive from `ChdkShellError`.

`str(error)` is one line that says what happened and on what; `error.hint` says what to do next, or
is empty. Texts that came from a camera are escaped before they get here (`printable`).
"""

from __future__ import annotations


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


class ChdkShellError(Exception):
    """Base of all errors of this package."""

    default_hint = ""

    def __init__(self, message: str = "", hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = self.default_hint if hint is None else hint


class UsageError(ChdkShellError):
    """A command or a call was used wrongly. Nothing was sent to the camera."""


class Cancelled(ChdkShellError):  # noqa: N818 - the name says what happened, it is no failure
    """The caller asked for the call to end. The connection stays usable."""

    def __init__(self, message: str = "cancelled", hint: str | None = None) -> None:
        super().__init__(message, hint)


class NotConnectedError(ChdkShellError):
    """A call needs a camera and none is connected."""

    default_hint = "connect a camera first: `connect`, or `connect sim:` to try without one"

    def __init__(self, message: str = "not connected", hint: str | None = None) -> None:
        super().__init__(message, hint)


# ---- the connection -----------------------------------------------------------------------------


class TransportError(ChdkShellError):
    """The connection to the camera failed; the session on it can no longer be used."""


class ConnectError(TransportError):
    """A connection could not be opened."""


class NoDeviceError(ConnectError):
    """No camera matches what was asked for."""

    default_hint = "is the camera switched on and plugged in? `list` shows what is there"


class AmbiguousDeviceError(ConnectError):
    """Several cameras match. The message names them."""


class PermissionDeniedError(ConnectError):
    """The system does not let this user open the device."""


class DeviceBusyError(ConnectError):
    """Another program holds the camera. `holder` names it, "" where that is not known."""

    def __init__(self, message: str = "", hint: str | None = None, holder: str = "") -> None:
        super().__init__(message, hint)
        self.holder = holder


class DisconnectedError(TransportError):
    """The camera went away: unplugged, switched off, or asleep."""

    default_hint = "wake or replug the camera, then `reconnect`"


class SilenceError(TransportError):
    """The camera sent nothing for longer than the time limit."""

    default_hint = "`reconnect`; if that fails too, switch the camera off and on"


class FramingError(TransportError):
    """The peer broke the rules of PTP framing: a wrong length, type or order."""

    default_hint = "is this a PTP camera? `reconnect` starts over"


class HostFileError(ChdkShellError):
    """A file or folder of this computer cannot be read or written."""


# ---- PTP ----------------------------------------------------------------------------------------


_HINTS_OF_CODES = {
    0x2019: "it is busy with something of its own: close its menu, wait a little, and try again",
}
"""What to do about response codes of ISO 15740 that say it of any operation."""


class PtpError(ChdkShellError):
    """The camera answered an operation with a response code other than OK.

    `code` is the response code, `operation` the operation that was refused, and `params` what the
    response carried.
    """

    def __init__(
        self, code: int, operation: int, message: str, params: tuple[int, ...] = (), hint: str = ""
    ) -> None:
        super().__init__(message, hint or _HINTS_OF_CODES.get(code, ""))
        self.code = code
        self.operation = operation
        self.params = params


class TransferStalledError(ChdkShellError):
    """The camera stopped a transfer and gave no reason. The session stays usable."""

    default_hint = "once more; if it happens again, switch the camera off and on"


class AnswerTooLongError(ChdkShellError):
    """The camera sent, or announced, more data than an answer of its kind can have.

    The transaction was ended early; the session stays usable.
    """

    default_hint = "once more; if it stays so, this CHDK does not fit the program: `version -p`"


class DatasetError(ChdkShellError):
    """A PTP dataset from the camera is shorter than, or differs from, what the standard says."""


# ---- CHDK ---------------------------------------------------------------------------------------


class ChdkError(ChdkShellError):
    """A failure of the CHDK extension."""


class NoChdkError(ChdkError):
    """The camera does not run CHDK (it refused operation 0x9999)."""

    default_hint = "start CHDK on the camera (play mode, menu, Firm Update), then `reconnect`"


class ChdkVersionError(ChdkError):
    """The CHDK on the camera is too old for this call. The message says what is missing."""

    default_hint = "a newer CHDK build on the card has it"


class ScriptError(ChdkError):
    """A script on the camera did not compile (`kind` "compile") or failed ("runtime").

    `text` is the camera's own message and `reason` that without its position. `line` counts from 1
    in the code that the caller passed, or in the file `source` where that is not "" (a file on the
    card, or of this package's own Lua). It is None where the camera does not say the line. The
    error's message is the camera's own, but with this line: ":1: boom". `excerpt` may be set to
    the text of that line, for people to look at.
    """

    excerpt: str = ""

    def __init__(
        self, kind: str, text: str, reason: str = "", line: int | None = None, source: str = ""
    ) -> None:
        self.kind = kind
        self.text = text
        self.reason = reason or text or "the script failed without a message"
        self.line = line
        self.source = source
        super().__init__(printable(self.position + self.reason))

    @property
    def position(self) -> str:
        """Where the error lies, as Lua writes it: ":3: ", "A/SCRIPT.LUA:3: ", or "" if unknown."""
        return "" if self.line is None else f"{self.source}:{self.line}: "


class ScriptRunningError(ChdkError):
    """A script is already running on the camera."""

    default_hint = "wait for it, or end it with `killscript`"

    def __init__(self, message: str = "a script is already running", hint: str | None = None):
        super().__init__(message, hint)


class NoScriptError(ChdkError):
    """No script is running that could take the message."""

    def __init__(self, message: str = "no script running", hint: str | None = None) -> None:
        super().__init__(message, hint)


class QueueFullError(ChdkError):
    """The camera's queue of messages to the script is full."""

    default_hint = "the script has to read messages before more can be sent"


class ScriptTimeoutError(ChdkError):
    """A script did not end in the time that the caller gave it. It is still running."""

    default_hint = "wait for it, or end it with `killscript`"


class LuaDataError(ChdkError):
    """Text that should hold a Lua value does not, or a value has no Lua form."""


class LiveViewError(ChdkError):
    """A live view frame, or a dump of frames, is broken or of a kind that nobody here knows."""

    default_hint = "frames of a camera that changes modes can be broken: try once more"


class DngError(ChdkError):
    """A DNG file, or the header of one, is broken or not of the kind that CHDK makes."""

    default_hint = "what can be read are whole, uncompressed DNG files as CHDK makes them"


class CaptureError(ChdkError):
    """A remote capture did not give all of a shot.

    `saved` names the files of the shot that are complete; those that are not were removed.
    """

    default_hint = "is the camera in record mode? A longer -shotwait gives slow shots time"

    def __init__(self, message: str, hint: str | None = None, saved: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.saved = saved


class SeriesError(ChdkShellError):
    """A row of shots ended before its last: every try of a shot lost the camera.

    `taken` is how many shots it had taken. The camera was brought back for the end of the row.
    """

    default_hint = "look at the cable or the network, and take the rest in a new row"

    def __init__(self, message: str, hint: str | None = None, taken: int = 0) -> None:
        super().__init__(message, hint)
        self.taken = taken


class CardError(ChdkError):
    """An operation on the camera's card failed. `path` is the camera path it failed on."""

    def __init__(self, message: str, path: str = "", hint: str | None = None) -> None:
        super().__init__(printable(message), hint)
        self.path = path


class IncompleteError(ChdkShellError):
    """Of many files, some did not arrive. `missing` names them; the others are complete."""

    def __init__(
        self, message: str, hint: str | None = None, missing: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hint)
        self.missing = missing
