"""Every command of the program: its cases in the campaign, or why it has none."""

from __future__ import annotations

from support.exif_pictures import jpeg, with_thumbnail
from support.file_cases import CARD, CASES, SCRIPTS
from support.file_cases import Case as FileCase
from support.small_dng import dng_bytes

from campaign_parts.case import Case, Entry, case, of_files
from chdkshell.sim.properties import Prop

LIGHT = frozenset(("exposure", "overrides"))
"""What taking a picture leaves behind in a camera: how the last one was exposed."""

ODD_PICTURE = {"DCIM/100CANON/IMG_0005.JPG": b"\xff\xd8\xff\xe1\x00\x10Exif\0\0II*\0\x08\0\0\0"}
THUMB = {**CARD, "DCIM/T.JPG": with_thumbnail(jpeg("red", (16, 12)))}
SESSION = b"x = 1\npress 'shoot_half'\nprint(x + 1)\nsleep(30)\nx + 1\nrelease 'shoot_half'\n"
TURNS = b'--[[\n#n=5 "Turns"\n]]\nfor i = 1, n do print(i) sleep(10) end\n'
DNG = {"a.dng": dng_bytes()}


def entry(*cases: Case) -> Entry:
    return Entry(cases)


def none(why: str) -> Entry:
    return Entry(why_none=why)


def shooting(line: str, **settings: object) -> Case:
    """Return the case of a command that takes pictures."""
    settings = {"shots": 1, "record": True, "may_change": LIGHT, "weight": 5, **settings}
    return case(line, **settings)  # type: ignore[arg-type]


def of_dng(
    line: str, new: tuple[str, ...] = (), before: tuple[str, ...] = ("dngload a.dng",)
) -> Case:
    return case(line, here=DNG, new=new, before=before, silent=True)


def sourced() -> Case:
    """Return the case of a file of commands: what it does is what its command does."""
    base = CASES["mdl"]
    script = {"do.txt": base.line.encode() + b"\n"}
    return Case(
        files=FileCase(
            "source do.txt",
            here=base.here | script,
            here_after={**(base.here_after or {}), **script},
        )
    )


