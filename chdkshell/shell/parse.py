"""A command line as words with their places: the syntax of chdkptp.

A line is split once. Every word keeps where it stood, so that completion and highlighting work on
the same result as execution, and nothing is ever joined and split again.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import NamedTuple

from chdkshell.errors import UsageError, printable
from chdkshell.shell.language import GROUPS, SELECT

PREFIXES = "!.#="
"""Characters that are commands: what follows them need not be set off by a blank. So is `SELECT`,
but for chdkptp."""


class Word(NamedTuple):
    """A word without its quotes, and its place in the line: `line[start:end]` is how it stood."""

    text: str
    start: int
    end: int


class Switch(NamedTuple):
    """`-name` (value None) or `-name=value`."""

    name: str
    value: str | None
    start: int
    end: int


class CommandLine(NamedTuple):
    """A line's command name, and the rest of the line as it stands from `start` on."""

    name: str
    rest: str
    start: int


class RawText(NamedTuple):
    """The argument of a command that takes free text: the text itself, or the file that holds it.

    `file` is None where the text stood in the line.
    """

    text: str
    file: str | None = None

    def load(self) -> str | bytes:
        """Return the text, or what is in the file. Raises `OSError`."""
        if self.file is None:
            return self.text
        with open(self.file, "rb") as file:
            return file.read().removeprefix(codecs.BOM_UTF8)  # which Lua does not know

    def load_text(self) -> str:
        """Return the text, or what is in the file as text. Raises `OSError`."""
        loaded = self.load()
        return loaded if isinstance(loaded, str) else loaded.decode("utf-8-sig", "replace")


def split_command(line: str, compat: bool = False) -> CommandLine | None:
    """Split the name off a line. None for a blank line. Raises `UsageError`.

    `compat`: as chdkptp, where nothing selects cameras.
    """
    start = _skip_blanks(line, 0)
    if start == len(line):
        return None
    end = start if compat and line[start] == SELECT else name_end(line, start)
    if end == start:
        text = printable(line.strip()).replace("\n", " ")
        raise UsageError(f"bad input '{text}'", "a line starts with a command's name; see `help`")
    rest = _skip_blanks(line, end)
    return CommandLine(" ".join(line[start:end].split()), line[rest:], rest)


def name_end(line: str, start: int) -> int:
    """Return where the name of a command ends that begins at `start`: one word, or a group's two.

    It is `start` where no name begins there.
    """
    if line[start : start + 1] in (*PREFIXES, SELECT):
        return start + 1
    end = _skip_name(line, start)
    if line[start:end] in GROUPS:
        second = _skip_blanks(line, end)
        second_end = _skip_name(line, second)
        return second_end if end < second < second_end else end
    return end


def selection_end(line: str, start: int) -> int:
    """Return where the command begins after the cameras that are named from `start` on."""
    end = start
    while end < len(line) and not _is_blank(line[end]):
        end += 1
    return _skip_blanks(line, end)


def split_words(text: str, offset: int = 0) -> list[Word]:
    """Split `text` at blanks. Raises `UsageError` for a quote that is not closed.

    Between single quotes everything stands for itself; between double quotes a backslash takes the
    next character as it is. Quotes may begin and end inside a word. `offset` is added to places.
    """
    words = []
    at = _skip_blanks(text, 0)
    while at < len(text):
        word, end = _read_word(text, at)
        words.append(Word(word, offset + at, offset + end))
        at = _skip_blanks(text, end)
    return words


def split_arguments(text: str, offset: int = 0) -> list[Word | Switch]:
    """Split `text` into words and switches, in order. Raises `UsageError`.

    A switch is `-` and a letter, so a negative number is a word. `--name` means `-name`.
    """
    return [_switch_or_word(word) for word in split_words(text, offset)]


