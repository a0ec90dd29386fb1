"""The program: `chdkshell`, and `python -m chdkshell`."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended (`chdkshell.shell.dispatch.Status`)."""


def main() -> int:
    """Load the program and run it; return its exit status. Ctrl-C ends the loading, too."""
    try:
        from chdkshell import cli
    except KeyboardInterrupt:
        return INTERRUPTED
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
