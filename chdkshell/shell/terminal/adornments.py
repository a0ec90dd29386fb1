"""Characters that only adorn, and what stands for them where a terminal has no such characters."""

from __future__ import annotations

from typing import TextIO

from chdkshell.shell.console import can_show

_PLAINER = {
    "…": "~",
    "━": "-",
    "╸": "-",
    "╺": " ",
    "│": "|",
    "├": "|",
    "└": "`",
    "─": "-",
    **dict.fromkeys("█▉▊▋▌", "#"),
    **dict.fromkeys("▍▎▏", " "),
}


def plainer(text: str, terminal: TextIO) -> str:
    """Return `text` with what the terminal cannot show of it replaced, as wide as before."""
    if text.isascii():
        return text
    for character, plain in _PLAINER.items():
        if character in text and not can_show(character, terminal):
            text = text.replace(character, plain)
    return text
