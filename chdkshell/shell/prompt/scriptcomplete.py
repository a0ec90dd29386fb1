"""What can be written after `run`: scripts, and the parameters of the one that is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chdkshell.chdk.cardscripts import SCRIPTS
from chdkshell.chdk.scriptheader import ScriptHeader, ScriptParameter, parse_header
from chdkshell.errors import ChdkShellError, printable_name
from chdkshell.shell.scripting.files import local_script

if TYPE_CHECKING:
    from chdkshell.shell.prompt.cameraview import CameraView

_ENDING = ".lua"


def card_scripts(prefix: str, view: CameraView) -> Iterator[tuple[str, str]]:
    """Return the card's scripts whose names begin with `prefix`: in A/CHDK/SCRIPTS, or where paths
    begin."""
    folder, slash, name = prefix.rpartition("/")
    found: dict[str, str] = {}
    for place in dict.fromkeys(filter(None, (view.folder.rstrip("/"), SCRIPTS))):
        for entry in view.listing(f"{place}/{folder}"):
            is_script = entry.is_dir or entry.name.lower().endswith(_ENDING)
            is_begun = entry.name.upper().startswith(name.upper())
            if is_script and not entry.is_dir and entry.name.upper() in _files(name.upper()):
                view.script_header(prefix)  # its parameters may be asked for next
            if is_script and is_begun and entry.name.isprintable():
                end = "/" if entry.is_dir else ""
                found.setdefault(f"{folder}{slash}{entry.name}{end}", "on the card")
    yield from found.items()


def _files(name: str) -> tuple[str, str]:
    """Return the names of a file that the name of a script means, in capitals."""
    return name, f"{name}{_ENDING.upper()}"


def parameters(
    script: str, given: set[str], prefix: str, view: CameraView
) -> Iterator[tuple[str, str]]:
    """Return what a parameter can be that begins with `prefix`: `name=`, then its values.

    `given` are the names that stand in the line already.
    """
    header = _header(script, view)
    name, equals, begun = prefix.partition("=")
    for parameter in header.parameters if header else ():
        if not equals:
            if parameter.name.startswith(name) and parameter.name not in given:
                yield f"{parameter.name}=", _what(parameter)
        elif parameter.name == name:
            for value in _values(parameter):
                if value.casefold().startswith(begun.casefold()):
                    yield f"{name}={value}", _what(parameter)


def _header(script: str, view: CameraView) -> ScriptHeader | None:
    local = local_script(script)
    if local is None:
        return view.script_header(script)
    try:
        with local.open("rb") as file:
            return parse_header(file.read(1 << 16))
    except (OSError, ChdkShellError):
        return None


def _values(parameter: ScriptParameter) -> Iterator[str]:
    """Yield all values, or of numbers the default and the bounds, the default first."""
    default = parameter.text(parameter.default)
    yield default
    others = parameter.words or (str(parameter.low), str(parameter.high))
    if parameter.words or parameter.has_bounds:
        yield from (value for value in others if value != default)


def _what(parameter: ScriptParameter) -> str:
    default = parameter.text(parameter.default)
    return printable_name(f"{parameter.label}: {parameter.allowed}, else {default}".lstrip(": "))
