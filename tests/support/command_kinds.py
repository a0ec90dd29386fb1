"""Every command of the program, by what it can do to a camera: a new one must take its place here.

`FIRING` are the commands that take pictures by themselves, each with lines that show its ways of
doing so. Those in `BY_HAND` press what a person's key, line or click asks for, once for each. Those
in `LINES_OF_THE_USER` run Lua, Python or lines that the user wrote, whatever that does.
"""

from __future__ import annotations

FIRING = {
    "shoot": ("shoot -shots=3", "shoot -shots=3 -int=30", "shoot -shots=3 -raw=1 -dl"),
    "rcapture": (
        "rcapture -shots=3",
        "rcapture -shots=3 -int=30",
        "rcapture -quick=3",
        "rcapture -quick=3 -int=30",
        "rcapture -cont=3",
        "rcapture -cont=3 -int=30",
    ),
    "rsint": (
        "rsint -pipe='printf \"s\\ns\\nl\\n\"'",
        "rsint -cont -pipe='printf \"s\\ns\\nl\\n\"'",
    ),
}

BY_HAND = (
    "live",
    "serve",
    "lvserve",
    "press",
    "release",
    "click",
    "ptp capture",
    "rig trigger",
    "rig scan",
    "eos release",
)

LINES_OF_THE_USER = (
    *("lua", "luar", "run", "camscript", "repl", "putm", "exec", "source", "watch", "sh", "#"),
    "@",
)

PTP_CHANGES = (
    *("ptp prop", "ptp propreset", "ptp raw", "ptp power", "ptp reset"),
    *("ptp rm", "ptp mv", "ptp send", "ptp mkdir", "ptp protect", "ptp format"),
    *("eos on", "eos off", "eos prop", "eos firmware"),
)
"""Single operations of PTP that change what the user names."""

ON_PURPOSE = (
    *("rec", "play", "mode", "zoom", "focus", "clock", "set", "reboot", "shutdown"),
    *PTP_CHANGES,
)
"""Commands whose purpose is a change of the camera or of the program, which stays."""

FILES = (
    *("ls", "upload", "download", "mkdir", "delete", "mdownload", "mupload", "sync", "cat", "edit"),
    *("mv", "cp", "cd", "df", "du", "tree", "find", "imdl", "imls", "imrm"),
)
"""Commands that work on the card by scripts of their own, and change no setting."""

WITHOUT_SCRIPTS = (
    *("help", "quit", "tee", "version", "list", "connect", "use", "reconnect", "disconnect"),
    *("doctor", "lint", "history", "alias", "pwd", "lcd", "lls"),
    *("getm", "killscript", "rmem", "lvdump", "lvdumpimg"),
    *("dngload", "dngsave", "dngunload", "dnglist", "dngsel", "dnginfo", "dnghist"),
    *("dnglistpixels", "dngmod", "dngdump", "dngbatch"),
    *("ptp info", "ptp ops", "ptp formats", "ptp events", "ptp storages", "ptp props"),
    *(
        "rig list",
        "rig connect",
        "rig save",
        "rig load",
        "rig name",
        "rig swap",
        "rig drop",
        "rig sync",
        "rig clock",
    ),
    "rig collect",
    *("ptp objects", "ptp object", "ptp get", "ptp thumb", "tether"),
    *("eos props", "eos events", "eos liveview"),
)

TRYING = ("selftest",)
"""Tries all of this with bounds of its own, and puts all of it back: its own tests see that."""

KINDS = (tuple(FIRING), BY_HAND, LINES_OF_THE_USER, ON_PURPOSE, FILES, TRYING, WITHOUT_SCRIPTS)

_FOCUS = "-sd=2m -sdmode=AFL"
CHANGING = {
    "shoot": (f"shoot -dng {_FOCUS}", f"shoot -shots=2 -raw=1 -cfmt=CR2 {_FOCUS}"),
    "rcapture": (
        f"rcapture -craw {_FOCUS}",
        f"rcapture -shots=2 {_FOCUS}",
        f"rcapture -craw -jpg -quick=2 {_FOCUS}",
        f"rcapture -craw -cont=2 {_FOCUS}",
    ),
    "rsint": (
        f"rsint -craw -pipe='echo s; echo l' {_FOCUS}",
        f"rsint -craw -cont -pipe='echo s; echo l' {_FOCUS}",
    ),
}
"""Commands that change settings for their own sake, with lines that change them."""

KEEPING = tuple(name for kind in KINDS for name in kind if name not in FIRING)
