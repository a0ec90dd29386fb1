"""What the camera's own screens show, as its keys set it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Face:
    """`picture` counts back from the newest in play mode. `magnified` is by how many steps it is
    enlarged there, -1 for the index of pictures. `menu`: the camera's menu is open.
    """

    picture: int = 0
    magnified: int = 0
    menu: bool = False
