"""Lua values as text: Lua literals to Python values and back, without evaluating anything.

| Lua | Python |
|---|---|
| nil, boolean | None, bool |
| number | int, 32 bits, signed (the camera's Lua has no other numbers) |
| string | str where its bytes are UTF-8, else bytes |
| table with the keys 1..n | list |
| empty table | empty list |
| other table | dict with bool, int, str and bytes keys |

A value that is nil has no entry in a table, so `{a=nil}` is an empty one. Strings that were given
as bytes come back as str where they happen to be UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

from chdkshell.errors import LuaDataError
from chdkshell.lua.numbers import MAX_INTEGER, MIN_INTEGER, wrap
from chdkshell.lua.tokens import KEYWORDS

MAX_DEPTH = 100
"""How deep tables may nest in a text. Lua's own C call limit, LUAI_MAXCCALLS, is 200."""

MAX_TEXT = 4 << 20
"""Bytes of text that are parsed at most: a hostile one takes a hundred times that as values."""


@dataclass(frozen=True, slots=True)
class LuaUnsupported:
    """Stands for a value that a camera cannot send, such as a function."""

    type_name: str


LuaKey: TypeAlias = bool | int | str | bytes
LuaValue: TypeAlias = Union[  # noqa: UP007 - names in quotes cannot be joined with |
    bool, int, str, bytes, LuaUnsupported, list["LuaValue"], dict[LuaKey, "LuaValue"], None
]


def decode_string(data: bytes) -> str | bytes:
    """Return a Lua string as str where its bytes are UTF-8, and as it is where they are not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def encode_string(text: str | bytes) -> bytes:
    """Return the bytes of a Lua string: UTF-8, and single bytes where `text` has surrogates.

    Raises `LuaDataError` for text that stands for no bytes.
    """
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LuaDataError(f"the text {text[:40]!r} cannot be encoded") from None


# ---- text to value ------------------------------------------------------------------------------

_TOKEN = re.compile(
    rb"""[ \t\r\n\f\v]*(?:
        (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>-?(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?![A-Za-z0-9_.]))
      | (?P<string>"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"|'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*')
      | (?P<mark>[{}\[\]=,;])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(rb"\\([0-9]{1,3}|\r\n|\n\r|[\s\S])")
_ESCAPED = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\r\n": b"\n", b"\n\r": b"\n", b"\r": b"\n",
}  # fmt: skip
_CONSTANTS: Mapping[bytes, bool | None] = {b"nil": None, b"true": True, b"false": False}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: bytes
    position: int


def parse(text: bytes | str) -> LuaValue:
    """Return the value that a Lua literal stands for. Raises `LuaDataError`.

    Understands nil, booleans, decimal and hexadecimal integers, quoted strings with all their
    escapes, and tables of these in every notation. Anything else is an error: names, operators,
    calls, comments, fractions.
    """
    data = encode_string(text)
    if len(data) > MAX_TEXT:
        raise LuaDataError(f"a Lua value of {len(data)} bytes is longer than {MAX_TEXT} bytes")
    parser = _Parser(data)
    value = parser.value(0)
    parser.expect_end()
    return value


class _Parser:
    """Reads one literal by recursive descent, looking one token ahead."""

    def __init__(self, data: bytes) -> None:
        self._tokens = _tokens(data)
        self._next = next(self._tokens)

    def value(self, depth: int) -> LuaValue:
        token = self._take()
        if token.kind == "name":
            return _constant(token)
        if token.kind == "number":
            return _integer(token)
        if token.kind == "string":
            return decode_string(_unescape(token))
        if token.text == b"{":
            return self._table(depth + 1)
        raise _unexpected(token)

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise _unexpected(self._next)

    def _take(self) -> _Token:
        token = self._next
        if token.kind != "end":
            self._next = next(self._tokens)
        return token

    def _expect(self, mark: bytes) -> None:
        token = self._take()
        if token.text != mark:
            raise _unexpected(token)

    def _table(self, depth: int) -> LuaValue:
        if depth > MAX_DEPTH:
            raise LuaDataError(f"a Lua table is nested deeper than {MAX_DEPTH} levels")
        fields = _Fields()
        while self._next.text != b"}":
            self._field(fields, depth)
            if self._next.text not in (b",", b";"):
                break
            self._take()
        self._expect(b"}")
        return fields.table()

    def _field(self, fields: _Fields, depth: int) -> None:
        start = self._next
        if start.text == b"[":
            self._take()
            key = self.value(depth)
            self._expect(b"]")
            self._expect(b"=")
            fields.set(_checked_key(key, start), self.value(depth), start)
        elif start.kind == "name":
            self._take()
            if self._next.text == b"=":
                # Serializers on cameras write every name like that, reserved words, too.
                self._take()
                fields.set(start.text.decode(), self.value(depth), start)
            else:
                fields.append(_constant(start), start)
        else:
            fields.append(self.value(depth), start)