def unquoted(text: str) -> str:
    """Return a text without the quotes that stand around all of it, as other shells want them."""
    try:
        words = split_words(text)
    except UsageError:
        return text
    is_quoted = len(words) == 1 and text[0] in "'\"" and text[-1] == text[0]
    return words[0].text if is_quoted else text


def loses_backslashes(text: str) -> bool:
    """Whether a backslash between double quotes is lost: before what is neither quote nor another.

    As in "C:\\pics", which is read as C:pics.
    """
    at = 0
    while at < len(text):
        if text[at] in "'\"":
            _, end = _read_quoted(text, at)
            kept = text[at:end].replace("\\\\", "").replace('\\"', "")
            if text[at] == '"' and "\\" in kept:
                return True
            at = end
        else:
            at += 1
    return False


def find_marks(text: str, marks: str) -> list[int]:
    """Return where the characters of `marks` stand in `text` outside of quotes.

    Raises `UsageError` for a quote that is not closed.
    """
    found = []
    at = 0
    while at < len(text):
        if text[at] in "'\"":
            _, at = _read_quoted(text, at)
            continue
        if text[at] in marks:
            found.append(at)
        at += 1
    return found


def parse_raw_text(text: str) -> RawText:
    """Read free text, or `< file`. Raises `UsageError`."""
    start = _skip_blanks(text, 0)
    if text[start : start + 1] != "<":
        return RawText(text)
    words = split_words(text[start + 1 :])
    if len(words) != 1:
        raise UsageError(
            "expected exactly one filename", "after `<` comes a file name; quote one with spaces"
        )
    if not words[0].text:
        from chdkshell.chdk.paths import no_path

        raise no_path()
    return RawText("", words[0].text)


def quote(text: str, mark: str = "") -> str:
    """Return `text` so that it is read as one word.

    In the quotes `mark` where that goes, or else in those that leave its backslashes as they are.
    """
    if "'" not in text and (mark == "'" or ("\\" in text and not mark)):
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_word(text: str) -> str:
    """Return `text` as one word for people to read and type: quoted only where it must be."""
    is_plain = text and text[0] != "-" and not any(_is_blank(c) or c in "\"'" for c in text)
    return text if is_plain else quote(text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the known name that is nearest to `name`, or "" where none is near."""
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def _is_blank(character: str) -> bool:
    return character <= " " or character == "\x7f"


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and _is_blank(text[at]):
        at += 1
    return at


def _skip_name(text: str, at: int, others: str = "_") -> int:
    """Return where the ASCII letters, digits and `others` from `at` on end."""
    while at < len(text) and ((text[at].isalnum() and text[at].isascii()) or text[at] in others):
        at += 1
    return at


def _read_word(text: str, at: int) -> tuple[str, int]:
    parts = []
    while at < len(text) and not _is_blank(text[at]):
        if text[at] in "'\"":
            part, at = _read_quoted(text, at)
        else:
            part = text[at]
            at += 1
        parts.append(part)
    return "".join(parts), at


def _read_quoted(text: str, at: int) -> tuple[str, int]:
    """Read from the opening quote at `at`; return what is between the quotes, and where it ends."""
    quote = text[at]
    at += 1
    parts = []
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\":
            at += 1
            if at == len(text):
                raise UsageError("unexpected \\", "a backslash needs a character after it")
        parts.append(text[at])
        at += 1
    if at == len(text):
        raise UsageError(f"unclosed {quote}", f"close the text with another {quote}")
    return "".join(parts), at + 1


def _switch_or_word(word: Word) -> Word | Switch:
    text = word.text
    start = 2 if text.startswith("--") else 1
    first = text[start : start + 1]
    if not (text.startswith("-") and first.isalpha() and first.isascii()):
        return word
    end = _skip_name(text, start, "_-")
    name, rest = text[start:end], text[end:]
    if rest and rest[0] != "=":
        raise UsageError(f"invalid switch value {printable(rest)}", f"write -{name}=value")
    return Switch(name, rest[1:] if rest else None, word.start, word.end)