TABLE: dict[str, Entry] = {
    "help": none("it prints what it knows, and uses neither camera nor files"),
    "#": none("a comment does nothing"),
    "quit": none("it ends the program: each signal case does that with a signal"),
    "set": none("it changes what this program remembers, and nothing else"),
    "source": entry(sourced()),
    "exec": none("the user's own Python does what it does"),
    "watch": entry(case("watch 0.01 luar return 1", ends=False, outlives_link=True, weight=2)),
    "tee": none("it opens a copy of what is printed, which holds no picture and no setting"),
    "sh": none("a command of this computer does what it does"),
    "history": none("it only reads a file of the settings"),
    "alias": none("it changes a file of the settings, as a whole"),
    "version": none("it tells what is known since the connection was made"),
    "list": none("it looks at the bus of this computer, where the campaign has no camera"),
    "connect": entry(case("connect $address", joins=True)),
    "reconnect": entry(case("reconnect")),
    "reboot": entry(case("reboot", may_change=("mode",), goes_off=True, weight=3)),
    "disconnect": entry(case("disconnect", then="reconnect", weight=3)),
    "use": entry(case("use $address")),
    "doctor": none("it looks at this computer, and at cameras only to name them"),
    "selftest": none("it tries what others do, and its own tests cut its link and break it off"),
    "lua": entry(case("lua sleep(60) return 1", leaves_script=True)),
    "luar": entry(
        case(
            "luar write_usb_msg('a') sleep(30) write_usb_msg({1,2}) return {1,2,x='y'}, 3",
            outlives_link=True,
        ),
        case("luar local t={} for i=1,300 do t[i]='line '..i end return t", outlives_link=True),
        case("luar for i=1,400 do sleep(5) end", ends=False, outlives_link=True, weight=2),
    ),
    "getm": entry(case("getm", before=("lua return 1,2,{3}",), leaves_script=True)),
    "putm": entry(case("putm go on", before=("lua sleep(6000)",), leaves_script=True)),
    "killscript": entry(case("killscript", before=("lua sleep(6000)",), leaves_script=True)),
    "camscript": none("it runs what the user wrote, as `run` does, which has a case"),
    "run": entry(
        case(
            "run A/CHDK/SCRIPTS/TURNS.LUA n=20",
            card={**CARD, "CHDK/SCRIPTS/TURNS.LUA": TURNS},
            outlives_link=True,
        )
    ),
    "lint": none("it looks at files of this computer, and uses no camera"),
    "repl": entry(case("repl < session.lua", here={**SCRIPTS, "session.lua": SESSION})),
    "ls": entry(*of_files("ls", "ls -l", weight=5)),
    "upload": entry(*of_files("upload", "upload over another")),
    "download": entry(*of_files("download", "download over another")),
    "mkdir": entry(*of_files("mkdir")),
    "delete": entry(*of_files("rm", "rm of some")),
    "mdownload": entry(*of_files("mdl", "mdl over others", "mdl -pretend")),
    "mupload": entry(*of_files("mup", "mup over others")),
    "sync": entry(
        *of_files("sync", "sync -delete", "sync -delete beside others"),
        *of_files("sync up", "sync up -delete", "sync up -delete beside others"),
        *of_files("sync up -pretend", weight=3),
    ),
    "cat": entry(*of_files("cat", weight=5)),
    "edit": entry(*of_files("edit", weight=5)),
    "mv": entry(*of_files("mv", "mv of a folder")),
    "cp": entry(*of_files("cp")),
    "df": entry(*of_files("df", weight=5)),
    "du": entry(*of_files("du", weight=5)),
    "tree": entry(*of_files("tree", weight=5)),
    "find": entry(*of_files("find", weight=5)),
    "cd": entry(*of_files("cd", weight=3)),
    "pwd": none("it tells what is known"),
    "lcd": none("it changes the folder of this program, and nothing in it"),
    "lls": none("it looks at a folder of this computer"),
    "imdl": entry(*of_files("imdl", "imdl over others", "imdl -rm", "imdl -rm beside others")),
    "imls": entry(
        *of_files("imls", weight=5), case("imls -thumbs", card={**CARD, **ODD_PICTURE}, weight=5)
    ),
    "imrm": entry(*of_files("imrm", "imrm of some")),
    "rmem": entry(
        case("rmem 0x1900 600", weight=5), case("rmem -f=mem.bin 0x1900 9000", new=(".bin",))
    ),
    "lvdump": entry(case("lvdump -count=3 -wait=1 -quiet a.lvdump", new=(".lvdump",), weight=5)),
    "lvdumpimg": entry(
        case("lvdumpimg -count=2 -wait=1 -vp=f${frame}.ppm", new=(".ppm",), weight=5),
        case("lvdumpimg -composite=s${frame}.png -png -wait=1", new=(".png",), weight=3),
    ),
    "live": entry(case("live -fps=20", record=True, terminal=True, ends=False, weight=3)),
    "serve": entry(case("serve -port=0", ends=False, weight=1)),
    "lvserve": entry(case("lvserve -port=0", ends=False, weight=1)),
    "rec": entry(case("rec", may_change=("mode",))),
    "play": entry(case("play", record=True, may_change=("mode",))),
    "mode": entry(
        case("mode", weight=5), case("mode TV", record=True, may_change=("mode",), weight=5)
    ),
    "shoot": entry(
        shooting("shoot"),
        shooting("shoot -tv=1/100 -sv=80 -dl", new=(".JPG",)),
        shooting("shoot -dng -dl -rm", new=(".JPG", ".DNG")),
        shooting("shoot -raw -cfmt=BOTH -dl", new=(".JPG", ".CRW", ".CR2")),
        shooting("shoot -shots=3 -dl -rm", shots=3, new=(".JPG",)),
        shooting("shoot -nowait", leaves_script=True),
    ),
    "rcapture": entry(
        shooting("rcapture", new=(".jpg",)),
        shooting("rcapture -dng -jpg a", new=(".dng", ".jpg")),
        shooting("rcapture -raw -dnghdr -s=8 -c=16 a", new=(".raw", ".dng_hdr")),
        shooting("rcapture -shots=3 lapse/", shots=3, new=(".jpg",)),
        shooting("rcapture -quick=3 lapse/", shots=3, new=(".jpg",)),
        shooting("rcapture -cont=3 lapse/", shots=4, new=(".jpg",), settings={Prop.DRIVE_MODE: 1}),
    ),
    "rsint": entry(
        shooting("rsint -pipe='echo s; echo s; echo q' shots/", shots=2, new=(".jpg",)),
        shooting("rsint -pipe='echo s; exec sleep 60' shots/", shots=1, new=(".jpg",), ends=False),
    ),
    "clock": entry(
        case("clock", weight=5),
        case("clock -set 2026/01/02 03:04:06", may_change=("clock",), weight=5),
        case("clock -sync", may_change=("clock",), weight=2),
    ),
    "zoom": entry(case("zoom", weight=5), case("zoom 3", record=True, may_change=("zoom",))),
    "focus": entry(
        case("focus", weight=5), case("focus 800", record=True, may_change=("focus", "overrides"))
    ),
    "press": entry(case("press -t=40 shoot_half", record=True, may_change=LIGHT)),
    "release": entry(case("release shoot_half", record=True, weight=5)),
    "click": entry(case("click set", weight=5)),
    "shutdown": entry(
        case("shutdown", may_change=("mode",), goes_off=True, then="reconnect", weight=3)
    ),
    "dngload": none("it only reads a file of this computer"),
    "dngsave": entry(of_dng("dngsave -over b.dng", (".dng",))),
    "dngunload": none("it changes what this program remembers"),
    "dnglist": none("it changes nothing"),
    "dngsel": none("it changes what this program remembers"),
    "dnginfo": none("it changes nothing"),
    "dnghist": none("it changes nothing"),
    "dnglistpixels": entry(of_dng("dnglistpixels -max=0 -out=bad.txt", (".txt",))),
    "dngmod": none("it changes what this program remembers; dngsave writes it"),
    "dngdump": entry(of_dng("dngdump -png -thm -raw -over", (".png", ".rgb", ".ppm", ".raw"))),
    "dngbatch": entry(of_dng("dngbatch a.dng { save -over b.dng }", (".dng",), ())),
    "ptp info": entry(case("ptp info", weight=2)),
    "ptp ops": none("it tells what is known since the connection was made"),
    "ptp formats": none("it tells what is known since the connection was made"),
    "ptp events": entry(case("ptp events", ends=False, weight=2)),
    "ptp storages": entry(case("ptp storages", weight=2)),
    "ptp props": entry(case("ptp props -all", weight=3)),
    "ptp prop": entry(
        case("ptp prop BatteryLevel", weight=2), case("ptp prop CameraOwner Ann", weight=3)
    ),
    "ptp propreset": entry(case("ptp propreset EventEmulateMode", weight=2)),
    "ptp raw": entry(
        case("ptp raw GetDeviceInfo", weight=2), case("ptp raw 0x1007 0xFFFFFFFF", weight=2)
    ),
    "ptp power": none("the simulated camera has no such operation"),
    "ptp reset": none("the simulated camera has no such operation"),
    "ptp capture": none("its own tests break it off; the campaign's camera takes none this way"),
    "ptp objects": entry(case("ptp objects -tree", weight=5)),
    "ptp object": entry(case("ptp object DCIM", weight=2)),
    "ptp get": entry(*of_files("ptp get", "ptp get over another")),
    "ptp thumb": entry(case("ptp thumb DCIM/T.JPG t.bin", card=THUMB, new=(".bin",), weight=5)),
    "ptp send": entry(*of_files("ptp send")),
    "ptp rm": entry(*of_files("ptp rm", weight=5)),
    "ptp mv": entry(*of_files("ptp mv", weight=5)),
    "ptp protect": entry(case("ptp protect KEEP.TXT", weight=3)),
    "ptp mkdir": entry(*of_files("ptp mkdir", weight=5)),
    "ptp format": entry(*of_files("ptp format", weight=3)),
    "tether": entry(case("tether", ends=False, weight=3)),
    "@": none("what it runs on each camera has cases of its own"),
    "rig list": none("it changes what this program remembers of its cameras"),
    "rig connect": none("it changes what this program remembers of its cameras"),
    "rig save": none("it changes what this program remembers of its cameras"),
    "rig load": none("it changes what this program remembers of its cameras"),
    "rig name": none("it changes what this program remembers of its cameras"),
    "rig swap": none("it changes what this program remembers of its cameras"),
    "rig drop": none("it changes what this program remembers of its cameras"),
    "rig sync": none("it changes what this program remembers of its cameras"),
    "rig clock": none("it changes what this program remembers of its cameras"),
    "rig collect": none("it downloads as imdl does, which has cases"),
    "rig trigger": none("its shots have tests of their own"),
    "rig scan": none("its shots have tests of their own"),
    **dict.fromkeys(
        (
            *("eos on", "eos off", "eos props", "eos prop", "eos events"),
            *("eos release", "eos liveview", "eos firmware"),
        ),
        none("the campaign's camera is no EOS; its own tests break it off"),
    ),
}
"""By the first name of each command in the registry; a test compares the two."""


def all_cases() -> list[Case]:
    """Return all cases, in the order of the table."""
    return [one for entry_ in TABLE.values() for one in entry_.cases]
