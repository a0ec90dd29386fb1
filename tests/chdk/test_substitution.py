"""Templates for file names: values, formats, string functions, and what is refused when.

Real Lua judges the functions that Lua has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lupa import lua51

from chdkshell.chdk.templates import variables
from chdkshell.chdk.templates.formats import Value
from chdkshell.chdk.templates.substitution import (
    DateVariable,
    Names,
    Template,
    Variable,
    has_substitutions,
)
from chdkshell.chdk.templates.variables import image_values, time_values
from chdkshell.errors import UsageError

NAMES: Names = {
    **variables.SHOOT,
    "dlseq": Variable("%04d"),
    "when": DateVariable(),
}
VALUES: dict[str, Value] = {
    **image_values("A/DCIM/139___10/IMG_5609.JPG"),
    "serial": "ABC",
    "pid": 0x311A,
    "ldate": 0.0,
    "lts": 1.25,
    "lms": 250,
    "shotseq": 7,
    "imgfmt": "JPG",
    "dlseq": 12,
    "when": 0.0,
}


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def fill(text: str) -> str:
    return Template(text, NAMES).fill(VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain {text} } $ $x %d", "plain {text} } $ $x %d"),
        ("a_${imgnum}_${shotseq}${ext}", "a_5609_0007.JPG"),
        ("${name}", "IMG_5609.JPG"),
        ("${subdir}/${basename}", "139___10/IMG_5609"),
        ("${dirnum}-${dirmonth}-${dirday}-", "139-10--"),
        ("${imgpfx}", "IMG"),
        ("${pid}", "311a"),
        ("${pid,%d}", "12570"),
        ("${pid,0x%X}", "0x311A"),
        ("${lts}", "1.250000"),
        ("${lms}", "250"),
        ("${lts,%.1f s, %%}", "1.2 s, %"),
        ("${shotseq,}", ""),
        ("${shotseq, %3d}", "  7"),
        ("${shotseq,%-3d}|", "7  |"),
        ("${shotseq,%s}", "7"),
        ("${imgnum,%d}", "5609"),
        ("${imgnum,%06d}", "005609"),
        ("${ldate}", "19700101_000000"),
        ("${ldate,%Y, %m}", "1970, 01"),
        ("${when,!%H%%}", "00%"),
        ("${s_format,%s has 0x%X files,DCIM,255}", "DCIM has 0xFF files"),
        ("${s_sub,IMG_0123,-4}", "0123"),
        ("${s_upper,left, page}", "LEFT, PAGE"),
        ("${s_lower,JPG}", "jpg"),
        ("${s_reverse,abc}", "cba"),
        ("${s_rep,-_,3}", "-_-_-_"),
        ("${s_match,100CANON,%d+}", "100"),
        ("${s_match,100CANON,(%d+)(%u+)}", "100CANON"),
        ("${s_match,abc,x}", ""),
        ("${s_match,abc,()b()}", "23"),
        ("${s_match,abcabc,b.,4}", "bc"),
        ("${s_gsub,left right,(%a+) (%a+),%2-%1}", "right-left"),
        ("${s_gsub,aaa,a,b,2}", "bba"),
        ("${s_lower,${s_sub,${name},1,3}${ext}}", "img.jpg"),
        ("${s_format,%04d,${s_sub,${imgnum},-2}}", "0009"),
        ("${s_upper,{a}}", "{A}"),
        ("${pid,${s_upper,%x}}", "311A"),
    ],
)
def test_what_templates_give(text: str, expected: str) -> None:
    assert fill(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${nosuch}", "unknown substitution function nosuch"),
        ("${s_upper,${nosuch}}", "unknown substitution function nosuch"),
        ("${nosuch,${name}}", "unknown substitution function nosuch"),
        ("${name", "unclosed ${"),
        ("a${s_upper,{}", "unclosed ${"),
        ("${}", "parse failed {}"),
        ("${,x}", "parse failed"),
        ("${na me}", "parse failed"),
        ("${s_format}", "s_format missing arguments"),
        ("${s_format,%d}", "s_format needs 1 values, not 0"),
        ("${s_sub,a}", "s_sub expected 2 or 3 arguments, not 1"),
        ("${s_sub,a,b}", "s_sub expected number, not b"),
        ("${s_rep,a}", "s_rep expected 2 arguments"),
        ("${s_match,a}", "s_match expected 2 or 3 arguments"),
        ("${s_match,a,[a}", "malformed pattern"),
        ("${s_match,a,a%}", "malformed pattern"),
        ("${s_match,a,(a}", "malformed pattern"),
        ("${s_gsub,a,b}", "s_gsub expected 3 or 4 arguments"),
        ("${s_gsub,a,b,c,d}", "s_gsub expected number, not d"),
        ("${shotseq,%d%d}", "more than one value"),
        ("${shotseq,%}", "bad format"),
        ("${shotseq,%*d}", "bad format"),
        ("${shotseq,%n}", "bad format"),
        ("${shotseq,%r}", "bad format"),
        ("${shotseq,%(x)d}", "bad format"),
        ("${shotseq,%1$d}", "bad format"),
        ("${shotseq,%999d}", "bad format"),
        ("${ldate,%Q}", "bad date format '%Q'"),
        ("${ldate,%", "unclosed ${"),
        ("${ldate,%}", "bad date format '%'"),
        ("${s_upper," * 60 + "}" * 60, "in each other"),
    ],
)
def test_what_is_refused_before_a_value_is_known(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Template(text, NAMES)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${name,%d}", "'IMG_5609.JPG' is not a number"),
        ("${s_format,%d,x}", "'x' is not a number"),
        ("${s_format,${name}%d}", "needs 1 values"),
        ("${s_sub,a,${name}}", "s_sub expected number, not IMG_5609.JPG"),
        ("${s_rep,abc,1000000000}", "makes 3000000000 characters"),
        ("${s_gsub,${s_rep,a,4000},.,xx}", "makes 8000 characters"),
        ("${s_gsub,abc,b,%5}", "invalid capture index"),
        ("${shotseq,%${s_lower,Q}}", "bad format"),
        ("${s_format,%d,1e999}", "not a whole number"),
        ("${s_format,%c,300}", "no character code"),
    ],
)
def test_what_is_refused_when_it_is_filled(text: str, message: str) -> None:
    template = Template(text, NAMES)
    with pytest.raises(UsageError) as caught:
        template.fill(VALUES)
    assert message in str(caught.value)


def test_what_a_substitution_gives_is_never_parsed_again() -> None:
    hostile: dict[str, Value] = {"name": "${serial},%s,%n{0.__class__}"}
    assert Template("${name}", NAMES).fill(hostile) == hostile["name"]
    assert Template("${s_sub,${name},1,-1}", NAMES).fill(hostile) == hostile["name"]
    assert Template("${s_format,%s,${name}}", NAMES).fill(hostile) == hostile["name"]


def test_the_variables_of_a_template_are_known() -> None:
    template = Template("${s_upper,${name}}${shotseq,%d}x", NAMES)
    assert template.variables() == {"name", "shotseq"}


def test_has_substitutions() -> None:
    assert has_substitutions("a${x}")
    assert not has_substitutions("a/b.jpg")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "A/DCIM/139_1031/CRW_0042.DNG",
            ["CRW_0042.DNG", "CRW_0042", ".DNG", "0042", "CRW", "139_1031", "139", "10", "31"],
        ),
        (
            "A/DCIM/101CANON/IMG_0001.JPG",
            ["IMG_0001.JPG", "IMG_0001", ".JPG", "0001", "IMG", "101CANON", "101", "", ""],
        ),
        ("A/readme", ["readme", "readme", "", "", "", "", "", "", ""]),
        ("A/x/.hidden", [".hidden", ".hidden", "", "", "", "x", "", "", ""]),
        ("A/", ["", "", "", "", "", "", "", "", ""]),
    ],
)
def test_the_parts_of_a_picture_s_path(path: str, expected: list[str]) -> None:
    assert list(image_values(path).values()) == expected


def test_the_time_of_a_shot() -> None:
    assert time_values(1_700_000_000.25) == {
        "ldate": 1_700_000_000.25,
        "lts": 1_700_000_000.25,
        "lms": 250,
    }


# ---- judged by real Lua ----

LUA = lua51.LuaRuntime(encoding="latin-1").globals().string
WORDS = st.text("abc %.-+*?[]()^$x1", max_size=12)
NO_COMMA = st.text("abcdefghXYZ0123456789_ .-", max_size=20)


def substituted(text: str, **values: Value) -> str | None:
    """Return what the template gives, or None where it is refused."""
    try:
        return Template(text, {name: Variable() for name in values}).fill(values)
    except UsageError:
        return None


@given(NO_COMMA, st.integers(-25, 25), st.integers(-25, 25))
def test_s_sub_is_lua_s(text: str, first: int, last: int) -> None:
    assert substituted(f"${{s_sub,${{a}},{first},{last}}}", a=text) == LUA.sub(text, first, last)
    assert substituted(f"${{s_sub,${{a}},{first}}}", a=text) == LUA.sub(text, first)


@given(
    st.text("-+ 0", max_size=3),
    st.sampled_from(["", "1", "7", "12"]),
    st.sampled_from(["", ".0", ".3", ".10"]),
    st.sampled_from("dixXo"),
    st.integers(-(2**31), 2**31 - 1),
)
def test_whole_numbers_are_shown_as_by_lua(
    flags: str, width: str, precision: str, conversion: str, value: int
) -> None:
    form = f"%{flags}{width}{precision}{conversion}"
    if (precision and "0" in flags) or (precision == ".0" and value == 0):
        return  # C ignores the 0 flag beside a precision, and shows 0 with none as nothing
    if conversion in "xXo" and ("+" in flags or " " in flags):
        return  # C knows no sign on these
    assert substituted(f"${{s_format,{form},{value}}}") == LUA.format(form, value)


@given(
    st.sampled_from(["%f", "%.1f", "%8.3f", "%-12.2e", "%g", "%G", "%+.4f", "%014.3f"]),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_fractions_are_shown_as_by_lua(form: str, value: float) -> None:
    assert substituted(f"${{v,{form}}}", v=value) == LUA.format(form, value)


@settings(max_examples=300)
@given(st.text("abc x1", max_size=12), WORDS)
@example("abc", "%f[a]b")
@example("abc", "[]]")
@example("abc", "[^]")
@example("abc", "%b")
@example("abc", "a)")
def test_patterns_are_lua_s(subject: str, pattern: str) -> None:
    try:
        found = LUA.match(subject, pattern)
    except lua51.LuaError:
        found = "refused"
    ours = substituted("${s_match,${s},${p}}", s=subject, p=pattern)
    if ours is None:
        # The checker reads the whole pattern; Lua only as far as the text leads it.
        assert found == "refused" or any(char in pattern for char in "%[()")
        return
    parts = found if isinstance(found, tuple) else (found,)
    assert found != "refused"
    assert ours == "".join(str(part) for part in parts if part is not None)


@settings(max_examples=300)
@given(st.text("${},%sdnaeu_ lx0", max_size=30))
def test_any_text_is_filled_or_refused(text: str) -> None:
    substituted(text, name="x", a=1)


@given(st.text(max_size=30))
def test_text_without_a_dollar_stays(text: str) -> None:
    if "${" not in text:
        assert substituted(text) == text
