"""Functions that talk with the host, that sleep, and that schedule (modules/luascript.c)."""

from __future__ import annotations

from chdkshell.chdk.constants import MessageType, ValueType
from chdkshell.sim.lua.api import Api, Args, Caller, Wait
from chdkshell.sim.lua.values import NIL, LuaError, Result

MESSAGES = Api()

DAY = 86_400_000
"""The longest wait, in ms."""

YIELD_COUNT, YIELD_MS = 25, 10
"""What a script runs at most before it makes way: hundreds of instructions, and milliseconds."""


def deadline(script: Caller, delay: int) -> int:
    """Return the tick at which a wait of `delay` ms ends; -1 is a day."""
    return script.state.tick_count + (DAY if delay == -1 else max(delay, 0))


@MESSAGES.function()
def sleep(script: Caller, args: Args) -> Result:
    """sleep(ms)"""
    return Wait(deadline(script, args.integer(1)))


@MESSAGES.function()
def read_usb_msg(script: Caller, args: Args) -> Result:
    """message or nil = read_usb_msg([ms])"""
    delay = args.opt_integer(1, 0)
    take = script.mailbox.take_input
    if delay == 0 or delay < -1:
        message = take()
        return NIL if message is None else message
    return Wait(deadline(script, delay), take, lambda: NIL)


@MESSAGES.function()
def write_usb_msg(script: Caller, args: Args) -> Result:
    """queued = write_usb_msg(value [, ms])"""
    delay = args.opt_integer(2, 0)
    if not args:
        raise LuaError("missing argument")
    made = script.message(args.value(1))
    if made is None:
        raise LuaError("failed to create message")
    subtype, data = made
    if subtype < 0:
        raise LuaError(bytes(data).decode("latin-1") if isinstance(data, bytes) else "")
    if subtype == ValueType.UNSUPPORTED:
        raise LuaError("unsupported type")
    post = script.mailbox.post
    if delay == 0 or delay < -1:
        return post(MessageType.USER, subtype, script.id, data)
    return Wait(
        deadline(script, delay),
        lambda: post(MessageType.USER, subtype, script.id, data) or None,
        lambda: False,
        ticked=True,
    )


@MESSAGES.function()
def set_yield(script: Caller, args: Args) -> Result:
    """old_count, old_ms = set_yield([count [, ms]]): how long a slice may be; -1 means for ever"""
    old = script.max_count, script.max_ms
    count, milliseconds = args.opt_integer(1, YIELD_COUNT), args.opt_integer(2, YIELD_MS)
    script.max_count, script.max_ms = count, milliseconds
    script.time_finely(count < 0)
    return old
