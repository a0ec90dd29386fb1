"""Calls of the firmware itself: event procedures by name, and functions by address.

CHDK allows them where its owner has switched that on. Here those procedures work that do no harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from chdkshell.sim.api.lens import focus_manually
from chdkshell.sim.card import path_text
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import LuaError, Result, as_integer, is_number
from chdkshell.sim.printf import Argument, formatted
from chdkshell.sim.settings import NATIVE_CALLS

NATIVE = Api()

NOT_FOUND = -1
"""What a procedure gives that the firmware does not know."""

_Arguments = Sequence[Argument]
_Procedure = Callable[[Caller, _Arguments], int]

_TEXT_ADDRESS = 0x380000
"""Where the texts of a script's call lie, as far as it can notice."""


def _number(arguments: _Arguments, index: int) -> int:
    value = arguments[index] if index < len(arguments) else 0
    return _TEXT_ADDRESS if isinstance(value, bytes) else value


def _address(arguments: _Arguments, index: int) -> int:
    return _number(arguments, index) & 0xFFFFFFFF


def _printed(script: Caller, arguments: _Arguments) -> bytes:
    """Return what printf makes of the arguments, the first of which is the format."""
    memory = script.state.memory
    form, *values = arguments or (b"",)
    return formatted(memory.text(form) if isinstance(form, int) else form, values, memory.text)


# ---- memory -------------------------------------------------------------------------------------


def _allocate(script: Caller, arguments: _Arguments) -> int:
    return script.state.memory.allocate(_number(arguments, 0))


def _set(script: Caller, arguments: _Arguments) -> int:
    memory, size = script.state.memory, _number(arguments, 2)
    if 0 < size <= memory.room:
        memory.write(_address(arguments, 0), bytes([_number(arguments, 1) & 0xFF]) * size)
    return _number(arguments, 0)


def _copy(script: Caller, arguments: _Arguments) -> int:
    memory, size = script.state.memory, _number(arguments, 2)
    if 0 < size <= memory.room:
        memory.write(_address(arguments, 0), b"".join(memory.read(_address(arguments, 1), size)))
    return _number(arguments, 0)


def _print_to_memory(script: Caller, arguments: _Arguments) -> int:
    text = _printed(script, arguments[1:])
    script.state.memory.write(_address(arguments, 0), text + b"\0")
    return len(text)


# ---- the serial line and the log ----------------------------------------------------------------


def _append(script: Caller, path: str, text: bytes) -> None:
    """Add to a file; where that fails, the firmware says nothing either."""
    with contextlib.suppress(OSError), script.card.open(path, "a") as file:
        file.write(text)


def _print(script: Caller, arguments: _Arguments) -> int:
    if script.state.serial_log is not None:
        _append(script, script.state.serial_log, _printed(script, arguments))
    return 0


def _redirect(script: Caller, arguments: _Arguments) -> int:
    name = arguments[1] if len(arguments) > 1 else 0
    automatic = f"A/{script.state.tick_count:08d}.LOG"
    script.state.serial_log = path_text(name) if isinstance(name, bytes) else automatic
    return 0


def _stop_redirect(script: Caller, arguments: _Arguments) -> int:
    script.state.serial_log = None
    return 0


def _write_log(script: Caller, arguments: _Arguments) -> int:
    name = arguments[0] if arguments else 0
    path = path_text(name) if isinstance(name, bytes) else "A/ROMLOG.TXT"
    _append(script, path, b"simulated camera: nothing happened\n")
    return 0


def _display(on: bool) -> _Procedure:
    """Return what switches the screen."""

    def procedure(script: Caller, arguments: _Arguments) -> int:
        script.state.display = on
        return 0

    return procedure


def _manual_focus(on: bool) -> _Procedure:
    def procedure(script: Caller, arguments: _Arguments) -> int:
        focus_manually(script.state, on)
        return 0

    return procedure


def _nothing(script: Caller, arguments: _Arguments) -> int:
    return 0


ALWAYS: dict[str, _Procedure] = {
    "SystemEventInit": _nothing,
    "System.Create": _nothing,
    "UI_RegistDebugEventProc": _nothing,
    "RegisterProductTestEvent": _nothing,
    "RegisterShootSeqEvent": _nothing,
    "Mecha.Create": _nothing,
    "SS.Create": _nothing,
    "DispDev.Create": _nothing,
    "DispDev_EnableEventProc": _nothing,
    "Printf": _print,
}
"""Procedures that a camera has from the start. Some make it know more of them."""

ADDED: dict[str, dict[str, _Procedure]] = {
    "SystemEventInit": {
        "AllocateMemory": _allocate,
        "FreeMemory": _nothing,
        "memset": _set,
        "memcpy": _copy,
        "sprintf": _print_to_memory,
        "StartRedirectUART": _redirect,
        "StopRedirectUART": _stop_redirect,
        "GetLogToFile": _write_log,
        "GetTimeOfSystem": lambda script, arguments: script.state.tick_count,
        "ShowCameraLog": _nothing,
    },
    "UI_RegistDebugEventProc": {
        "PTM_BackupUIProperty_FROM": _nothing,
        "PTM_RestoreUIProperty_FROM": _nothing,
        "VbattGet": lambda script, arguments: script.state.battery_mv,
    },
    "Mecha.Create": {"OpenMechaShutter": _nothing, "CloseMechaShutter": _nothing},
    "DispDev_EnableEventProc": {
        "DispCon_TurnOnDisplay": _display(True),
        "DispCon_TurnOffDisplay": _display(False),
    },
    "RegisterShootSeqEvent": {"PT_MFOn": _manual_focus(True), "PT_MFOff": _manual_focus(False)},
    "RegisterProductTestEvent": {"PT_GetSystemTime": lambda script, arguments: 0},
}
"""What a camera knows after a procedure was called that registers more."""

ADDED["System.Create"] = ADDED["SystemEventInit"]
ADDED["DispDev.Create"] = ADDED["DispDev_EnableEventProc"]
ADDED["SS.Create"] = {"SS.MFOn": _manual_focus(True), "SS.MFOff": _manual_focus(False)}


def _arguments(args: Args) -> list[Argument]:
    """Return the arguments after the first as a native function gets them."""
    found: list[Argument] = []
    for value in args[1:]:
        if is_number(value):
            found.append(as_integer(value) or 0)
        elif isinstance(value, bytes):
            found.append(value)
        else:
            raise LuaError("expected string or number")
    return found


def _check_allowed(script: Caller) -> None:
    if not script.state.config.number(NATIVE_CALLS):
        raise LuaError("native calls disabled")


@NATIVE.function()
def call_event_proc(script: Caller, args: Args) -> Result:
    """result = call_event_proc(name, ...): -1 for a procedure that is not known"""
    _check_allowed(script)
    name = args.string(1).decode("latin-1")
    arguments = _arguments(args)
    known = script.state.event_procedures
    procedure = ALWAYS.get(name)
    for added in ADDED if procedure is None else ():
        if added in known:
            procedure = procedure or ADDED[added].get(name)
    if procedure is None:
        return NOT_FOUND
    known.add(name)
    return procedure(script, arguments)


@NATIVE.function()
def call_func_ptr(script: Caller, args: Args) -> Result:
    """result = call_func_ptr(address, ...): as of a function that only returns"""
    _check_allowed(script)
    args.integer(1)
    return _number(_arguments(args), 0)
