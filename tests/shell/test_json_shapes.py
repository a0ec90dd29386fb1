"""The result of a command in JSON has the shape that its help tells, whatever its arguments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.json_shapes import Shape
from support.shell_process import run
from support.small_dng import make_dng

from chdkshell.shell import commands as _  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY, Command
from chdkshell.shell.historyfile import HISTORY_FILE
from chdkshell.shell.jsonshapes import SHAPES, gives_list
from chdkshell.shell.language import GROUPS
from chdkshell.shell.results.jsonvalues import to_json
from chdkshell.shell.results.luasession import ScriptFailure

SCRIPT = """--[[
@title Mine
#n=2 "Turns" [1 9]
#mode=1 "Mode" {Slow Fast} table
]]
print(n, mode.value) write_usb_msg({1}) return 5
"""

FILE, OTHER = "DCIM/100CANON/IMG_0001.JPG", "DCIM/100CANON/IMG_0002.JPG"

SESSIONS = {
    "files": f"""help
help ls
set
set keys
exec 1+1
version
list
connect sim:
rig list
rig sync
rig clock
rig name 1 left
rig swap left left
rig save my.rig
rig load my.rig
rig connect sim:
rig collect
rig drop 1
connect sim:
luar return 1, {{a=1}}
luar
getm
ls
ls A/ DCIM
ls -l DCIM/*
download {FILE} x.jpg
download {FILE} x.jpg -overwrite=n
download DCIM/100CANON/*.JPG many/
upload x.jpg
upload x.jpg -overwrite=n
mdl {FILE} out
mdl -pretend DCIM out
mdl -glob=NONE -nodirs DCIM out
mup out QQ
mup -glob=NONE -nodirs out QQ
sync DCIM out2
sync DCIM out2
cat CHDK/CCHDK4.CFG
cat CHDK/CCHDK4.CFG {FILE}
mv x.jpg QQ
cp {OTHER} QQ/c.jpg
df
du
du -s DCIM CHDK
tree DCIM
tree -l
find
find -glob=NONE
pwd
imls
imls -sort=path
imls -last=9 DCIM
imls -imin=9000
imls -imin=9000 -sort=path
imls -thumbs
imdl -ddir=im
imdl -imin=9000
imrm -pretend -imax=2
imrm -imin=9000
rm QQ
rm -pretend DCIM/*/*.JPG CHDK""",
    "pictures": """rec
mode
mode P
shoot
shoot -pretend
shoot -shots=2 -dl -rm
rcapture -dng -jpg a
rs -shots=2 r
zoom
focus
clock
clock -sync
clock -sync -quiet
lvdump f.lvdump -count=2
lvdumpimg -composite -png -count=2""",
    "dng": """dngload s.dng
dngsave s2.dng
dnglist
dngsel 1
dngdump -png -thm
dngmod
dngmod -patch
dnginfo
dnginfo -s -h -ifd -r -vals=2
dnghist -bin=512
dnglistpixels -max=1
dnglistpixels -max=1 -out=pixels.txt
dngbatch s.dng { mod -patch ; info -s -h ; hist -bin=512 ; listpixels -max=1 }
dngbatch -pretend s.dng { save ; dump -png }
dngbatch -odir=dumped s.dng { dump -thm }
dngunload
dnglist""",
    "scripts": """history
alias a=ls
alias
lls
lls . ..
lcd .
sh true
doctor -write-udev-rule
camscript mine.lua
camscript mine.lua n=3 -save=made.lua
camscript mine.lua -run -wait
run mine.lua
run mine.lua n=3 mode=fast
run -list
run -list INTERVAL
run -list mine.lua
lint mine.lua
lint warns.lua mine.lua
lint -definitions=chdk.lua
repl print('x') return 1, {a=1}
set lua_print=on
luar print('x')
lua sleep(10000)
killscript
getm
rmem 0x1900 16
rmem 0x1900 4 -i32
rmem 0x1900 16 -f=memory.bin
mkdir NEW
cd NEW
pwd
tee log
tee
source nothing.txt
play
rec
play
press shoot_half
release shoot_half
click menu
reconnect
disconnect
connect sim:
use 1
shutdown""",
    "ptp": """ptp info
