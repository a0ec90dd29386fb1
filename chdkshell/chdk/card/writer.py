"""Files onto the card, whole or not at all: sent under a temporary name, checked, then renamed.

The firmware writes what comes as it comes, does not look whether the card takes it, and leaves half
a file where the link breaks. So nothing is written under its own name.
"""

from __future__ import annotations

import contextlib
import re

from chdkshell.chdk.card.access import Written
from chdkshell.chdk.card.cardanswers import batch, check, why
from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import decode_name, encode_path, join_path
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import (
    CameraTimeoutError,
    CardError,
    ChdkShellError,
    PtpError,
    TransferStalledError,
    TransportError,
    UsageError,
)
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize
from chdkshell.lua.numbers import wrap
from chdkshell.lua.values import LuaKey, LuaValue
from chdkshell.reasons import Reason

LEFTOVER = "^CHSH%d%d+%.TMP$"
"""The Lua pattern for temporary names, which are short for cameras that want 8.3 names."""

_TEMPORARY = re.compile(r"CHSH\d{2,}\.TMP", re.IGNORECASE | re.ASCII)

DIGITS = 4
"""How many digits a temporary name has."""

OTHER_DIGITS = (3, 2, *range(5, 17))
"""How many it may have where the camera stalled, short names first. One of them leads out of the
sizes that are known to be bad: these lie 13 in a row at most.
"""

MAX_FILES = 50
MAX_BYTES = 16 << 20
"""So many files or bytes are sent before they get their names: each time costs a script."""

CLEANUP_SECONDS = 5.0
"""How long the removal of half files may take."""


def temporary_name(number: int, digits: int = DIGITS) -> str:
    """Return the name of a file while it comes, by its number among those that wait for theirs."""
    return f"CHSH{number:0{digits}d}.TMP"


def check_not_temporary(target: str) -> None:
    """Raise `UsageError` where a file is to have a name of those that are given while it comes."""
    if _TEMPORARY.fullmatch(target.rpartition("/")[2]):
        raise UsageError(
            f"{target} is a name for files that are not whole yet",
            "rename it; nothing was transferred",
        )


class CardWriter:
    """Sends files and gives them their names, several at a time."""

    def __init__(self, protocol: ChdkProtocol, scripts: Scripts) -> None:
        self._protocol = protocol
        self._scripts = scripts
        self._waiting: list[tuple[str, str, int, int]] = []

    @property
    def is_due(self) -> bool:
        """Whether so much waits that `finish` should be called."""
        return len(self._waiting) >= MAX_FILES or sum(w[2] for w in self._waiting) >= MAX_BYTES

    def send(
        self,
        source: UploadSource | UploadBytes,
        target: str,
        mtime: int | None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Send a file, which waits under a temporary name beside `target`.

        `mtime` is the time it is to get, in the camera's time. Raises `PtpError` where the camera
        cannot write there; then, and after anything else that ends it, nothing of it is left,
        unless the link is gone. Where the camera stalls it is sent once more under a name of
        another length: some cameras do that with data of particular sizes, which the name counts
        to.
        """
        check_not_temporary(target)
        counted = _Counted(progress)
        temporary = self._temporary(target, DIGITS)
        try:
            self._upload(source, target, temporary, counted, cancel)
        except (TransferStalledError, CameraTimeoutError) as error:
            self._revive(error)
            self._remove(temporary, error)  # what a camera has that was silent
            counted.take_back()
            temporary = self._other_temporary(source, target)
            self._upload(source, target, temporary, counted, cancel)
        self._waiting.append((temporary, target, source.length, mtime or 0))

    def _temporary(self, target: str, digits: int) -> str:
        name = temporary_name(len(self._waiting), digits)
        return join_path(target.rpartition("/")[0], name)

    def _other_temporary(self, source: UploadSource | UploadBytes, target: str) -> str:
        """Return a name of another length, with which no camera is known to stall."""
        from chdkshell.chdk.transfersizes import is_risky, upload_size

        names = [self._temporary(target, digits) for digits in OTHER_DIGITS]
        sizes = (upload_size(encode_path(name), source.length) for name in names)
        return next(n for n, size in zip(names, sizes, strict=True) if not is_risky(size))

    def _revive(self, error: TransferStalledError | CameraTimeoutError) -> None:
        """Have a camera that is silent answer again. Raises `error` where it does not."""
        session = self._protocol.session
        if not session.broken:
            return
        try:
            session.recover()
            session.open()
        except ChdkShellError:
            session.broken = True
            raise error from None

    def _upload(
        self,
        source: UploadSource | UploadBytes,
        target: str,
        temporary: str,
        progress: Progress,
        cancel: CancelToken,
    ) -> None:
        try:
            self._protocol.upload_file(encode_path(temporary), source, progress, cancel)
            source.check_complete()
        except PtpError as error:
            meant = str(error).replace(temporary, target)
            refused = PtpError(
                error.code, error.operation, meant, error.params, reason=error.reason
            )
            self._remove(temporary, refused)
            raise refused from error
        except TransportError:
            raise
        except ChdkShellError as error:
            self._remove(temporary, error)
            raise

    def finish(self, cancel: CancelToken = NEVER) -> list[Written]:
        """Give the files that wait their names; return what became of each.

        A file whose size is not that of its source is removed: that is how a full card shows.
        Raises `CardError` where the camera does not tell of each.
        """
        files: list[LuaValue] = [
            [temporary, target, wrap(size), wrap(mtime)]
            for temporary, target, size, mtime in self._waiting
        ]
        targets = [target for _, target, _, _ in self._waiting]
        self._waiting = []
        written: list[Written] = []
        if not files:
            return written

        def receive(message: ScriptMessage) -> None:
            written.extend(_written(item) for item in batch(message) if isinstance(item, dict))

        answer = self._scripts.call(
            f"return finish_uploads({serialize(files)})",
            libraries=("finish_uploads",),
            on_message=receive,
            cancel=cancel,
        )
        check(answer, targets[0], making=True)
        if len(written) < len(targets):
            raise CardError(
                f"of {len(targets)} files that were sent, the camera tells of {len(written)}",
                targets[0],
                reason=Reason.NOT_ON_CARD,
            )
        return written

    def _remove(self, path: str, error: ChdkShellError) -> None:
        """Take an incomplete file off the card, or say with the error that it is there."""
        name = serialize(path)
        left = f"an incomplete {path} may be left on the card"
        answer: object = False
        with contextlib.suppress(ChdkShellError):
            answer = self._scripts.call(
                f"return not os.stat({name}) or os.remove({name})", timeout=CLEANUP_SECONDS
            )
        if answer is not True:
            error.add_note(left)


class _Counted(Progress):
    """Passes progress on, and can take back what a try that failed has told."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._count = 0

    def start(self, total: int | None) -> None:
        self._progress.start(total)

    def advance(self, count: int) -> None:
        self._count += count
        self._progress.advance(count)

    def describe(self, text: str) -> None:
        self._progress.describe(text)

    def take_back(self) -> None:
        """Tell that nothing has passed yet."""
        self.advance(-self._count)


def _written(table: dict[LuaKey, LuaValue]) -> Written:
    path, message = table.get("file"), table.get("msg")
    ok = table.get("status") is True
    text = decode_name(message) if isinstance(message, str | bytes) else ""
    return Written(
        decode_name(path) if isinstance(path, str | bytes) else "",
        ok,
        text if ok else why(text),
        table.get("short") is True,
    )
