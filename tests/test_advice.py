"""Every failure has a reason, and the shell knows what each means and what to do about it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import chdkshell
from chdkshell import errors
from chdkshell.errors import ChdkShellError, NoDeviceError, PermissionDeniedError, UsageError
from chdkshell.reasons import Reason
from chdkshell.shell.advice import ADVICE, markdown_table, next_step, step_for

PACKAGE = Path(chdkshell.__file__).parent
SHELL = ("shell", "cli.py", "__main__.py")
LIBRARY = sorted(
    p.name
    for p in PACKAGE.iterdir()
    if p.suffix in ("", ".py") and p.name not in (*SHELL, "__pycache__")
)


def test_every_reason_has_its_advice() -> None:
    assert set(ADVICE) == set(Reason)
    for reason, advice in ADVICE.items():
        assert advice.meaning.endswith("."), reason
        assert not advice.step.endswith("."), reason


def test_every_error_has_a_reason_of_its_own_kind() -> None:
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, ChdkShellError)
    ]
    assert len(classes) > 25
    reasons = {kind: kind.reason for kind in classes}
    shared = [kind.__name__ for kind in classes if list(reasons.values()).count(kind.reason) > 1]
    assert sorted(shared) == ["ChdkShellError", "UsageError"]


def test_what_an_error_says_itself_goes_before_the_advice() -> None:
    assert next_step(UsageError("invalid interval", "seconds, like 0.5")) == "seconds, like 0.5"
    assert next_step(NoDeviceError("none")) == ADVICE[Reason.NO_DEVICE].step


def test_what_callers_note_follows() -> None:
    error = NoDeviceError("none", reason=Reason.CONNECTION_CLOSED)
    error.add_note("kept 5 MB")
    assert next_step(error) == "`reconnect`; kept 5 MB"


def test_particulars_fill_the_gaps_of_advice() -> None:
    error = NoDeviceError("gone", reason=Reason.NOT_AT_ITS_PORT, data={"address": "usb:001:004"})
    assert "`connect usb:001:004`" in next_step(error)


@pytest.mark.parametrize(
    ("reason", "platform", "said"),
    [
        (Reason.NO_PERMISSION, "linux", 'ATTR{idVendor}=="04a9"'),
        (Reason.NO_DRIVER, "win32", "Zadig"),
        (Reason.IN_USE, "linux", "gvfs"),
        (Reason.IN_USE, "darwin", "ptpcamerad"),
    ],
)
def test_advice_fits_the_system(reason: Reason, platform: str, said: str) -> None:
    assert said in step_for(reason, platform=platform)
    assert said in next_step(PermissionDeniedError("no", reason=reason), platform)


def test_the_table_for_the_readme() -> None:
    lines = markdown_table().splitlines()
    assert len(lines) == 2 + sum(bool(advice.message) for advice in ADVICE.values())
    assert [line for line in lines if line.count("|") != 5] == []
    # a rule of udev's has braces of its own
    assert [line for line in lines if re.search(r"(?<!ATTR)\{", line)] == []


# ---- the library does not speak the shell's language ---------------------------------------------


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that are no docstrings, and their lines."""
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.lineno, node.value


def shell_words(text: str) -> list[str]:
    """Return what in a text is written as a command or a switch is, or calls something so."""
    return re.findall(r"`[^`]+`|(?<![\w)-])-[a-z]{2,}(?![\w])|(?<!-)\bcommand\b", text)


def test_shell_words_are_seen() -> None:
    code = 'def f():\n    """`list`."""\n    raise E("`list` says", f"-over={1}", "a command")\n'
    found = [word for _, text in texts(ast.parse(code)) for word in shell_words(text)]
    assert sorted(found) == ["-over", "`list`", "command"]


RECORDED = {
    "file exists, use -over to overwrite ",
    "timeout waiting for command",
}
"""Texts of chdkptp that programs read."""


@pytest.mark.parametrize("part", LIBRARY)
def test_the_library_names_no_command_and_no_switch(part: str) -> None:
    path = PACKAGE / part
    found = [
        f"{file.relative_to(PACKAGE)}:{line}: {text}"
        for file in ([path] if path.is_file() else sorted(path.rglob("*.py")))
        for line, text in texts(ast.parse(file.read_text("utf-8")))
        if shell_words(text) and text not in RECORDED
    ]
    assert found == []
