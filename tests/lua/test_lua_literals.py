"""Lua literals to Python values and back."""

import contextlib
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chdkshell.camera import connect
from chdkshell.chdk.luasession import LuaSession
from chdkshell.errors import Cancelled, LuaDataError
from chdkshell.flow import CancelToken
from chdkshell.lua.literals import MAX_DEPTH, format_value, parse, serialize
from chdkshell.lua.values import LuaUnsupported, LuaValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nil", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-5", -5),
        ("2147483647", 2147483647),
        ("-2147483648", -2147483648),
        ("0xFFFFFFFF", -1),
        ("0x80000000", -2147483648),
        ("0x7f", 127),
        ('""', ""),
        ("'it\\'s'", "it's"),
        ('"a\\"b\\\\c"', 'a"b\\c'),
        ('"one\\\ntwo\\n\\r\\t\\0three"', "one\ntwo\n\r\t\0three"),
        ('"\\065\\66\\0007"', "AB\x007"),
        ('"\\195\\188"', "ü"),
        ('"\\255x"', b"\xffx"),
        ("{}", []),
        (" { 1 , 2 ; 3 , } ", [1, 2, 3]),
        ("{1,{2,{3}}}", [1, [2, [3]]]),
        ("{a=1,_b2='x',['c d']=true}", {"a": 1, "_b2": "x", "c d": True}),
        ("{[1]='a',[2]='b'}", ["a", "b"]),
        ("{10,20,x=30}", {1: 10, 2: 20, "x": 30}),
        ("{[0]=1,[-3]=2}", {0: 1, -3: 2}),
        ("{[true]=1,[false]=2}", {True: 1, False: 2}),
        ("{['\\255']=1}", {b"\xff": 1}),
        ("{nil,2}", {2: 2}),
        ("{a=nil}", []),
        ("{end=1,nil=2,true = 3,false}", {"end": 1, "nil": 2, "true": 3, 1: False}),
        (b'{"caf\xc3\xa9",\n\t"\xe9"}', ["café", b"\xe9"]),
    ],
)
def test_parse(text: str | bytes, value: object) -> None:
    parsed = parse(text)
    assert parsed == value
    assert repr(parsed) == repr(value)  # True is not 1, and a str is not bytes


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "nill",
        "1.5",
        "1e3",
        "0x",
        "12abc",
        "- 1",
        "+1",
        "1 2",
        "{1 2}",
        "{,}",
        "{",
        "}",
        "{1",
        "{[1}",
        "{[nil]=1}",
        "{[{}]=1}",
        "{a}",
        "{a=}",
        "{=1}",
        "{a=1,a=2}",
        "{1,[1]=2}",
        "{[true]=1,[1]=2}",
        '"open',
        '"a\nb"',
        '"\\256"',
        "2147483648",
        "-2147483649",
        "0x100000000",
        "9" * 5000,
        "os.exit()",
        "{f()}",
        "1--comment",
        "[[long]]",
        "\0",
        "1\0",
    ],
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(LuaDataError):
        parse(text)


def test_nesting_is_bounded() -> None:
    deep = "{" * MAX_DEPTH + "}" * MAX_DEPTH
    assert parse(deep) == eval(deep.replace("{", "[").replace("}", "]"))
    with pytest.raises(LuaDataError, match="nested deeper"):
        parse("{" + deep + "}")
    with pytest.raises(LuaDataError, match="nested deeper"):
        parse("{" * 1_000_000)
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(LuaDataError, match="nested deeper"):
        serialize(endless)


