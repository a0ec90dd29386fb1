"""Text that is made to fit a terminal, or to do without one."""

from __future__ import annotations

import re
import shutil
import textwrap


def wrapped(text: str, indent: int) -> str:
    """Break the first line of `text` at its blanks where it does not fit the terminal.

    `indent` is the width of what stands before it. Other lines are source, and stay whole.
    """
    first, newline, rest = text.partition("\n")
    first = textwrap.fill(
        first,
        max(20, shutil.get_terminal_size().columns),
        initial_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return first[indent:] + newline + rest


def without_colours(text: str) -> str:
    """Return `text` without colours, pictures and what else only a terminal understands."""
    # pictures (kitty's and sixel), colours and moves of the cursor, saving its place
    return re.sub("\x1b[_P][^\x1b]*\x1b\\\\|\x1b\\[[0-9;]*[a-zA-Z]|\x1b[78]", "", text)
