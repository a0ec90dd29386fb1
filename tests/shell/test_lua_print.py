"""What scripts print, what they leave behind, and expressions: of lua, luar, getm and repl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shell_process import run
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell.chdk.constants import SCRIPT_QUEUE_LENGTH
from chdkshell.shell.prefs import OutputKind


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[ShootingShell]:
    with shooting_shell(tmp_path / "card", record=False) as shell:
        yield shell


@pytest.fixture
def people(tmp_path: Path) -> Iterator[ShootingShell]:
    """A shell whose output is for people, as at a terminal."""
    with shooting_shell(tmp_path / "card", OutputKind.RICH, record=False) as shell:
        yield shell


def test_print_is_shown_where_it_is_asked_for() -> None:
    lines = ["luar print('a', 1) return 2", "set lua_print=on", "luar print('b') return 3"]
    done = run("--sim", "-r", *[word for line in lines for word in ("-e", line)])
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(":")[2] or line for line in done.stdout.splitlines()] == [
        "return:2",
        "b",
        "return:3",
    ]
    asked = ["set lua_print=on", "luar print({})"]
    done = run("--sim", "-r", "--json", *[word for line in asked for word in ("-e", line)])
    printed = json.loads(done.stdout.splitlines()[-1])["result"]
    assert printed[0]["printed"].startswith("table: ")


@pytest.mark.parametrize("end", ["", " return 'kept', 2", " return", " -- a comment"])
def test_lost_lines_are_counted_to_the_last(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Lines find the queue full, and the script goes on; what it returns comes all the same."""
    take, filled = shell.camera.scripts.receive, []

    def late() -> object:
        if len(shell.sim.scripts.outbox) == SCRIPT_QUEUE_LENGTH:
            filled.append(True)
        return take() if filled else None

    monkeypatch.setattr(shell.camera.scripts, "receive", late)
    shell.run("set lua_print=on")
    ok, out, err = shell.try_(f"luar for i=1,400 do print(i) end{end}")
    assert ok
    lines = [line for line in out if line.isdigit()]
    lost = 400 - len(lines)
    assert lost
    assert [line.partition("return:")[2] for line in out if "return:" in line] == (
        ["'kept'", "2"] if "kept" in end else []
    )
    assert f"WARNING: {lost} printed lines are missing" in "\n".join(err)


def test_getm_shows_what_a_started_script_printed(shell: ShootingShell) -> None:
    shell.run("lua print('not asked for')")
    assert shell.sim.scripts.wait_ended(60)
    assert shell.run("getm") == []
    shell.run("set lua_print=on")
    shell.run("lua print('one') print('two') return 3")
    assert shell.sim.scripts.wait_ended(60)
    shown = shell.run("getm")
    assert shown[:2] == ["one", "two"]
    assert shown[2].endswith(":return:3")


def test_people_see_prints(people: ShootingShell) -> None:
    assert people.run("luar print('seen')") == ["seen"]
    people.run("set lua_print=off")
    assert people.run("luar print('seen')") == []


@pytest.mark.parametrize("line", ["= 1+1", "luar 1 + 1", "luar 1+1 -- a comment", "luar (2)"])
def test_an_expression_is_shown_to_people(people: ShootingShell, line: str) -> None:
    (shown,) = people.run(line)
    assert shown.endswith(":return:2")


def test_calls_are_expressions_and_their_errors_keep_their_line(people: ShootingShell) -> None:
    (shown,) = people.run("= get_zoom()")
    assert shown.endswith(":return:0")
    said = people.fail("= set_zoom()")
    assert said.startswith("ERROR: :1: bad argument #1 to 'set_zoom'")
    assert people.run("luar x = 5") == []


def test_programs_get_the_compilers_word_for_an_expression(shell: ShootingShell) -> None:
    assert shell.fail("luar 1+1").startswith("ERROR: :1: unexpected symbol near '1'")
    assert shell.run("luar get_zoom()") == []


