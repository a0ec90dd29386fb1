"""The os library of the camera's Lua, over the card and the clock (lib/lua/loslib.c)."""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from typing import Any

from chdkshell.lua.numbers import wrap
from chdkshell.sim.card import CardFailure, path_bytes, path_text
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.open_files import failure
from chdkshell.sim.lua.values import NIL, LuaError, Result, as_integer, type_name

OS = Api()

OS_BASE = Api()
"""What lua/files.lua makes `os.idir` of."""


def _attempt(script: Caller, name: bytes, action: Callable[[], object]) -> Result:
    try:
        action()
    except OSError as error:
        return failure(script.state.identity.errors, name, error)
    return True


def _shows_all(script: Caller, options: Any) -> bool:
    """Whether the options of listdir (a boolean, or a table) ask for all entries."""
    if type_name(options) == "table":
        return script.field(options, b"showall") not in (None, False)
    return options not in (None, False)


@OS.function("os.listdir")
def os_listdir(script: Caller, args: Args) -> Result:
    path = args.string(1)
    try:
        names = script.card.listdir(path_text(path), _shows_all(script, args.value(2)))
    except OSError as error:
        return failure(script.state.identity.errors, path, error)
    return [path_bytes(name) for name in names]


@OS_BASE.function("open_directory")
def open_directory(script: Caller, args: Args) -> Result:
    """The number of a directory; of one that is empty where it cannot be opened."""
    path = path_text(args.string(1))
    try:
        names = script.card.listdir(path, _shows_all(script, args.value(2)))
    except OSError:
        names = []
    return script.directories.open(map(path_bytes, names))


@OS_BASE.function("read_directory")
def read_directory(script: Caller, args: Args) -> Result:
    """The next name in a directory, no value at its end."""
    return script.directories.read(args.integer(1))


@OS_BASE.function("close_directory")
def close_directory(script: Caller, args: Args) -> Result:
    script.directories.close(args.integer(1))
    return None


@OS.function("os.stat")
def os_stat(script: Caller, args: Args) -> Result:
    path = args.string(1)
    try:
        info = script.card.stat(path_text(path))
    except OSError as error:
        return failure(script.state.identity.errors, path, error)
    return {
        b"size": info.size,
        b"mtime": info.mtime,
        b"ctime": info.ctime,
        b"attrib": info.attrib,
        b"is_dir": info.is_dir,
        b"is_file": info.is_file,
    }


@OS.function("os.mkdir")
def os_mkdir(script: Caller, args: Args) -> Result:
    path = args.string(1)
    return _attempt(script, path, lambda: script.card.mkdir(path_text(path)))


@OS.function("os.remove")
def os_remove(script: Caller, args: Args) -> Result:
    path = args.string(1)
    return _attempt(script, path, lambda: script.card.remove(path_text(path)))


@OS.function("os.rename")
def os_rename(script: Caller, args: Args) -> Result:
    old, new = args.string(1), args.string(2)
    return _attempt(script, old, lambda: script.card.rename(path_text(old), path_text(new)))


@OS.function("os.utime")
def os_utime(script: Caller, args: Args) -> Result:
    now = script.state.clock.now()
    path, mtime, atime = args.string(1), args.opt_integer(2, now), args.opt_integer(3, now)
    return _attempt(script, path, lambda: script.card.utime(path_text(path), mtime, atime))


@OS.function("set_file_attributes")
def set_file_attributes(script: Caller, args: Args) -> Result:
    """status = set_file_attributes(path, attributes): 0, or -1 where there is no such file."""
    path, attributes = args.string(1), args.integer(2)
    try:
        script.card.set_attributes(path_text(path), attributes)
    except CardFailure:
        return -1
    return 0


@OS.function("os.difftime")
def os_difftime(script: Caller, args: Args) -> Result:
    return wrap(args.integer(1) - args.opt_integer(2, 0))


_DATE_FIELDS = ("sec", "min", "hour", "day", "month", "year")


@OS.function("os.time")
def os_time(script: Caller, args: Args) -> Result:
    """seconds or nil = os.time([date]): nil for a date before 1970"""
    table = args.value(1)
    if table is None:
        return script.state.clock.now()
    if type_name(table) != "table":
        raise args.wrong(1, "table")
    values = {}
    for name in _DATE_FIELDS:
        value = as_integer(script.field(table, name.encode()))
        if value is None:
            if name in ("day", "month", "year"):
                raise LuaError(f"field '{name}' missing in date table")
            value = 12 if name == "hour" else 0
        values[name] = value
    years, month = divmod(values["month"] - 1, 12)
    moment = (values["year"] + years, month + 1, values["day"], values["hour"], values["min"])
    try:
        seconds = calendar.timegm((*moment, values["sec"], 0, 0, 0))
    except (ValueError, OverflowError):
        return NIL
    return NIL if seconds < 0 else seconds


@OS.function("os.date")
def os_date(script: Caller, args: Args) -> Result:
    text = args.opt_string(1, b"%c").decode("latin-1").removeprefix("!")
    moment = time.gmtime(args.opt_integer(2, script.state.clock.now()))
    if text == "*t":
        fields: dict[bytes, int | bool] = {
            b"sec": moment.tm_sec,
            b"min": moment.tm_min,
            b"hour": moment.tm_hour,
            b"day": moment.tm_mday,
            b"month": moment.tm_mon,
            b"year": moment.tm_year,
            b"wday": (moment.tm_wday + 1) % 7 + 1,
            b"yday": moment.tm_yday,
            b"isdst": False,
        }
        return fields
    return _formatted(text, moment).encode("latin-1", "replace")


def _formatted(text: str, moment: time.struct_time) -> str:
    parts = []
    characters = iter(text.partition("\0")[0])
    for character in characters:
        conversion = next(characters, "") if character == "%" else ""
        if conversion:
            known = conversion in "aAbBcdHIjmMpSUwWxXyYZ%"
            character = time.strftime("%" + conversion, moment) if known else ""
        parts.append(character)
    return "".join(parts)
