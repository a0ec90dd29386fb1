"""Times on the camera: its local clock, counted as if it were UTC.

A camera knows no time zone. It counts the seconds since 1970 as its own clock shows them, and
that clock is taken to be set to the host's local time, with the daylight saving of the day.

A card keeps times from 1980 to 2107 (FAT). The camera's Lua counts them in 32 bits: as negative
numbers after 2037, and from 2106 on again from 0.
"""

from __future__ import annotations

from datetime import datetime, timedelta

TIME_STEP = 2
"""Seconds that the time of a file on a card can tell apart (FAT)."""

FIRST_TIME = 315_532_800
LAST_TIME = 4_354_819_198
"""The first and the last time that a card can hold: 1980-01-01 and 2107-12-31 23:59:58."""

_EPOCH = datetime(1970, 1, 1)
_ROUND = 1 << 32
_DAY = 86_400


def card_time(number: int) -> int:
    """Return the time (seconds since 1970) that 32 bits of the camera mean.

    0, which is what a camera says of a file without a date, stays 0.
    """
    seconds = number % _ROUND
    return seconds + _ROUND if 0 < seconds <= LAST_TIME - _ROUND else seconds


def camera_to_host(seconds: int) -> float:
    """Return the host's timestamp (seconds since 1970, UTC) for a time of the camera.

    Times before 1970, and those the host's clock cannot hold, become 0.
    """
    try:
        return max(0.0, (_EPOCH + timedelta(seconds=seconds)).timestamp())
    except (OverflowError, OSError, ValueError):
        return 0.0


def host_to_camera(timestamp: float) -> int:
    """Return the camera's time for a timestamp of the host, as near as a card can hold it."""
    near = min(max(timestamp, FIRST_TIME - 2 * _DAY), LAST_TIME + 2 * _DAY)
    local = datetime.fromtimestamp(near)
    return min(max(FIRST_TIME, int((local - _EPOCH).total_seconds())), LAST_TIME)


def is_same_time(seconds: int, timestamp: float) -> bool:
    """Whether a time of the camera and one of the host are the same, as far as a card can tell.

    Where daylight saving ends, the camera's clock shows an hour twice: then either is meant.
    """
    apart = abs(camera_to_host(seconds) - timestamp), abs(seconds - host_to_camera(timestamp))
    return min(apart) <= TIME_STEP
