"""`run`: scripts as the camera's menu runs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shell_process import run
from support.shooting_shell import ShootingShell, shooting_shell
from support.timeouts import TIMEOUT

from chdkshell.shell.prefs import OutputKind
from chdkshell.sim.lua.mailbox import Mailbox

HEADER = '--[[\n@title Mine\n#n=2 "Turns" [1 9]\n#mode=1 "Mode" {Slow Fast} table\n]]\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def shell(here: Path, tmp_path: Path) -> Iterator[ShootingShell]:
    with shooting_shell(tmp_path / "card", record=False) as shell:
        yield shell


def test_through_the_program(here: Path) -> None:
    """A byte order mark, CRLF, parameters, and a module beside the script."""
    text = HEADER + "m = require'mine/double'\nfor i = 1, n do print(i, mode.value, m(i)) end\n"
    (here / "mine.lua").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (here / "mine").mkdir()
    (here / "mine/double.lua").write_text("return function(x) return x * 2 end")
    done = run("--sim", "-r", "-e", "run mine.lua n=3 mode=fast", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 Fast 2\n2 Fast 4\n3 Fast 6\n"


def test_a_script_of_the_card_with_parameters_in_one_line() -> None:
    done = run("--sim", "-r", "-e", "run INTERVAL n=2 s=0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "picture 1 of 2\npicture 2 of 2\n3:return:2\n"


def test_the_list() -> None:
    done = run("--sim", "-r", "-e", "run -list", "-e", "run -list A/CHDK/SCRIPTS/INTERVAL.LUA")
    assert "A/CHDK/SCRIPTS/INTERVAL.LUA\tPictures at an interval\n" in done.stdout
    assert "n=3\ta whole number\tPictures\n" in done.stdout
    done = run("--sim", "-r", "--json", "-e", "run -list")
    scripts = {s["path"]: s for s in json.loads(done.stdout)["result"]}
    found = scripts["A/CHDK/SCRIPTS/INTERVAL.LUA"]
    assert (found["title"], found["chdk_version"]) == ("Pictures at an interval", "1.4")
    assert [p["name"] for p in found["parameters"]] == ["n", "s"]


def test_a_card_without_scripts(shell: ShootingShell, tmp_path: Path) -> None:
    assert not (tmp_path / "card/CHDK/SCRIPTS").exists()
    assert shell.run("run -list") == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("run mine n=10", "n cannot be '10'; allowed: 1 to 9"),
        ("run mine mode=medium", "mode cannot be 'medium'; allowed: Slow or Fast"),
        ("run mine mod=fast", "the script has no parameter 'mod'; did you mean 'mode'?"),
        ("run mine x=1", "the script has no parameter 'x'; it has n, mode"),
        ("run mine 5", "'5' is no parameter; write name=value, as in a=5"),
        ("run", "run needs a script; `run -list` shows those of the card"),
        ("run nope", "there is no script 'nope' here, nor in A/CHDK/SCRIPTS on the card"),
        ("run .", "there is no script '.' here, nor in A/CHDK/SCRIPTS on the card"),
        ("run ~nobody-here", "there is no script '~nobody-here' here, nor in A/CHDK/SCRIPTS"),
        ("run old.bas", "old.bas is uBASIC, and over USB CHDK runs Lua only"),
        ("run wrong", "wrong.lua:2: unexpected symbol near '='"),
    ],
)
def test_what_is_refused_before_anything_is_uploaded(
    shell: ShootingShell, here: Path, tmp_path: Path, line: str, error: str
) -> None:
    (here / "mine.lua").write_text(HEADER)
    (here / "old.bas").write_text("print 1")
    (here / "wrong.lua").write_text("x = 1\ny = = 2\n")
    assert error in shell.fail(line)
    assert not (tmp_path / "card/CHDK/SCRIPTS/RUN").exists()


def test_a_file_is_uploaded_once(shell: ShootingShell, here: Path, tmp_path: Path) -> None:
    (here / "mine.lua").write_text("print('one')")
    shell.run("run mine.lua")
    on_card = tmp_path / "card/CHDK/SCRIPTS/RUN/mine.lua"
    before = on_card.stat().st_ino
    assert shell.run("run mine.lua") == ["one"]
    assert on_card.stat().st_ino == before
    (here / "mine.lua").write_text("print('two')")
    assert shell.run("run mine.lua") == ["two"]


def test_what_is_on_the_card_stays(shell: ShootingShell, here: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "card/CHDK/SCRIPTS/MINE.LUA"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text("print('theirs')")
    (here / "mine.lua").write_text("print('ours')")
    assert shell.run("run mine.lua") == ["ours"]
    assert shell.run("run A/CHDK/SCRIPTS/MINE.LUA") == ["theirs"]
    assert theirs.read_text() == "print('theirs')"


def test_scripts_of_the_folder_that_cd_went_to(shell: ShootingShell, tmp_path: Path) -> None:
    for name in ("CHDK/SCRIPTS/ONE.LUA", "MINE/ONE.LUA", "MINE/SUB/TWO.LUA"):
        path = tmp_path / "card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"print('{name}')")
    assert shell.run("run ONE") == ["CHDK/SCRIPTS/ONE.LUA"]
    shell.run("cd MINE")
    assert shell.run("run ONE") == ["MINE/ONE.LUA"]
    assert shell.run("run SUB/TWO") == ["MINE/SUB/TWO.LUA"]
    assert shell.run("run -list SUB/TWO") == ["TWO.LUA"]
    shell.run("cd SUB")
    assert shell.run("run one.lua") == ["CHDK/SCRIPTS/ONE.LUA"]
    assert shell.run("run ../ONE") == ["MINE/ONE.LUA"]
    assert "nor in A/MINE/SUB or A/CHDK/SCRIPTS on the card" in shell.fail("run three")


def test_errors_name_the_users_own_file_and_line(shell: ShootingShell, here: Path) -> None:
    (here / "mine.lua").write_text("print('a')\nprint(require'part'.f())\n")
    (here / "part.lua").write_text("return {\n  f = function() local t return t.x end }\n")
    ok, out, err = shell.try_("run mine.lua")
    assert not ok
    assert out == ["a"]
    assert err[0] == "ERROR: part.lua:2: attempt to index local 't' (a nil value)"
    (here / "mine.lua").write_text("\n\nprint(select(2, pcall(error, 'x')))\nsleep()")
    ok, out, err = shell.try_("run mine.lua")
    assert out == ["x"]
    assert err[0].startswith("ERROR: mine.lua:4: bad argument #1 to 'sleep' (number expected")


def test_a_line_that_pcall_caught_is_the_users_own(shell: ShootingShell, here: Path) -> None:
    (here / "mine.lua").write_text("\nlocal ok, e = pcall(function() error('x') end)\nprint(e)\n")
    assert shell.run("run mine.lua") == ["A/CHDK/SCRIPTS/RUN/mine.lua:2: x"]


def test_old_scripts_get_the_functions_of_their_time(shell: ShootingShell, here: Path) -> None:
    (here / "old.lua").write_text("--[[\n@chdk_version 1.3\n]]\nprint(get_raw())")
    (here / "new.lua").write_text("--[[\n@chdk_version 1.4\n]]\nprint(get_raw())")
    assert shell.run("run old.lua") == ["0"]
    assert shell.run("run new.lua") == ["false"]


def test_what_it_sends_and_returns_is_shown(shell: ShootingShell, here: Path) -> None:
    (here / "mine.lua").write_text("write_usb_msg({1}) print('x', nil, true) return 5")
    shown = shell.run("run mine.lua")
    assert [line.partition(":")[2] for line in shown] == ["user:table:{1}", "", "return:5"]
    assert shown[1] == "x nil true"


def test_prints_come_as_results_in_json(here: Path, tmp_path: Path) -> None:
    (here / "mine.lua").write_text("print('one')")
    with shooting_shell(tmp_path / "card", OutputKind.JSON, record=False) as shell:
        (line,) = shell.run("run mine.lua")
        assert json.loads(line)["result"] == [{"printed": "one"}]


def test_a_print_never_waits_and_what_is_lost_is_counted(
    shell: ShootingShell, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = {b"printed 3 ", b"printed 4 "}
    post = Mailbox.post

    def posts(self: Mailbox, *message: object) -> bool:
        data = message[3]
        if isinstance(data, bytes) and any(word in data for word in full):
            return False
        return post(self, *message)  # type: ignore[arg-type]

    monkeypatch.setattr(Mailbox, "post", posts)
    (here / "mine.lua").write_text("for i = 1, 6 do print(i) end")
    ok, out, err = shell.try_("run mine.lua")
    assert ok
    assert out == ["1", "2", "5", "6"]
    assert err[0].startswith("WARNING: 2 printed lines are missing: the camera keeps 15 messages")
    full.add(b"printed 6 ")
    assert "3 printed lines are missing" in shell.try_("run mine.lua")[2][0]


STUBBORN = "print('go')\nwhile true do end"
RESTORING = "function restore() print('restored') end\nprint('go')\n"


@pytest.mark.parametrize(
    "waiting",
    [
        "while true do sleep(1000) end",
        "while true do read_usb_msg(-1) end",
        "while true do press('shoot_half') release('shoot_half') end",
        "while true do print() end",
    ],
)
def test_ctrl_c_ends_it_with_its_restore(
    shell: ShootingShell, here: Path, monkeypatch: pytest.MonkeyPatch, waiting: str
) -> None:
    monkeypatch.setattr("chdkshell.chdk.cardscripts.INTERRUPT_SECONDS", TIMEOUT)
    (here / "mine.lua").write_text(RESTORING + waiting)
    ok, out, err = cancelled_at(shell, "go", "run mine.lua")
    assert not ok
    assert [line for line in out if line] == ["go", "restored"]
    assert err[-1] == "ERROR: cancelled"
    assert not shell.sim.scripts.running


def test_one_that_does_not_wait_is_killed(
    shell: ShootingShell, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chdkshell.chdk.cardscripts.INTERRUPT_SECONDS", 0.1)
    (here / "mine.lua").write_text(STUBBORN)
    ok, _, err = cancelled_at(shell, "go", "run mine.lua")
    assert not ok
    assert err == ["ERROR: cancelled; it was killed, since it did not end when it was asked to"]
    assert not shell.sim.scripts.running
    assert shell.run("luar return 1")[0].endswith(":return:1")


def cancelled_at(
    shell: ShootingShell, awaited: str, line: str
) -> tuple[bool, list[str], list[str]]:
    """Run a line and cancel it as soon as it shows `awaited`."""
    write = shell.context.renderer.write

    def writes(text: str, paged: bool = False) -> None:
        write(text, paged)
        if text.rstrip() == awaited:
            shell.context.cancel.set()

    shell.context.renderer.write = writes  # type: ignore[method-assign]
    try:
        return shell.try_(line)
    finally:
        shell.context.renderer.write = write  # type: ignore[method-assign]
