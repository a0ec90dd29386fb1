"""The terminal: whether it is one, what it shows, and what has to be set for that on Windows.

Windows' console takes escape sequences when it is told to, and gives Ctrl-C as a key where a
library wants it so. A window of Git Bash gives programs pipes in place of a console.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TextIO

from chdkshell.shell import winconsole


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person is at a stream. On Windows NUL calls itself a terminal, too."""
    if stream is None or not stream.isatty():
        return False
    return sys.platform != "win32" or winconsole.mode_of(stream) is not None


def takes_escapes(stream: TextIO) -> bool:
    """Whether a terminal understands escape sequences; on Windows it is told to."""
    if not is_terminal(stream) or os.environ.get("TERM") == "dumb":
        return False
    mode = winconsole.mode_of(stream)
    if mode is None:
        return sys.platform != "win32"
    wanted = mode | winconsole.PROCESSED_OUTPUT | winconsole.ESCAPES
    return winconsole.change_mode(stream, wanted)


def can_show(text: str, stream: TextIO) -> bool:
    """Whether the characters of `text`, which only adorn, appear as they are on a terminal.

    The fonts of Windows' own console have what code page 437 has, and little more that is no
    letter; raster fonts have one code page alone.
    """
    encodings = [stream.encoding or "utf-8"]
    if _is_c_locale():
        encodings.append("ascii")
    if sys.platform == "win32" and "WT_SESSION" not in os.environ:
        encodings.append("cp437")
        page = winconsole.raster_code_page(stream)
        if page is not None:
            encodings.append(f"cp{page}")
    try:
        return all(text.encode(encoding) for encoding in encodings)
    except (UnicodeEncodeError, LookupError):
        return False


def _is_c_locale() -> bool:
    """Whether the user asked for the C locale, which has ASCII alone.

    Python writes UTF-8 there all the same, and may tell what it starts by LC_CTYPE (PEP 538, 540).
    """
    chosen = os.environ.get("LC_ALL", "")
    ctype, language = os.environ.get("LC_CTYPE", ""), os.environ.get("LANG", "")
    if not chosen:
        is_coerced = ctype in ("C.UTF-8", "C.utf8", "UTF-8")
        chosen = language if is_coerced or not ctype else ctype
    return chosen in ("C", "POSIX")


@contextmanager
def ctrl_c_interrupting() -> Iterator[None]:
    """Have Ctrl-C at Windows' console be a signal and no key in the block."""
    mode = winconsole.mode_of(sys.stdin)
    if mode is None:
        yield
        return
    winconsole.set_mode(sys.stdin, mode | winconsole.PROCESSED_INPUT)
    try:
        yield
    finally:
        winconsole.set_mode(sys.stdin, mode)


def is_git_bash(stream: IO[str] | None) -> bool:
    """Whether a stream is a pipe of a Git Bash window, at which a person is."""
    if sys.platform != "win32" or stream is None or "MSYSTEM" not in os.environ:
        return False
    name = winconsole.pipe_name(stream)
    return re.search(r"\\(?:msys|cygwin)-[0-9a-f]+-pty\d+-", name) is not None
