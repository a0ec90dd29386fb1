"""Lines for every command of the program: the examples of its help, as far as they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chdkshell.shell import commands  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY
from support.small_dng import make_dng

IN_PLACE = {
    "watch 2 luar return get_temperature(1), get_vbatt()": "",
    "serve": "",
    "serve -host=0.0.0.0 -folder=shots": "",
    "lvserve": "",
    "lvserve -host=0.0.0.0 -port=8080 -bm": "",
    "live -bm": "live",
    "rsint": "rsint -pipe='echo s; echo q' shots/",
    "rsint -tv=1/500 shots/": "rsint -tv=1/500 -pipe='echo path x/; echo s; echo q' shots/",
    'rsint -pipe="./trigger.sh" -dng': "rsint -pipe='echo s; echo l' -dng",
    "shoot -shots=100 -int=30": "shoot -shots=2 -int=1",
    "rcapture -shots=100 -int=30 lapse/${shotseq}_${ldate}${ext}": "rcapture -shots=2 lapse/",
    "cp CHDK/SCRIPTS/ONE.LUA CHDK/SCRIPTS/TWO.LUA": "cp CHDK/SCRIPTS/SCRIPT.LUA CHDK/TWO.LUA",
    "cp A/ONE.TXT A/TWO.TXT A/DOCS": "cp CHDK/TWO.LUA CHDK/SCRIPTS",
    "use 2": "use 1",
    "use left": "",
    "@all luar return get_mode()": "@all luar return get_mode()",
    "@left,right imdl -d=${camera}/${name}": "@1 imdl -d=${camera}/${name}",
    "@1,4-6 shoot": "@1 df",
    "@^3 df": "@^3 df",
    "rig connect": "",
    "rig connect ip:10.0.0.2 ip:10.0.0.3": "",
    "rig connect scanner.rig": "rig connect scanner.rig",
    "rig swap left right": "rig swap 1 1",
    "rig drop 3": "rig drop 3",
    "rig sync": "rig sync 9",
    "rig trigger": "rig trigger 9",
    "rig trigger left,right -key=enter -dl=shots/${camera}/${name}": "",
    "rig scan book/ -left=1 -right=2": "rig scan book/ -left=1 -right=1",
    "rig scan book/ -page=11": "",
    "@all shoot -sync -lock=left -dl=${camera}_${name}": "shoot -lock=left",
    "@all rcapture -sync shots/${camera}_${name}": "rcapture -hw",
    "use A1B2C3": "",
    "lcd shots": "lcd .",
    "lls shots": "lls shots",
    "sh ls -l": "sh exit 0",
    "sh ls *.JPG | wc -l": "",
    "alias snap=shoot -tv=$1 -dl=shots/": "alias",
    "alias temp=luar return get_temperature(0)": "",
    "alias snap=": "",
    "repl": "",
    "quit": "",
    "connect -h=192.168.1.20 -p=15740": "connect -h=127.0.0.1 -p=1",
    "connect sim:": "",
    "dngsel 2": "dngsel 1",
    "mv CHDK/SCRIPTS/OLD.LUA CHDK/SCRIPTS/NEW.LUA": "mv CHDK/SCRIPTS/SCRIPT.LUA CHDK/NEW.LUA",
    "mv A/ONE.TXT A/TWO.TXT A/DOCS": "mv CHDK/NEW.LUA CHDK/SCRIPTS",
    "reboot DISKBOOT.BIN -norecon": "",
    "reconnect -wait=20000": "reconnect",
    "set cli_error_exit=true": "set cli_error_exit",
    "set exec=lua": "set exec",
    "set output=plain": "set output",
    "set trace=session.pcapng": "set trace",
    "doctor -write-udev-rule": "",
    "selftest": "selftest -report=tried.json",
    "selftest -shoot -y": "",
    "tether pictures/": "",
    "ptp events -seconds=10": "ptp events -seconds=1",
    "imrm -pretend -imax=99 DCIM/100CANON": "imrm -imax=2 DCIM/100CANON",
    'lvdumpimg -infile=evening.lvdump -composite="mpv -" -pipecomposite=oneproc': (
        'lvdumpimg -infile=shots/evening.lvdump -vp="cat >piped" -pipevp=oneproc'
    ),
    "lvdump -count=300 -fps=10": "lvdump -count=3 -wait=1 evening.lvdump",
    "lvdumpimg -count=20 -fps=5 -vp=frames/${frame}.ppm": (
        "lvdumpimg -count=3 -wait=0 -vp=frames/${frame}.ppm"
    ),
    "lvdump -count=100 -wait=50 shots/evening.lvdump": "lvdump -count=3 shots/evening.lvdump",
}
"""Examples that wait for a person or for long, or would end it all, and what is run for them."""

BY_PLATFORM = ("list", "connect", "doctor", "exec")
"""Commands that say what is so on this system."""

LAST = ("dngunload", "ptp format", "reconnect", "reboot", "shutdown", "disconnect", "connect")


def lines() -> Iterator[tuple[str, str]]:
    """Yield each command's name and a line of it, those of `LAST` at the end."""
    for command in sorted(REGISTRY, key=lambda c: LAST.index(c.name) if c.name in LAST else -1):
        for example in command.examples:
            line = IN_PLACE.get(example, example)
            if line:
                yield command.name, line
        if command.name == "play":  # others are for record mode
            yield "rec", "rec"


def fill(folder: Path) -> None:
    """Put in place what the lines use."""
    (folder / "scripts").mkdir()
    (folder / "scripts" / "\u00fcber.lua").write_text("return 1\n", encoding="utf-8")
    (folder / "script.lua").write_text("return 1\n")
    (folder / "session.lua").write_text("x = 1\n=x + 1\n")
    (folder / "report.py").write_text("print('report')\n")
    (folder / "backup.chdk").write_text("luar return 2\n")
    make_dng(folder / "IMG_0001.dng")
    (folder / "shots").mkdir()
    make_dng(folder / "shots" / "IMG_0002.dng")
