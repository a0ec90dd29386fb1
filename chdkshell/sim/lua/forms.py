"""What a rewritten chunk is, and what it needs: see rewrite.py."""

from __future__ import annotations

from enum import IntEnum

HELPERS = (
    "add", "sub", "mul", "div", "mod", "pow", "unm", "fold", "powers", "results", "loop",
    "following", "env",
)  # fmt: skip
"""What a rewritten chunk expects as its arguments, in this order."""


class Form(IntEnum):
    """How a chunk is rewritten: each form fits into native limits that the one before does not.

    USUAL: the text evaluates to a function of HELPERS, which returns the chunk's function. BARE: it
    is the chunk itself, and finds the helpers as fields of strings. PLAIN_LOOPS: like BARE, with
    numeric loops as they are.
    """

    USUAL = 0
    BARE = 1
    PLAIN_LOOPS = 2