class CancelAfter(CancelToken):
    """A token that is set once it has been looked at `count` times."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count

    def check(self) -> None:
        self.left -= 1
        if self.left <= 0:
            self.set()
        super().check()


@pytest.mark.parametrize("field", ["1,", "{},", "'a\\n';", "{{a=1}}, ", "[true]={"])
def test_a_long_table_can_be_cancelled(field: str) -> None:
    text = "{" + field * 90
    with pytest.raises(Cancelled):
        parse(text, CancelAfter(50))


@pytest.mark.parametrize(
    "code",
    [
        "return {%s}",
        "write_usb_msg({%s}) return 1",
    ],
)
def test_reading_what_a_script_sent_can_be_cancelled(code: str) -> None:
    many = "local t={} for i=1,20000 do t[i]=1 end "
    with connect("sim:") as camera:
        call = (many + code).replace("{%s}", "t")
        seen: list[object] = []
        token = CancelAfter(10_000)  # far more than a script is waited for
        with pytest.raises(Cancelled):
            camera.lua(call, on_message=lambda m: seen.append(m.read(token)), cancel=token)
        assert camera.lua("return 1") == 1
        with LuaSession(camera.scripts) as session:
            with pytest.raises(Cancelled):
                session.evaluate(f"{many} return t", cancel=CancelAfter(10_000))
            assert session.evaluate("1+1") == (2,)


@pytest.mark.parametrize(
    "text",
    [
        "{" + "1," * 20_000 + "}",
        "{" + "a=1," * 10_000,
        '"' + r"\001" * 10_000 + '"',
        "{" * 40_000,
    ],
)
def test_memory_is_bounded_by_the_text(text: str) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(LuaDataError):
            parse(text)
        assert tracemalloc.get_traced_memory()[1] < 30 * len(text)
    finally:
        tracemalloc.stop()


def test_length_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chdkshell.lua.literals.MAX_TEXT", 100)
    assert parse("'" + "a" * 98 + "'") == "a" * 98
    with pytest.raises(LuaDataError, match="longer than"):
        parse("'" + "a" * 99 + "'")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nil"),
        (True, "true"),
        (-1, "-1"),
        (-(2**31), "0x80000000"),  # the camera reads -2147483648 as -2147483647
        (0xC0220000, "0xC0220000"),
        ("it's", '"it\'s"'),
        ('"\\\n', '"\\034\\092\\010"'),
        (b"\x00\xff7", '"\\000\\2557"'),
        ("ü", '"\\195\\188"'),
        ("\udcff", '"\\255"'),
        ([1, "a", [None]], '{1,"a",{nil}}'),
        ((), "{}"),
        ({"a": 1, "b c": 2, "end": 3, 4: 5, True: 6}, '{a=1,["b c"]=2,["end"]=3,[4]=5,[true]=6}'),
    ],
)
def test_serialize(value: Any, text: str) -> None:
    assert serialize(value) == text


@pytest.mark.parametrize(
    "value", ["\ud800", 1.5, 2**32, -(2**31) - 1, {None: 1}, {(1,): 1}, object(), {1}]
)
def test_serialize_refuses(value: Any) -> None:
    with pytest.raises(LuaDataError):
        serialize(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (-2147483648, "-2147483648"),
        (None, "nil"),
        (True, "true"),
        ("it's", "'it's'"),
        (b"a\xff", "'a\\xff'"),
        ([1, [2, [3]]], "table:{1,{2,{3}}}"),
        ({"a": 1}, "table:{a=1}"),
        ([], "table:{}"),
        (LuaUnsupported("function"), "unsupported:function"),
    ],
)
def test_format_value_prints_as_chdkptp(value: LuaValue, text: str) -> None:
    assert format_value(value) == text


def _is_dict(table: dict[Any, Any]) -> bool:
    """Whether Lua would not take the table for a sequence."""
    return set(table) != set(range(1, len(table) + 1)) or any(isinstance(k, bool) for k in table)


_integers = st.integers(-(2**31), 2**31 - 1)
_texts = st.text(st.characters(exclude_categories=["Cs"]))
_undecodable = st.binary(min_size=1).map(lambda b: b + b"\xff")
_keys = _integers.filter(lambda i: i not in (0, 1)) | _texts | _undecodable | st.booleans()
_values = st.recursive(
    st.booleans() | _integers | _texts | _undecodable,
    lambda inner: st.lists(inner) | st.dictionaries(_keys, inner, min_size=1).filter(_is_dict),
    max_leaves=20,
)


@given(_values)
def test_round_trip(value: LuaValue) -> None:
    back = parse(serialize(value))
    assert back == value
    assert repr(back) == repr(value)


@given(_values, st.data())
def test_damaged_text_gives_a_value_or_an_error(value: LuaValue, data: st.DataObject) -> None:
    text = bytearray(serialize(value).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(text)))
        text[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(LuaDataError):
        parse(bytes(text))


@given(st.binary(max_size=40) | st.text("{}[]=,;'\"\\0x1a-. \n", max_size=40))
def test_any_text_gives_a_value_or_an_error(text: str) -> None:
    with contextlib.suppress(LuaDataError):
        serialize(parse(text))
