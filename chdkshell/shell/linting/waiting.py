"""What waits in a script where it cannot: below pcall, and in `restore`."""

from __future__ import annotations

from collections.abc import Iterator

from chdkshell.chdk.luawaits import WAITING
from chdkshell.lua import tree as luatree
from chdkshell.lua.tokens import Token
from chdkshell.lua.tree import Function, Suffixed
from chdkshell.shell.linting.uses import Uses

_MAYBE_WAIT = frozenset(("read_usb_msg", "write_usb_msg"))
"""What waits only with a time limit."""

_FAILS = "attempt to yield across metamethod/C-call boundary"

_PROTECTING = ("pcall", "xpcall")


def wait_problems(tokens: tuple[Token, ...], uses: Uses) -> Iterator[tuple[int, str, str]]:
    """Yield the token, the rule and the words for what waits where it cannot."""
    named = {f.name: f for f in uses.functions if f.name}
    for call in uses.calls:
        if call.name not in _PROTECTING or call.first is None:
            continue
        waits = _waits_of(tokens, call.first, named)
        if waits:
            fails = "attempt to yield across metamethod/C-call boundary"
            yield (
                call.place,
                "wait-in-pcall",
                f"{waits} waits, which fails below {call.name}: {fails}",
            )
    restore = named.get("restore")
    if restore is not None and "restore" in uses.writes:
        waits = _waits_in(tokens, restore, named, set())
        if waits:
            yield restore.first, "wait-in-restore", f"{waits} waits, which ends `restore` there"


def _waits_of(
    tokens: tuple[Token, ...], function: luatree.Expression, named: dict[str, Function]
) -> str:
    """Return which function waits that a protected call calls, or ""."""
    if isinstance(function, Function):
        return _waits_in(tokens, function, named, set())
    if isinstance(function, Suffixed) and function.inner is None and not function.suffixes:
        name = tokens[function.first].text
        if name in WAITING and name not in named:
            return name
        if name in named:
            return _waits_in(tokens, named[name], named, {name})
    return ""


def _waits_in(
    tokens: tuple[Token, ...], function: Function, named: dict[str, Function], seen: set[str]
) -> str:
    """Return the name of what waits in a function, or in one that it calls."""
    for call in luatree.calls(luatree.expressions(function.block)):
        name = call.name
        if tokens[call.first - 2].text in (".", ":"):
            continue
        if name in named:
            if name not in seen and _waits_in(tokens, named[name], named, {*seen, name}):
                return name
        elif name in WAITING and not (name in _MAYBE_WAIT and _has_no_limit(call)):
            return name
    return ""


def _has_no_limit(call: luatree.Call) -> bool:
    count = len(call.arguments.items) if isinstance(call.arguments, luatree.Several) else 1
    count = 0 if call.arguments is None and call.operand is None else count
    return count < (1 if call.name == "read_usb_msg" else 2)
