"""The camera itself: mode, properties, settings, events, clock, memory, power."""

from __future__ import annotations

import calendar
import time
from typing import Any

from chdkshell.sim.card import Card, CardFailure, path_text
from chdkshell.sim.levents import LAST, LEVENTS, Levent, by_id, by_name
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import NIL, LuaError, Result, is_number
from chdkshell.sim.pace import TICK_MS
from chdkshell.sim.propsets import own_number

SYSTEM = Api()

CHDK_START, CHDK_SIZE = 0x2A0000, 0x60000
HEAP_START, HEAP_SIZE = 0x300000, 0x100000

PROPERTY_LIMIT = 4096
"""Bytes of the longest property."""

PARAMETERS = 200

SMALLEST_PROGRAM = 4
"""Bytes of the shortest file that can be started: one instruction."""

_NO_TEMPERATURE = -100


# ---- mode and properties ------------------------------------------------------------------------


@SYSTEM.function()
def get_mode(script: Caller, args: Args) -> Result:
    """recording, video, number = get_mode()"""
    state = script.state
    return state.record_mode, state.filming, state.mode


@SYSTEM.function("set_record", "switch_mode_usb")
def set_record(script: Caller, args: Args) -> Result:
    """set_record(on): begin the switch to record mode or to play mode"""
    script.state.switch_mode(args.on_off(1) != 0)


def _number(script: Caller, args: Args) -> int:
    """Return by which number the simulator keeps the property that a script names."""
    return own_number(script.state.identity.propset, args.integer(1))


@SYSTEM.function()
def get_prop(script: Caller, args: Args) -> Result:
    """value = get_prop(id)"""
    return script.state.prop(_number(script, args))


@SYSTEM.function()
def set_prop(script: Caller, args: Args) -> Result:
    """set_prop(id, value)"""
    script.state.set_prop(_number(script, args), args.integer(2))


@SYSTEM.function()
def get_prop_str(script: Caller, args: Args) -> Result:
    """text or false = get_prop_str(id, length)"""
    number, length = _number(script, args), args.integer(2)
    data = script.state.properties.get(number)
    if data is None or not 0 <= length <= PROPERTY_LIMIT:
        return False
    return data[:length].ljust(length, b"\0")


@SYSTEM.function()
def set_prop_str(script: Caller, args: Args) -> Result:
    """done = set_prop_str(id, text)"""
    number, data = _number(script, args), args.string(2)
    if not data:
        raise LuaError("invalid value")
    if len(data) > PROPERTY_LIMIT:
        return False
    script.state.properties[number] = data
    return True


SYSTEM.number("get_propset", lambda script: script.state.identity.propset)


@SYSTEM.function()
def get_parameter_data(script: Caller, args: Args) -> Result:
    """text [, number] = get_parameter_data(id): nothing for a parameter that is not there"""
    number = args.integer(1)
    if not 0 <= number < PARAMETERS:
        return None
    data = script.state.parameters.get(number, b"\0\0\0\0")
    if len(data) <= 4:
        return data, int.from_bytes(data, "little")
    return data


# ---- logical events -----------------------------------------------------------------------------


def _event_index(args: Args) -> int | None:
    value = args.value(1)
    if isinstance(value, bytes):
        return by_name(value.decode("latin-1"))
    if is_number(value):
        return by_id(args.integer(1))
    raise LuaError("expected string or number")


def _event_id(args: Args) -> int:
    value = args.value(1)
    if isinstance(value, bytes):
        index = by_name(value.decode("latin-1"))
        if index is None:
            raise LuaError(f"bad event name '{value.decode('latin-1')}'")
        return LEVENTS[index].id
    if is_number(value):
        return args.integer(1)
    raise LuaError("expected event name or id")


@SYSTEM.function()
def get_levent_def(script: Caller, args: Args) -> Result:
    """name, id, param = get_levent_def(event)"""
    index = _event_index(args)
    return NIL if index is None else _definition(LEVENTS[index])


@SYSTEM.function()
def get_levent_def_by_index(script: Caller, args: Args) -> Result:
    """name, id, param = get_levent_def_by_index(index)"""
    table = LEVENTS + LAST
    index = args.integer(1)
    return _definition(table[index]) if 0 <= index < len(table) else NIL


@SYSTEM.function()
def get_levent_index(script: Caller, args: Args) -> Result:
    """index = get_levent_index(event)"""
    index = _event_index(args)
    return NIL if index is None else index


def _definition(event: Levent) -> Result:
    return event.name, event.id, event.param


@SYSTEM.function("post_levent_to_ui", "post_levent_for_npt")
def post_levent(script: Caller, args: Args) -> Result:
    """post_levent_to_ui(event [, argument])"""
    number, argument = _event_id(args), args.opt_integer(2, 0)
    index = by_id(number)
    name = "" if index is None else LEVENTS[index].name
    script.state.posted.append(Levent(name, number, argument))
    if name == "PressRecButton":
        script.state.switch_mode(True)
    elif name == "PressPBButton":
        script.state.switch_mode(False)


@SYSTEM.function()
def set_levent_active(script: Caller, args: Args) -> Result:
    """set_levent_active(event, on)"""
    number = _event_id(args)
    on = args.value(2) is not None and args.on_off(2) != 0
    script.state.active_levents[number] = on


# ---- time ---------------------------------------------------------------------------------------

