"""exec in Lua through the program: its switch and options, one camera, its output, its end."""

# needs: POSIX

from __future__ import annotations

import ast
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
from support.shell_process import PROJECT, environment, program, run
from support.timeouts import TIMEOUT


def lua(*commands: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run commands with exec in Lua and a simulated camera. `settings` of the environment."""
    words = [word for command in commands for word in ("-e", command)]
    return run("-r", "--lua", "--sim", *words, stdin="", cwd=None, **settings)


def test_the_option_and_the_switch_choose_lua() -> None:
    python = run("-r", "-e", "!1+1", "-e", "set exec=lua", "-e", "!1+1", "-e", "set exec")
    assert python.stdout == "2\n=2\nexec=lua\n"
    assert lua("!_VERSION", "set exec=python", "!1+1").stdout == '="Lua 5.2"\n2\n'
    wrong = run("-r", "-e", "set exec=perl")
    assert wrong.returncode == 1
    assert "python, lua" in wrong.stderr


def test_variables_and_values() -> None:
    done = lua("!x = {1, 'a', k={true}}", "!x", "!return x[1], nil, 'é', 1.5", "exec x = nil", "!x")
    assert done.stdout == ('={\n 1,"a",\n \n k={\n  true\n }\n}\n=1,nil,"é",1.5\n=nil\n')
    assert (done.returncode, done.stderr) == (0, "")


def test_a_call_alone_gives_programs_nothing_as_in_chdkptp() -> None:
    done = lua("!string.rep('a', 3)", "!return string.rep('b', 3)", "!#string.rep('c', 3)")
    assert (done.stdout, done.returncode) == ('="bbb"\n=3\n', 0)
    people = lua("set output=rich", "!string.rep('a', 3)", "!print('once')")
    assert people.stdout == '="aaa"\nonce\n'


def test_as_chdkptp_it_is_lua_and_nothing_is_said_of_nils_at_the_end() -> None:
    commands = ("!return nil, 2, nil", "!return nil", "!function f() end", "!x", "!return f()")
    words = [word for command in commands for word in ("-e", command)]
    done = run("-r", "--chdkptp", *words)
    assert (done.returncode, done.stdout) == (0, "=nil,2\n")


def test_a_file_is_run_and_its_errors_name_it(tmp_path: Path) -> None:
    (tmp_path / "ok.lua").write_bytes(b"\xef\xbb\xbfprint('runs')\nreturn 6*7\n")
    (tmp_path / "bad.lua").write_text("local a = 1\nerror('boom')\n")
    done = run("-r", "--lua", "-e", "exec < ok.lua", "-e", "!<bad.lua", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "runs\n=42\n")
    assert done.stderr == "ERROR: call failed:bad.lua:2: boom\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x =", "compile failed:"),
        ("error('boom')", ":1: boom"),
        ("error({})", "unexpected error type table"),
        ("errlib.throw{etype='a',msg='why'}", "call failed:why"),
        ("nil + 1", "attempt to perform arithmetic on a nil value"),
        ("con:execwait('error(1)')", ""),
    ],
)
def test_a_failure_is_one_error_and_status_1(code: str, words: str) -> None:
    done = lua(f"!{code}")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("ERROR: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("con:connect()", 3),
        ("local function again() con:connect() end\nlocal x = 1\nagain()", 3),
        ("con:wait_msg{timeout=1}", 3),
        ("error({})", 3),
        ("errlib.throw{etype='mine', msg='mine'}", 3),
    ],
)
def test_errors_that_have_no_line_are_told_where_a_file_was(
    tmp_path: Path, code: str, line: int
) -> None:
    """Error tables have a text alone. As chdkptp, nothing more is said."""
    file = tmp_path / "program.lua"
    file.write_text(f"local y = 1\n\n{code}\n")
    done = lua(f"!<{file}")
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.strip()
    assert said.endswith(f"; at {file}:{line}")
    assert "\n" not in said
    compat = run("-r", "--chdkptp", "--sim", "-e", f"!<{file}", stdin="")
    assert compat.returncode == 1
    assert "; at" not in compat.stderr


def test_where_functions_of_chdkptp_s_own_files_may_be(tmp_path: Path) -> None:
    hint = "CHDKPTP_LUA=DIR names chdkptp's own files, if {} is there"
    assert hint.format("rc_handler_file") in lua("!chdku.rc_handler_file{}").stderr
    assert hint.format("imglist") in lua("!con:imglist()").stderr
    assert hint.format("hexdump") in lua("!util.hexdump('x')").stderr
    done = lua(
        "!if chdku.foo or con.foo then end", "!local t = {} t.foo()", "!local t = {} t:foo()"
    )
    assert done.stderr.count("(a nil value)") == 2
    assert "CHDKPTP_LUA" not in done.stderr, "a table of the program's own"
    compat = run("-r", "--chdkptp", "--sim", "-e", "!con:imglist()", stdin="")
    assert "CHDKPTP_LUA" not in compat.stderr


def test_con_and_the_current_camera_are_one() -> None:
    done = lua(
        "!return con:is_connected(), con.ptpdev.model",
        "!con:disconnect()",
        "version",
        "!con:connect()",
        "version",
        "disconnect",
        "!return con:is_connected()",
    )
    assert done.stdout == (
        '=true,"Canon PowerShot SIM1"\nhost:2.9 cam:not connected\nhost:2.9 cam:2.9\n=false\n'
    )


def test_a_camera_that_is_on_no_bus_has_numbers_too() -> None:
    done = lua("!return con.condev.bus, con.condev.vendor_id, con.condev.product_id")
    assert done.stdout == '="sim",0,0\n'


def test_a_camera_that_lua_connects_becomes_the_current_one() -> None:
    done = run(
        *("-r", "--lua", "-e", "!con = chdku.connection{bus='sim',dev='model=TWO'}"),
        *("-e", "!con:connect()", "-e", "list", "-e", "connect sim:model=ONE -nodis"),
        *("-e", "!return con.ptpdev.model, #chdk.list_usb_devices()", "-e", "list"),
    )
    assert done.stderr == ""
    first, connected, values, *rows = done.stdout.splitlines()
    assert first.startswith("*1:TWO ")
    assert "ONE" in connected
    assert values == '="ONE",2'
    assert [row[:6] for row in rows] == ["+1:TWO", "*2:ONE"]


def test_output_keeps_its_order_and_its_bytes() -> None:
    done = subprocess.run(
        [
            *program(),
            "-r",
            "--lua",
            "-e",
            "!1",
            "-e",
            "!io.write('a\\0\\255') print('b')",
            "-e",
            "!2",
        ],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT,
        check=True,
    )
    assert done.stdout == b"=1\na\x00\xffb\n=2\n"


def test_json_holds_values_and_what_is_printed_goes_to_stderr() -> None:
    done = run("-r", "--lua", "--json", "-e", "!print('x') return 1, {a={2}}", "-e", "!error('e')")
    good, bad = (json.loads(line) for line in done.stdout.splitlines())
    assert good["result"] == {"values": [1, {"a": [2]}]}
    assert bad["ok"] is False
    assert "x\n" in done.stderr


def test_standard_input_is_shared_line_by_line() -> None:
    done = run(
        "-r", "--lua", stdin="!a = io.read()\nhello\n!a\n!b = readline.line('? ')\nthere\n!b\n"
    )
    assert done.stdout == '="hello"\n? ="there"\n'


def test_the_small_cli_runs_commands_of_the_program() -> None:
    done = lua(
        "!return cli:execute('luar return 1')",
        "!cli:print_status(cli:execute('rmem 0x1900 4'))",
        "!return (cli:execute('bogus'))",
        "!return prefs.cli_verbose",
        "!prefs.cli_verbose = 0",
        "set cli_verbose",
    )
    lines = done.stdout.splitlines()
    assert re.fullmatch(r'=true,"\d+:return:1\\', lines[0])
    assert lines[1] == '"'
    assert "0x00001900" in lines[2]
    assert "1900: 00" in lines[3]
    assert lines[4:] == ["=false", "=1", "cli_verbose=0"]
    assert done.returncode == 0


def test_the_exit_value_of_a_program_is_that_of_the_shell() -> None:
    assert lua("!sys.set_exit_value(7)").returncode == 7
    done = lua("!os.exit(5)", "!print('no')")
    assert (done.returncode, done.stdout) == (5, "")
    assert lua("!sys.set_exit_value(7)", "!error('x')").returncode == 1


# ---- the files of the user's own chdkptp ---------------------------------------------------------


def _own_files(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "main.lua").write_text(
        "marker = require'other'\nassert(sys.getargs()[1] == '-r')\n"
        "chdku = {connection = function(spec) return {_con = chdk.connection(spec),"
        " update_connection_info = function(self) self.told = true end} end}\n"
        "con = chdku.connection()\n"
    )
    (folder / "other.lua").write_text("return 'theirs'\n")
    return folder


@pytest.mark.parametrize("part", ["", "lua"])
def test_the_users_own_files_take_the_place_of_ours(tmp_path: Path, part: str) -> None:
    _own_files(tmp_path / "own" / part)
    own = tmp_path / "own"
    assert lua("!return marker, util, con.told", CHDKPTP_LUA=str(own)).stdout == (
        '="theirs",nil,true\n'
    )
    changed = lua("!return type(util)", f"set lua_path={own}", "!return marker, util")
    assert changed.stdout == '="table"\n="theirs",nil\n'


def test_the_users_files_are_told_the_version_that_they_ask_for(tmp_path: Path) -> None:
    own = _own_files(tmp_path / "own")
    with (own / "main.lua").open("a") as main:
        main.write("local v = chdk.program_version()\n")
        main.write("if v.MAJOR ~= 0 or v.MINOR ~= 12 then error('incompatible') end\n")
    assert lua("!return chdk.program_version().MINOR", CHDKPTP_LUA=str(own)).stdout == "=12\n"


def test_a_folder_without_them_is_refused(tmp_path: Path) -> None:
    done = lua("!1", CHDKPTP_LUA=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"ERROR: no Lua files of chdkptp in {tmp_path}; ")
    assert "set lua_path=DIR" in done.stderr


def test_files_that_do_not_load_are_told_and_tried_again(tmp_path: Path) -> None:
    own = _own_files(tmp_path / "own")
    (own / "other.lua").write_text("error('not today')\n")
    done = lua("!1", "!1", CHDKPTP_LUA=str(own))
    assert done.returncode == 1
    assert done.stderr.count("other.lua:1: not today") == 2


# ---- its end, and where it may come from --------------------------------------------------------


@pytest.mark.parametrize("code", ["while true do end", "con:execwait('sleep(600000)')"])
def test_ctrl_c_ends_a_program(code: str) -> None:
    with subprocess.Popen(
        [*program(), "-r", "--lua", "--sim", "-e", f"!print('runs') {code}", "-e", "!print('no')"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "runs\n"
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, rest) == (130, "")
    assert "Traceback" not in told


def test_only_the_command_exec_runs_lua_of_the_host() -> None:
    importers = []
    for path in (PROJECT / "chdkshell").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "chdkshell.shell.luahost":
                importers.append(path.name)
    assert importers == ["general.py"]


def test_texts_of_a_camera_see_nothing_of_the_host(tmp_path: Path) -> None:
    done = lua(
        "!return util.unserialize('os.exit(9)')",
        f"!return util.unserialize('io.open([[{tmp_path.as_posix()}/x]], [[w]])')",
        "!return util.unserialize('{1, a={true}}')",
        "!return util.unserialize('\\27Lua')",
    )
    assert done.returncode == 0
    assert done.stdout.startswith("=false,")
    assert list(tmp_path.iterdir()) == []
