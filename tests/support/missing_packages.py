"""Lines for every command of the program, by whether they need packages for pictures."""

from __future__ import annotations

WITHOUT = {
    "help": ("help ls",),
    "#": ("# a comment",),
    "set": ("set", "set cli_verbose=1"),
    "source": ("source lines.txt",),
    "exec": ("!1 + 1",),
    "@": ("@all pwd",),
    "rig collect": ("rig collect",),
    "rig list": ("rig list",),
    "rig connect": ("rig connect",),
    "rig save": ("rig save my.rig",),
    "rig load": ("rig load my.rig",),
    "rig name": ("rig name 1 left", "rig name 1"),
    "rig swap": ("rig swap 1 1",),
    "rig drop": ("rig drop 9",),
    "rig sync": ("rig sync",),
    "rig clock": ("rig clock",),
    "watch": ("watch 0.1 cat A/NONE.TXT",),
    "tee": ("tee said.txt", "tee"),
    "sh": ("sh exit 0",),
    "history": ("history",),
    "alias": ("alias",),
    "version": ("version",),
    "list": ("list",),
    "doctor": ("doctor",),
    "lua": ("lua return 1", "killscript -force"),
    "luar": ("luar return 1 + 1",),
    "selftest": ("selftest -report=tried.json",),
    "getm": ("getm",),
    "putm": ("lua read_usb_msg(60000)", "putm x"),
    "killscript": ("killscript -force",),
    "run": ("run -list",),
    "lint": ("lint -definitions=defined.lua",),
    "repl": ("repl return 2",),
    "ls": ("ls -l A/DCIM",),
    "upload": ("upload lines.txt A/X.TXT",),
    "download": ("download A/X.TXT back.txt",),
    "cat": ("cat A/X.TXT",),
    "edit": ("edit A/X.TXT",),
    "mkdir": ("mkdir A/NEW",),
    "mv": ("mv A/X.TXT A/NEW/",),
    "cp": ("cp A/NEW/X.TXT A/Z.TXT",),
    "cd": ("cd DCIM", "cd .."),
    "pwd": ("pwd",),
    "lcd": ("lcd .",),
    "lls": ("lls",),
    "df": ("df",),
    "du": ("du A/DCIM",),
    "tree": ("tree A/",),
    "find": ("find A/ -glob=*.TXT",),
    "mdownload": ("mdownload A/NEW down",),
    "mupload": ("mupload down A/UP",),
    "sync": ("sync A/DCIM synced",),
    "imls": ("imls",),
    "imdl": ("imdl -ddir=pictures",),
    "delete": ("delete A/NEW A/UP",),
    "imrm": ("imrm -pretend",),
    "ptp info": ("ptp info",),
    "ptp ops": ("ptp ops",),
    "ptp formats": ("ptp formats",),
    "ptp events": ("ptp events -seconds=1",),
    "ptp storages": ("ptp storages",),
    "ptp props": ("ptp props",),
    "ptp prop": ("ptp prop BatteryLevel",),
    "ptp propreset": ("ptp propreset EventEmulateMode",),
    "ptp raw": ("ptp raw GetDeviceInfo",),
    "ptp objects": ("ptp objects -tree",),
    "ptp object": ("ptp object DCIM",),
    "ptp send": ("ptp send lines.txt A/SENT.TXT",),
    "ptp get": ("ptp get A/SENT.TXT got.txt",),
    "ptp protect": ("ptp protect A/SENT.TXT", "ptp protect A/SENT.TXT off"),
    "ptp mkdir": ("ptp mkdir A/PTP",),
    "ptp mv": ("ptp mv A/SENT.TXT A/PTP",),
    "ptp rm": ("ptp rm A/PTP -y",),
    "rmem": ("rmem 0x1000 32",),
    "rec": ("rec",),
    "mode": ("mode", "mode P"),
    "zoom": ("zoom",),
    "focus": ("focus",),
    "clock": ("clock",),
    "press": ("press up", "release up"),
    "release": ("release up",),
    "click": ("click up",),
    "shoot": ("shoot -dl=shot", "shoot -raw=1 -dng -dl=shots/"),
    "rcapture": ("rcapture one", "rcapture -raw two", "rcapture -dnghdr three"),
    "rsint": ("rsint -pipe='printf \"s\\nl\\n\"' four",),
    "lvdump": ("lvdump dump.lvdump -count=2",),
    "dnglist": ("dnglist",),
    "play": ("play",),
    "disconnect": ("disconnect",),
    "reconnect": ("reconnect",),
    "connect": ("connect 1",),
    "use": ("use 1",),
    "reboot": ("reboot -wait=100",),
    "shutdown": ("shutdown",),
    "quit": ("quit",),
}
"""Commands that only need the standard library and chdkshell, in an order in which they work."""

WITH = {
    "rcapture": ("rec", "rcapture -dng five"),
    "rsint": ("rsint -dng -pipe='printf \"s\\nl\\n\"' six",),
    "live": ("live",),
    "serve": ("serve -port=0",),
    "lvserve": ("lvserve -port=0",),
    "lvdumpimg": (
        "lvdumpimg -vp -count=1",
        "lvdumpimg -bm -count=1",
        "lvdumpimg -composite=c.png -png -count=1",
    ),
    "dngload": ("dngload some.dng",),
    "dngbatch": ("dngbatch some.dng { info }",),
}
"""Commands that need packages, with lines that must say so; `rec` goes before."""

NOT_HERE = (
    "camscript",
    "ptp thumb",
    "ptp power",
    "ptp reset",
    "ptp capture",
    "ptp format",
    "tether",
    "rig trigger",
    "rig scan",
    *("eos on", "eos off", "eos props", "eos prop", "eos events"),
    *("eos release", "eos liveview", "eos firmware"),
)
"""Commands that need something that is not there: a script, a thumbnail, an operation, a hand."""

OF_A_LOADED_DNG = (
    *("dngsave", "dngunload", "dngsel", "dnginfo", "dnghist", "dnglistpixels", "dngmod"),
    "dngdump",
)
"""Commands that work on what `dngload` has loaded, which is nothing here."""

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"numpy", "PIL", "tifffile", "libusb_package", "uvicorn"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""
"""A sitecustomize for a Python that lacks the packages."""
