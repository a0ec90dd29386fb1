"""Where this program keeps its settings."""

from __future__ import annotations

import os
import sys

from chdkshell.errors import UsageError


def settings_folder() -> str:
    """Return the folder for this program's settings: $CHDKSHELL_HOME, or the system's own place.

    It never depends on the working folder, where a startup file may be anybody's. The places are
    those of platformdirs, which takes longer to import than a command to run. Raises `UsageError`.
    """
    chosen = os.environ.get("CHDKSHELL_HOME")
    if chosen:
        if os.path.isabs(chosen):  # noqa: PTH117
            return chosen
        raise UsageError(f"CHDKSHELL_HOME is no absolute path: {chosen}", "write the whole path")
    home = os.path.expanduser("~")  # noqa: PTH111
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home
    elif sys.platform == "darwin":
        base = f"{home}/Library/Application Support"
    else:
        base = os.environ.get("XDG_CONFIG_HOME", "")
        if not os.path.isabs(base):  # noqa: PTH117 - as the XDG specification says
            base = f"{home}/.config"
    return os.path.join(os.sep, base, "chdkshell")  # noqa: PTH118 - HOME may be relative, too
