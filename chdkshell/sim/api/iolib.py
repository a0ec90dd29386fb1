"""The io library of the camera's Lua, over the card (lib/lua/liolib.c), and the console."""

from __future__ import annotations

import os
import struct
from typing import Any

from chdkshell.sim.card import path_text
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.open_files import error_text, failure
from chdkshell.sim.lua.stdio import StdioFile
from chdkshell.sim.lua.values import NIL, ArgumentError, LuaError, Result, as_integer, is_number

IO = Api()
FILE_METHODS = Api()
"""Methods of file objects."""

IO_BASE = Api()
"""What lua/files.lua makes `lines` of, and lua/base.lua `print`."""


def _number_of(script: Caller, args: Args) -> int:
    number = script.files.number(args.value(1))
    if number is None:
        raise args.wrong(1, "FILE*")
    return number


def _file(script: Caller, args: Args) -> StdioFile:
    file = script.files.get(_number_of(script, args))
    if file is None:
        raise LuaError("attempt to use a closed file")
    return file


def _default(script: Caller, which: str) -> StdioFile:
    userdata = script.files.input if which == "input" else script.files.output
    number = script.files.number(userdata)
    file = None if number is None else script.files.get(number)
    if file is None:
        raise LuaError(f"standard {which} file is closed")
    return file


def _told(script: Caller, path: bytes, error: OSError) -> str:
    """Return what is said of a file that cannot be opened."""
    told = error_text(script.state.identity.errors, error.errno or 0)
    return f"{path_text(path)}: {told.decode()}"


def _open(script: Caller, path: bytes, mode: bytes) -> StdioFile:
    return StdioFile(script.card.open(path_text(path), mode.decode("latin-1")))


@IO.function("io.open")
def io_open(script: Caller, args: Args) -> Result:
    path, mode = args.string(1), args.opt_string(2, b"r")
    try:
        return script.files.add(_open(script, path, mode))
    except OSError as error:
        return failure(script.state.identity.errors, path, error)


@IO.function("io.close")
def io_close(script: Caller, args: Args) -> Result:
    if not args:
        return file_close(script, Args((script.files.output,)))
    return file_close(script, args)


@IO.function("io.input")
def io_input(script: Caller, args: Args) -> Result:
    script.files.input = _replacement(script, args, b"r") or script.files.input
    return script.files.input


@IO.function("io.output")
def io_output(script: Caller, args: Args) -> Result:
    script.files.output = _replacement(script, args, b"w") or script.files.output
    return script.files.output


def _replacement(script: Caller, args: Args, mode: bytes) -> Any:
    value = args.value(1)
    if value is None:
        return None
    if not isinstance(value, bytes) and not is_number(value):
        _file(script, args)
        return value
    path = args.string(1)
    try:
        return script.files.add(_open(script, path, mode))
    except OSError as error:
        raise ArgumentError(1, _told(script, path, error)) from None


@IO.function("io.read")
def io_read(script: Caller, args: Args) -> Result:
    return _read(_default(script, "input"), args, 1)


@IO.function("io.write")
def io_write(script: Caller, args: Args) -> Result:
    return _write(script, _default(script, "output"), args, 1)


@IO.function("io.flush")
def io_flush(script: Caller, args: Args) -> Result:
    _default(script, "output").flush()
    return True


@IO.function("io.type")
def io_type(script: Caller, args: Args) -> Result:
    if not args:
        raise ArgumentError(1, "value expected")
    number = script.files.number(args.value(1))
    if number is None:
        return NIL
    return "closed file" if script.files.get(number) is None else "file"


@IO_BASE.function("check_file")
def check_file(script: Caller, args: Args) -> Result:
    _file(script, args)
    return None


@IO_BASE.function("open_for_lines")
def open_for_lines(script: Caller, args: Args) -> Result:
    """Open a file for `lines`: the file, or nil and what is wrong with the argument."""
    try:
        path = args.string(1)
    except ArgumentError as error:
        return NIL, str(error)
    try:
        return script.files.add(_open(script, path, b"r"))
    except OSError as error:
        return NIL, _told(script, path, error)


@IO_BASE.function("read_line")
def read_line(script: Caller, args: Args) -> Result:
    """One step of `lines`: the file, and whether to close it at its end."""
    number = _number_of(script, args)
    file = script.files.get(number)
    if file is None:
        raise LuaError("file is already closed")
    line = file.line()
    if line is None and args.value(2):
        script.files.close(number)
    return NIL if line is None else line


