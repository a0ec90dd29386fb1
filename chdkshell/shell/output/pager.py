"""Long output, page by page, by the user's pager."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

DEFAULT = "less -FRX"
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
    import shlex

    words = shlex.split(os.environ.get("PAGER") or DEFAULT)
    if not words or shutil.which(words[0]) is None:
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pager's
    try:
        subprocess.run(words, input=text, encoding="utf-8", errors="backslashreplace", check=False)
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, before)
    return True
