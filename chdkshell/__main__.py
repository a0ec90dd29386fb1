"""`python -m chdkshell` is `chdkshell`."""

from __future__ import annotations

import sys

from chdkshell.cli import main

if __name__ == "__main__":
    sys.exit(main())
