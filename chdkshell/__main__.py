"""The program: `chdkshell`, and `python -m chdkshell`."""

from __future__ import annotations

import gc
import signal
import sys

YOUNG = 10_000
"""How many new objects start a search for unused ones: loading makes thousands, and all stay."""

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended (`chdkshell.shell.dispatch.Status`)."""


def main() -> int:
    """Load the program and run it; return its exit status.

    Ctrl-C ends the loading too, and the moment after the program has put all in order.
    """
    gc.set_threshold(YOUNG)
    try:
        from chdkshell import cli

        status = cli.main()
        gc.freeze()  # the end frees all without a search
        return status
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
