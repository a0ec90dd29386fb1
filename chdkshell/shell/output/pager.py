"""Long output, page by page, by the user's pager."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

DEFAULT = "more" if sys.platform == "win32" else "less -FRX"
"""-F: end at once where it fits. -R: show colours. -X: leave the text on the screen."""

_MARGIN = 2
"""Lines of the screen that the prompt and its toolbar take."""


def fits(text: str) -> bool:
    """Whether `text` fits the terminal."""
    size = shutil.get_terminal_size()
    rows = sum(1 + max(0, len(line) - 1) // max(1, size.columns) for line in text.splitlines())
    return rows <= max(1, size.lines - _MARGIN)


def page(text: str) -> bool:
    """Show `text` in the pager. Returns False where there is none."""
    from chdkshell.shell.userprograms import named_program

    words = named_program(os.environ.get("PAGER") or DEFAULT)
    if not words:
        return False
    encoding = _encoding(words[0])
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pager's
    try:
        subprocess.run(words, input=text, encoding=encoding, errors="backslashreplace", check=False)
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return True


def _encoding(program: str) -> str:
    """Return what a pager reads: Windows' own takes text to be as the console shows it."""
    if sys.platform == "win32" and program.lower().endswith("more.com"):
        import ctypes

        return f"cp{ctypes.windll.kernel32.GetConsoleOutputCP() or 65001}"
    return "utf-8"
