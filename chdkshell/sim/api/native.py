"""Calls of the firmware itself: event procedures by name, and functions by address.

CHDK allows them where its owner has switched that on. Here those procedures work that do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import LuaError, Result, as_integer, is_number
from chdkshell.sim.settings import NATIVE_CALLS

NATIVE = Api()

NOT_FOUND = -1
"""What a procedure gives that the firmware does not know."""

_Numbers = Sequence[int]
_Procedure = Callable[[Caller, _Numbers], int]


def _allocate(script: Caller, numbers: _Numbers) -> int:
    return script.state.memory.allocate(numbers[0] if numbers else 0)


def _set(script: Caller, numbers: _Numbers) -> int:
    address, value, size = (*numbers, 0, 0, 0)[:3]
    if 0 < size <= script.state.memory.room:
        script.state.memory.write(address & 0xFFFFFFFF, bytes([value & 0xFF]) * size)
    return address


def _copy(script: Caller, numbers: _Numbers) -> int:
    to, source, size = (*numbers, 0, 0, 0)[:3]
    memory = script.state.memory
    if 0 < size <= memory.room:
        memory.write(to & 0xFFFFFFFF, b"".join(memory.read(source & 0xFFFFFFFF, size)))
    return to


def _nothing(script: Caller, numbers: _Numbers) -> int:
    return 0


ALWAYS: dict[str, _Procedure] = {
    "SystemEventInit": _nothing,
    "System.Create": _nothing,
    "UI_RegistDebugEventProc": _nothing,
    "RegisterProductTestEvent": _nothing,
    "RegisterShootSeqEvent": _nothing,
    "Printf": _nothing,
}
"""Procedures that a camera has from the start. Some make it know more of them."""

ADDED: dict[str, dict[str, _Procedure]] = {
    "SystemEventInit": {
        "AllocateMemory": _allocate,
        "FreeMemory": _nothing,
        "memset": _set,
        "memcpy": _copy,
        "GetTimeOfSystem": lambda script, numbers: script.state.tick_count,
        "ShowCameraLog": _nothing,
    },
    "UI_RegistDebugEventProc": {
        "PTM_BackupUIProperty_FROM": _nothing,
        "PTM_RestoreUIProperty_FROM": _nothing,
        "VbattGet": lambda script, numbers: script.state.battery_mv,
        "DispDev_EnableEventProc": _nothing,
    },
    "RegisterProductTestEvent": {"PT_GetSystemTime": lambda script, numbers: 0},
}
"""What a camera knows after a procedure was called that registers more."""

ADDED["System.Create"] = ADDED["SystemEventInit"]


def _numbers(args: Args) -> list[int]:
    """Return the arguments after the first as a native function gets them; a text is an address."""
    found = []
    for value in args[1:]:
        if is_number(value):
            found.append(as_integer(value) or 0)
        elif isinstance(value, bytes):
            found.append(_TEXT_ADDRESS)
        else:
            raise LuaError("expected string or number")
    return found


_TEXT_ADDRESS = 0x380000
"""Where the texts of a script's call lie, as far as it can notice."""


def _check_allowed(script: Caller) -> None:
    if not script.state.config.number(NATIVE_CALLS):
        raise LuaError("native calls disabled")


@NATIVE.function()
def call_event_proc(script: Caller, args: Args) -> Result:
    """result = call_event_proc(name, ...): -1 for a procedure that is not known"""
    _check_allowed(script)
    name = args.string(1).decode("latin-1")
    numbers = _numbers(args)
    known = script.state.event_procedures
    procedure = ALWAYS.get(name)
    for added in ADDED if procedure is None else ():
        if added in known:
            procedure = procedure or ADDED[added].get(name)
    if procedure is None:
        return NOT_FOUND
    known.add(name)
    return procedure(script, numbers)


@NATIVE.function()
def call_func_ptr(script: Caller, args: Args) -> Result:
    """result = call_func_ptr(address, ...): as of a function that only returns"""
    _check_allowed(script)
    args.integer(1)
    numbers = _numbers(args)
    return numbers[0] if numbers else 0
