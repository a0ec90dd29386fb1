"""All of the firmware's functions that scripts of the simulated camera may call."""

from __future__ import annotations

from chdkshell.chdk.versions import REMOTE_CAPTURE
from chdkshell.sim.api.absent import ABSENT
from chdkshell.sim.api.bits import NUMBERS
from chdkshell.sim.api.config import CONFIG
from chdkshell.sim.api.drawing import DRAWING
from chdkshell.sim.api.exposure import EXPOSURE
from chdkshell.sim.api.histograms import HISTOGRAMS
from chdkshell.sim.api.iolib import FILE_METHODS, IO, IO_BASE
from chdkshell.sim.api.keys import KEY_FUNCTIONS
from chdkshell.sim.api.lens import LENS
from chdkshell.sim.api.messages import MESSAGES
from chdkshell.sim.api.motion import MOTION
from chdkshell.sim.api.native import NATIVE
from chdkshell.sim.api.oslib import OS, OS_BASE
from chdkshell.sim.api.pictures import CAPTURE, PICTURES
from chdkshell.sim.api.rawops import RAWOPS
from chdkshell.sim.api.system import SYSTEM
from chdkshell.sim.api.usb import USB
from chdkshell.sim.lua.api import Api, Library

APIS: tuple[Api, ...] = (
    MESSAGES,
    NUMBERS,
    SYSTEM,
    CONFIG,
    KEY_FUNCTIONS,
    EXPOSURE,
    LENS,
    PICTURES,
    CAPTURE,
    USB,
    RAWOPS,
    DRAWING,
    MOTION,
    NATIVE,
    ABSENT,
    IO,
    OS,
)

FIRMWARE = Library(
    functions={
        **HISTOGRAMS.functions,
        **{name: function for api in APIS for name, function in api.functions.items()},
    },
    file_methods=FILE_METHODS.functions,
    base={**IO_BASE.functions, **OS_BASE.functions},
    since=dict.fromkeys(CAPTURE.functions, REMOTE_CAPTURE.since),
)
