"""Commands about the output of others."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TextIO
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, ChdkShellError
from chdkshell.shell.arguments import LocalPath, WatchedCommand
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


@command("watch", topic="general", needs=Needs.MAYBE_CAMERA, interactive=True)
def watch(
    context: Context, what: Arg[WatchedCommand, "Seconds between the runs, and the command."]
) -> None:
    """Run a command again and again, until Ctrl-C or until it fails.

    At a terminal each run begins on a clear screen.
    Example: watch 2 luar return get_temperature(1), get_vbatt()
    """
    from chdkshell.pace import Pace

    seconds, line = what
    cancel = context.cancel
    pace = Pace(seconds)
    with suppress(Cancelled), context.ending_quietly():
        while True:
            pace.wait(cancel)
            context.renderer.new_screen(f"every {seconds:g} s: {line}")
            if not context.run_line(line):
                if cancel.is_set() or context.cancel.is_set():
                    break
                raise ChdkShellError("the command failed", "its error stands above")
            cancel.check()
    context.renderer.leave_line()


@command("tee", topic="general")
def tee(
    context: Context,
    file: Arg[LocalPath | None, "The file; without one the copying ends."] = None,
    *,
    a: Arg[bool, "Add to the file, where there is one."] = False,
) -> None:
    """Copy commands, results and errors to a file from now on, as text without colours.

    Example: tee session.txt
    """
    if file is None:
        context.renderer.copy_to(None)
        return
    context.renderer.copy_to(_open_text(file, adds=a))


def _open_text(path: str, adds: bool) -> TextIO:
    from pathlib import Path

    from chdkshell.outlets import check_no_stream, is_outlet, open_outlet

    check_no_stream(path, "a copy of the results")
    if is_outlet(Path(path)):
        import io

        return io.TextIOWrapper(open_outlet(Path(path)), "utf-8", "backslashreplace")
    return open(path, "a" if adds else "w", encoding="utf-8", errors="backslashreplace")
