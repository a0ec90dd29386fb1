"""The small util, errutil, ticktime and fsutil of this project."""

# needs: POSIX

from __future__ import annotations

from pathlib import Path

import pytest
from support.host_lua import LuaDesk

from chdkshell.hostlua.state import HostLuaError


def test_text_goes_out(lua: LuaDesk) -> None:
    lua("printf('%d %s\\n', 1, 'a') fprintf(io.stderr, '%s', 'x') warnf('w') errf('e')")
    assert lua.services.written == b"1 a\n"
    assert lua.services.told == b"xWARNING: wERROR: e"


def test_tables(lua: LuaDesk) -> None:
    assert lua("util.extend_table({a=1, b=2}, {b=3, c={4}})") == {"a": 1, "b": 3, "c": [4]}
    lua("s = {t={1}} shallow, deep = extend_table({}, s), extend_table({}, s, {deep=true})")
    assert lua("return shallow.t == s.t, deep.t == s.t, deep.t[1]") == (True, False, 1)
    assert lua("util.extend_table({}, {a=1, b=2}, {keys={'a'}})") == {"a": 1}
    assert lua("util.extend_table({a=1}, nil)") == {"a": 1}
    assert lua("return flip_table{'a', 'b'}.b, flag_table{'x'}.x") == (2, True)
    assert lua("return in_table({1, k='v'}, 'v'), in_table({1}, 2)") == (True, False)
    assert lua("return compare_values({1, a={2}}, {1, a={2}}), compare_values({1}, {1, 2})") == (
        *(True, False),
    )
    assert lua("return util.round(2.5), util.round(-2.5), util.round(0.4)") == (3, -3, 0)
    assert lua(
        "return util.string_split('a,,b', ','), util.string_split('a,,b', ',', {empty=false})"
    ) == (*(["a", "", "b"], ["a", "b"]),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{1,'two',3,key='value'}", '{1,"two",3,key="value"}'),
        ("{['end']=1}", '{["end"]=1}'),
        ("{[10]=true}", "{[10]=true}"),
        ("'a\\nb\"\\\\\\0'", '"a\\nb\\"\\\\\\000"'),
        ("nil", "nil"),
        ("0xFFFFFFFF", "0xffffffff"),
        ("1.6", "2"),
    ],
)
def test_values_become_text_and_back(lua: LuaDesk, value: str, text: str) -> None:
    assert lua(f"util.serialize({value}, {{pretty=false}})") == text
    again = f"util.unserialize(util.serialize({value}))"
    rounded = "util.round(1.6)" if value == "1.6" else value
    assert lua(f"util.compare_values({again}, {rounded})") is True


def test_serializing(lua: LuaDesk) -> None:
    assert lua("util.serialize({1, {2}})") == "{\n 1,\n {\n  2\n }\n}"
    assert lua("util.serialize({a=1}, {pretty=false, bracket_keys=true})") == '{["a"]=1}'
    for wrong in ("print", "t"):
        with pytest.raises(HostLuaError, match="serialize"):
            lua(f"t = {{}} t.t = t util.serialize({wrong})")
    assert lua("util.serialize(print, {err_type=false}):find('function') ~= nil") is True


def test_texts_are_read_without_the_hosts_functions(lua: LuaDesk) -> None:
    called = [
        *("os.exit()", "print(1)", "(", "\\27Lua", "(function() return 1 end)()"),
        *('("x"):rep(9)', '"x":rep(9)', "'a' '", "1 return 2", "#'x' or 1"),
        "[[' .. (function() end)() .. ']]()",
    ]
    for text in called:
        text = text.replace("'", "\\'")
        assert lua(f"return util.unserialize('{text}')")[0] is False


def test_errors_as_text(lua: LuaDesk) -> None:
    lua("f = errutil.wrap(function(a, ...) if a == 'e' then error('bad') end return ... end)")
    assert lua("return f('ok', 1, nil, 3)") == (1, None, 3)
    lua("f('e')")
    assert lua.services.told == b"ERROR: test:1: bad\n"
    lua("g = errutil.wrap(error, {err_default=7, output=function(t) told = t end})")
    assert lua("return g('x', 0), told") == (7, "x")
    lua("errutil.do_traceback = 'critical'")
    assert "traceback" in lua("errutil.format('x')")
    assert lua("errutil.format(errlib.new{msg='calm'})") == "calm"
    assert "traceback" in lua("errutil.format(errlib.new{msg='bad', critical=true})")
    assert lua("ticktime.elapsed(ticktime.get()) >= 0") is True


