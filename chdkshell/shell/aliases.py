"""Commands that the user has made of others, kept in a file of the settings.

A line of it is `name=text`. In the text $1 to $9 stand for the words after the name, and $* for all
of them; words that no such sign stands for follow the text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

from chdkshell.errors import UsageError
from chdkshell.shell.parse import split_words

FILE = "aliases"

_PLACE = r"\$([1-9*])"
_NAME = r"[A-Za-z0-9_]+"


class Aliases:
    """The aliases in a folder, which is asked for when one is looked for. None: there are none."""

    def __init__(self, folder: Callable[[], str] | None = None) -> None:
        self._folder = folder
        self._known: dict[str, str] | None = None

    def all(self) -> dict[str, str]:
        """Return the texts of all aliases by their names. What cannot be read is none."""
        if self._known is None:
            self._known = self._read()
        return self._known

    def set(self, name: str, text: str) -> None:
        """Give an alias its text, or forget it where that is "". Raises `UsageError`, `OSError`."""
        if not re.fullmatch(_NAME, name):
            raise UsageError(f"'{name}' is no name for a command", "letters, digits and _ make one")
        known = self._read()  # another shell may have written it meanwhile
        known.pop(name, None)
        if text:
            known[name] = text
        self._write(known)
        self._known = known

    def _path(self) -> str:
        return os.path.join(self._folder(), FILE) if self._folder else ""  # noqa: PTH118

    def _read(self) -> dict[str, str]:
        try:
            with open(self._path(), encoding="utf-8", errors="surrogateescape") as file:
                lines = [line.rstrip("\n").partition("=") for line in file]
        except (OSError, UsageError):
            return {}
        return {name: text for name, equals, text in lines if equals and re.fullmatch(_NAME, name)}

    def _write(self, known: dict[str, str]) -> None:
        from pathlib import Path

        from chdkshell.chdk.transfer import write_whole

        path = Path(self._path())
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = "".join(f"{name}={text}\n" for name, text in known.items())
        write_whole(path, lines.encode("utf-8", "surrogateescape"))


def filled(name: str, text: str, rest: str) -> str:
    """Return the text of an alias with the words of `rest` in place, as they stand there.

    Raises `UsageError` where there are too few, or a quote is open.
    """
    places = set(re.findall(_PLACE, text))
    if not places:
        return f"{text} {rest}".rstrip()
    words: list[str] = []
    numbers = [int(place) for place in places - {"*"}]
    if numbers:
        words = [rest[word.start : word.end] for word in split_words(rest)]
        if len(words) < max(numbers):
            plural = "s" * (max(numbers) != 1)
            needed = f"{name} needs {max(numbers)} word{plural} after it"
            raise UsageError(needed, f"it is short for `{text}`")
    made = re.sub(_PLACE, lambda match: rest if match[1] == "*" else words[int(match[1]) - 1], text)
    return made if "*" in places else " ".join([made, *words[max(numbers) :]])


def listed(known: Iterable[tuple[str, str]]) -> str:
    """Return aliases as commands that make them."""
    return "\n".join(f"alias {name}={text}" for name, text in sorted(known))
