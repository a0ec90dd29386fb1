"""The program as if on Windows."""

from __future__ import annotations

import sys

from support.fake_windows import held

held.pretend()

from support.fake_windows import console, system  # noqa: E402

if __name__ == "__main__":
    console.block_closing()
    system.load()
    console.pretend()
    system.pretend()
    from chdkshell.__main__ import main

    sys.exit(main())