@FILE_METHODS.function("close")
def file_close(script: Caller, args: Args) -> Result:
    _file(script, args)
    script.files.close(_number_of(script, args))
    return True


@FILE_METHODS.function("read")
def file_read(script: Caller, args: Args) -> Result:
    return _read(_file(script, args), args, 2)


@FILE_METHODS.function("write")
def file_write(script: Caller, args: Args) -> Result:
    return _write(script, _file(script, args), args, 2)


@FILE_METHODS.function("flush")
def file_flush(script: Caller, args: Args) -> Result:
    _file(script, args).flush()
    return True


@FILE_METHODS.function("seek")
def file_seek(script: Caller, args: Args) -> Result:
    file = _file(script, args)
    name = args.opt_string(2, b"cur")
    whence = {b"set": 0, b"cur": 1, b"end": 2}.get(name)
    if whence is None:
        raise ArgumentError(2, f"invalid option '{name.decode('latin-1')}'")
    try:
        return file.seek(args.opt_integer(3, 0), whence)
    except OSError as error:
        return failure(script.state.identity.errors, None, error)


@FILE_METHODS.function("__gc")
def file_gc(script: Caller, args: Args) -> Result:
    script.files.close(_number_of(script, args))
    return None


@FILE_METHODS.function("_getfptr")
def file_pointer(script: Caller, args: Args) -> Result:
    """address = file:_getfptr(): of a structure that has, as words, the file's number first, then
    its length, and after one more its position
    """
    file, number = _file(script, args), _number_of(script, args)
    at = file.seek(0, os.SEEK_CUR)
    end = file.seek(0, os.SEEK_END)
    file.seek(at, os.SEEK_SET)
    script.state.memory.write(_address(number), struct.pack("<4I", number, end, 0, at))
    return _address(number)


@FILE_METHODS.function("__tostring")
def file_tostring(script: Caller, args: Args) -> Result:
    number = _number_of(script, args)
    if script.files.get(number) is None:
        return "file (closed)"
    return f"file (0x{_address(number):x})"


def _address(number: int) -> int:
    return 0x300000 + 32 * number


def _read(file: StdioFile, args: Args, first: int) -> Result:
    if len(args) < first:
        args = Args((*args, b"*l"))
    values: list[Any] = []
    for index in range(first, len(args) + 1):
        value = _read_one(file, args, index)
        values.append(NIL if value is None else value)
        if value is None:
            break
    return tuple(values)


def _read_one(file: StdioFile, args: Args, index: int) -> bytes | int | None:
    what = args.value(index)
    if is_number(what):
        count = as_integer(what) or 0
        if count == 0:
            return None if file.at_end else b""
        return file.read(count if count > 0 else -1) or None
    if not isinstance(what, bytes) or not what.startswith(b"*"):
        raise ArgumentError(index, "invalid option")
    match what[1:2]:
        case b"n":
            return file.number()
        case b"l":
            return file.line()
        case b"a":
            return file.read()
    raise ArgumentError(index, "invalid format")


def _write(script: Caller, file: StdioFile, args: Args, first: int) -> Result:
    try:
        for index in range(first, len(args) + 1):
            file.write(args.string(index))
    except OSError as error:
        return failure(script.state.identity.errors, None, error)
    return True


# ---- the script's console -----------------------------------------------------------------------


@IO_BASE.function("console")
def console_line(script: Caller, args: Args) -> Result:
    """Add a line to the script's console, and to its log (print_screen)."""
    line = args.string(1)
    script.state.console.print(line.decode("utf-8", "replace"), script.state.clock.ticks())
    if script.log is not None:
        script.log.write(line + b"\n")


@IO.function()
def print_screen(script: Caller, args: Args) -> Result:
    """print_screen(number): log the console to LOG_number.TXT; negative appends, 0 ends it"""
    number = args.on_off(1)
    if script.log is not None:
        script.log.close()
        script.log = None
    if number:
        path = f"A/CHDK/LOGS/LOG_{abs(number) % 10000:04d}.TXT"
        try:
            script.log = script.card.open(path, "a" if number < 0 else "w")
        except OSError:
            return
