"""Colours of a line while it is typed."""

from __future__ import annotations

import pytest
from prompt_toolkit.document import Document

import chdkshell.shell.commands  # noqa: F401  # they register themselves
from chdkshell.shell.command import REGISTRY
from chdkshell.shell.prompt.highlight import LineLexer, style

LEXER = LineLexer(REGISTRY)


def colours(line: str) -> dict[str, str]:
    """Return the style of each piece that has one."""
    pieces = LEXER.pieces(line)
    assert "".join(piece[1] for piece in pieces) == line
    return {piece[1]: piece[0].removeprefix("class:") for piece in pieces if piece[0]}


def test_parts_of_a_command() -> None:
    shown = colours("download -nolua A/DCIM my.jpg -bad")
    assert shown == {
        "download": "line.command",
        "-nolua": "line.switch",
        "A/DCIM": "line.camera",
        "my.jpg": "line.local",
        "-bad": "line.unknown",
    }
    assert colours("nosuch x") == {"nosuch": "line.unknown"}
    assert colours("d A/${name}.JPG")["${name}"] == "line.substitution"
    assert colours("set 'output=rich'") == {"set": "line.command", "'output=rich'": "line.quote"}
    assert colours("connect -s=ab")["ab"] == "line.value"
    assert colours("luar < my file")["my"] == "line.local"


def test_lua_and_python() -> None:
    for name in ("lua ", "luar ", ".", "="):
        shown = colours(f"{name}return get_tv96() + 'x' -- y")
        assert shown["get_tv96"] == "pygments.name.builtin"
        assert shown["return"].startswith("pygments.keyword")
        assert shown["-- y"].startswith("pygments.comment")
    assert colours("!for x in y: pass")["for"] == "pygments.keyword"
    assert "keyword" not in colours("!local x").get("local", "")


def test_code_for_this_computer_is_coloured_as_what_it_is() -> None:
    lexer = LineLexer(REGISTRY, lambda: True)
    for name in ("!", "exec "):
        shown = {piece[1]: piece[0] for piece in lexer.pieces(f"{name}local x = get_tv96() -- y")}
        assert "keyword" in shown["local"]
        assert "comment" in shown["-- y"]
        assert "builtin" not in shown["get_tv96"]  # it is a function of the camera


@pytest.mark.parametrize(
    "line", ["", " ", "-", '"', "d '", 'd "\\', "lua [[", "=", "d -x='", "é ü"]
)
def test_half_written_lines_are_no_trouble(line: str) -> None:
    colours(line)


def test_lines_of_a_document() -> None:
    line_of = LEXER.lex_document(Document("lua x = 1\nreturn x"))
    assert "".join(piece[1] for piece in line_of(0)) == "lua x = 1"
    assert "".join(piece[1] for piece in line_of(1)) == "return x"
    assert line_of(7) == []


def test_text_over_several_lines_keeps_its_colour() -> None:
    for text in (
        "lua x = [[\nreturn\n]]",
        "lua --[==[\nreturn\n]==] y = 1",
        "lua x = 'a\\\nreturn'",
    ):
        line_of = LEXER.lex_document(Document(text))
        (piece,) = [piece for piece in line_of(1) if "return" in piece[1]]
        assert "keyword" not in piece[0], text
    line_of = LEXER.lex_document(Document("lua x = 1\nreturn\nreturn"))
    for number in (1, 2):
        assert any("keyword" in piece[0] for piece in line_of(number))


def test_every_style_is_known() -> None:
    known = style()
    for line in ("download -nolua x", "bad", "lua x=1 -- c"):
        for look, *_ in LEXER.pieces(line):
            known.get_attrs_for_style_str(look)
