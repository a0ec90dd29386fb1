"""chdkshell: an interactive shell, and a Python library, for Canon cameras that run CHDK.

import chdkshell

with chdkshell.connect("sim:") as cam:
    print(cam.lua("return get_zoom()"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.version import __version__

if TYPE_CHECKING:
    from chdkshell.camera import Camera, connect

__all__ = ["Camera", "__version__", "connect"]


def __getattr__(name: str) -> object:
    """Load `connect` and `Camera` when they are first used: the shell's start-up counts."""
    if name in ("Camera", "connect"):
        from chdkshell import camera

        return getattr(camera, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
