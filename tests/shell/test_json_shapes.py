"""The result of a command in JSON has the shape that its help tells, whatever its arguments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.json_shapes import Shape
from support.shell_process import run

from chdkshell.shell import commands as _  # noqa: F401 - importing them declares them
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.jsonshapes import SHAPES, gives_list

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
rcapture -dng -jpg s
rs -shots=2 r
zoom
focus
clock
clock -sync
clock -sync -quiet
lvdump f.lvdump -count=2
lvdumpimg -composite -png -count=2
dngload s.dng
dngsave s2.dng
dnglist
dngsel 1
dngdump -png -thm
dngunload
dnglist""",
}


@pytest.mark.parametrize("name", SESSIONS)
def test_results_have_the_shape_that_help_tells(tmp_path: Path, name: str) -> None:
    lines = SESSIONS[name].splitlines()
    commands = [word for line in lines for word in ("-e", line)]
    done = run("-r", "--sim", "--json", *commands, cwd=tmp_path)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [answer for answer in answers if "event" not in answer]
    assert len(answers) == len(lines)
    for line, answer in zip(lines, answers, strict=True):
        assert answer["ok"], (line, answer)
        command = REGISTRY.find(line.split()[0])
        shape = SHAPES.get(command.name)
        if shape is None:
            assert answer["result"] is None, line
            continue
        assert Shape(shape).fits(answer["result"]), (line, shape, answer["result"])
        assert gives_list(command.name) == shape.startswith("[")


def test_help_tells_the_shape() -> None:
    assert SHAPES.keys() <= {command.name for command in REGISTRY}
    for name, shape in SHAPES.items():
        Shape(shape)
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
    ],
)
def test_the_comparison(shape: str, fitting: object, other: object) -> None:
    assert Shape(shape).fits(fitting)
    assert not Shape(shape).fits(other)
