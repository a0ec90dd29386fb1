"""The program: `chdkshell`, and `python -m chdkshell`."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended (`chdkshell.shell.dispatch.Status`)."""


def main() -> int:
    """Load the program and run it; return its exit status.

    Ctrl-C ends the loading too, and the moment after the program has put all in order.
    """
    try:
        from chdkshell import cli

        return cli.main()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