def test_names_of_paths(lua: LuaDesk) -> None:
    names = {
        "basename('foo/bar.txt', '.TXT')": "bar",
        "basename('foo/bar.txt', '.TXT', {ignorecase=false})": "bar.txt",
        "basename('bar/')": "bar",
        "basename('/')": None,
        "dirname('/a/b/')": "/a",
        "dirname('a')": ".",
        "dirname('/a')": "/",
        "dirname('/')": "/",
        "joinpath('/foo/', '/bar', 'x')": "/foo/bar/x",
        "joinpath_cam('A/', 'DCIM')": "A/DCIM",
        "basename_cam('A/')": None,
        "basename_cam('A/X/Y.JPG', '.jpg')": "Y",
        "dirname_cam('A/X')": "A/",
        "dirname_cam('A/X/Y')": "A/X",
        "get_ext('a.b.c')": ".c",
        "get_ext('.profile')": None,
        "make_camera_path('DCIM')": "A/DCIM",
        "make_camera_path('a/dcim')": "A/dcim",
        "make_camera_path()": "A/",
        "split_ext('x.foo/bar')": ("x.foo/bar", ""),
        "split_ext('bar.foo.txt')": ("bar.foo", ".txt"),
    }
    assert {call: lua(f"return fsutil.{call}") for call in names} == names


def test_names_on_windows(lua: LuaDesk) -> None:
    lua("fsutil.ostype = function() return 'Windows' end")
    assert lua("return fsutil.dirname('c:\\\\a\\\\b'), fsutil.dirname('c:\\\\')") == ("c:/a", "c:/")
    assert lua("return fsutil.basename('c:/'), fsutil.basename('c:\\\\x')") == (None, "x")
    assert lua("fsutil.joinpath('a\\\\', 'b')") == "a\\b"


def test_files(lua: LuaDesk, tmp_path: Path) -> None:
    lua(f"d = '{tmp_path.as_posix()}/x/y' fsutil.mkdir_m(d) fsutil.mkdir_m(d)")
    assert lua("return fsutil.writefile('a\\0b', d..'/f'), fsutil.readfile(d..'/f')") == (
        *(True, "a\0b"),
    )
    assert (tmp_path / "x/y/f").read_bytes() == b"a\0b"
    assert lua("return fsutil.readfile(d..'/no')")[0] is False
    with pytest.raises(HostLuaError) as caught:
        lua("fsutil.readfile_e(d..'/no')")
    assert caught.value.etype == "io"
    with pytest.raises(HostLuaError, match="not a directory"):
        lua("fsutil.mkdir_m(d..'/f')")
    lua("fsutil.mkdir_parent(d..'/z/file')")
    assert (tmp_path / "x/y/z").is_dir()


def test_removing_does_not_follow_links(lua: LuaDesk, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_bytes(b"")
    (tmp_path / "gone/deep").mkdir(parents=True)
    (tmp_path / "gone/link").symlink_to(tmp_path / "kept")
    lua(f"fsutil.rm_r('{tmp_path.as_posix()}/gone')")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "kept"]


def test_files_whose_errors_are_thrown(lua: LuaDesk, tmp_path: Path) -> None:
    lua(f"f = '{tmp_path.as_posix()}/f' fsutil.writefile_e('text', f)")
    assert lua("local file = fsutil.open_e(f) return file:read('*a')") == "text"
    for call in ("fsutil.open_e(f..'/no')", "fsutil.writefile_e('x', f..'/no')"):
        with pytest.raises(HostLuaError) as caught:
            lua(call)
        assert caught.value.etype == "io"


def test_parts_of_names(lua: LuaDesk) -> None:
    assert lua("return fsutil.is_dir_sep('/'), fsutil.is_dir_sep('a')") == (True, False)
    assert lua("return fsutil.remove_sfx('a.jpg', '.jpg'), fsutil.remove_sfx('a.jpg', '.x')") == (
        *("a", "a.jpg"),
    )
    assert lua("fsutil.normalize_dir_sep('a/b')") == "a/b"
    lua("fsutil.ostype = function() return 'Windows' end")
    assert lua("fsutil.normalize_dir_sep('a\\\\b')") == "a/b"


def test_warnings_and_tracebacks(lua: LuaDesk) -> None:
    lua("util.warnf('%d left\\n', 3)")
    assert lua.services.told == b"WARNING: 3 left\n"
    text = lua(
        "local ok, t = xpcall(function() error('bad') end, errutil.format_traceback) return t"
    )
    assert text.startswith("test:1: bad")
    assert "stack traceback:" in text


def test_parts_of_tables(lua: LuaDesk) -> None:
    assert lua("util.compare_values_subset({a=1, b={2}}, {b={2}})") is True
    assert lua("util.compare_values_subset({b={2}}, {a=1, b={2}})") is False
