"""What in tests only a POSIX system has, found by reading them.

A test file that needs it has the line `# needs: POSIX` below its docstring: elsewhere it is skipped
before it is imported (conftest.py). It counts, too, what the modules of `support` need that it
imports.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from support.without_posix import MODULES, OF_OS, OF_SIGNAL, OF_SOCKET

TESTS = Path(__file__).resolve().parents[1]

HEAD = "# needs: POSIX"

_MODULES = MODULES | {"pexpect"}
_ATTRIBUTES = {"os": {*OF_OS, "kill", "symlink"}, "signal": {*OF_SIGNAL}, "socket": {*OF_SOCKET}}
_METHODS = {"send_signal", "sendmsg", "symlink_to", "chmod"}


def has_head(path: Path) -> bool:
    """Whether a test file says that it needs POSIX."""
    with path.open(encoding="utf-8") as file:
        return any(line.rstrip() == HEAD for line in _head(file))


def _head(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith(("from ", "import ")):
            return
        yield line


def needs(path: Path) -> set[str]:
    """Return what a file needs of POSIX, itself or by what it imports from `support`."""
    return set().union(*(_own_needs(file) for file in _with_support(path)))


@functools.cache
def _with_support(path: Path) -> frozenset[Path]:
    found = {path}
    for node in ast.walk(_tree(path)):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("support"):
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            file = TESTS / (name.replace(".", "/") + ".py")
            # The emulated bus says itself, when it is used, that it needs Linux.
            if file.is_file() and file != path and "emulated_usb" not in file.parts:
                found |= _with_support(file)
    return frozenset(found)


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def _own_needs(path: Path) -> frozenset[str]:
    return frozenset(_named(_tree(path)))


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in _MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in _ATTRIBUTES.get(owner, ()):
                yield f"{owner}.{node.attr}"
            if node.attr in _METHODS:
                yield node.attr