def test_errors_in_a_file_name_it(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.lua").write_text("x = 1\nx = = 2\n")
    Path("fails.lua").write_text("\n\nlocal t\nreturn t.x\n")
    assert shell.fail("luar < bad.lua") == (
        "ERROR: bad.lua:2: unexpected symbol near '='\nbad.lua: 2"
    )
    assert shell.fail("luar < fails.lua").startswith("ERROR: fails.lua:4: attempt to index local")


def test_people_are_told_the_file_and_shown_the_line(
    people: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.lua").write_text("x = 1\nx = = 2\n")
    assert people.fail("luar < bad.lua").splitlines() == [
        "ERROR: bad.lua:2: unexpected symbol near '='",
        "  x = = 2",
        "      ^",
    ]
    assert people.fail("lua < bad.lua").startswith("ERROR: bad.lua:2:")


def test_lines_of_errors_that_pcall_caught_are_the_users_own(shell: ShootingShell) -> None:
    code = "local ok, e = pcall(function() error('x') end) return e"
    assert shell.run(f"luar {code}")[0].endswith(":return:':1: x'")
    shell.run("set lua_print=on")
    assert shell.run(f"luar {code}")[0].endswith(":return:':1: x'")
    assert shell.run(f"repl {code}") == ['"1:1: x"']


@pytest.mark.parametrize("command", ["luar", "lua", "repl"])
def test_a_byte_order_mark_and_crlf_are_no_errors(
    shell: ShootingShell, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "windows.lua"
    file.write_bytes(b"\xef\xbb\xbfx = 1\r\nx = x + 1\r\nwrite_usb_msg(x)\r\n")
    shell.run(f"{command} < {file}")


@pytest.mark.parametrize("line", ["source lines.txt", "exec < code.py"])
def test_nor_in_files_of_commands(
    shell: ShootingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lines.txt").write_bytes(b"\xef\xbb\xbfluar return 1\r\nluar return 2\r\n")
    Path("code.py").write_bytes(b"\xef\xbb\xbfx = 1\r\ny = x + 1\r\n")
    shell.run(line)


def test_a_startup_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "startup").write_bytes(b"\xef\xbb\xbfset lua_print=on\r\n")
    done = run("--sim", "-e", "luar print('b')", CHDKSHELL_HOME=str(tmp_path))
    assert done.stderr == ""


def test_a_flood_that_lost_values_says_so(
    shell: ShootingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = shell.camera.scripts.wait

    def late(**settings: object) -> object:
        assert shell.sim.scripts.wait_ended(60)
        return wait(**settings)  # type: ignore[arg-type]

    monkeypatch.setattr(shell.camera.scripts, "wait", late)
    ok, out, err = shell.try_("luar for i=1,40 do write_usb_msg(i) end return 'lost'")
    assert ok
    assert [line.rpartition(":")[2] for line in out] == [str(n) for n in range(1, 16)]
    assert err[0].startswith("WARNING: the script left 15 messages, and the camera keeps no more")
    assert len(shell.run("luar for i=1,13 do write_usb_msg(i) end return 1")) == 14


def test_messages_that_wait_for_room_are_no_flood(shell: ShootingShell) -> None:
    assert len(shell.run("luar for i=1,40 do write_usb_msg(i,600000) sleep(20) end return 1")) == 41


def test_the_prints_of_a_session_never_wait(shell: ShootingShell) -> None:
    """What is too much is counted; what comes after it is there."""
    line = "('x'):rep(3000)"
    ok, out, err = shell.try_(f"repl for i=1,400 do print({line}) end return 'after'")
    assert ok
    assert out[-1] == '"after"'
    lost = 400 - (len(out) - 1)
    assert bool(err) == (lost > 0)
    if err:
        assert err[0].startswith(f"WARNING: {lost} printed line")


def test_a_few_thousand_lines_of_a_session_are_all_there(shell: ShootingShell) -> None:
    out = shell.run("repl for i=1,2000 do print(i) end")
    assert [line for line in out if line] == [str(n) for n in range(1, 2001)]
