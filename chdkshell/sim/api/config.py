"""CHDK's own settings (core/conf.c), and files of them."""

from __future__ import annotations

from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import NIL, Result, as_integer, is_number
from chdkshell.sim.settings import AUTOSTART

CONFIG = Api()


@CONFIG.function()
def get_config_value(script: Caller, args: Args) -> Result:
    """value [, y] = get_config_value(id [, defaults...])"""
    if not args:
        return NIL
    value = script.state.config.get(args.integer(1))
    if value is None:
        return tuple(args[1:]) if len(args) > 1 else NIL
    return value


@CONFIG.function()
def set_config_value(script: Caller, args: Args) -> Result:
    """done = set_config_value(id, value [, y])"""
    if len(args) < 2:
        return False
    number = args.integer(1)
    numbers = [as_integer(value) or 0 for value in args[1:] if is_number(value)]
    texts = [value for value in args[1:] if isinstance(value, bytes)]
    text = texts[0].partition(b"\0")[0].decode("utf-8", "surrogateescape") if texts else None
    return script.state.config.set_and_save(script.card, number, numbers, text)


@CONFIG.function()
def set_config_autosave(script: Caller, args: Args) -> Result:
    """set_config_autosave(on): whether changed settings are saved at once, until the script ends"""
    script.state.config.autosave = args.on_off(1) != 0


@CONFIG.function()
def save_config_file(script: Caller, args: Args) -> Result:
    """done = save_config_file(group [, path])"""
    group, path = _group_and_path(args)
    return script.state.config.save(script.card, group, path)


@CONFIG.function()
def load_config_file(script: Caller, args: Args) -> Result:
    """done = load_config_file(group [, path])"""
    group, path = _group_and_path(args)
    return script.state.config.load(script.card, group, path)


def _group_and_path(args: Args) -> tuple[int, str | None]:
    group = args.integer(1)
    return group, args.string(2).decode("utf-8", "surrogateescape") if args.value(2) else None


CONFIG.number("get_autostart", lambda script: script.state.config[AUTOSTART])
CONFIG.number("autostarted", lambda script: False)


@CONFIG.function()
def set_autostart(script: Caller, args: Args) -> Result:
    """set_autostart(mode)"""
    mode = args.integer(1)
    if 0 <= mode <= 3:
        script.state.config[AUTOSTART] = mode
