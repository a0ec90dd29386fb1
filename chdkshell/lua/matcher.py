"""Lua's patterns (Lua 5.1 manual, 5.4.1) on bytes, with a bound on the work of a match.

Lua's own matcher tries so many ways for a pattern like ".*.*.*.*x" that it does not end in a
lifetime, and nothing can stop it. This one gives the same matches, and counts its steps.
"""

from __future__ import annotations

import functools
import string
from dataclasses import dataclass
from enum import Enum

MAX_STEPS = 500_000
"""Steps of one search, less than a second: honest patterns need some hundreds."""

MAX_CAPTURES = 32
"""As in Lua (luaconf.h, LUA_MAXCAPTURES)."""

_ALL = frozenset(range(256))
_ESCAPE = ord("%")

_CLASSES: dict[int, frozenset[int]] = {
    ord("a"): frozenset(string.ascii_letters.encode()),
    ord("c"): frozenset((*range(32), 127)),
    ord("d"): frozenset(string.digits.encode()),
    ord("l"): frozenset(string.ascii_lowercase.encode()),
    ord("p"): frozenset(string.punctuation.encode()),
    ord("s"): frozenset(b" \t\n\v\f\r"),
    ord("u"): frozenset(string.ascii_uppercase.encode()),
    ord("w"): frozenset((string.ascii_letters + string.digits).encode()),
    ord("x"): frozenset(string.hexdigits.encode()),
    ord("z"): frozenset((0,)),
}


class MalformedError(ValueError):
    """The pattern, or what replaces its matches, is malformed; the text says how."""


class TooCostlyError(Exception):
    """The search was given up after `MAX_STEPS`."""


class _ItemKind(Enum):
    """What an item of a pattern does. The first five match bytes of `Item.set`."""

    ONE = ""
    OPTIONAL = "?"
    GREEDY = "*"
    GREEDY_SOME = "+"
    LAZY = "-"
    OPEN = "("
    POSITION = "()"
    CLOSE = ")"
    BALANCED = "%b"
    FRONTIER = "%f"
    BACK = "%1"
    END = "$"