ptp ops
ptp formats
ptp events -seconds=1
ptp storages
ptp props
ptp props nothing-like-it
ptp prop BatteryLevel
ptp prop EventEmulateMode 5
ptp propreset EventEmulateMode
ptp objects
ptp objects -tree A/DCIM
ptp object A/DCIM/100CANON/IMG_0001.JPG
ptp get A/DCIM/100CANON/IMG_0001.JPG whole.jpg
ptp get -partial=0:100 A/DCIM/100CANON/IMG_0001.JPG part.jpg
ptp send mine.lua A/MINE.LUA
ptp mkdir A/NEW
ptp mv A/MINE.LUA A/NEW
ptp protect A/NEW/MINE.LUA
ptp protect A/NEW/MINE.LUA off
ptp rm -y A/NEW
ptp raw GetStorageIDs
ptp raw -in=ids.bin GetStorageIDs
ptp format -y A""",
    "eos": """connect sim:model=EOSR6
eos on
eos props
eos prop ISO 0x58
eos prop Owner Ann
eos prop ImageFormat
eos events -seconds=1
eos release
eos release both -download
eos release half
eos liveview
eos liveview v.jpg -count=2
eos firmware mine.lua -y
eos off""",
}

NOT_IN_SESSIONS = {
    *("rig trigger", "rig scan"),  # which wait for keys
    *("selftest", "tether", "rsint", "edit"),  # where they are tested themselves
    "@",  # which has an object for each camera, and its own tests
    *(
        "#",
        "quit",
        "watch",
        "live",
        "lvserve",
        "serve",
        "putm",
        "reboot",
    ),  # null, if they end at all
    *("ptp thumb", "ptp capture", "ptp power", "ptp reset"),  # which the simulated camera refuses
}


def test_every_command_takes_part() -> None:
    lines = "\n".join(SESSIONS.values()).splitlines()
    assert {declared(line).name for line in lines} | NOT_IN_SESSIONS == {c.name for c in REGISTRY}


def declared(line: str) -> Command:
    """Return the command of a line."""
    first, second = [*line.split(), ""][:2]
    return REGISTRY.find(f"{first} {second}" if first in GROUPS else first)


@pytest.mark.parametrize("name", SESSIONS)
def test_results_have_the_shape_that_help_tells(tmp_path: Path, name: str) -> None:
    make_dng(tmp_path / "s.dng")
    (tmp_path / "mine.lua").write_text(SCRIPT)
    (tmp_path / "warns.lua").write_text("sleep()")
    (tmp_path / "nothing.txt").write_text("")
    lines = SESSIONS[name].splitlines()
    commands = [word for line in lines for word in ("-e", line)]
    home = tmp_path / "home"
    home.mkdir()
    (home / HISTORY_FILE).write_text("\n# 2026-11-28 09:00:00\n+ls\n")
    done = run("-r", "--sim", "--json", *commands, cwd=tmp_path, CHDKSHELL_HOME=str(home))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [answer for answer in answers if "event" not in answer]
    assert len(answers) == len(lines)
    for line, answer in zip(lines, answers, strict=True):
        assert answer["ok"], (line, answer)
        command = declared(line)
        shape = SHAPES.get(command.name)
        if shape is None:
            assert answer["result"] is None, line
            continue
        assert Shape(shape, SHAPES).fits(answer["result"]), (line, shape, answer["result"])
        assert gives_list(command.name) == shape.startswith("[")


def test_an_error_that_getm_finds() -> None:
    late = ScriptFailure(3, "runtime", ":1: ", "late", 1)
    assert Shape(SHAPES["getm"]).fits([to_json(late)])
    assert Shape(SHAPES["repl"]).fits([to_json(late)])


def test_help_tells_the_shape() -> None:
    assert SHAPES.keys() <= {command.name for command in REGISTRY}
    for name, shape in SHAPES.items():
        Shape(shape, SHAPES)
        assert f"Result with --json: {shape}" in REGISTRY.find(name).detail
    done = run("-r", "-e", "help df")
    assert "Result with --json: {total: number, free: number}" in done.stdout


@pytest.mark.parametrize(
    ("shape", "fitting", "other"),
    [
        ("text", "x", 1),
        ("number", 1.5, True),
        ("flag", False, 0),
        ("[text | number?]", ["x", 1, None], [[]]),
        ("{a: text, b: {c: flag}}", {"a": "", "b": {"c": True}}, {"a": ""}),
        ("[{a: any}]?", None, [{"a": 1, "b": 2}]),
        ("[df | text]", [{"total": 1, "free": 2}, "x"], [{"total": 1}]),
    ],
)
def test_the_comparison(shape: str, fitting: object, other: object) -> None:
    assert Shape(shape, SHAPES).fits(fitting)
    assert not Shape(shape, SHAPES).fits(other)
