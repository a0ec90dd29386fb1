"""Lua values as text: Lua literals to Python values and back, without evaluating anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from chdkshell.errors import LuaDataError
from chdkshell.flow import NEVER, CancelToken
from chdkshell.lua.keywords import KEYWORDS
from chdkshell.lua.numbers import MAX_INTEGER, MIN_INTEGER, wrap
from chdkshell.lua.values import LuaKey, LuaUnsupported, LuaValue, decode_string, encode_string

MAX_DEPTH = 100
"""How deep tables may nest in a text. Lua's own C call limit, LUAI_MAXCCALLS, is 200."""

MAX_TEXT = 4 << 20
"""Bytes of text that are parsed at most: a hostile one takes a hundred times that as values."""


_BLANK = r"[ \t\r\n\f\v]*+"
_WORD = r"[A-Za-z_][A-Za-z0-9_]*+"
_SCALAR = rf"""(?:
    {_WORD}
  | -?(?:0[xX][0-9A-Fa-f]++|[0-9]++)(?![A-Za-z0-9_.])
  | "(?:[^"\\\n]++|\\[\s\S])*+"
  | '(?:[^'\\\n]++|\\[\s\S])*+'
)"""
_WHOLE = re.compile(rf"{_BLANK} ({_SCALAR}) {_BLANK}".encode(), re.VERBOSE)
_OPEN = re.compile(rf"{_BLANK} \{{".encode(), re.VERBOSE)
_FIELD = re.compile(
    rf"""{_BLANK}
    (?:
        (?: ({_WORD}) {_BLANK} | \[ {_BLANK} ({_SCALAR}) {_BLANK} \] {_BLANK} ) = {_BLANK}
    )?
    (?: ({_SCALAR}) {_BLANK} (?:[,;]|(?=\}})) | \{{ )""".encode(),
    re.VERBOSE,
)
"""A field of a table: its name, or its key, and its value, or the brace that opens a table."""

_CLOSE = re.compile(rf"{_BLANK} \}} {_BLANK} (?:[,;]|(?=\}})|(\Z))".encode(), re.VERBOSE)
"""The end of a table, and with it that of the text."""

_OTHER = re.compile(rb"[^ \t\r\n\f\v][\s\S]{0,19}")
_ESCAPE = re.compile(rb"\\([0-9]{1,3}|\r\n|\n\r|[\s\S])")
_ESCAPED = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\r\n": b"\n", b"\n\r": b"\n", b"\r": b"\n",
}  # fmt: skip
_CONSTANTS: Mapping[bytes, bool | None] = {b"nil": None, b"true": True, b"false": False}


def parse(text: bytes | str, cancel: CancelToken = NEVER) -> LuaValue:
    """Return the value that a Lua literal stands for. Raises `LuaDataError` and `Cancelled`.

    Understands nil, booleans, decimal and hexadecimal integers, quoted strings with all their
    escapes, and tables of these in every notation. Anything else is an error: names, operators,
    calls, comments, fractions.
    """
    data = encode_string(text)
    if len(data) > MAX_TEXT:
        raise LuaDataError(f"a Lua value of {len(data)} bytes is longer than {MAX_TEXT} bytes")
    whole = _WHOLE.fullmatch(data)
    if whole is not None:
        return _scalar(whole[1], whole.start(1))
    opened = _OPEN.match(data)
    if opened is None:
        raise _unexpected(data, 0)
    return _read_table(data, opened.end(), cancel)


def _read_table(data: bytes, position: int, cancel: CancelToken) -> LuaValue:
    """Return the table that goes on at `position`, to the end of the text."""
    table, outer = _Table(), list[_Table]()
    names: dict[bytes, str] = {}
    while True:
        cancel.check()
        field = _FIELD.match(data, position)
        if field is not None:
            name, key_text, text = field.groups()
            key: LuaKey | None = None
            if name is not None:
                # Serializers on cameras write every name like that, reserved words, too.
                key = names.get(name) or names.setdefault(name, name.decode())
            elif key_text is not None:
                key = _key(key_text, position)
            if text is not None:
                table.add(key, _scalar(text, position))
            else:
                outer.append(table)
                table = _Table(key)
                if len(outer) >= MAX_DEPTH:
                    raise LuaDataError(f"a Lua table is nested deeper than {MAX_DEPTH} levels")
            position = field.end()
            continue
        closed = _CLOSE.match(data, position)
        if closed is None or (closed[1] is None) != bool(outer):
            raise _unexpected(data, position)
        if not outer:
            return table.value()
        inner, table = table, outer.pop()
        table.add(inner.key, inner.value())
        position = closed.end()


class _Table:
    """A table while it is read. `key` is its own in the table around it (None: the next number).

    It is a list for as long as every value comes without a key. Python takes True and 1 for the
    same key, Lua does not: a boolean is kept in a tuple, and a table that needs both is refused
    instead of losing an entry.
    """

    __slots__ = ("_count", "_entries", "_items", "key")

    def __init__(self, key: LuaKey | None = None) -> None:
        self.key = key
        self._items: list[LuaValue] = []
        self._entries: dict[LuaKey | tuple[bool], LuaValue] | None = None
        self._count = 0

    def add(self, key: LuaKey | None, value: LuaValue) -> None:
        """Add an entry, without a key at the next number."""
        entries = self._entries
        if entries is None:
            if key is None and value is not None:
                self._items.append(value)
                return
            entries = self._entries = dict(enumerate(self._items, 1))
            self._count = len(self._items)
        if key is None:
            self._count += 1
            key = self._count
        tagged = (key,) if isinstance(key, bool) else key
        if tagged in entries:
            raise LuaDataError(f"the key {key!r} comes twice in a Lua table")
        if value is not None:
            entries[tagged] = value

    def value(self) -> LuaValue:
        """Return the table as a list or a dict."""
        entries = self._entries
        if entries is None:
            return self._items
        numbers = range(1, len(entries) + 1)
        if all(number in entries for number in numbers):
            return [entries[number] for number in numbers]
        table = {key[0] if isinstance(key, tuple) else key: value for key, value in entries.items()}
        if len(table) != len(entries):
            raise LuaDataError("a Lua table has both a boolean and 0 or 1 as keys")
        return table