_SUFFIXES = {ord(kind.value): kind for kind in list(_ItemKind)[1:5]}


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a pattern: its set of bytes, or the two of %b, or the number of a capture."""

    kind: _ItemKind
    set: frozenset[int] = frozenset()
    number: int = 0
    pair: tuple[int, int] = (0, 0)


Capture = tuple[int, int]
"""Start and end of a capture. The end is `_UNFINISHED`, or `POSITION` for a position alone."""

_UNFINISHED, POSITION = -1, -2


@dataclass(frozen=True, slots=True)
class Match:
    """Where a match lies, and its captures."""

    start: int
    end: int
    captures: tuple[Capture, ...]


# ---- reading a pattern --------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def compile_pattern(pattern: bytes) -> tuple[bool, tuple[Item, ...]]:
    """Return whether a pattern is anchored at the start, and its items. Raises `MalformedError`."""
    pattern = pattern.partition(b"\0")[0]  # as Lua 5.1 sees it
    anchored = pattern.startswith(b"^")
    at = int(anchored)
    items: list[Item] = []
    opened: list[int] = []
    closed = 0
    while at < len(pattern):
        item, at = _item(pattern, at)
        items.append(item)
        if item.kind in (_ItemKind.OPEN, _ItemKind.POSITION):
            number = closed + len(opened)
            if number >= MAX_CAPTURES:
                raise MalformedError(f"more than {MAX_CAPTURES} captures")
            if item.kind is _ItemKind.OPEN:
                opened.append(number)
            else:
                closed += 1
        elif item.kind is _ItemKind.CLOSE:
            if not opened:
                raise MalformedError("')' without '('")
            opened.pop()
            closed += 1
        elif item.kind is _ItemKind.BACK and (
            not 0 <= item.number < closed + len(opened) or item.number in opened
        ):
            raise MalformedError(f"'%{item.number + 1}' is no capture that came before")
    if opened:
        raise MalformedError("'(' is not closed")
    return anchored, tuple(items)


def _item(pattern: bytes, at: int) -> tuple[Item, int]:
    """Return the item that begins at `at`, and where the next one does."""
    head = pattern[at : at + 2]
    if head == b"()":
        return Item(_ItemKind.POSITION), at + 2
    if head[:1] == b"(":
        return Item(_ItemKind.OPEN), at + 1
    if head[:1] == b")":
        return Item(_ItemKind.CLOSE), at + 1
    if head == b"%b":
        pair = pattern[at + 2 : at + 4]
        if len(pair) < 2:
            raise MalformedError("'%b' needs two characters")
        return Item(_ItemKind.BALANCED, pair=(pair[0], pair[1])), at + 4
    if head == b"%f":
        if pattern[at + 2 : at + 3] != b"[":
            raise MalformedError("'%f' needs a set")
        members, end = _set(pattern, at + 2)
        return Item(_ItemKind.FRONTIER, members), end
    if head[:1] == b"%" and head[1:].isdigit():
        return Item(_ItemKind.BACK, number=head[1] - ord("1")), at + 2
    if head == b"$":
        return Item(_ItemKind.END), at + 1
    members, end = _single(pattern, at)
    suffix = pattern[end] if end < len(pattern) else -1
    kind = _SUFFIXES.get(suffix, _ItemKind.ONE)
    return Item(kind, members), end + (kind is not _ItemKind.ONE)


def _single(pattern: bytes, at: int) -> tuple[frozenset[int], int]:
    """Return what one character is matched by, and the end of that."""
    match pattern[at]:
        case 0x2E:  # .
            return _ALL, at + 1
        case 0x5B:  # [
            return _set(pattern, at)
        case 0x25:
            if at + 1 == len(pattern):
                raise MalformedError("ends with '%'")
            return _class(pattern[at + 1]), at + 2
        case char:
            return frozenset((char,)), at + 1


def _class(letter: int) -> frozenset[int]:
    members = _CLASSES.get(letter | 0x20) if chr(letter).isalpha() and letter < 128 else None
    if members is None:
        return frozenset((letter,))
    return members if letter & 0x20 else _ALL - members


def _set(pattern: bytes, at: int) -> tuple[frozenset[int], int]:
    """Return the members of the set whose "[" is at `at`, and where it ends."""
    at += 1
    inverted = pattern[at : at + 1] == b"^"
    at += inverted
    end = at
    while end == at or pattern[end : end + 1] != b"]":
        if end >= len(pattern):
            raise MalformedError("'[' is not closed")
        end += 2 if pattern[end] == _ESCAPE and end + 1 < len(pattern) else 1
    members: set[int] = set()
    while at < end:
        if pattern[at] == _ESCAPE:
            members |= _class(pattern[at + 1])
            at += 2
        elif pattern[at + 1] == ord("-") and at + 2 < end:
            members.update(range(pattern[at], pattern[at + 2] + 1))
            at += 3
        else:
            members.add(pattern[at])
            at += 1
    return (_ALL - members if inverted else frozenset(members)), end + 1


# ---- matching -----------------------------------------------------------------------------------


class Search:
    """Matches of one pattern in `text`. All together they may take `steps`.

    Raises `MalformedError`; the methods raise `TooCostlyError`.
    """

    def __init__(self, pattern: bytes, text: bytes, steps: int = MAX_STEPS) -> None:
        self.anchored, self._items = compile_pattern(pattern)
        self.text = text
        self._left = steps

    def first(self, start: int = 0) -> Match | None:
        """Return the first match from `start` on."""
        for at in range(start, len(self.text) + 1):
            found = self.at(at)
            if found is not None or self.anchored:
                return found
        return None

    def at(self, start: int) -> Match | None:
        """Return the match that begins at `start`."""
        items, text = self._items, self.text
        position, index = start, 0
        captures: tuple[Capture, ...] = ()
        # What else can be tried: an item, where it began, the captures, how far it may reach.
        others: list[tuple[int, int, tuple[Capture, ...], int]] = []
        while True:
            if index == len(items):
                return Match(start, position, captures)
            self._spend(1)
            item = items[index]
            kind = item.kind
            after = -1
            if kind is _ItemKind.ONE:
                if position < len(text) and text[position] in item.set:
                    after = position + 1
            elif kind in (_ItemKind.GREEDY, _ItemKind.GREEDY_SOME, _ItemKind.OPTIONAL):
                least = position + (kind is _ItemKind.GREEDY_SOME)
                reach = self._run(item, position)
                if reach >= least:
                    after = reach
                    if reach > least:
                        others.append((index, least, captures, reach - 1))
            elif kind is _ItemKind.LAZY:
                after = position
                others.append((index, position, captures, position))
            else:
                after, captures = self._other(item, position, captures)
            if after >= 0:
                position, index = after, index + 1
                continue
            while after < 0:
                if not others:
                    return None
                self._spend(1)
                index, least, captures, reach = others.pop()
                item = items[index]
                if item.kind is not _ItemKind.LAZY:
                    after = reach
                    if reach > least:
                        others.append((index, least, captures, reach - 1))
                elif reach < len(text) and text[reach] in item.set:
                    after = reach + 1
                    others.append((index, least, captures, after))
            position, index = after, index + 1

    def captured(self, found: Match) -> list[bytes]:
        """Return the captures of a match, or the whole of it where it has none."""
        if not found.captures:
            return [self.text[found.start : found.end]]
        return [self._capture(capture) for capture in found.captures]

    def _capture(self, capture: Capture) -> bytes:
        start, end = capture
        return b"%d" % (start + 1) if end == POSITION else self.text[start:end]

    def replaced(self, replacement: bytes, most: int | None = None) -> bytes:
        """Return the text with its matches replaced, at `most` so many.

        In `replacement` %0 is the whole match and %1 a capture. Raises `MalformedError`.
        """
        parts: list[bytes] = []
        at = count = 0
        while most is None or count < most:
            found = self.at(at)
            if found is not None:
                count += 1
                parts.append(self._replacement(found, replacement))
            if found is not None and found.end > at:
                at = found.end
            elif at < len(self.text):
                parts.append(self.text[at : at + 1])
                at += 1
            else:
                break
            if self.anchored:
                break
        return b"".join([*parts, self.text[at:]])

    def _replacement(self, found: Match, replacement: bytes) -> bytes:
        captures = self.captured(found)
        out = bytearray()
        at = 0
        while at < len(replacement):
            char = replacement[at : at + 1]
            if char == b"%":
                at += 1
                char = replacement[at : at + 1]
                if char == b"0":
                    char = self.text[found.start : found.end]
                elif char.isdigit():
                    number = int(char) - 1
                    if number >= len(captures):
                        raise MalformedError(f"invalid capture index %{number + 1}")
                    char = captures[number]
                elif not char:
                    raise MalformedError("the replacement ends with '%'")
            out += char
            self._spend(1 + len(char) // 64)
            at += 1
        return bytes(out)

    def _run(self, item: Item, position: int) -> int:
        """Return where the bytes from `position` that an item matches end."""
        text, members = self.text, item.set
        most = len(text) if item.kind is not _ItemKind.OPTIONAL else min(position + 1, len(text))
        end = most if members is _ALL else position
        while end < most and text[end] in members:
            end += 1
        self._spend((end - position) // 8)
        return end

    def _other(
        self, item: Item, position: int, captures: tuple[Capture, ...]
    ) -> tuple[int, tuple[Capture, ...]]:
        """Return where an item that is no set of bytes ends, -1 for nowhere, and the captures."""
        text = self.text
        match item.kind:
            case _ItemKind.OPEN:
                return position, (*captures, (position, _UNFINISHED))
            case _ItemKind.POSITION:
                return position, (*captures, (position, POSITION))
            case _ItemKind.CLOSE:
                last = max(i for i, capture in enumerate(captures) if capture[1] == _UNFINISHED)
                closed = (captures[last][0], position)
                return position, (*captures[:last], closed, *captures[last + 1 :])
            case _ItemKind.BALANCED:
                return self._balanced(item.pair, position), captures
            case _ItemKind.FRONTIER:
                before = text[position - 1] if position else 0
                here = text[position] if position < len(text) else 0
                fits = before not in item.set and here in item.set
                return (position if fits else -1), captures
            case _ItemKind.BACK:
                start, end = captures[item.number]
                # a position has no text; Lua compares a length that is never there
                part = text[start:end] if end >= 0 else None
                self._spend(len(part or b"") // 16)
                fits = part is not None and text.startswith(part, position)
                return (position + len(part or b"") if fits else -1), captures
            case _:
                return (position if position == len(text) else -1), captures

    def _balanced(self, pair: tuple[int, int], position: int) -> int:
        opening, closing = pair
        text = self.text
        if position >= len(text) or text[position] != opening:
            return -1
        depth = 1
        for at in range(position + 1, len(text)):
            self._spend(1)
            if text[at] == closing:
                depth -= 1
                if not depth:
                    return at + 1
            elif text[at] == opening:
                depth += 1
        return -1

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise TooCostlyError
