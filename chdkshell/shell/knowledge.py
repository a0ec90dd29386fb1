"""What is known of CHDK's Lua functions: signatures, what they do, units, since when.

All of it stands in `data/chdk_functions.txt`, one line a function.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from typing import NamedTuple

_NAME = re.compile(r"(?:.* (?:=|in) )?([A-Za-z_][\w.]*)(?:\(|$)")


class LuaFunction(NamedTuple):
    """A function or value of CHDK's Lua. `signature` has its results before it, if it has some.

    `units` and `since` are "" where there is nothing to say.
    """

    name: str
    signature: str
    what: str
    units: str
    since: str
    topic: str

    @property
    def is_function(self) -> bool:
        """Whether it can be called."""
        return "(" in self.signature


@functools.cache
def _text() -> str:
    # plain file access: `help` of a batch does without pathlib, which is slow to import
    path = os.path.join(os.path.dirname(__file__), "data", "chdk_functions.txt")  # noqa: PTH118, PTH120
    with open(path, encoding="utf-8") as file:
        return file.read()


@functools.cache
def functions() -> dict[str, LuaFunction]:
    """Return all that is known, by name; fields of tables are called `os.stat`."""
    found: dict[str, LuaFunction] = {}
    topic = ""
    for line in _text().splitlines():
        if line.startswith("["):
            topic = line.strip("[]")
        elif line and not line.startswith("#"):
            signature, what, units, since = (part.strip() for part in line.split("|"))
            match = _NAME.fullmatch(signature) or _NAME.match(signature)
            assert match, signature
            found[match[1]] = LuaFunction(match[1], signature, what, units, since, topic)
    return found


def function_named(name: str) -> LuaFunction | None:
    """Return what is known of `get_tv96`, or None."""
    # most words are commands: to look for one in the text is quicker than to read all of it
    return functions().get(name) if name in _text() else None


def named(text: str) -> list[LuaFunction]:
    """Return the functions whose name is `text`, or else ends in `.text`."""
    known = functions()
    if text in known:
        return [known[text]]
    word = text.lower()
    return [f for f in known.values() if f.name.lower().endswith(f".{word}")]


def by_prefix(prefix: str, others: Iterable[str] = ()) -> list[tuple[str, LuaFunction | None]]:
    """Return names of globals that begin with `prefix`, or the fields of a table after a dot.

    `others` are names beside those that are known here.
    """
    known = functions()
    table, dot, _ = prefix.rpartition(".")
    if dot:
        names = [name for name in known if name.startswith(prefix)]
        names = [name for name in names if "." not in name[len(table) + 1 :]]
    else:
        tables = dict.fromkeys(name.partition(".")[0] for name in known if "." in name)
        names = [n for n in (*known, *tables) if "." not in n and n.startswith(prefix)]
    found = {name: known.get(name) for name in sorted(names)}
    for name in others:
        if name.startswith(prefix):
            found.setdefault(name, known.get(name))
    return list(found.items())


def tables() -> list[str]:
    """Return the names of the tables that hold functions."""
    return sorted({name.partition(".")[0] for name in functions() if "." in name})
