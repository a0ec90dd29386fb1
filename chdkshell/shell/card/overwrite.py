"""What to do where a file is there already: the switch -overwrite, and the question."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from chdkshell.errors import Cancelled, UsageError, printable
from chdkshell.shell.arguments import Choice

if TYPE_CHECKING:
    from chdkshell.chdk.card import downloading, uploading
    from chdkshell.chdk.card.copyplan import Copy
    from chdkshell.chdk.card.uploading import LocalItem
    from chdkshell.chdk.cardentry import CardEntry
    from chdkshell.shell.context import Ask, Context

ANSWERS = "y / n / all / none / a (abort)? "


Overwrite = Annotated[
    str, Choice("y", "n", "old", "ask", problem="unrecognized overwrite option {}")
]


def download_rule(context: Context, choice: str, copies: Sequence[Copy]) -> downloading.Overwrite:
    """Return the rule for files that are to be downloaded.

    With "ask", what an earlier run finished is left without a question. Raises `UsageError` where
    there would be a question, and nobody to answer.
    """
    from chdkshell.chdk.card.copying import always, never
    from chdkshell.chdk.card.downloading import if_newer, is_finished

    if choice != "ask":
        return {"y": always, "n": never, "old": if_newer}[choice]
    if context.ask is None:
        differing = [copy for copy in copies if not copy.item.is_dir and _differs(copy)]
        if differing:
            raise _nobody_to_ask(str(differing[0].target), len(differing))
        return never
    asked = _Questions(context.ask)

    def rule(copy: Copy, info: os.stat_result) -> bool:
        if is_finished(copy, info):
            return False
        return asked.replaces(lambda: _download_question(copy, info))

    return rule


def _differs(copy: Copy) -> bool:
    from chdkshell.chdk.card.downloading import is_finished

    try:
        return not is_finished(copy, copy.target.stat())
    except OSError:
        return False


def _download_question(copy: Copy, info: os.stat_result) -> str:
    from chdkshell.chdk.cameratime import camera_to_host

    return _question(
        str(copy.target),
        info.st_size,
        info.st_mtime,
        copy.item.path,
        copy.item.size,
        camera_to_host(copy.item.mtime),
    )


def upload_rule(context: Context, choice: str) -> uploading.Overwrite:
    """Return the rule for files that are to be uploaded. Its question is asked in the middle of it.

    Where nobody can answer, the first question raises `UsageError`.
    """
    from chdkshell.chdk.cameratime import camera_to_host
    from chdkshell.chdk.card.copying import always, never
    from chdkshell.chdk.card.sync import is_same_on_card
    from chdkshell.chdk.card.uploading import if_newer

    if choice != "ask":
        return {"y": always, "n": never, "old": if_newer}[choice]
    asked = None if context.ask is None else _Questions(context.ask)

    def rule(item: LocalItem, there: CardEntry) -> bool:
        if is_same_on_card(item, there):
            return False
        if asked is None:
            raise _nobody_to_ask(item.target, 1)
        mtime = camera_to_host(there.mtime)
        new = (str(item.source), item.size, item.mtime)
        return asked.replaces(lambda: _question(item.target, there.size, mtime, *new))

    return rule


def _nobody_to_ask(path: str, count: int) -> UsageError:
    more = f" and {count - 1} more" if count > 1 else ""
    return UsageError(
        f"{path}{more} would be overwritten, and nobody can be asked",
        "-overwrite=y overwrites, =n leaves what is there, =old overwrites older files",
    )


def _question(
    old: str, old_size: int, old_time: float, new: str, new_size: int, new_time: float
) -> str:
    """Return the question with what differs."""
    differs = [
        word
        for word, is_other in (
            ("size", old_size != new_size),
            ("time", abs(old_time - new_time) > 2),
        )
        if is_other
    ]
    return (
        f"existing: {printable(old)} {old_size} bytes modified {_date(old_time)}\n"
        f"new: {printable(new)} {new_size} bytes modified {_date(new_time)}"
        f" (other {' and '.join(differs) or 'content, maybe'})\n"
        f"overwrite {ANSWERS}"
    )


def _date(timestamp: float) -> str:
    return time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(timestamp))


class _Questions:
    """Asks until it is told not to."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._for_all: bool | None = None

    def replaces(self, question: Callable[[], str]) -> bool:
        """Return the answer about one file. Raises `Cancelled` where the user wants to stop."""
        while self._for_all is None:
            match self._ask(question()).strip().lower():
                case "y" | "yes":
                    return True
                case "n" | "no":
                    return False
                case "all":
                    self._for_all = True
                case "none":
                    self._for_all = False
                case "a" | "abort" | "":
                    raise Cancelled("aborted by user")
        return self._for_all
