"""The command that checks scripts without a camera."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ChdkShellError, UsageError
from chdkshell.shell.arguments import LocalPath
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.shell.context import Context
    from chdkshell.shell.linting.named import CameraLua


@command("lint", topic="scripts", needs=Needs.MAYBE_CAMERA)
def lint(
    context: Context,
    *file: Arg[LocalPath, "Scripts, and folders with *.lua files."],
    strict: Arg[bool, "Fail for warnings, too."] = False,
    chdk: Arg[str | None, "Check for this version of CHDK, not for that of the header."] = None,
    camera: Arg[bool, "Warn of what the connected camera's build and model lack, too."] = False,
    definitions: Arg[
        LocalPath | None, "Write the camera's functions for editors (LuaCATS)."
    ] = None,
) -> None:
    """Check scripts for the camera, without one.

    Errors are what the camera refuses to compile, and calls of what exists nowhere; it fails where
    there is one. Warnings are misspelt names, also of keys and properties, numbers of arguments,
    functions that the version of CHDK lacks, fractions, and what waits below pcall. With -camera
    the connected camera tells what its Lua and its property set have.
    Example: lint myscript.lua
    Example: lint -camera myscript.lua
    Example: lint -definitions=chdk.lua
    """
    if not file and definitions is None:
        raise UsageError("lint needs a file", "`lint -definitions=FILE` alone needs none")
    if definitions is not None:
        _write_definitions(definitions)
    wanted = _version(chdk)
    known = _camera_lua(context) if camera else None
    errors = warnings = 0
    for path in _files(file):
        for is_error in _lint_file(context, path, wanted, known):
            errors += is_error
            warnings += not is_error
    if errors or (strict and warnings):
        counts = [_count(errors, "error"), _count(warnings, "warning")]
        raise ChdkShellError(" and ".join(filter(None, counts)), "the lines before say where")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}" if number else ""


def _version(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,4}(\.\d{1,6}){1,3}", text):
        raise UsageError(f"'{text}' is no version of CHDK", "write it as 1.5")
    return tuple(map(int, text.split(".")))


def _files(names: tuple[str, ...]) -> list[Path]:
    from chdkshell.hostnames import expanded

    found: list[Path] = []
    for path in map(expanded, names):
        if path.suffix.lower() == ".bas":
            raise UsageError(f"{path} is uBASIC", "only Lua can be checked")
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() == ".lua")
        else:
            found.append(path)
    return found


def _camera_lua(context: Context) -> CameraLua:
    """Return what the connected camera has for scripts."""
    from chdkshell.chdk.luanames import lua_names
    from chdkshell.shell.linting.named import CameraLua

    camera = context.camera
    names = lua_names(camera.scripts, context.cancel)
    propset = camera.scripts.call("return get_propset()", cancel=context.cancel)
    protocol = ".".join(map(str, camera.chdk_version or ()))
    about = f"{camera.model} (protocol {protocol})"
    return CameraLua(about, names, propset if isinstance(propset, int) else None)


def _lint_file(
    context: Context, path: Path, version: tuple[int, ...] | None, camera: CameraLua | None
) -> list[bool]:
    """Show what is found in a file; return for each finding whether it is an error."""
    from chdkshell.shell.linting.finding import Severity
    from chdkshell.shell.linting.lint import lint as lint_source
    from chdkshell.shell.results.lint import LintFinding

    found = lint_source(path.read_bytes(), lambda name: _module(path, name), version, camera)
    for finding in found:
        context.emit(LintFinding(str(path), finding))
    return [finding.severity is Severity.ERROR for finding in found]


def _module(script: Path, name: str) -> str | None:
    """Return the text of a module that lies beside a script, or in the LUALIB of its card."""
    folders = (script.parent, *(above / "LUALIB" for above in script.parents))
    for folder in folders:
        path = folder / f"{name}.lua"
        if path.is_file():
            return path.read_bytes().decode("utf-8-sig", "surrogateescape")
    return None


def _write_definitions(target: str) -> None:
    from chdkshell.chdk.transfer import write_whole
    from chdkshell.hostnames import expanded
    from chdkshell.shell.linting.definitions import definitions

    write_whole(expanded(target), definitions().encode())
