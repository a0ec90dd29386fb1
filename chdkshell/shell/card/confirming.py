"""What is asked at a terminal before much is deleted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, UsageError

if TYPE_CHECKING:
    from chdkshell.shell.context import Context

MANY = 20
"""Files that a command deletes without a question."""

Yes = Arg[bool, "Delete without a question."]
DoIt = Arg[bool, "Do it without a question."]
Verify = Arg[bool, "Read each file a second time, and compare, before its source is deleted."]


class Sized(Protocol):
    """A file or folder of the card or of this computer. `size` is in bytes."""

    @property
    def size(self) -> int: ...
    @property
    def is_dir(self) -> bool: ...


def can_be_asked(context: Context, yes: bool, pretend: bool) -> bool:
    """Whether there is somebody to ask, and something that is done without `yes`."""
    return not (yes or pretend) and context.ask is not None and context.renderer.takes_answers


def confirm(
    context: Context,
    items: Iterable[Sized],
    noun: str = "file",
    *,
    always: bool = False,
    doing: str = "delete {}",
) -> None:
    """Ask whether to delete `items`, if they are many files or `always` is set.

    `doing` is the question, with a place for their number and size. Raises `Cancelled` for any
    answer but yes. Whoever calls it has looked whether anybody `can_be_asked`.
    """
    known = list(items)
    files = [item for item in known if not item.is_dir]
    if not known or (len(files) <= MANY and not always):
        return
    from rich.filesize import decimal

    counts = [(len(files), noun), (len(known) - len(files), "folder")]
    shown = " and ".join(f"{n:,} {word}{'s' * (n != 1)}" for n, word in counts if n)
    what = f"{shown}, {decimal(sum(item.size for item in files))}"
    assert context.ask
    if context.ask(f"{doing.format(what)}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was deleted")


def check_not_here(folder: str) -> None:
    """Raise `UsageError` for a folder of files to be deleted that is the working folder or above.

    A name is fine: what stands for the working folder may come from a variable that is not set.
    """
    from pathlib import Path

    path = Path(os.path.normpath(folder))
    if all(part in (path.anchor, "..") for part in path.parts):
        raise UsageError(
            f"{folder} is the working folder, or has it in it: its files would be deleted",
            "name a folder in it",
        )
