"""Colours for a line while it is typed, and for Lua values."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style
from pygments.lexer import Lexer as PygmentsLexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.scripting import LuaLexer
from pygments.token import Name, Token, _TokenType

from chdkshell.shell import knowledge, themes
from chdkshell.shell.arguments import CameraPathType, LocalPathType, MemberType, TargetType
from chdkshell.shell.command import Registry
from chdkshell.shell.prompt.lineparts import LinePart, PartKind, analyse_all

_SUBSTITUTION = re.compile(r"\$\{[^}]*\}?")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"?|'[^']*'?")

_OVER_LINES = re.compile(r"\[=*\[|\\\n")
"""What may begin a text of several lines in Lua: then no line can be looked at alone."""

MAX_LINES = 2000
"""Lines of Lua whose colours are remembered."""

_CLASSES = {
    PartKind.COMMAND: "class:line.command",
    PartKind.UNKNOWN_COMMAND: "class:line.unknown",
    PartKind.SWITCH: "class:line.switch",
    PartKind.UNKNOWN_SWITCH: "class:line.unknown",
    PartKind.VALUE: "class:line.value",
    PartKind.WORD: "",
    PartKind.REDIRECT: "class:line.switch",
    PartKind.SIGN: "class:line.switch",
    PartKind.TEXT: "",
}

COLOURS = {
    "line.command": ("name", "bold"),
    "line.unknown": ("error", "underline"),
    "line.switch": ("warning", ""),
    "line.value": ("quoted", ""),
    "line.quote": ("quoted", ""),
    "line.substitution": ("keyword", "bold"),
    "line.camera": ("folder", ""),
    "line.local": ("quoted", ""),
    "auto-suggestion": ("muted", ""),
    "pygments.comment": ("muted", ""),
    "pygments.keyword": ("keyword", ""),
    "pygments.literal.number": ("warning", ""),
    "pygments.literal.string": ("quoted", ""),
    "pygments.name.builtin": ("name", ""),
    "pygments.name.function": ("name", ""),
}
"""Parts of the line, what their colour is for, and how else they look."""

OWN_BACKGROUND = {
    "bottom-toolbar": "noreverse bg:#303030 #d0d0d0",
    "toolbar.model": "bold",
    "toolbar.busy": "#d7d700",
    "toolbar.signature": "#00d7d7",
    "completion-menu": "bg:#303030 #d0d0d0",
    "completion-menu.completion.current": "reverse",
    "completion-menu.meta.completion": "bg:#262626 #909090",
    "completion-menu.meta.completion.current": "bg:#262626 #d0d0d0",
}
"""What brings its background along, and so needs no theme."""

NO_COLOURS = {
    "bottom-toolbar": "reverse",
    "toolbar.model": "bold",
    "completion-menu": "bg:default fg:default reverse",
    "completion-menu.completion.current": "noreverse bg:default fg:default bold",
    "completion-menu.meta.completion": "bg:default fg:default reverse",
    "completion-menu.meta.completion.current": "noreverse bg:default fg:default",
}
"""The same without colours."""


def style() -> Style:
    """Return the style of the prompt, in the colours of the theme that holds."""
    return _style(themes.current(), bool(os.environ.get("NO_COLOR")))


@functools.lru_cache
def _style(theme: str, is_stripped: bool) -> Style:
    """Return the style of a theme. Where it `is_stripped`, prompt_toolkit takes colours away."""
    colours = dict(NO_COLOURS if theme == "none" and not is_stripped else OWN_BACKGROUND)
    for part, (role, look) in COLOURS.items():
        colours[part] = f"{themes.html(role)} {look}".strip()
    return Style.from_dict(colours)


class CameraLuaLexer(LuaLexer):  # type: ignore[misc]
    """Lua with the camera's functions as builtins."""

    name = "CHDK Lua"
    aliases: list[str] = []  # noqa: RUF012 - the base class has it so
    filenames: list[str] = []  # noqa: RUF012

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        known = knowledge.functions()
        tables = knowledge.tables()
        for at, kind, word in super().get_tokens_unprocessed(text):
            if kind in Name and (word in known or word in tables):
                yield at, Name.Builtin, word
            else:
                yield at, kind, word


