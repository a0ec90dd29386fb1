"""What the script of each command does when its host is gone: a new command must take its place."""

from __future__ import annotations

from support.command_kinds import PTP_CHANGES, TRYING, WITHOUT_SCRIPTS

WITH_HOST = ("repl", "rcapture", "rsint", "press")
"""Scripts that go on for as long as their host is there: they hear its signs of life."""

BY_ITSELF = {
    "shoot": "shoot",
    "release": "release shoot_half",
    "click": "click menu",
    "rec": "rec",
    "play": "play",
    "mode": "mode P",
    "zoom": "zoom 3",
    "focus": "focus 1m",
    "clock": "clock",
    "ls": "ls -l",
    "upload": "upload here.txt A/THERE.TXT",
    "download": "download A/DCIM/100CANON/IMG_0001.JPG one.jpg",
    "mkdir": "mkdir A/NEW",
    "delete": "rm A/DCIM/100CANON/IMG_0002.JPG",
    "mdownload": "mdl A/DCIM out",
    "mupload": "mup up A/UP",
    "sync": "sync A/DCIM out",
    "cat": "cat A/CHDK/SCRIPTS/INTERVAL.LUA",
    "edit": "edit A/CHDK/SCRIPTS/INTERVAL.LUA",
    "mv": "mv A/DCIM/100CANON/IMG_0001.JPG A/X.JPG",
    "cp": "cp A/DCIM/100CANON/IMG_0001.JPG A/X.JPG",
    "cd": "cd A/DCIM",
    "df": "df",
    "du": "du A/DCIM",
    "tree": "tree A/DCIM",
    "find": "find A/DCIM",
    "imdl": "imdl -ddir=pics",
    "imls": "imls",
    "imrm": "imrm -y",
}
"""Commands whose scripts end by themselves at once, or with the exposure under way; and a line."""

SHORT_ACTIONS = ("live", "serve", "lvserve", "rig trigger", "rig scan")
"""Commands that run such a script for each key or click."""

ON_PURPOSE = ("reboot", "shutdown")
"""Their scripts end with the camera itself."""

USERS = (
    *("lua", "luar", "run", "camscript", "putm", "exec", "source", "watch", "set", "sh", "#", "@"),
)
"""What the user wrote runs: no script of this program's own."""

NO_SCRIPTS = (*WITHOUT_SCRIPTS, *PTP_CHANGES, "ptp capture", "eos release")

KINDS = (WITH_HOST, tuple(BY_ITSELF), SHORT_ACTIONS, ON_PURPOSE, USERS, TRYING, NO_SCRIPTS)
