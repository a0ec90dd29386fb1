"""The signs and words of the command language, in one table.

chdkptp's own words have no entry here. What is new since means nothing with `--chdkptp`: signs are
letters, and words are unknown commands.
"""

from __future__ import annotations

from typing import NamedTuple


class Sign(NamedTuple):
    """A sign of the command language: where it counts, and what it does there.

    `is_new`: chdkptp does not have it.
    """

    sign: str
    where: str
    meaning: str
    is_new: bool = False


SEPARATOR, PIPE, INTO, ONTO = ";", "|", ">", ">>"
SELECT = "@"

_BETWEEN = "between blanks, outside quotes"

SIGNS = (
    Sign("! . = #", "first in a command", "commands that need no blank after them"),
    Sign(
        "-NAME=VALUE", "a word that begins so", "a switch, most without a value; `-5` is a number"
    ),
    Sign("'TEXT'", "in a word", "all of the text stands for itself"),
    Sign('"TEXT"', "in a word", "so it does, but `\\` takes the next character as it is"),
    Sign("< FILE", "first after a command that takes Lua or Python", "the code is in the file"),
    Sign("${NAME}", "in names of files that are made", "what is known of the picture or the shot"),
    Sign(
        f"{SELECT}CAMERAS",
        "first in a command",
        "the cameras that the command after it is for: all, names, numbers, 4-6, ^3 for all but 3",
        True,
    ),
    Sign(
        SEPARATOR,
        f"{_BETWEEN}; at the end it is left out",
        "the next command, which runs where the one before succeeded",
        True,
    ),
    Sign(
        PIPE,
        _BETWEEN,
        "what is printed goes to a command of this computer, which is all that follows",
        True,
    ),
    Sign(INTO, _BETWEEN, "what is printed goes to a file; before one is replaced it asks", True),
    Sign(ONTO, _BETWEEN, "what is printed is added to a file", True),
)
"""All signs. Those between commands do not count in the text of a command that takes the rest of
its line as it stands."""

NEW_WORDS = frozenset(
    ("exit", "use", "cd", "pwd", "lcd", "lls", "cp", "history", "alias", "sh", "tether")
)
"""Commands, and names of commands, that chdkptp gives no meaning, nor does `--chdkptp`."""

WORDS_ELSEWHERE = {
    "bye": "quit",
    "capture": "shoot",
    "copy": "cp",
    "dir": "ls",
    "get": "download",
    "man": "help",
    "md": "mkdir",
    "move": "mv",
    "put": "upload",
    "ren": "mv",
    "rename": "mv",
    "rmdir": "rm",
    "type": "cat",
}
"""Words of other shells, and the command that is meant. They are unknown commands, and no short
names of others."""

GROUPS = {
    "rig": "several cameras as one",
    "ptp": "standard PTP, with any camera",
    "eos": "EOS cameras, which this computer controls",
}
"""Words that begin the names of several commands, such as `ptp info`. chdkptp has none of them."""


def is_new(name: str) -> bool:
    """Whether chdkptp gives the name of a command no meaning."""
    return name in NEW_WORDS or name == SELECT or name.partition(" ")[0] in GROUPS


def markdown_table(raw: list[str]) -> str:
    """Return the signs as a table for the README. `raw` are the commands in which none counts."""
    rows = [f"| {_code(s.sign)} | {s.where} | {s.meaning} |" for s in SIGNS]
    names = ", ".join(f"`{name}`" for name in raw)
    end = f"\n`;`, `|`, `>` and `>>` are text in all that follows {names}.\n"
    return "\n".join(["| sign | where it counts | what it means |", "|---|---|---|", *rows, end])


def _code(sign: str) -> str:
    return f"`{escaped_bars(sign)}`"


def escaped_bars(text: str) -> str:
    """Return a text as a cell of a table in Markdown can hold it."""
    return text.replace("|", "\\|")
