"""Headers of scripts: what the camera's menu would ask for."""

from __future__ import annotations

import pytest

from chdkshell.chdk.scriptheader import (
    MAX_LONG,
    MAX_NUMBER,
    ScriptHeader,
    ScriptParameter,
    ScriptParameterKind,
    parse_header,
)
from chdkshell.errors import UsageError

OLD = b"""--[[
  A script of somebody's.
@title  Every few seconds
@chdk_version 1.4.0.4241
@subtitle Times
 @param a Wait (s)
   @default a -1
   @range   a -1 3600
@param b Mode
@default b 2
@values b None Night Day
@subtitle Files
@param h Endless?
@default h 1
@range h 0 1
@param r Save raw
@default r true
--]]
print(a, b)
"""

SHORT = """\ufeff--[[\r
@title Short\r
#shots = 5 "Shots" [1 0x64]\r
#ui_mode=2 "Mode" {Off On Auto}\r
#ui_size=3 'Size, as it "is"' {L M S} table\r
#raw=false "Raw"\r
#big=70000 "Big" long\r
#lens=1 "Lens" bool\r
]]\r
"""


def parameter(header: ScriptHeader, name: str) -> ScriptParameter:
    found = header.parameter(name)
    assert found is not None
    return found


def test_the_old_notation() -> None:
    header = parse_header(OLD)
    assert header.title == "Every few seconds"
    assert header.chdk_version == (1, 4, 0, 4241)
    assert not header.needs_wrap13
    assert [p.name for p in header.parameters] == ["a", "b", "h", "r"]
    assert [p.section for p in header.parameters] == ["Times", "Times", "Files", "Files"]
    a, b, h, r = header.parameters
    assert (a.label, a.kind) == ("Wait (s)", ScriptParameterKind.NUMBER)
    assert (a.default, a.low, a.high) == (-1, -1, 3600)
    assert (b.kind, b.default, b.labels) == (
        ScriptParameterKind.CHOICE,
        2,
        ("None", "Night", "Day"),
    )
    assert (h.kind, h.default) == (ScriptParameterKind.ON_OFF, 1)
    assert (r.kind, r.default) == (ScriptParameterKind.BOOLEAN, True)
    assert header.lua({}) == "a=-1 b=2 h=1 r=true"


def test_the_short_notation_with_a_byte_order_mark_and_crlf() -> None:
    header = parse_header(SHORT)
    assert header.title == "Short"
    shots, mode, size, raw, big, lens = header.parameters
    assert (shots.label, shots.default, shots.low, shots.high) == ("Shots", 5, 1, 100)
    assert (mode.kind, mode.default, mode.words) == (
        ScriptParameterKind.CHOICE,
        2,
        ("Off", "On", "Auto"),
    )
    assert (size.label, size.kind, size.default) == (
        'Size, as it "is"',
        ScriptParameterKind.TABLE,
        2,
    )
    assert raw.kind is ScriptParameterKind.BOOLEAN
    assert (big.default, big.low, big.high) == (70000, 0, MAX_LONG)
    assert (lens.kind, lens.default) == (ScriptParameterKind.BOOLEAN, True)


def test_what_is_given_and_the_defaults_become_lua() -> None:
    given = {"shots": "7", "ui_mode": "off", "ui_size": "M", "raw": "on", "lens": "0"}
    assert parse_header(SHORT).lua(given) == (
        'shots=7 ui_mode=0 ui_size={[1]="L",[2]="M",[3]="S",index=2,value="M"}'
        " raw=true big=70000 lens=false"
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("b", "day", 2),
        ("b", "1", 1),
        ("h", "0", 0),
        ("h", "yes", 1),
        ("r", "false", False),
        ("a", "0x10", 16),
    ],
)
def test_values_are_read(name: str, text: str, value: int) -> None:
    found = parameter(parse_header(OLD), name)
    assert found.parse(text) == value
    assert type(found.parse(text)) is type(value)
    assert found.parse(found.text(value)) == value


def test_a_number_that_no_lua_of_the_camera_can_have() -> None:
    free = ScriptParameter("n")
    for text, allowed in [("1.5", "a whole number"), ("2147483648", "-2147483648 to 2147483647")]:
        with pytest.raises(UsageError) as raised:
            free.parse(text)
        assert raised.value.detail == f"allowed: {allowed}"
    assert free.parse("-2147483648") == -(2**31)


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("a", "3601", "-1 to 3600"),
        ("a", "1.5", "-1 to 3600"),
        ("a", "", "-1 to 3600"),
        ("b", "Dusk", "None, Night or Day"),
        ("b", "3", "None, Night or Day"),
        ("h", "2", "0 or 1"),
        ("r", "maybe", "false or true"),
    ],
)
def test_values_that_the_menu_would_not_offer(name: str, text: str, allowed: str) -> None:
    with pytest.raises(UsageError) as raised:
        parameter(parse_header(OLD), name).parse(text)
    assert str(raised.value) == f"{name} cannot be '{text}'"
    assert raised.value.detail == f"allowed: {allowed}"


def test_a_label_goes_before_a_place() -> None:
    iso = parse_header('#iso=0 "ISO" {100 200 1 400}').parameters[0]
    assert iso.parse("200") == 1
    assert iso.parse("1") == 2
    assert iso.parse("3") == 3


def test_an_unknown_name() -> None:
    with pytest.raises(UsageError) as raised:
        parse_header(OLD).lua({"c": "1"})
    assert str(raised.value) == "the script has no parameter 'c'"
    assert raised.value.detail == "it has a, b, h, r"
    with pytest.raises(UsageError) as raised:
        parse_header("print(1)").lua({"c": "1"})
    assert raised.value.detail == "it has none"


def test_without_a_header() -> None:
    header = parse_header("print('@title no')\nx = #t + 1 -- #t=5 \"no\"\n#\n# comment\n@param 1 x")
    assert header == ScriptHeader()
    assert header.needs_wrap13
    assert header.lua({}) == ""


def test_the_sign_between_name_and_value_may_be_left_out() -> None:
    header = parse_header("# start_hr   9  \"Hour\" [0 23]\n#on true 'On'\n# a note of 9 words")
    assert header.lua({}) == "start_hr=9 on=true"
    assert (header.parameters[0].low, header.parameters[0].high) == (0, 23)


def test_numbers_are_read_as_c_does() -> None:
    header = parse_header('#a=010 "x"\n@param b y\n@default b 12s\n@default c x\n#d=0 "y" [-5\t5]')
    assert header.lua({}) == "a=8 b=12 c=0 d=0"
    d = parameter(header, "d")
    assert (d.low, d.high) == (-5, 5)
    assert parameter(header, "a").high == MAX_NUMBER


def test_only_the_first_bytes_count() -> None:
    assert parse_header("-" * 4090 + '\n#a=1 "x"').parameters[0].label == ""
    assert parse_header("-" * 4096 + '\n#a=1 "x"').parameters == ()


def test_names_that_are_no_names_in_lua() -> None:
    assert parse_header('#end=1 "x"\n#my-x=2 "y"').lua({}) == '_G["end"]=1 _G["my-x"]=2'
