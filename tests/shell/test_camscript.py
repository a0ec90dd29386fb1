"""camscript, and rcapture -camscript, through the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.shell_process import run

SCRIPT = """--[[
@title Lapse
@chdk_version 1.5
#n=2 "Count" [1 9]
#size=2 "Size" {L M S} table
]]
write_usb_msg(n)
return n*2, size.value
"""

SHOOTER = """--[[
@chdk_version 1.5
#pause=10 "Pause"
]]
if rs_opts.filedummy then rlib_shoot_filedummy() end
for _ = 1, rs_opts.shots do shoot() end
write_usb_msg(pause)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lapse.lua").write_text(SCRIPT)
    (tmp_path / "shooter.lua").write_text(SHOOTER)
    return tmp_path


def given(folder: Path, *lines: str, sim: tuple[str, ...] = ("--sim",)) -> tuple[int, str, str]:
    words = [word for line in lines for word in ("-e", line)]
    done = run("-r", *sim, *words, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def test_it_is_checked_without_a_camera(folder: Path) -> None:
    assert given(folder, "camscript lapse.lua n=3", sim=()) == (0, "OK\n", "")
    (folder / "lapse.lua").write_text(SCRIPT + "end\n")
    status, out, problem = given(folder, "camscript lapse.lua", sim=())
    assert (status, out) == (1, "")
    assert problem.startswith("ERROR: :9: ")


def test_it_runs_with_values_and_shows_what_comes(folder: Path) -> None:
    line = "camscript lapse.lua n=4 size.value=S -run -wait"
    assert given(folder, line) == (0, "1:user:4\n1:return:8\n1:return:'S'\n", "")


def test_it_runs_without_a_wait(folder: Path) -> None:
    (folder / "held.lua").write_text('#n=1 "N"\n'.join(["--[[\n", "]]\nread_usb_msg(60000)\n"]))
    status, out, problem = given(folder, "camscript held.lua -run", "luar return 1", "killscript")
    assert (status, out) == (0, "")
    assert "already running" in problem


def test_a_script_of_the_card_and_its_settings(folder: Path) -> None:
    (folder / "kept.0").write_text("#n=5\n#size=0\n")
    lines = (
        "upload lapse.lua CHDK/SCRIPTS/LAPSE.LUA",
        "upload kept.0 CHDK/DATA/LAPSE.0",
        "camscript A/CHDK/SCRIPTS/LAPSE.LUA -cfg=A/CHDK/DATA/LAPSE.0 -load -run -wait",
    )
    status, out, _ = given(folder, *lines)
    assert status == 0
    assert out.splitlines()[-1].endswith(":user:5")


def test_what_was_made_is_saved_and_runs_by_itself(folder: Path) -> None:
    line = "camscript lapse.lua n=6 -save=made.lua -savecfg=made.0"
    assert given(folder, line) == (0, "save made.0\nsave made.lua\n", "")
    assert (folder / "made.0").read_text() == "#n=6\n#size=1\n"
    assert given(folder, "luar < made.lua")[1].splitlines()[1] == "1:return:12"
    assert given(folder, f"{line} -quiet")[1] == ""


def test_parameters_in_json(folder: Path) -> None:
    done = run("-r", "--json", "-e", "camscript lapse.lua size=1", cwd=folder)
    assert json.loads(done.stdout)["result"] == [{"parameters": {"n": 2, "size": "L"}, "saved": []}]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("camscript lapse.lua other=1", "no parameter 'other'"),
        ("camscript lapse.lua n", "'n' is no parameter"),
        ("camscript lapse.lua n=10", "n cannot be '10'"),
        ("camscript lapse.lua -cfg=lapse.lua", "line 1 is no setting"),
        ("camscript nothing.lua", "cannot read nothing.lua"),
        ("camscript A/NOTHING.LUA", "not connected"),
        ("camscript lapse.lua -run", "not connected"),
        ("rs -tpl=x", "not connected"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, line: str, words: str) -> None:
    status, out, problem = given(folder, line, sim=())
    assert (status, out) == (1, "")
    assert words in problem
    assert problem.count("\n") == 1


def test_shots_of_a_script_of_the_menu(folder: Path) -> None:
    (folder / "tpl.lua").write_text("--[!glue:vars]\npause = pause + 1\n--[!glue:body]\n")
    line = "rs -camscript=shooter.lua -tpl=tpl.lua -shots=2 -filedummy -menuopts=pause=20,pause=30"
    status, _, told = given(folder, "rec", f"{line} s")
    assert status == 0
    assert "script msg 31" in told
    assert (folder / "s.jpg").exists()
    assert (folder / "s_1.jpg").exists()


@pytest.mark.parametrize("switch", ["tpl=x", "cfg=x", "menuopts=a=1", "camscript=x -script=y"])
def test_switches_that_need_each_other(folder: Path, switch: str) -> None:
    status, _, problem = given(folder, "rec", f"rs -{switch}")
    assert status == 1
    assert "camscript" in problem