class _Fields:
    """The entries of one table while it is read.

    Python takes True and 1 for the same key, Lua does not: keys are kept with whether they are
    boolean, and a table that needs both is refused instead of losing an entry.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[bool, LuaKey], LuaValue] = {}
        self._position = 0

    def append(self, value: LuaValue, token: _Token) -> None:
        self._position += 1
        self.set(self._position, value, token)

    def set(self, key: LuaKey, value: LuaValue, token: _Token) -> None:
        tagged = (isinstance(key, bool), key)
        if tagged in self._entries:
            raise LuaDataError(f"the key {key!r} comes twice in a Lua table at {token.position}")
        if value is not None:
            self._entries[tagged] = value

    def table(self) -> LuaValue:
        count = len(self._entries)
        if all((False, i) in self._entries for i in range(1, count + 1)):
            return [self._entries[False, i] for i in range(1, count + 1)]
        table = {key: value for (_, key), value in self._entries.items()}
        if len(table) != count:
            raise LuaDataError("a Lua table has both a boolean and 0 or 1 as keys")
        return table


def _tokens(data: bytes) -> Iterator[_Token]:
    position = 0
    while True:
        match = _TOKEN.match(data, position)
        if match is None or match.lastgroup is None:
            near = data[position : position + 20]
            raise LuaDataError(f"not a Lua value at position {position}: {near!r}")
        kind = match.lastgroup
        yield _Token(kind, match[kind], match.start(kind))
        if kind == "end":
            return
        position = match.end()


def _unexpected(token: _Token) -> LuaDataError:
    what = "the end" if token.kind == "end" else repr(token.text[:20])
    return LuaDataError(f"not a Lua value at position {token.position}: unexpected {what}")


def _constant(token: _Token) -> bool | None:
    if token.text not in _CONSTANTS:
        raise _unexpected(token)
    return _CONSTANTS[token.text]


def _checked_key(key: LuaValue, token: _Token) -> LuaKey:
    if isinstance(key, bool | int | str | bytes):
        return key
    raise LuaDataError(f"nil or a table as the key of a Lua table at position {token.position}")


def _integer(token: _Token) -> int:
    digits = token.text.lstrip(b"-")
    negative = len(digits) != len(token.text)
    if digits[:2].lower() == b"0x":
        digits = digits[2:].lstrip(b"0") or b"0"
        value = int(digits, 16) if len(digits) <= 8 else 1 << 32
        if value < 1 << 32:
            # The firmware's Lua reads hexadecimal numbers as unsigned: 0xFFFFFFFF is -1.
            return wrap(-value if negative else value)
    else:
        digits = digits.lstrip(b"0") or b"0"
        value = int(digits) if len(digits) <= 10 else 1 << 32
        value = -value if negative else value
        if MIN_INTEGER <= value <= MAX_INTEGER:
            return value
    raise LuaDataError(f"a number at position {token.position} has more than 32 bits")


def _unescape(token: _Token) -> bytes:
    return _ESCAPE.sub(lambda match: _escaped(match[1], token), token.text[1:-1])


def _escaped(sequence: bytes, token: _Token) -> bytes:
    if not sequence.isdigit():
        return _ESCAPED.get(sequence, sequence)
    if int(sequence) > 255:
        raise LuaDataError(f"an escape in the string at position {token.position} is above 255")
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
        yield _quoted(encode_string(value))
    elif isinstance(value, bytes | bytearray):
        yield _quoted(value)
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


def _quoted(data: bytes | bytearray) -> str:
    return '"' + "".join(chr(b) if b in _PLAIN else f"\\{b:03d}" for b in data) + '"'


def format_value(value: object) -> str:
    """Return `value` as the established client prints it: 1, nil, true, 'a', table:{1,{2}}.

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
