"""How the values of a Lua session look at a terminal."""

from __future__ import annotations

import pytest

from chdkshell.chdk.luasession import Described
from chdkshell.shell.results.luavalues import values_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nil"),
        (True, "true"),
        (-5, "-5"),
        ("a 'b' \"c\" \\ \n\t", '"a \'b\' \\"c\\" \\\\ \\n\\t"'),
        ("größe", '"größe"'),
        ("\x1b[31m\x00", '"\\027[31m\\000"'),
        (b"\xff\x00", '"\\255\\000"'),
        ([], "{}"),
        ([1, [2, "x"]], '{1, {2, "x"}}'),
        ({"a": 1, "two words": 2, 7: "b"}, '{a = 1, ["two words"] = 2, [7] = "b"}'),
        ({1: "a", 2: "b", "n": 2, 4: "d"}, '{"a", "b", n = 2, [4] = "d"}'),
        ({True: "yes", "end": 1}, '{[true] = "yes", ["end"] = 1}'),
        (Described("<function>"), "<function>"),
    ],
)
def test_a_value(value: object, text: str) -> None:
    assert values_text((value,), 80) == text


def test_short_values_stand_in_a_line() -> None:
    assert values_text((1, None, "a"), 80) == '1\tnil\t"a"'


def test_a_long_table_stands_over_several_lines() -> None:
    table = {"name": "IMG_0001.JPG", "list": [10, 20], "deep": {"a": {"b": "something long"}}}
    assert values_text((table, 1), 34) == (
        "{\n"
        '  name = "IMG_0001.JPG",\n'
        "  list = {10, 20},\n"
        "  deep = {\n"
        '    a = {b = "something long"},\n'
        "  },\n"
        "}\n"
        "1"
    )
