"""What keeps a camera from being used: checks of this computer and of the camera.

Nothing on the system is changed.
"""

from __future__ import annotations

from chdkshell.shell.doctor.checks import Doctor, LibusbInfo, diagnose
from chdkshell.shell.doctor.finding import Finding
from chdkshell.shell.doctor.rules import UdevRule, udev_rule
from chdkshell.shell.doctor.system import SystemView

__all__ = [
    "Doctor",
    "Finding",
    "LibusbInfo",
    "SystemView",
    "UdevRule",
    "diagnose",
    "udev_rule",
]
