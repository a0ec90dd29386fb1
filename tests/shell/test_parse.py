"""Lines as words: the syntax of chdkptp."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chdkshell.errors import UsageError
from chdkshell.shell.advice import next_step
from chdkshell.shell.parse import (
    CommandLine,
    RawText,
    Switch,
    Word,
    did_you_mean,
    parse_raw_text,
    quote,
    split_arguments,
    split_command,
    split_words,
)


@pytest.mark.parametrize("line", ["", "   ", "\t\r\n", "\x01 \x7f"])
def test_blank_lines_are_no_command(line: str) -> None:
    assert split_command(line) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ls", CommandLine("ls", "", 2)),
        ("  ls  -l A/ ", CommandLine("ls", "-l A/ ", 6)),
        ("=return 1", CommandLine("=", "return 1", 1)),
        ("!import os", CommandLine("!", "import os", 1)),
        (" .  x=1", CommandLine(".", "x=1", 4)),
        ("#anything 'goes", CommandLine("#", "anything 'goes", 1)),
        ("==1", CommandLine("=", "=1", 1)),
        ("ls/x", CommandLine("ls", "/x", 2)),
        ("42", CommandLine("42", "", 2)),
        ("a_b c", CommandLine("a_b", "c", 4)),
    ],
)
def test_the_name_is_split_off(line: str, expected: CommandLine) -> None:
    assert split_command(line) == expected


@pytest.mark.parametrize("line", [";", "-l", "/x", "é", "?help"])
def test_other_beginnings_are_bad_input(line: str) -> None:
    with pytest.raises(UsageError, match=r"^bad input '") as caught:
        split_command(line)
    assert str(caught.value) == f"bad input '{line}'"
    assert next_step(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b", ["a", "b"]),
        ("  a\tb\n", ["a", "b"]),
        ("'a b' c", ["a b", "c"]),
        ("'a\\' b", ["a\\", "b"]),
        ('"a\\"b" c', ['a"b', "c"]),
        ('"a\\\\" c', ["a\\", "c"]),
        ('"\\n"', ["n"]),
        ("a'b c'd", ["ab cd"]),
        ("'a'\"b\"", ["ab"]),
        ("''", [""]),
        ("C:\\dir\\x", ["C:\\dir\\x"]),
        ("it\\'s'", ["it\\s"]),
        ("'\"' \"'\"", ['"', "'"]),
    ],
)
def test_quotes_and_backslashes(text: str, words: list[str]) -> None:
    assert [word.text for word in split_words(text)] == words


def test_words_keep_their_place() -> None:
    line = "ab 'c d'  e"
    words = split_words(line, offset=10)
    assert words == [Word("ab", 10, 12), Word("c d", 13, 18), Word("e", 20, 21)]
    assert [line[w.start - 10 : w.end - 10] for w in words] == ["ab", "'c d'", "e"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("'a", "unclosed '"),
        ('a "b', 'unclosed "'),
        ("a'b", "unclosed '"),
        ('"a\\', "unexpected \\"),
    ],
)
def test_quotes_must_close(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        split_words(text)
    assert str(caught.value) == message
    assert next_step(caught.value)


def test_a_backslash_outside_double_quotes_stands_for_itself() -> None:
    assert [w.text for w in split_words("a\\ 'b\\'")] == ["a\\", "b\\"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-l", Switch("l", None, 0, 2)),
        ("--l", Switch("l", None, 0, 3)),
        ("-i32=%d", Switch("i32", "%d", 0, 7)),
        ("-f=", Switch("f", "", 0, 3)),
        ("-f='a b'", Switch("f", "a b", 0, 8)),
        ("'-f=a b'", Switch("f", "a b", 0, 8)),
        ("-f=a=b", Switch("f", "a=b", 0, 6)),
        ("-skip_top-dirs", Switch("skip_top-dirs", None, 0, 14)),
        ("-1", Word("-1", 0, 2)),
        ("-0x10", Word("-0x10", 0, 5)),
        ("-", Word("-", 0, 1)),
        ("--", Word("--", 0, 2)),
        ("--1", Word("--1", 0, 3)),
        ("---l", Word("---l", 0, 4)),
        ("-é", Word("-é", 0, 2)),
        ("a-l", Word("a-l", 0, 3)),
    ],
)
def test_switches_are_a_dash_and_a_letter(text: str, expected: Word | Switch) -> None:
    assert split_arguments(text) == [expected]


def test_a_switch_name_is_followed_by_an_equals_sign_or_nothing() -> None:
    with pytest.raises(UsageError, match=r"^invalid switch value \+3$"):
        split_arguments("-l+3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return 'a  b", RawText("return 'a  b")),
        ("", RawText("")),
        ("a < b", RawText("a < b")),
        ("< x.lua", RawText("", "x.lua")),
        ("  <'my file.lua' ", RawText("", "my file.lua")),
    ],
)
def test_raw_text_or_a_file(text: str, expected: RawText) -> None:
    assert parse_raw_text(text) == expected


@pytest.mark.parametrize("text", ["<", "< a b"])
def test_raw_text_takes_one_file(text: str) -> None:
    with pytest.raises(UsageError, match=r"^expected exactly one filename$"):
        parse_raw_text(text)


@given(st.text())
def test_quoted_text_is_one_word(text: str) -> None:
    assert [word.text for word in split_words(quote(text))] == [text]


@given(st.text())
def test_any_text_is_split_or_refused(text: str) -> None:
    try:
        parts = split_arguments(text)
    except UsageError:
        return
    places = [place for part in parts for place in (part.start, part.end)]
    assert places == sorted(places)
    assert not places or (places[0] >= 0 and places[-1] <= len(text))


def test_the_nearest_name_is_suggested() -> None:
    names = ["list", "download", "delete"]
    assert did_you_mean("lst", names) == "did you mean 'list'?"
    assert did_you_mean("downlod", names) == "did you mean 'download'?"
    assert did_you_mean("zzz", names) == ""
