"""Faults of this package that no exception can tell: in threads, and while somebody types."""

from __future__ import annotations

import logging


def log_bug(log: logging.Logger, what: str, error: Exception) -> None:
    """Log a fault in one line, since people see it; at the level DEBUG with its traceback."""
    log.error("%s: %r", what, error, exc_info=log.isEnabledFor(logging.DEBUG))
