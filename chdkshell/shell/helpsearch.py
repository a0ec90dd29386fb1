"""Where a word stands in what is known: commands, options, functions of CHDK's Lua."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chdkshell.shell import knowledge
from chdkshell.shell.command import Command
from chdkshell.shell.knowledge import LuaFunction
from chdkshell.shell.prefs import PREFS, Pref


class Mentions(NamedTuple):
    """What has a word in its name or in what is said of it, and what is called by it first."""

    commands: tuple[Command, ...]
    functions: tuple[LuaFunction, ...]
    prefs: tuple[Pref, ...]


def mentions(word: str, commands: Iterable[Command]) -> Mentions:
    """Return all that mentions a word, in any case."""
    wanted = word.lower()

    def ordered(found: Iterable[tuple[str, object]]) -> list[object]:
        return [thing for _, thing in sorted(found, key=lambda pair: wanted not in pair[0])]

    in_commands = [(c.name, c) for c in commands if _tells_of(c, wanted)]
    functions = knowledge.functions().values()
    in_functions = [
        (f.name, f)
        for f in functions
        if wanted in f"{f.topic} {f.signature} {f.what} {f.units}".lower()
    ]
    prefs = tuple(p for p in PREFS.values() if wanted in f"{p.name} {p.help}".lower())
    return Mentions(
        tuple(c for c in ordered(in_commands) if isinstance(c, Command)),
        tuple(f for f in ordered(in_functions) if isinstance(f, LuaFunction)),
        prefs,
    )


def _tells_of(command: Command, word: str) -> bool:
    """Whether a command mentions a word, or a switch is short for it, as -int for interval."""
    params = (
        f"{param.name} {param.help} {' '.join(param.type.choices)}" for param in command.params
    )
    text = " ".join([*command.names, command.summary, command.detail, *params])
    short = (param.name for param in command.switches if len(param.name) >= SHORTEST)
    return word in text.lower() or any(word.startswith(name) for name in short)


SHORTEST = 3
"""Letters of a switch that may be the beginning of a word."""

LUA_EXAMPLES = {
    "shooting": "luar return get_exp_count(), get_image_dir()",
    "exposure": "luar set_tv96_direct(usec_to_tv96(10000)) set_sv96(411)",
    "focus and zoom": "luar return get_zoom(), get_zoom_steps(), get_focus()",
    "flash": "luar return get_flash_mode(), get_flash_ready()",
    "raw": "luar return get_raw(), get_raw_support()",
    "remote control": "luar write_usb_msg('hello') return get_usb_power()",
    "keys": "luar click('display') sleep(100) return is_pressed('shoot_half')",
    "screen": "luar print('hello') return get_gui_screen_width()",
    "motion detection": "luar return md_detect_motion(6, 4, 1, 500, 100, 10)",
    "camera": "luar return get_buildinfo().platform, get_vbatt(), get_temperature(0)",
    "settings": "luar return get_config_value(226), get_propset(), get_prop(149)",
    "firmware": "luar return peek(0x1900)",
    "numbers": "luar return bitand(12, 10), string.format('0x%x', bitshl(1, 8))",
    "files": "luar return os.listdir('A/DCIM'), os.stat('A/CHDK').is_dir",
    "lua": "luar local t = {} for n = 1, 3 do t[#t + 1] = n * n end return t",
}
"""A line of the shell for each topic of the camera's functions."""


def functions_by_topic() -> dict[str, list[LuaFunction]]:
    """Return the camera's functions under their topics."""
    topics: dict[str, list[LuaFunction]] = {}
    for function in knowledge.functions().values():
        topics.setdefault(function.topic, []).append(function)
    return topics
