"""The end of an output whose reader is gone."""

from __future__ import annotations


class OutputClosedError(Exception):
    """Whoever read our output is gone, as `head` is after its last line."""