SYSTEM.number("get_tick_count", lambda script: script.state.clock.ticks() // TICK_MS * TICK_MS)
SYSTEM.number("get_day_seconds", lambda script: script.state.clock.now() % 86400)


@SYSTEM.function()
def get_time(script: Caller, args: Args) -> Result:
    """number = get_time(what): s, m, h, D, M or Y"""
    now = time.gmtime(script.state.clock.now())
    fields = {
        b"s": now.tm_sec,
        b"m": now.tm_min,
        b"h": now.tm_hour,
        b"D": now.tm_mday,
        b"M": now.tm_mon,
        b"Y": now.tm_year,
    }
    return fields.get(args.string(1)[:1], -1)


@SYSTEM.function()
def set_clock(script: Caller, args: Args) -> Result:
    """set_clock(year, month, day, hour, minute, second)"""
    year, month, day, hour, minute, second = (args.integer(index) for index in range(1, 7))
    try:
        script.state.clock.set(calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0)))
    except (ValueError, OverflowError):
        raise LuaError("simulated camera: no such date") from None


# ---- the machine --------------------------------------------------------------------------------

SYSTEM.number("get_vbatt", lambda script: script.state.battery_mv)
SYSTEM.number("get_disk_size", lambda script: script.card.total_bytes // 1024)
SYSTEM.number("get_free_disk_space", lambda script: script.card.free_bytes // 1024)
SYSTEM.number("get_partitionInfo", lambda script: None)
SYSTEM.number("get_alt_mode", lambda script: script.state.alt_mode)
SYSTEM.number("screen_needs_refresh", lambda script: False)
SYSTEM.number("get_draw_title_line", lambda script: script.state.title_line != 0)


@SYSTEM.function()
def get_temperature(script: Caller, args: Args) -> Result:
    """degrees = get_temperature(which): 0 lens, 1 sensor, 2 battery"""
    which = args.integer(1)
    return script.state.temperatures[which] if 0 <= which <= 2 else _NO_TEMPERATURE


@SYSTEM.function()
def get_buildinfo(script: Caller, args: Args) -> Result:
    """info = get_buildinfo()"""
    model = script.state.identity
    return {
        b"platform": model.platform,
        b"platsub": model.firmware,
        b"version": b"CHDK",
        b"build_number": b"1.6.0",
        b"build_revision": b"6000",
        b"build_date": b"Nov  1 2025",
        b"build_time": b"12:00:00",
        b"os": model.operating_system,
        b"platformid": model.platform_id,
        b"digic": model.digic,
    }


@SYSTEM.function()
def get_meminfo(script: Caller, args: Args) -> Result:
    """info or false = get_meminfo([heap])"""
    name = args.opt_string(1, b"combined")
    if name not in (b"combined", b"system"):
        return False
    size = min(HEAP_SIZE, script.heap_limit or HEAP_SIZE)
    info: dict[bytes, Any] = {
        b"name": name,
        b"chdk_malloc": True,
        b"chdk_start": CHDK_START,
        b"chdk_size": CHDK_SIZE,
        b"total_size": size,
        b"allocated_size": size // 4,
        b"allocated_peak": size // 2,
        b"allocated_count": 400,
        b"free_size": size // 4 * 3,
        b"free_block_max_size": size // 2,
        b"free_block_count": 40,
    }
    if name == b"system":
        info |= {b"start_address": HEAP_START, b"end_address": HEAP_START + size}
    return info


@SYSTEM.function()
def peek(script: Caller, args: Args) -> Result:
    """value or nil = peek(address [, size])"""
    address, size = args.integer(1) & 0xFFFFFFFF, args.opt_integer(2, 4)
    if size not in (1, 2, 4) or address % size:
        return NIL
    return int.from_bytes(b"".join(script.state.memory.read(address, size)), "little")


@SYSTEM.function()
def poke(script: Caller, args: Args) -> Result:
    """done = poke(address, value [, size])"""
    address, value = args.integer(1) & 0xFFFFFFFF, args.integer(2) & 0xFFFFFFFF
    size = args.opt_integer(3, 4)
    if size not in (1, 2, 4) or address % size:
        return NIL
    if not script.state.memory.write(address, value.to_bytes(4, "little")[:size]):
        raise LuaError("simulated camera: too much memory was written")
    return True


@SYSTEM.function()
def shut_down(script: Caller, args: Args) -> Result:
    """shut_down([mode]): the camera goes off"""
    script.state.power_off()


@SYSTEM.function()
def reboot(script: Caller, args: Args) -> Result:
    """done = reboot([file]): the camera goes off, and on again; false: the file is none to start"""
    path = path_text(args.opt_string(1, b""))
    if path and not _can_start(script.card, path):
        return False
    script.state.power_off()
    return True


def _can_start(card: Card, path: str) -> bool:
    try:
        return card.stat(path).size >= SMALLEST_PROGRAM
    except CardFailure:
        return False


# ---- screen and user interface ------------------------------------------------------------------


@SYSTEM.function()
def set_lcd_display(script: Caller, args: Args) -> Result:
    """set_lcd_display(on)"""
    script.state.display = args.on_off(1) > 0


@SYSTEM.function()
def set_backlight(script: Caller, args: Args) -> Result:
    """set_backlight(on)"""
    script.state.backlight = args.on_off(1) > 0


@SYSTEM.function()
def set_draw_title_line(script: Caller, args: Args) -> Result:
    """set_draw_title_line(what)"""
    script.state.title_line = args.on_off(1)


@SYSTEM.function()
def enter_alt(script: Caller, args: Args) -> Result:
    """enter_alt()"""
    script.state.alt_mode = True


@SYSTEM.function()
def exit_alt(script: Caller, args: Args) -> Result:
    """exit_alt()"""
    script.state.alt_mode = False
