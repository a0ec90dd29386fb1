"""The camera's clock, and small commands that save a line of Lua."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.shell.arguments import ArgumentType, Integer, Named
from chdkshell.shell.command import Needs, command
from chdkshell.shell.shots.switches import Distance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chdkshell.shell.context import Context
    from chdkshell.shell.results.camera import ClockTimes, FocusDistance, ZoomPosition


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


@command("zoom", topic="camera", needs=Needs.CHDK)
def zoom(
    context: Context,
    position: Arg[
        int | None, Integer(0, 1000), "The step to zoom to, from 0 (wide); else it is shown."
    ] = None,
) -> ZoomPosition | None:
    """Show or set the zoom position.

    Example: zoom
    Example: zoom 3
    """
    from chdkshell.errors import UsageError
    from chdkshell.shell.results.camera import ZoomPosition

    steps = _number(context, "get_zoom_steps()")
    if position is None:
        return ZoomPosition(_number(context, "get_zoom()"), steps)
    if position >= steps:
        raise UsageError(f"{position} is out of range", f"allowed are 0 to {steps - 1}")
    _record_mode(context)
    context.camera.lua(f"set_zoom({position})", cancel=context.cancel)
    return None


@command("focus", topic="camera", needs=Needs.CHDK)
def focus(context: Context, distance: Distance = None) -> FocusDistance | None:
    """Show or set the distance that the lens is focused at.

    The distance holds while the camera is in manual focus or has its focus locked.
    Example: focus
    Example: focus 1.5m
    """
    from chdkshell.chdk.shooting.exposure import FocusMode
    from chdkshell.chdk.shooting.refusals import ask
    from chdkshell.lua.literals import serialize
    from chdkshell.shell.results.camera import FocusDistance
    from chdkshell.shell.shots.exposuretext import parse_distance

    if distance is None:
        return FocusDistance(_number(context, "get_focus()"))
    options = {"sd": parse_distance(distance), "sdprefmode": FocusMode.MF.value}
    code = (
        "if not get_mode() then return false,'not-recording' end "
        f"expose({serialize(options)}) return true"
    )
    ask(context.camera.scripts, code, ("exposure",), context.cancel)
    return None


class KeyName(ArgumentType):
    """The name of a key, as CHDK's press and click take it."""

    hint = "key"
    KEYS = (
        *("shoot_half", "shoot_full", "shoot_full_only", "up", "down", "left", "right", "set"),
        *("menu", "display", "print", "erase", "zoom_in", "zoom_out", "video", "playback"),
    )

    def complete(self, prefix: str) -> list[str]:
        return [key for key in self.KEYS if key.startswith(prefix)]


Key = Arg[str, KeyName(), "The key: shoot_half, shoot_full, up, set, menu ..."]


@command("press", topic="camera", needs=Needs.CHDK)
def press(
    context: Context,
    key: Key,
    *,
    t: Arg[int, Integer(0, 3_600_000, "ms"), "How long to hold it."] = 1000,
) -> None:
    """Press a key and hold it for a while.

    A key goes up when the script that pressed it ends: to hold one longer, give -t.
    Example: press shoot_half -t=3000
    """
    from chdkshell.chdk.lifesigns import LifeSigns

    with LifeSigns(context.camera.scripts):
        _key(context, f"press(%s) sleep_with_host({t}) release(%s)", key, ("host_messages",))


@command("release", topic="camera", needs=Needs.CHDK)
def release(context: Context, key: Key) -> None:
    """Let a key go.

    Example: release shoot_half
    """
    _key(context, "release(%s)", key)


@command("click", topic="camera", needs=Needs.CHDK)
def click(context: Context, key: Key) -> None:
    """Press a key and let it go.

    Example: click menu
    """
    _key(context, "click(%s)", key)


@command("shutdown", topic="camera", needs=Needs.CHDK)
def shutdown(context: Context) -> None:
    """Switch the camera off, and disconnect.

    Example: shutdown
    """
    context.camera.scripts.start("sleep(500) shut_down()")
    context.connections.close_current()


def _key(context: Context, code: str, key: str, libraries: Sequence[str] = ()) -> None:
    from chdkshell.errors import ScriptError, UsageError, printable
    from chdkshell.lua.literals import serialize

    try:
        code = code.replace("%s", serialize(key))
        context.camera.lua(code, libraries=libraries, cancel=context.cancel)
    except ScriptError as error:
        if "unknown key" not in error.message:
            raise
        known = ", ".join(KeyName.KEYS)
        raise UsageError(f"unknown key {printable(key)}", f"such as {known}") from error


def _number(context: Context, call: str) -> int:
    from chdkshell.errors import ChdkError

    value = context.camera.lua(f"return {call}", cancel=context.cancel)
    if not isinstance(value, int):
        raise ChdkError(f"the camera does not answer {call}")
    return value


def _record_mode(context: Context) -> None:
    from chdkshell.chdk.shooting.modes import shooting_mode
    from chdkshell.errors import ChdkError

    if not shooting_mode(context.camera.scripts, context.cancel)[0]:
        from chdkshell.chdk.shooting.refusals import TEXTS
        from chdkshell.reasons import Reason

        raise ChdkError(TEXTS[Reason.NOT_RECORDING], reason=Reason.NOT_RECORDING)
