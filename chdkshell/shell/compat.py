"""What this program does otherwise than chdkptp on purpose, and `--chdkptp` as chdkptp does."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from chdkshell.errors import ChdkShellError, PtpError, ScriptError
from chdkshell.shell.language import NEW_WORDS, escaped_bars


class Block(NamedTuple):
    """A command in a recorded session of chdkptp, and what it printed: the `nth` of this text."""

    session: str
    command: str
    nth: int = 1


class Difference(NamedTuple):
    """One difference: what chdkptp does, what this program does, and why it is better.

    `blocks` is where it shows in recorded sessions: there stdout or an ERROR line is not the
    recorded one. All others hold, also without `--chdkptp`.
    """

    name: str
    chdkptp: str
    ours: str
    why: str
    blocks: tuple[Block, ...] = ()


DIFFERENCES = (
    Difference(
        "rec",
        "`rec` in record mode is the error `already in rec`",
        "it succeeds, with a note on stderr",
        "the camera is as it was asked for",
        (Block("shoot.txt", "rec", 2),),
    ),
    Difference(
        "play",
        "`play` in play mode is the error `already in play`",
        "it succeeds, with a note on stderr",
        "the camera is as it was asked for",
        (Block("shoot.txt", "play", 2),),
    ),
    Difference(
        "-pretend",
        "`-pretend` tells what would be done in the words of what is done",
        'on a terminal it says "would delete"',
        "nobody is to take the one for the other",
    ),
    Difference(
        "questions",
        "nothing is asked; `-overwrite` decides about files that are there",
        "on a terminal, before files are replaced, and before many are deleted",
        "pictures cannot be taken again",
    ),
    Difference(
        "shots",
        "a shot takes the place of a file of that name that is there",
        "it gets a number after its name",
        "pictures cannot be taken again",
    ),
    Difference(
        "output",
        "plain text everywhere",
        "on a terminal tables, colours and progress",
        "people read it there; `set output` chooses",
    ),
    Difference(
        "first camera",
        "`connect`, or `-c`, takes the first of several cameras that fit",
        "it names them, and takes none",
        "a rig's other camera is not worked by mistake",
    ),
    Difference(
        "exec",
        "`exec` and `!` take Lua",
        "they take Python; `set exec=lua` has them take Lua",
        "Python has more of the camera, and of this computer",
    ),
    Difference(
        "batches",
        "a failed `-c` or `-rFILE` does not end the batch, nor does `-e quit`",
        "they do",
        "what follows would meet no camera, or settings that are missing",
    ),
    Difference(
        "signs and words",
        f"`;`, `|`, `>` and `>>` are letters like others; {', '.join(sorted(NEW_WORDS))}: unknown",
        "they work between and as commands (see the table of signs)",
        "they are what fingers type",
    ),
    Difference(
        "switch values",
        "a flag takes any value, as in `-l=1`; a switch without its value has its default",
        "both are errors",
        "a slip is told before the camera is asked",
    ),
    Difference(
        "prompts on pipes",
        "lines of a pipe have the prompt before them and are echoed",
        "only with `-i`; a plain stream of commands gives results alone",
        "they are no results",
    ),
    Difference(
        "startup file",
        "`$CHDKPTP_HOME/user.chdkptp`, or `~/.chdkptp/user.chdkptp`, if you own it",
        "`startup.chdkshell` in the folder of this program's settings",
        "each program has its own",
    ),
    Difference(
        "ignored words",
        "superfluous words after some commands, switches that do nothing, options of its windows, "
        "and unknown ones in the startup file are ignored silently",
        "they are ignored with a warning",
        "a slip is seen",
    ),
    Difference(
        "hints",
        "an error says what happened, a refusal of the camera in its words alone",
        "it also says on what, and what to do next",
        "nobody has to look it up; the text before the hint is chdkptp's",
    ),
)
"""Each is a `if ... compat` somewhere: a command asks `context.compat`, whatever is below
it `prefs.compat`. What can be right in both ways is no entry."""


def asked_for(program: str, switch: bool) -> bool:
    """Whether the program is to do as chdkptp: by a switch, by its name, or by the environment."""
    name = os.path.basename(program).partition(".")[0]  # noqa: PTH119
    return switch or name == "chdkptp" or os.environ.get("CHDKSHELL_COMPAT", "0") not in ("", "0")


def startup_file() -> str:
    """Return the path of chdkptp's startup file, which need not be there."""
    name = "_chdkptp" if sys.platform == "win32" else ".chdkptp"
    folder = os.environ.get("CHDKPTP_HOME") or os.path.expanduser(f"~/{name}")  # noqa: PTH111
    return os.path.join(folder, "user.chdkptp")  # noqa: PTH118


def is_own(path: str) -> bool:
    """Whether a file belongs to who runs the program; on Windows, whose folders are private, yes.

    Commands of a startup file run unasked.
    """
    if sys.platform == "win32":
        return True
    return os.stat(path).st_uid == os.getuid()  # noqa: PTH116


def error_message(error: ChdkShellError) -> str:
    """Return what chdkptp says of an error, which is less."""
    if isinstance(error, PtpError):
        from chdkshell.chdk.answers import response_words

        return response_words(error.code)
    if isinstance(error, ScriptError) and not error.text:
        return ""
    return str(error)


def markdown_table() -> str:
    """Return all differences as a table for the README."""
    rows = [f"| {d.name} | {escaped_bars(d.chdkptp)} | {d.ours} | {d.why} |" for d in DIFFERENCES]
    head = ["| | with `--chdkptp`, as chdkptp | without | why |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"
