"""Definitions of the camera's Lua for editors, in the annotations of LuaCATS.

Language servers such as lua-language-server complete and check by them: the file goes into the
folder of the scripts, or to where `workspace.library` leads.
"""

from __future__ import annotations

from collections.abc import Iterator

from chdkshell.lua.keywords import KEYWORDS
from chdkshell.shell.knowledge import LuaFunction, functions, tables
from chdkshell.shell.linting.signatures import parameters, results


def definitions() -> str:
    """Return the text of the file."""
    lines = ["---@meta", "-- The Lua of CHDK: its functions, and those of Lua that it has.", ""]
    for name in tables():
        lines += [f"---@class {name}lib", f"{name} = {{}}", ""]
    for function in functions().values():
        lines += [*_definition(function), ""]
    return "\n".join(lines)


def _definition(function: LuaFunction) -> Iterator[str]:
    yield f"---{function.what}"
    if function.units:
        yield f"---\n---{function.units}"
    if function.since:
        yield f"---\n---Since CHDK {function.since}."
    if not function.is_function:
        yield "---@type any"
        yield f"{function.name} = nil"
        return
    names = []
    for parameter in parameters(function):
        name = parameter.name
        name = f"{name}_" if name in KEYWORDS else name
        if name != "..." and name in names:
            continue
        yield f"---@param {name}{'?' if parameter.is_optional and name != '...' else ''} any"
        names.append(name)
    for result in results(function):
        yield "---@return any ..." if result == "..." else f"---@return any {result.split()[-1]}"
    # what may follow stands last in Lua
    names.sort(key=lambda name: name == "...")
    yield f"function {function.name}({', '.join(names)}) end"
