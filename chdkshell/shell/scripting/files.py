"""Scripts as files, here or on the card: found by what the user wrote, and their errors' places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.cardscripts import SCRIPTS, CardScript, find_on_card, read_local
from chdkshell.errors import ScriptError, UsageError, printable
from chdkshell.hostnames import expanded
from chdkshell.shell.luacheck import excerpt, require_sound
from chdkshell.shell.parse import did_you_mean

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


def find_script(context: Context, name: str) -> CardScript:
    """Return the script that `name` means: a file here, else one of the card.

    Raises `UsageError` where there is none, and `LuaSyntaxError` for one here that does not
    compile.
    """
    local = local_script(name)
    if local is not None:
        script = read_local(local)
        if context.prefs.flag("syntaxcheck"):
            for file in script.files:
                require_sound(as_text(file.source), str(file.path))
        return script
    camera = context.camera
    for path in dict.fromkeys((context.from_folder(name), name)):
        found = find_on_card(camera.files, camera.scripts, path, context.cancel)
        if found is not None:
            return found
    folder = context.connections.folder.rstrip("/")
    places = f"{folder} or {SCRIPTS}" if folder else SCRIPTS
    raise UsageError(
        f"there is no script '{printable(name)}' here, nor in {printable(places)} on the card",
        "`run -list` shows those of the card",
    )


def local_script(name: str) -> Path | None:
    """Return the file of this computer that `name` means: it may lack its `.lua`."""
    if name[:2].upper() == "A/":
        return None
    path = expanded(name)
    if path.is_file():
        return path
    with_ending = path.with_name(f"{path.name}.lua") if path.name else path  # "." has no name
    return with_ending if with_ending.is_file() else None


def check_names(script: CardScript, given: dict[str, str]) -> None:
    """Raise `UsageError` for a name that no parameter of the script has, with the nearest."""
    names = [p.name for p in script.header.parameters]
    for name in given:
        if name not in names and (near := did_you_mean(name, names)):
            raise UsageError(f"the script has no parameter '{printable(name)}'", near)


def menu_values(context: Context, script: CardScript) -> dict[str, int]:
    """Return the values that the camera's menu keeps for a script, and tell them; {} for none.

    As in the menu, a file with a parameter that the script lacks is of another script.
    """
    from chdkshell.chdk.keptvalues import find_kept
    from chdkshell.chdk.menuscript import MenuScript

    kept = find_kept(context.camera.scripts, script.path, context.cancel)
    if kept is None:
        context.warn(f"the menu keeps no values for {script.path}: those of its header count")
        return {}
    menu = MenuScript(script.source)
    foreign = [name for name in kept.values if script.header.parameter(name) is None]
    if foreign:
        context.warn(f"{kept.path} is of another script, with {foreign[0]}: the defaults count")
        return {}
    for problem in menu.take_settings(kept.text):
        context.warn(f"{kept.path}: {problem}")
    shown = " ".join(f"{p.name}={p.text(menu.values[p.name])}" for p in script.header.parameters)
    context.tell(printable(f"{kept.path}: {shown}"))
    return menu.values


def at_home(error: ScriptError, script: CardScript) -> ScriptError:
    """Return an error with its place in the user's own file, and the line that it is about."""
    file, line = script.place(error.source), error.line
    if file is None or line is None:
        return error
    here = ScriptError(error.kind, error.text, error.message, line, str(file.path))
    here.excerpt = excerpt(as_text(file.source), line)
    return here


def as_text(source: bytes) -> str:
    """Return Lua as text, with what is no UTF-8 in it kept."""
    return source.decode("utf-8", "surrogateescape")
