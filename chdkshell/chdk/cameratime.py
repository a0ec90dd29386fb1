"""Times on the camera: its local clock, counted as if it were UTC.

A camera knows no time zone. It counts the seconds since 1970 as its own clock shows them, and
that clock is taken to be set to the host's local time, with the daylight saving of the day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

TIME_STEP = 2
"""Seconds that the time of a file on a card can tell apart (FAT)."""

_EPOCH = datetime(1970, 1, 1)
_LATEST = 0x7FFFFFFF


def camera_to_host(seconds: int) -> float:
    """Return the host's timestamp (seconds since 1970, UTC) for a time of the camera.

    Times before 1970, and those the host's clock cannot hold, become 0.
    """
    try:
        return max(0.0, (_EPOCH + timedelta(seconds=seconds)).timestamp())
    except (OverflowError, OSError, ValueError):
        return 0.0


def host_to_camera(timestamp: float) -> int:
    """Return the camera's time for a timestamp of the host, within 1970 to 2038."""
    local = datetime.fromtimestamp(timestamp)
    return min(max(0, int((local - _EPOCH).total_seconds())), _LATEST)


def is_same_time(seconds: int, timestamp: float) -> bool:
    """Whether a time of the camera and one of the host are the same, as far as a card can tell.

    Where daylight saving ends, the camera's clock shows an hour twice: then either is meant.
    """
    apart = abs(camera_to_host(seconds) - timestamp), abs(seconds - host_to_camera(timestamp))
    return min(apart) <= TIME_STEP
