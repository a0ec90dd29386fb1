"""sys, readline, corevar, guisys, signal, io and lfs: the computer as Lua programs see it."""

# needs: POSIX

from __future__ import annotations

import os
import signal
import stat
import sys
import time
from pathlib import Path

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua.state import HostLuaError

# ---- time, the command line, the core -----------------------------------------------------------


def test_time(lua: LuaDesk) -> None:
    assert lua("return sys.getsleepres(), sys.gettickres() > 0") == (1, True)
    seconds, micro = lua("return sys.gettimeofday()")
    assert abs(seconds - time.time()) < 60
    assert 0 <= micro < 1_000_000
    assert lua("local t = sys.gettick() sys.sleep(20) return sys.gettick() - t >= 0.02") is True


def test_the_system(lua: LuaDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUA_TEST", "é")
    assert lua("return sys.getenv('LUA_TEST'), sys.getenv('LUA_NO_TEST')") == ("é", None)
    kinds = {"win32": "Windows", "darwin": "Darwin"}
    assert lua("sys.ostype()") == kinds.get(sys.platform, "Linux")
    assert lua("return type(sys.getcmd()), #sys.getargs()") == ("string", 0)
    assert LuaDesk(arguments=("-i", "x"))("sys.getargs()") == ["-i", "x"]
    assert lua("return sys.maxn{1, 2, [7]=1, a=1}, sys.maxn{}") == (7, 0)
    assert lua("sys.set_exit_value(3) return sys.get_exit_value()") == 3


def test_the_core_and_its_windows(lua: LuaDesk) -> None:
    assert lua("corevar.set_verbose(2) return corevar.get_verbose()") == 2
    assert lua("return guisys.init(), guisys.initgtk(), guisys.caps().IUP") == (False, False, None)


# ---- standard streams ---------------------------------------------------------------------------


def test_lines_are_read(lua: LuaDesk) -> None:
    lua.services.lines = [b"one\r\n", b"two\n"]
    assert lua("return readline.line('? '), readline.line(), readline.line()") == (
        *("one", "two"),
        False,
    )
    lua("readline.add_history('x')")
    assert lua.services.written == b"? "


def test_io_reads_standard_input(lua: LuaDesk) -> None:
    lua.services.lines = [b"a line\n", b" 12 left\n", b"x\n", b"y"]
    assert lua("return io.read(), io.read('*n', '*l'), io.read('*L'), io.read(9), io.read()") == (
        *("a line", 12),
        *("x\n", "y", None),
    )
    lua.services.lines = [b"1\n", b"2\n"]
    assert lua("local t = {} for l in io.lines() do t[#t+1] = l end return t") == ["1", "2"]
    lua.services.lines = [b"1\n", b"2\n"]
    assert lua("io.stdin:read('*a')") == "1\n2\n"


def test_io_writes(lua: LuaDesk, tmp_path: Path) -> None:
    lua("print('a', 1, nil) io.write('b', 2, '\\n') io.stdout:write('c'):write('d') io.flush()")
    lua("io.stderr:write('problem')")
    assert lua.services.written == b"a\t1\tnil\nb2\ncd"
    assert lua.services.told == b"problem"
    assert lua("return io.type(io.stdout), io.type(1), io.output() == io.stdout") == (
        *("file", None),
        True,
    )
    lua(f"f = assert(io.open('{tmp_path.as_posix()}/x', 'w'))")
    lua("io.output(f) io.write('in') io.close()")
    lua("io.output(io.stdout) io.write('out')")
    assert (tmp_path / "x").read_bytes() == b"in"
    assert lua.services.written.endswith(b"out")
    with pytest.raises(HostLuaError, match="bad argument #1 to 'write'"):
        lua("io.write({})")


# ---- signals ------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_signals_call_functions_while_the_program_runs(lua: LuaDesk) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    lua("came = 0 signal.signal('SIGUSR1', function() came = came + 1 end)")
    lua("signal.raise('SIGUSR1') sys.sleep(0)")
    assert lua("came") == 1
    lua(f"signal.kill({os.getpid()}, 'SIGUSR1') while came < 2 do end")
    assert signal.getsignal(signal.SIGUSR1) == before
    assert lua("type(signal.signal('SIGUSR1', nil))") == "function"
    with pytest.raises(HostLuaError, match="invalid signal string"):
        lua("signal.signal('SIGNO', print)")
    assert lua("return require'signal' == signal") is True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_ends_a_sleep(lua: LuaDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = lua.cancel.wait

    def wait_with_a_signal(seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        wait(seconds)

    lua("signal.signal('SIGUSR1', function() done = true end)")
    monkeypatch.setattr(lua.cancel, "wait", wait_with_a_signal)
    assert lua("sys.sleep(600000) return done") is True


# ---- files --------------------------------------------------------------------------------------


def test_what_files_are(lua: LuaDesk, tmp_path: Path) -> None:
    file = tmp_path / "é.txt"
    file.write_bytes(b"12345")
    os.utime(file, (1000, 2000))
    found = lua(f"lfs.attributes('{file.as_posix()}')")
    assert (found["mode"], found["size"]) == ("file", 5)
    assert (found["access"], found["modification"]) == (1000, 2000)
    assert found["permissions"] == stat.filemode(file.stat().st_mode)[1:]
    assert lua(f"return lfs.attributes('{tmp_path.as_posix()}', 'mode')") == "directory"
    assert lua(f"lfs.attributes('{file.as_posix()}', {{}}).size") == 5
    problem = lua(f"return lfs.attributes('{tmp_path.as_posix()}/no', 'mode')")
    assert problem[0] is None
    assert "No such file" in problem[1]
    with pytest.raises(HostLuaError, match="invalid attribute name"):
        lua(f"lfs.attributes('{file.as_posix()}', 'odd')")


def test_folders(lua: LuaDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lua("return lfs.mkdir('a'), lfs.mkdir('a')")[:2] == (True, None)
    (tmp_path / "a/b").write_bytes(b"")
    names = "local t = {} for name in lfs.dir('a') do t[#t+1] = name end return t"
    assert lua(names) == [".", "..", "b"]
    assert lua("local f, d = lfs.dir('a') d:next() d:close() return d:next()") is None
    with pytest.raises(HostLuaError, match=r"test:1: cannot open no: "):
        lua("for name in lfs.dir('no') do end")
    assert lua("return lfs.rmdir('a')")[0] is None
    os.unlink(tmp_path / "a/b")  # noqa: PTH108
    assert lua("return lfs.chdir('a'), lfs.currentdir()") == (True, str(tmp_path / "a"))
    assert lua("return lfs.chdir('..'), lfs.rmdir('a'), lfs.chdir('no')")[:3] == (True, True, None)


def test_times_and_links(lua: LuaDesk, tmp_path: Path) -> None:
    file, link = tmp_path / "x", tmp_path / "link"
    file.write_bytes(b"")
    assert lua(f"lfs.touch('{file.as_posix()}', 5)") is True
    assert lua(f"lfs.attributes('{file.as_posix()}', 'modification')") == 5
    lua(f"lfs.touch('{file.as_posix()}', 5, 9)")
    assert file.stat().st_mtime == 9
    lua(f"lfs.touch('{file.as_posix()}')")
    assert abs(file.stat().st_mtime - time.time()) < 60
    assert lua(f"return lfs.touch('{tmp_path.as_posix()}/no')")[0] is None
    assert lua(f"lfs.link('{file.as_posix()}', '{link.as_posix()}', true)") is True
    assert lua(f"lfs.symlinkattributes('{link.as_posix()}', 'mode')") == "link"
    assert lua(f"lfs.symlinkattributes('{link.as_posix()}', 'target')") == str(file)
    assert lua(f"lfs.link('{file.as_posix()}', '{tmp_path.as_posix()}/hard')") is True
    assert lua(f"lfs.attributes('{file.as_posix()}', 'nlink')") == 2


def test_locks(lua: LuaDesk, tmp_path: Path) -> None:
    lua(f"lock = lfs.lock_dir('{tmp_path.as_posix()}')")
    assert lua(f"return lfs.lock_dir('{tmp_path.as_posix()}')") == (None, "File exists")
    lua("lock:free() lock:free()")
    assert lua(f"type(lfs.lock_dir('{tmp_path.as_posix()}'))") == "userdata"
    assert lua(f"return lfs.lock(io.open('{tmp_path.as_posix()}/lockfile.lfs'), 'r')")[0] is None
    assert lua(f"return lfs.unlock(io.open('{tmp_path.as_posix()}/lockfile.lfs'))")[0] is None
    assert lua("return lfs.setmode(io.stdout, 'binary')") == (True, "binary")
