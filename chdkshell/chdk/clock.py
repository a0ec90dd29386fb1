"""The camera's clock: reading, setting, and setting it to this computer's time.

A camera's clock is set in whole seconds, so that for a fraction of a second the camera waits, and
sets it at the start of the next one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError, UsageError, printable
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.values import LuaValue

MARGIN = 0.3
"""Seconds before the next whole one within which a script may not get to the camera in time."""

DELAYS = 5
"""How often it is measured what a command takes; the shortest was held up by nothing else."""

FIRST_YEAR, LAST_YEAR = 1970, 2037
"""What a clock can be set to that counts seconds in 31 bits."""

_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})([AaPp][Mm])?")

_READ = "local t=os.date('*t') return {t.year,t.month,t.day,t.hour,t.min,t.sec}"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The camera's clock before it was set, what it was set to, and what it showed then."""

    before: datetime
    wanted: datetime
    after: datetime


def parse_datetime(date: str, time_of_day: str) -> datetime:
    """Return the time that YYYY/MM/DD and HH:MM:SS[AM|PM] say. Raises `UsageError`."""
    day = _DATE.fullmatch(date)
    if day is None:
        raise UsageError(f"invalid date {printable(date)}", "write it as YYYY/MM/DD")
    clock = _TIME.fullmatch(time_of_day)
    if clock is None:
        raise UsageError(
            f"invalid time {printable(time_of_day)}", "write it as HH:MM:SS, or with AM"
        )
    year, month, number = (int(part) for part in day.groups())
    hour, minute, second = (int(part) for part in clock.groups()[:3])
    if clock[4]:
        if not 1 <= hour <= 12:
            raise UsageError(f"invalid hour {clock[1]}", "1 to 12 with AM and PM")
        hour = hour % 12 + (12 if clock[4].upper() == "PM" else 0)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UsageError(f"unsupported year {year}", f"{FIRST_YEAR} to {LAST_YEAR}")
    try:
        return datetime(year, month, number, hour, minute, second)
    except ValueError as error:
        raise UsageError(f"there is no such time: {error}") from error


def read_clock(scripts: Scripts, cancel: CancelToken = NEVER) -> datetime:
    """Return what the camera's clock shows."""
    return _time(scripts.call(_READ, cancel=cancel))


def set_clock(
    scripts: Scripts, wanted: datetime, wait_ms: int = 0, cancel: CancelToken = NEVER
) -> ClockChange:
    """Set the camera's clock, `wait_ms` after the script began. Raises `ChdkError`."""
    numbers = ",".join(map(str, wanted.timetuple()[:6]))
    code = (
        "local start=get_tick_count() if not set_clock then return false end "
        f"local function now() {_READ} end local old=now() "
        f"local wait={wait_ms}-(get_tick_count()-start) if wait>0 then sleep(wait) end "
        f"set_clock({numbers}) return old,now()"
    )
    answer = scripts.call(code, cancel=cancel)
    if not isinstance(answer, tuple):
        raise ChdkError("this CHDK cannot set the clock", "CHDK 1.5 and later have set_clock")
    return ClockChange(_time(answer[0]), wanted, _time(answer[1]))


def sync_clock(
    scripts: Scripts,
    *,
    utc: bool = False,
    subsecond: bool = True,
    now: Callable[[], float] = time.time,
    cancel: CancelToken = NEVER,
) -> ClockChange:
    """Set the camera's clock to this computer's, at the start of a second if `subsecond`.

    How long a command takes to reach the camera is measured first, and allowed for.
    """
    if not subsecond:
        return set_clock(scripts, _host_time(now(), utc), cancel=cancel)
    delays = []
    for _ in range(DELAYS):
        start = now()
        scripts.status()
        delays.append((now() - start) / 2)
    delay = min(delays)
    start = now() + delay
    second = int(start + MARGIN) + 1
    return set_clock(scripts, _host_time(second, utc), round((second - start) * 1000), cancel)


def _host_time(seconds: float, utc: bool) -> datetime:
    if utc:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=0)
    return datetime.fromtimestamp(seconds).replace(microsecond=0)


def _time(value: LuaValue | tuple[LuaValue, ...]) -> datetime:
    if isinstance(value, list) and len(value) == 6:
        numbers = [part for part in value if isinstance(part, int)]
        try:
            year, month, day, hour, minute, second = numbers
            return datetime(year, month, day, hour, minute) + timedelta(seconds=second)
        except (ValueError, OverflowError):
            pass
    raise ChdkError("the camera's clock shows no time")
