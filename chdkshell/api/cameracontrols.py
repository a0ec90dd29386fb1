"""What one sets at a camera: mode, zoom, focus, keys, clock, properties and settings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chdkshell.connection import Connection
from chdkshell.errors import ChdkError, UsageError, printable
from chdkshell.flow import NEVER, CancelToken

if TYPE_CHECKING:
    from datetime import datetime

    from chdkshell.api.namedvalues import NamedValues
    from chdkshell.chdk.clock import ClockChange

RECORD, PLAY = "record", "play"


class CameraControls(Connection):
    """The controls of a connected camera. What is set stays set.

    Each runs a small script on the camera, so that it raises `ScriptRunningError` while one runs.
    """

    @property
    def mode(self) -> str:
        """`"record"` or `"play"`. Can be set to these, and to a shooting mode by its name (`"M"`).

        Setting waits until it is done. Raises `UsageError` for no mode, `ChdkError` where the
        camera refuses.

        >>> cam.mode = "record"
        >>> cam.mode
        'record'
        """
        from chdkshell.chdk.shooting.modes import shooting_mode

        return RECORD if shooting_mode(self.scripts)[0] else PLAY

    @mode.setter
    def mode(self, name: str) -> None:
        if name in (RECORD, PLAY):
            self.switch_mode(name == RECORD)
        else:
            self.shooting_mode = name

    @property
    def shooting_mode(self) -> str:
        """The shooting mode by CHDK's name for it: "AUTO", "P", "TV", "AV", "M" and more.

        Can be set; case does not count. Raises `UsageError` for an unknown name, and `ChdkError`
        where the camera has no such mode.
        """
        from chdkshell.chdk.shooting.modes import MODES, shooting_mode

        number = shooting_mode(self.scripts)[1]
        for name, known in MODES.items():
            if known == number:
                return name
        raise ChdkError(f"the camera is in a mode that CHDK has no name for ({number})")

    @shooting_mode.setter
    def shooting_mode(self, name: str) -> None:
        from chdkshell.chdk.shooting.modes import set_shooting_mode

        set_shooting_mode(self.scripts, name)

    def switch_mode(self, record: bool, cancel: CancelToken = NEVER) -> None:
        """Switch to record or to play mode, and wait until it is done.

        A camera that is in that mode stays as it is. Raises `ChdkError`.
        """
        from chdkshell.chdk.shooting.modes import switch_mode

        switch_mode(self.scripts, record, cancel)

    @property
    def zoom(self) -> int:
        """The step that the lens is zoomed to, from 0 (wide) to `zoom_steps` - 1. Can be set.

        Setting needs record mode. Raises `UsageError` for no step, and `ChdkError`.
        """
        from chdkshell.chdk.controls import read_zoom

        return read_zoom(self.scripts)

    @zoom.setter
    def zoom(self, position: int) -> None:
        from chdkshell.chdk.controls import set_zoom

        set_zoom(self.scripts, position)

    @property
    def zoom_steps(self) -> int:
        """How many steps the zoom has."""
        from chdkshell.chdk.controls import zoom_steps

        return zoom_steps(self.scripts)

    @property
    def focus(self) -> int:
        """The distance that the lens is focused at, in millimetres. Can be set, in record mode.

        It holds while the camera is in manual focus or has its focus locked. Raises `UsageError`
        for what is not above 0, and `ChdkError` where the camera cannot be focused.
        """
        from chdkshell.chdk.controls import read_focus

        return read_focus(self.scripts)

    @focus.setter
    def focus(self, millimetres: float) -> None:
        from chdkshell.chdk.controls import set_focus
        from chdkshell.chdk.shooting.exposure import Exposure

        distance = Exposure.of(distance=millimetres).distance
        assert distance is not None
        set_focus(self.scripts, distance)

    def press(self, key: str, seconds: float = 1.0, cancel: CancelToken = NEVER) -> None:
        """Press a key such as "shoot_half" and hold it for some seconds.

        The camera lets every key go when the script that pressed it ends, so that the call takes
        that long. Raises `UsageError` for a key that the camera does not know.
        """
        from chdkshell.chdk.controls import hold_key

        if not 0 <= seconds <= 3600:
            raise UsageError(f"invalid time {seconds}", "seconds, from 0 to 3600")
        hold_key(self.scripts, key, round(seconds * 1000), cancel)

    def release(self, key: str, cancel: CancelToken = NEVER) -> None:
        """Let a key go. Raises `UsageError` for a key that the camera does not know."""
        from chdkshell.chdk.controls import release_key

        release_key(self.scripts, key, cancel)

    def click(self, key: str, cancel: CancelToken = NEVER) -> None:
        """Press a key and let it go. Raises `UsageError` for a key that the camera does not know.

        >>> cam.click("menu")
        """
        from chdkshell.chdk.controls import click_key

        click_key(self.scripts, key, cancel)

    @property
    def clock(self) -> datetime:
        """What the camera's clock shows, without a time zone. Can be set; `sync_clock` is exact.

        Raises `ChdkError` where the CHDK on the camera cannot set it, `UsageError` for no time.
        """
        from chdkshell.chdk.clock import read_clock

        return read_clock(self.scripts)

    @clock.setter
    def clock(self, moment: datetime) -> None:
        from datetime import datetime

        from chdkshell.chdk.clock import FIRST_YEAR, LAST_YEAR, set_clock

        if not isinstance(moment, datetime) or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            allowed = f"a datetime from {FIRST_YEAR} to {LAST_YEAR}"
            raise UsageError(f"unsupported time {printable(str(moment))}", allowed)
        set_clock(self.scripts, moment)

    def sync_clock(self, *, utc: bool = False, cancel: CancelToken = NEVER) -> ClockChange:
        """Set the camera's clock to this computer's, at the start of a second.

        Returns what it showed before and what after. `utc` sets UTC, else local time. Raises
        `ChdkError`.
        """
        from chdkshell.chdk.clock import sync_clock

        return sync_clock(self.scripts, utc=utc, cancel=cancel)

    @cached_property
    def props(self) -> NamedValues:
        """The camera's property cases, by name or number: `cam.props["TV"]`. Can be set."""
        from chdkshell.api.namedvalues import PROPERTY, NamedValues

        return NamedValues(lambda: self.scripts, PROPERTY)

    @cached_property
    def config(self) -> NamedValues:
        """The settings of CHDK, by name or number: `cam.config["save_raw"]`. Can be set."""
        from chdkshell.api.namedvalues import SETTING, NamedValues

        return NamedValues(lambda: self.scripts, SETTING)
