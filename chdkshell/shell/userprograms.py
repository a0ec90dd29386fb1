"""Programs of the user's choice, as $EDITOR and $PAGER name them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from chdkshell.shell import programs


def named_program(text: str) -> list[str]:
    """Return the words of a command such as `code --wait`, the first as the path of the program.

    A program whose path has blanks may stand without quotes where nothing follows it. Empty where
    there is no such program.
    """
    if whole := shutil.which(text):
        return [whole]
    words = _words(text)
    path = shutil.which(words[0]) if words else None
    return [path, *words[1:]] if path else []


def _words(text: str) -> list[str]:
    try:
        if sys.platform != "win32":
            return shlex.split(text)
        lexer = shlex.shlex(text, posix=True)
        lexer.whitespace_split, lexer.commenters = True, ""
        lexer.quotes, lexer.escape = '"', ""  # a backslash is for paths
        return list(lexer)
    except ValueError:  # a quote is not closed
        return []


def is_batch(program: str) -> bool:
    """Whether a program is one that cmd.exe runs, which makes much of its arguments."""
    return sys.platform == "win32" and program.lower().endswith((".cmd", ".bat"))


def safe_name(name: str) -> str:
    """Return a file name that no shell makes anything of."""
    return re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)


def call_with_file(program: list[str], path: Path) -> int:
    """Run a program on a file until it ends; return its exit status. Raises `OSError`.

    Names come from the card: cmd.exe sees none that it would take for anything else, if the file is
    called by a `safe_name`, and runs nothing that lies beside the file.
    """
    if not is_batch(program[0]):
        return programs.run([*program, str(path)])
    careful = {**os.environ, "NoDefaultCurrentDirectoryInExePath": "1"}
    return programs.run([*program, f".\\{path.name}"], path.parent, careful)
