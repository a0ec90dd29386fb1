"""Files onto the card, whole or not at all: sent under a temporary name, checked, then renamed.

The firmware writes what comes as it comes, does not look whether the card takes it, and leaves half
a file where the link breaks. So nothing is written under its own name.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass

from chdkshell.chdk.card.cardanswers import batch, check, why
from chdkshell.chdk.card.uploadsource import UploadBytes, UploadSource
from chdkshell.chdk.messages import ScriptMessage
from chdkshell.chdk.paths import decode_name, encode_path, join_path
from chdkshell.chdk.protocol import ChdkProtocol
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import CardError, ChdkShellError, PtpError, TransportError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.literals import serialize
from chdkshell.lua.numbers import wrap
from chdkshell.lua.values import LuaKey, LuaValue
from chdkshell.reasons import Reason

LEFTOVER = "^CHSH%d%d%d%d%.TMP$"
"""The Lua pattern for temporary names, which are short for cameras that want 8.3 names."""

_TEMPORARY = re.compile(r"CHSH\d{4}\.TMP", re.IGNORECASE | re.ASCII)

MAX_FILES = 50
MAX_BYTES = 16 << 20
"""So many files or bytes are sent before they get their names: each time costs a script."""

CLEANUP_SECONDS = 5.0
"""How long the removal of half files may take."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file that was sent: under its name on the card, or why not.

    `short`: the card did not take all of it.
    """

    path: str
    ok: bool
    message: str
    short: bool = False


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
        unless the link is gone.
        """
        check_not_temporary(target)
        temporary = join_path(target.rpartition("/")[0], f"CHSH{len(self._waiting):04d}.TMP")
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
        self._waiting.append((temporary, target, source.length, mtime or 0))

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
        check(answer, targets[0])
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
