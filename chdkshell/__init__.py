"""chdkshell: an interactive shell, and a Python library, for Canon cameras that run CHDK.

import chdkshell

with chdkshell.connect("sim:") as cam:
    print(cam.lua("return get_zoom()"))
"""

from __future__ import annotations

__version__ = "0.1.0"
