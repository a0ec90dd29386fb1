"""The camera's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import Named
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from datetime import datetime

    from chdkshell.shell.context import Context
    from chdkshell.shell.results.camera import ClockTimes


@command("clock", topic="camera", needs=Needs.CHDK)
def clock(
    context: Context,
    date: Arg[str | None, Named("YYYY/MM/DD"), "The date for -set."] = None,
    time: Arg[str | None, Named("HH:MM:SS"), "The time for -set; AM or PM may follow."] = None,
    *,
    set: Arg[bool, "Set the clock to the date and time given."] = False,  # noqa: A002
    sync: Arg[bool, "Set the clock to this computer's."] = False,
    nosubsec: Arg[bool, "With -sync: do not wait for the start of a second."] = False,
    utc: Arg[bool, "With -sync: set it to UTC, not to local time."] = False,
    quiet: Arg[bool, "Do not show the old and the new time."] = False,
) -> ClockTimes | None:
    """Show or set the camera's clock.

    The time is that which the camera shows; its settings of time zone and daylight saving are not
    looked at.
    Example: clock
    Example: clock -sync
    Example: clock -set 2026/03/29 12:00:00
    """
    from chdkshell.chdk.clock import parse_datetime, read_clock, set_clock, sync_clock
    from chdkshell.errors import UsageError
    from chdkshell.shell.results.camera import ClockTimes

    if set and sync:
        raise UsageError("set and sync exclude each other", "-sync takes this computer's time")
    if set and (date is None or time is None):
        raise UsageError("expected YYYY/MM/DD HH:MM:SS", "clock -set 2026/03/29 12:00:00")
    if not set and date is not None:
        raise UsageError("unexpected args", "clock -set sets the clock")
    if set and date is not None and time is not None:
        wanted = parse_datetime(date, time)
        change = set_clock(context.camera.scripts, wanted, cancel=context.cancel)
    elif sync:
        change = sync_clock(
            context.camera.scripts, utc=utc, subsecond=not nosubsec, cancel=context.cancel
        )
    else:
        return ClockTimes(None, _shown(read_clock(context.camera.scripts, context.cancel)))
    if change.after != change.wanted:
        context.warn(f"set {_shown(change.wanted)} got {_shown(change.after)}")
    return None if quiet else ClockTimes(_shown(change.before), _shown(change.after))


def _shown(moment: datetime) -> str:
    return f"{moment:%Y/%m/%d %H:%M:%S}"
