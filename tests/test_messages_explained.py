"""The table of messages: what the program really says is in it, and it makes a README table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import chdkshell
from chdkshell.doctor.messages import MESSAGES, explain, markdown_table

USB = sorted((Path(chdkshell.__file__).parent / "transport").glob("usb*.py"))
ERRORS = ("Error", "Cancelled", "kind")


def raised(path: Path) -> Iterator[str]:
    """Yield the messages of the errors that a module makes, with x for what differs."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id.endswith(ERRORS) and node.func.id not in ("UsageError", "ValueError"):
            yield text_of(node.args[0])


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "x" for v in node.values)
    return ""


@pytest.mark.parametrize("path", USB, ids=lambda path: path.name)
def test_every_message_of_the_usb_transport_is_explained(path: Path) -> None:
    for text in filter(None, raised(path)):
        # x stands for the place of a camera, and at the start for its name or that of libusb
        text = text.replace("x ", "libusb " if "loaded" in text else "the camera at x ", 1)
        text = text.replace("open x", "open the camera at x")
        assert explain(text) is not None, text


def test_the_modules_do_raise_something() -> None:
    assert sum(len(list(raised(path))) for path in USB) > 20


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the camera at usb:001:004 is in use by gvfsd (pid 7)", "the camera at … is in use by …"),
        ("there is no camera on USB", "there is no camera… on USB"),
        ("there is no camera that matches 'x' on USB", "there is no camera… on USB"),
        ("the camera sent 3 bytes where a container starts with 12", "the camera sent …"),
    ],
)
def test_a_message_is_found(text: str, found: str) -> None:
    message = explain(text)
    assert message is not None
    assert message.text == found


def test_what_is_not_known_is_not_explained() -> None:
    assert explain("something else") is None


def test_the_table_for_the_readme() -> None:
    lines = markdown_table().splitlines()
    assert lines[:2] == ["| message | what it means | what to do |", "|---|---|---|"]
    assert len(lines) == 2 + len(MESSAGES)
    assert all(line.count(" | ") == 2 for line in lines[2:])
    assert all(m.meaning.endswith(".") and m.mend.endswith(".") for m in MESSAGES)
