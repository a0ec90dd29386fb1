"""What was meant by a first word that is no command: code, other case, a word of other shells."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chdkshell.shell.language import WORDS_ELSEWHERE
from chdkshell.shell.parse import did_you_mean

_NAME = re.compile(r"[A-Za-z_][\w.]*")
_HOST_CODE = re.compile(r"con\s*([.:])\s*\w")
_LUA_WORDS = frozenset(("return", "local", "for", "while", "if", "function", "repeat", "do"))
_LONGEST = 40
"""Letters of code that a hint repeats."""


def hint_for(name: str, line: str, known: Iterable[str]) -> str:
    """Return what to write in place of `name`, which no command has, "" where nothing is near it.

    `line` is the command that it begins, "" where that is not known; `known` are all names.
    """
    code = line.strip()
    if match := _HOST_CODE.match(code):
        language = ", as Lua after `set exec=lua`" if match[1] == ":" else ""
        return f"`!` before it runs it on this computer{language}{_as_in('!', code)}"
    if _is_camera_code(code):
        call = f"{code}()" if code == name and code not in _LUA_WORDS else code
        return f"`=` before it runs it on the camera{_as_in('=', call)}"
    names = list(known)
    meant = WORDS_ELSEWHERE.get(name.lower(), name.lower())
    return f"did you mean '{meant}'?" if meant in names else did_you_mean(name, names)


def _is_camera_code(code: str) -> bool:
    """Whether it is a call of one of the camera's functions, or begins with a word of Lua."""
    from chdkshell.shell.knowledge import functions

    match = _NAME.match(code)
    if match is None:
        return False
    if match[0] in _LUA_WORDS:
        return True
    is_call = code[match.end() :].lstrip().startswith("(") or code == match[0]
    return is_call and match[0] in functions()


def _as_in(sign: str, code: str) -> str:
    is_short = len(code) <= _LONGEST and code.isprintable() and "`" not in code
    return f": `{sign}{code}`" if is_short else ""
