"""exec in Lua: the small cli and `con`, frames that are kept, and where modules are looked for."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

import pytest
from support.shell_process import run

from chdkshell.chdk.imaging.lvdump import read_dump

TWO = """!a = chdku.connection{bus='sim', dev='model=ONE'} a:connect()
b = chdku.connection{bus='sim', dev='model=TWO'} b:connect()
function mode(c) return c:execwait('return (get_mode())') end"""


def lua(*commands: str, sim: tuple[str, ...] = ()) -> str:
    """Return what commands with exec in Lua give."""
    words = [word for command in commands for word in ("-e", command)]
    done = run("-r", "--lua", *sim, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_commands_work_the_camera_of_con() -> None:
    given = lua(TWO, "!con = b cli:execute('rec')", "!return mode(a), mode(b)", "list")
    assert given.splitlines()[0] == "=false,true"
    assert [row[:5] for row in given.splitlines()[1:]] == ["+1:ON", "*2:TW"]


def test_con_follows_what_a_command_connects() -> None:
    given = lua("!cli:execute('connect sim:model=ONE') return con:is_connected(), con.ptpdev.model")
    assert given == '=true,"ONE"\n'
    moved = lua(TWO, "!con = a cli:execute('connect sim:model=TWO')", "!return con.ptpdev.model")
    assert moved == '="TWO"\n'


def test_a_command_that_disconnects_leaves_con() -> None:
    given = lua("!cli:execute('dis') return con:is_connected(), con.ptpdev.model", sim=("--sim",))
    assert given == '=false,"Canon PowerShot SIM1"\n'


def test_frames_are_kept_as_lvdump_keeps_them(tmp_path: Path) -> None:
    code = f"""!assert(con:live_dump_start('{tmp_path.as_posix()}/f.lvdump'))
for _ = 1, 3 do con:live_get_frame(5) con:live_dump_frame() end
local size = con.live.dump_size
con:live_dump_end()
return size, con.live.dump_fh"""
    given = lua(code, sim=("--sim",))
    dump = tmp_path / "f.lvdump"
    assert given == f"={dump.stat().st_size},nil\n"
    with dump.open("rb") as file:
        assert len(list(read_dump(file))) == 3
    played = run("-r", "-e", f"lvdumpimg -infile={dump} -vp=x.ppm", cwd=tmp_path)
    assert (played.returncode, (tmp_path / "x.ppm").exists()) == (0, True)


def test_frames_without_a_start_are_refused() -> None:
    done = run("-r", "--lua", "--sim", "-e", "!con:live_get_frame(1) con:live_dump_frame()")
    assert done.returncode == 1
    assert "not dumping" in done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of Lua files as chdkptp's, which only have to be found."""
    (tmp_path / "main.lua").write_text("marker = 'theirs' con = {}\n")
    (tmp_path / "chdku.lua").write_text("")
    return tmp_path


def test_as_chdkptp_its_files_are_where_lua_is_told(folder: Path) -> None:
    path = f"/nowhere/?.lua;{folder}/?.lua;;"
    as_there = run("-r", "--chdkptp", "-e", "!return marker", LUA_PATH=path)
    assert (as_there.stdout, as_there.stderr) == ('="theirs"\n', "")
    assert run("-r", "--lua", "-e", "!return marker", LUA_PATH=path).stdout == "=nil\n"
    (folder / "chdku.lua").unlink()
    assert run("-r", "--chdkptp", "-e", "!return util", LUA_PATH=path).stdout.startswith("={")


def test_a_module_that_is_not_here_is_told_with_what_to_do() -> None:
    done = run("-r", "--lua", "-e", "!require'multicam'")
    assert done.returncode == 1
    assert "module 'multicam' not found" in done.stderr
    assert "CHDKPTP_LUA=DIR" in done.stderr
