"""A command of one's own for chdkshell, in a package of its own."""

from __future__ import annotations

from typing import Annotated as Arg

from chdkshell.shell.arguments import Integer
from chdkshell.shell.command import Needs, command
from chdkshell.shell.context import Context
from chdkshell.shell.results import Result


class Temperature(Result):
    """A temperature inside the camera, in degrees C."""

    def __init__(self, degrees: int) -> None:
        self.degrees = degrees

    def text(self) -> str:
        return f"{self.degrees} degrees C"

    def json(self) -> int:
        return self.degrees


@command("temp", topic="own", needs=Needs.CHDK)
def temp(
    context: Context,
    sensor: Arg[int, Integer(0, 2), "0 optics, 1 image sensor, 2 battery."] = 0,
) -> Temperature:
    """Show how warm the camera is inside.

    Example: temp 1
    """
    degrees = context.camera.lua(f"return get_temperature({sensor})", cancel=context.cancel)
    assert isinstance(degrees, int)
    return Temperature(degrees)
