"""Questions that scripts ask on the simulated camera's screen: a text, or a file of the card."""

from __future__ import annotations

from typing import Protocol

from chdkshell.sim.card import Card, CardFailure

SHOWN_ROWS = 10
"""How many files are on the screen at a time."""


class Dialog(Protocol):
    """What has the keys of a hand meanwhile. `answer` is what was chosen, if `done`."""

    done: bool
    answer: str | None

    def key(self, name: str) -> None:
        """A hand presses a key."""

    def type(self, text: str) -> None:
        """A hand types a text."""

    def lines(self) -> list[str]:
        """Return what is on the screen."""


class TextBox:
    """Asks for a text of at most `length` bytes: `set` takes it, `menu` gives up."""

    def __init__(self, title: str, prompt: str, text: str, length: int) -> None:
        self.done = False
        self.answer: str | None = None
        self._title, self._prompt = title, prompt
        self._length = max(length, 0)
        self._text = text[: self._length]

    def key(self, name: str) -> None:
        """Take the text with `set`, delete its last letter with `erase`, or give up with `menu`."""
        if name == "set":
            self.answer, self.done = self._text or None, True
        elif name == "menu":
            self.done = True
        elif name == "erase":
            self._text = self._text[:-1]

    def type(self, text: str) -> None:
        """Add letters, as far as there is room."""
        self._text = (self._text + text)[: self._length]

    def lines(self) -> list[str]:
        """Return what is on the screen."""
        return [self._title, self._prompt, self._text + "_"]


class FileBrowser:
    """Asks for a file: `up` and `down` move, `set` opens and takes, `left` goes up, `menu` ends."""

    def __init__(self, card: Card, folder: str) -> None:
        self.done = False
        self.answer: str | None = None
        self._card = card
        self._folder = folder.rstrip("/") or "A"
        self._at = 0

    @property
    def _names(self) -> list[str]:
        try:
            return self._card.listdir(self._folder + "/")
        except CardFailure:
            return []

    def key(self, name: str) -> None:
        """Do what a key says."""
        names = self._names
        if name in ("up", "down") and names:
            self._at = (self._at + (1 if name == "down" else -1)) % len(names)
        elif name in ("set", "right") and self._at < len(names):
            self._choose(f"{self._folder}/{names[self._at]}", name == "set")
        elif name == "left" and "/" in self._folder:
            self._folder, self._at = self._folder.rpartition("/")[0], 0
        elif name == "menu":
            self.done = True

    def type(self, text: str) -> None:
        """Go to the first name that begins with a text."""
        for index, name in enumerate(self._names):
            if name.upper().startswith(text.upper()):
                self._at = index
                return

    def lines(self) -> list[str]:
        """Return what is on the screen."""
        first = max(0, self._at - SHOWN_ROWS + 1)
        shown = enumerate(self._names[first : first + SHOWN_ROWS], first)
        return [self._folder, *(f"{'>' if at == self._at else ' '}{name}" for at, name in shown)]

    def _choose(self, path: str, takes: bool) -> None:
        try:
            is_dir = self._card.stat(path).is_dir
        except CardFailure:
            return
        if is_dir:
            self._folder, self._at = path, 0
        elif takes:
            self.answer, self.done = path, True