def _unexpected(data: bytes, position: int) -> LuaDataError:
    rest = _OTHER.search(data, position)
    what = "the end" if rest is None else repr(rest[0])
    return LuaDataError(f"not a Lua value at position {position}: unexpected {what}")


def _key(text: bytes, position: int) -> LuaKey:
    key = _scalar(text, position)
    if key is None:
        raise LuaDataError(f"nil as the key of a Lua table at position {position}")
    return key


def _scalar(text: bytes, position: int) -> bool | int | str | bytes | None:
    """Return the value of a name, number or string."""
    first = text[0]
    if first in b"\"'":
        return decode_string(_ESCAPE.sub(_escaped, text[1:-1]) if b"\\" in text else text[1:-1])
    if first in b"-0123456789":
        return int(text) if len(text) < 10 and text.isdigit() else _integer(text)
    if text not in _CONSTANTS:
        raise LuaDataError(f"not a Lua value at position {position}: unexpected {text[:20]!r}")
    return _CONSTANTS[text]


def _integer(text: bytes) -> int:
    digits = text.removeprefix(b"-")
    negative = len(digits) != len(text)
    if digits[:2] in (b"0x", b"0X"):
        digits = digits[2:].lstrip(b"0") or b"0"
        if len(digits) <= 8:
            # The firmware's Lua reads hexadecimal numbers as unsigned: 0xFFFFFFFF is -1.
            return wrap(-int(digits, 16) if negative else int(digits, 16))
    else:
        digits = digits.lstrip(b"0") or b"0"
        value = int(digits) if len(digits) <= 10 else 1 << 32
        value = -value if negative else value
        if MIN_INTEGER <= value <= MAX_INTEGER:
            return value
    raise LuaDataError(f"a number in a Lua value has more than 32 bits: {text[:20]!r}")


def _escaped(match: re.Match[bytes]) -> bytes:
    sequence = match[1]
    if not sequence.isdigit():
        return _ESCAPED.get(sequence, sequence)
    if int(sequence) > 255:
        raise LuaDataError(f"an escape in a Lua string is above 255: {match[0]!r}")
    return bytes([int(sequence)])


# ---- value to text ------------------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord('"'), ord("\\")}


def serialize(value: object) -> str:
    """Return a Lua literal for `value`, in ASCII, as the camera's Lua reads it.

    Takes None, bool, int from -2**31 to 2**32-1 (those above 2**31-1 are addresses and bit masks;
    Lua sees them as negative), str, bytes, sequences and mappings. Entries that are None are left
    out by Lua. Raises `LuaDataError` for anything else.
    """
    return "".join(_pieces(value, 0))


def _pieces(value: object, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise LuaDataError(f"a value is nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        yield {None: "nil", True: "true", False: "false"}[value]
    elif isinstance(value, int):
        yield _integer_text(value)
    elif isinstance(value, str):
        yield quoted(encode_string(value))
    elif isinstance(value, bytes | bytearray):
        yield quoted(value)
    elif isinstance(value, Mapping):
        yield from _table_pieces([(key_text(k), v) for k, v in value.items()], depth)
    elif isinstance(value, Sequence):
        yield from _table_pieces([("", v) for v in value], depth)
    else:
        raise LuaDataError(f"a value of type {type(value).__name__} has no Lua form")


def _table_pieces(fields: list[tuple[str, object]], depth: int) -> Iterator[str]:
    yield "{"
    for index, (key, value) in enumerate(fields):
        yield f",{key}" if index else key
        yield from _pieces(value, depth + 1)
    yield "}"


def key_text(key: object) -> str:
    """Return a key of a table and its `=` as Lua writes them: `name=`, `[1]=`."""
    if isinstance(key, str) and _NAME.match(key) and key not in KEYWORDS:
        return key + "="
    if not isinstance(key, bool | int | str | bytes):
        raise LuaDataError(f"a key of type {type(key).__name__} has no Lua form")
    return f"[{serialize(key)}]="


def _integer_text(value: int) -> str:
    if not MIN_INTEGER <= value <= 0xFFFFFFFF:
        raise LuaDataError(f"{value} does not fit the 32-bit integers of the camera's Lua")
    # -2147483648 would be read as -(2147483648), which the camera clamps to -2147483647.
    if value == MIN_INTEGER or value > MAX_INTEGER:
        return f"0x{value & 0xFFFFFFFF:X}"
    return str(value)


def quoted(data: bytes | bytearray) -> str:
    """Return bytes as a string of Lua's, in double quotes."""
    return '"' + "".join(chr(b) if b in _PLAIN else f"\\{b:03d}" for b in data) + '"'


def format_value(value: object) -> str:
    """Return `value` as chdkptp prints it: 1, nil, true, 'a', table:{1,{2}}.

    Strings stand in single quotes, unescaped: what is shown on a terminal needs `printable`.
    """
    if isinstance(value, LuaUnsupported):
        return f"unsupported:{value.type_name}"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, bytes):
        return f"'{value.decode('utf-8', 'backslashreplace')}'"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = serialize(value)
    return f"table:{text}" if text.startswith("{") else text
