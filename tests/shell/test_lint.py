"""`lint`: what it finds in scripts, and what it says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.shell_process import run

from chdkshell.lua.check import check
from chdkshell.shell.linting.lint import lint


def found(code: str, **modules: str) -> list[str]:
    """Return what is found, as "line:column severity rule"."""
    findings = lint(code.encode(), modules.get)
    return [f"{f.line}:{f.column} {f.severity.value} {f.rule}" for f in findings]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = = 2", ["1:5 error syntax"]),
        ("x = 1.5\ny = 2.5", ["1:5 error number", "2:5 error number"]),
        ("local " + ",".join(f"a{n}" for n in range(201)), ["1:897 error syntax"]),
        ("get_zom()", ["1:1 error unknown-name"]),
        ("x = 1\nmath.floor(x)", ["2:1 error unknown-name"]),
        ("x = get_zoomm", ["1:5 warning misspelt"]),
        ("sleep()", ["1:1 warning arguments"]),
        ("set_zoom(1, 2)", ["1:1 warning arguments"]),
        ("sleep 'x'", []),
        ("--[[\n@chdk_version 1.4\n]]\nset_clock(1,2,3,4,5,6)", ["4:1 warning version"]),
        ("--[[\n@default a 0.5\n]]", ["2:12 warning header"]),
        ("x = tonumber('1.5')", ["1:5 warning number"]),
        ("pcall(sleep, 10)", ["1:1 warning wait-in-pcall"]),
        ("pcall(function() shoot() end)", ["1:1 warning wait-in-pcall"]),
        (
            "function f() sleep(1) end\nfunction g() f() end\npcall(g)",
            ["3:1 warning wait-in-pcall"],
        ),
        ("pcall(function() read_usb_msg(100) end)", ["1:1 warning wait-in-pcall"]),
        ("function restore() sleep(10) end", ["1:1 warning wait-in-restore"]),
        ("\ufeffx = 1", ["1:1 warning byte-order-mark"]),
        ("press('shot_half')", ["1:1 warning key"]),
        ('set_exit_key"fancy"', ["1:1 warning key"]),
        ("p = require'propcase'\nget_prop(p.USER_TVV)", ["2:1 warning property"]),
        (
            "c = require('GEN/cnf_core')\nget_config_value(c.remote_enabl, 0)",
            ["2:1 warning property"],
        ),
    ],
)
def test_what_is_found(code: str, expected: list[str]) -> None:
    assert found(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        '--[[\n@param n x\n#speed=2 "y"\n]]\nprint(n + speed)',
        "if my_option then my_option() end",
        "local f = get_new_thing or function() end f()",
        "if type(_G['get_new_thing']) == 'function' then get_new_thing() end",
        "function later() earlier() end\nfunction earlier() end",
        "local t = {} function t.f(x) return x end t.f(1) t:f()",
        "drive = {} drive.go = print drive.go(1) drive.stop()",
        "for i, name in ipairs({'a'}) do print(i, name) end\nrepeat local done = true until done",
        "pcall(function() write_usb_msg(1) return read_usb_msg() end)",
        "shoot() sleep(get_zoom()) print(unpack({1, 2}))",
        "set_zoom(unpack({1}))",
        "#!/usr/bin/lua\nprint(1)",
        "x = #'abc' - 0xff\r\nprint(x)\r\n",
        "math.randomseed(1) print(math.random(1, 6), math.random(6))",
        "local m = require'hookutil' hook_shoot.wait_ready() require'rawoplib' rawop.rect(1)",
        "require'drawings' draw.add('line', 0, 0, 9, 9, 'red') draw.redraw()",
        "require'gpsLib' if gpsLib then print(gpsLib.data(10).lat) end",
        "s = ('x'):rep(3) .. ('%d'):format(5)",
        "press'shoot_full_only' click('jogdial_left') is_key('no_key') key = 'x' press(key)",
        "press([[up]]) set_exit_key('s' .. 'et') function click(k) end click('mine')",
        "p = require'propcase' get_prop(p.USER_TV) get_prop(p.NEW_THING) get_prop(12)",
        "p = {} get_prop(p.USER_TVV) q = require'propcase' f(q.USER_TVV) function f() end",
        "string.split = function(s) return s end string.split('x')",
    ],
)
def test_what_is_right(code: str) -> None:
    assert found(code) == []


@pytest.mark.parametrize("module", ["drawings", "iniLib", "uartr", "zoomutil"])
def test_a_module_of_chdk_hides_no_name_that_is_wrong(module: str) -> None:
    assert found(f"m = require'{module}'\nget_zom()") == ["2:1 error unknown-name"]


def test_a_module_beside_it_gives_names() -> None:
    code = "require'mymod' helper() other()"
    assert found(code) == ["1:16 warning unknown-name", "1:25 warning unknown-name"]
    assert found(code, mymod="function helper() end") == ["1:25 error unknown-name"]
    assert found(code, mymod="_G['helper'] = print") == [
        "1:16 warning unknown-name",
        "1:25 warning unknown-name",
    ]


def test_what_is_near_is_named() -> None:
    (finding,) = lint(b"get_zom()")
    assert finding.message.endswith("; did you mean 'get_zoom'?")
    (finding,) = lint(b"os.statt('A')")
    assert finding.message.endswith("; did you mean 'os.stat'?")
    (finding,) = lint(b"set_zoom()")
    assert finding.message == "set_zoom takes 1 argument, 0 given"


def test_through_the_program(tmp_path: Path) -> None:
    (tmp_path / "good.lua").write_text("print(get_zoom())\n")
    (tmp_path / "bad.lua").write_text("sleep()\nget_zom()\n")
    done = run("-e", "lint good.lua", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run("-e", "lint .", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "bad.lua:1:1: warning: sleep takes 1 argument, 0 given [arguments]",
        "bad.lua:2:1: error: get_zom is no function of the camera, nor of the script; "
        "did you mean 'get_zoom'? [unknown-name]",
    ]
    assert done.stderr.startswith("ERROR: 1 error and 1 warning; the lines before say where")


def test_json_and_strict(tmp_path: Path) -> None:
    (tmp_path / "warns.lua").write_text("sleep()\n")
    done = run("--json", "-e", "lint warns.lua", cwd=tmp_path)
    assert done.returncode == 0
    (finding,) = json.loads(done.stdout)["result"]
    assert finding == {
        "file": "warns.lua",
        "line": 1,
        "column": 1,
        "severity": "warning",
        "rule": "arguments",
        "message": "sleep takes 1 argument, 0 given",
    }
    done = run("--json", "-e", "lint -strict warns.lua", cwd=tmp_path)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["ok"] is False
    assert answer["error"] == "1 warning"


def test_a_version_to_check_for(tmp_path: Path) -> None:
    (tmp_path / "new.lua").write_text("set_clock(2026, 1, 1, 0, 0, 0)\n")
    done = run("-e", "lint -chdk=1.4 new.lua", cwd=tmp_path)
    assert "set_clock needs CHDK 1.5, and the script is for 1.4 [version]" in done.stdout
    assert run("-e", "lint -chdk=1.5 new.lua", cwd=tmp_path).stdout == ""


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("lint", "lint needs a file"),
        ("lint nope.lua", "nope.lua: No such file"),
        ("lint old.bas", "old.bas is uBASIC"),
        ("lint -chdk=new x.lua", "'new' is no version of CHDK; write it as 1.5"),
    ],
)
def test_wrong_use(tmp_path: Path, line: str, error: str) -> None:
    done = run("-e", line, cwd=tmp_path)
    assert done.returncode == 1
    assert error in done.stderr


def test_definitions_for_editors(tmp_path: Path) -> None:
    done = run("-e", "lint -definitions=chdk.lua", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "chdk.lua").read_text("utf-8")
    assert text.startswith("---@meta\n")
    assert (
        "---Zoom to a position.\n---\n---zoom: 0 to get_zoom_steps()-1\n"
        "---@param zoom any\nfunction set_zoom(zoom) end\n"
    ) in text
    assert "---@param count? any\nfunction shoot(count) end" in text
    assert "---@return any rec\n---@return any video\n---@return any mode\n" in text
    assert "---@class oslib\nos = {}\n" in text
    assert check(text) is None
    assert lint(text.encode()) == []
