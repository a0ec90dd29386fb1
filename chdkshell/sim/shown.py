"""What the camera's own screens show, as its keys set it, and what scripts draw there."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from chdkshell.sim.dialogs import Dialog

MAX_SHAPES = 4096
"""How many of a script's shapes are kept: older ones are drawn over, most often."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Something that a script drew. `kind` names it, `box` is two corners in the screen's pixels.

    `line` and `fill` are colours of scripts; what has no `fill` is not filled. `width` is the
    line's.
    """

    kind: str
    box: tuple[int, int, int, int]
    line: int
    fill: int | None = None
    width: int = 1
    text: str = ""
    scale: tuple[int, int] = (1, 1)


@dataclass(slots=True)
class ShownScreen:
    """What there is to see beside the live picture.

    `picture` counts back from the newest in play mode. `magnified` is by how many steps it is
    enlarged there, -1 for the index of pictures. `menu`: the camera's menu is open. `dialog` is
    what a script asks.
    """

    picture: int = 0
    magnified: int = 0
    menu: bool = False
    dialog: Dialog | None = None
    shapes: deque[Shape] = field(default_factory=lambda: deque(maxlen=MAX_SHAPES))