class LuaColours:
    """Colours Lua. Lines are remembered, so that each key costs one line and not the whole text."""

    def __init__(self) -> None:
        self._lexer = CameraLuaLexer(ensurenl=False, stripnl=False)
        self._line = functools.lru_cache(MAX_LINES)(lambda line: _pieces(self._lexer, line))

    def pieces(self, text: str) -> StyleAndTextTuples:
        """Return the styles of `text`."""
        if _OVER_LINES.search(text):
            return _pieces(self._lexer, text)
        return [piece for line in text.splitlines(keepends=True) for piece in self._line(line)]


class LineLexer(Lexer):
    """Colours a command line by what its parts are.

    `host_is_lua` says whether code for this computer is Lua, else it is Python.
    """

    def __init__(self, registry: Registry, host_is_lua: Callable[[], bool] = lambda: False) -> None:
        self._registry = registry
        self._host_is_lua = host_is_lua
        self._lua = LuaColours()
        self._host_lua = LuaLexer(ensurenl=False, stripnl=False)
        self._python = PythonLexer(ensurenl=False, stripnl=False)

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = _by_lines(self.pieces(document.text))
        return lambda number: lines[number] if number < len(lines) else []

    def pieces(self, text: str) -> StyleAndTextTuples:
        """Return the styles of the whole text."""
        pieces: StyleAndTextTuples = []
        at = 0
        for part in (p for line in analyse_all(text, self._registry) for p in line.parts):
            pieces.append(("", text[at : part.start]))
            pieces += self._part_pieces(part, text[part.start : part.end])
            at = part.end
        pieces.append(("", text[at:]))
        return [piece for piece in pieces if piece[1]]

    def _part_pieces(self, part: LinePart, text: str) -> StyleAndTextTuples:
        if part.kind is PartKind.LUA:
            return self._lua.pieces(text)
        if part.kind is PartKind.HOST_CODE:
            return _pieces(self._host_lua if self._host_is_lua() else self._python, text)
        look = _CLASSES[part.kind]
        if isinstance(part.type, (CameraPathType, MemberType)):
            look = "class:line.camera"
        elif isinstance(part.type, (LocalPathType, TargetType)):
            look = "class:line.local"
        return _marked(text, look)


class LuaLexerForRepl(Lexer):
    """Colours Lua alone, for the prompt of `repl`."""

    def __init__(self) -> None:
        self._lua = LuaColours()

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = _by_lines(self._lua.pieces(document.text))
        return lambda number: lines[number] if number < len(lines) else []


def _marked(text: str, look: str) -> StyleAndTextTuples:
    """Mark the quoted parts and the substitutions in a word."""
    quoted = {
        index for match in _QUOTED.finditer(text) for index in range(match.start(), match.end())
    }
    inserted = {
        index
        for match in _SUBSTITUTION.finditer(text)
        for index in range(match.start(), match.end())
    }
    pieces: StyleAndTextTuples = []
    for index, character in enumerate(text):
        kind = look
        if index in inserted:
            kind = "class:line.substitution"
        elif index in quoted and not look:
            kind = "class:line.quote"
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, pieces[-1][1] + character)
        else:
            pieces.append((kind, character))
    return pieces


def _by_lines(pieces: StyleAndTextTuples) -> list[StyleAndTextTuples]:
    lines: list[StyleAndTextTuples] = [[]]
    for piece in pieces:
        look, text, *_ = piece
        if "\n" not in text:
            lines[-1].append(piece)
            continue
        first, *others = text.split("\n")
        lines[-1].append((look, first))
        lines += [[(look, other)] for other in others]
    return lines


def _pieces(lexer: PygmentsLexer, text: str) -> StyleAndTextTuples:
    return [(_pygments_class(kind), word) for kind, word in lexer.get_tokens(text)]


@functools.cache
def _pygments_class(kind: _TokenType) -> str:
    return "class:" + ".".join(("pygments", *kind)).lower() if kind is not Token else ""
