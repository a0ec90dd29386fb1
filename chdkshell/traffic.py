"""What goes over the link, for the standard library's `logging`: off unless a program asks for it.

Loggers are called after the modules that log, such as "chdkshell.ptp.session", and the level is
`TRAFFIC`, below DEBUG, since it is a line for each transaction:

    logging.basicConfig(level=chdkshell.TRAFFIC)

`logging` itself takes long to import. A program that listens has imported it, and where it is not
loaded, nobody listens.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger

TRAFFIC = 5
"""The level of a line for each transaction and each packet."""

SHOWN = 16
"""Bytes that a line shows."""

_loggers: dict[str, Logger] = {}
"""Those that were asked for: to find one takes as long as to pack a packet."""


def listener(name: str) -> Logger | None:
    """Return the logger called `name` where somebody listens to traffic, else None."""
    logging = sys.modules.get("logging")
    if logging is None:
        return None
    logger = _loggers.get(name)
    if logger is None:
        logger = _loggers[name] = logging.getLogger(name)
    if not logger.isEnabledFor(TRAFFIC):
        return None
    if logging.getLevelName(TRAFFIC) != "TRAFFIC":
        logging.addLevelName(TRAFFIC, "TRAFFIC")
    return logger


def log_bytes(name: str, what: str, data: bytes | memoryview) -> None:
    """Log bytes that went over the link: the first in hexadecimal, and how many there are."""
    logger = listener(name)
    if logger is not None:
        more = " ..." if len(data) > SHOWN else ""
        text = bytes(data[:SHOWN]).hex(" ") + more
        logger.log(TRAFFIC, "%s %s (%d bytes)", what, text, len(data))
