"""Commands that run Lua on the camera and exchange messages with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ScriptError
from chdkshell.shell.arguments import LocalPath, LuaCode, Message, Named, ScriptValue
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.chdk.messages import ScriptMessage
    from chdkshell.shell.context import Context
    from chdkshell.shell.parse import RawText
    from chdkshell.shell.results.scripts import MadeScript


@command("lua", ".", topic="scripts", needs=Needs.CHDK)
def lua(context: Context, code: Arg[LuaCode, "Lua code, or a file with it."]) -> None:
    """Start Lua on the camera and do not wait for it.

    What it returns and sends, and its errors, are read with getm.
    Example: lua sleep(2000) return get_zoom()
    """
    from chdkshell.chdk.marks import Mark

    source = _load(context, code)
    with _showing_the_line(context, source):
        context.camera.scripts.start(source, mark=Mark.USERS)


@command("luar", "=", topic="scripts", needs=Needs.CHDK)
def luar(context: Context, code: Arg[LuaCode, "Lua code, or a file with it."]) -> None:
    """Run Lua on the camera, wait for it, and print what it sends and returns.

    Ctrl-C ends the script.
    Example: luar return get_buildinfo()
    Example: =return get_zoom()
    Example: luar < script.lua
    """
    _run_shown(context, _load(context, code))


def _run_shown(context: Context, source: str | bytes) -> None:
    """Run Lua to its end, and show what it sends and returns."""
    from chdkshell.chdk.marks import Mark
    from chdkshell.shell.results.scripts import Message

    def show(message: ScriptMessage) -> None:
        context.emit(Message(message))

    with _showing_the_line(context, source):
        scripts = context.camera.scripts
        done = scripts.run(source, on_message=show, mark=Mark.USERS, cancel=context.cancel)
    for message in done.returns:
        show(message)


@command("camscript", topic="scripts", needs=Needs.MAYBE_CAMERA)
def camscript(
    context: Context,
    script: Arg[LocalPath, "A script of CHDK's menu, here; with A/ before it, on the card."],
    *parameter: Arg[ScriptValue, "Numbers as in its header, NAME.value=LABEL, true or false."],
    cfg: Arg[LocalPath | None, "Settings that the menu kept, as A/CHDK/DATA/NAME.0."] = None,
    tpl: Arg[LocalPath | None, "A template that the script is put into."] = None,
    load: Arg[
        bool | str, Named("file"), "Have the card's file loaded, not the script sent along."
    ] = False,
    save: Arg[LocalPath | None, "Write what was made to a file."] = None,
    savecfg: Arg[LocalPath | None, "Write the parameters as the menu keeps them."] = None,
    run: Arg[bool, "Start it on the camera."] = False,
    wait: Arg[bool, "With -run: wait for it, and print what it sends and returns."] = False,
    quiet: Arg[bool, "Do not tell what was written."] = False,
) -> MadeScript | None:
    """Make a script of the camera's menu run by itself, with values for its parameters.

    Without -run, -save and -savecfg it is only checked. In a template --[!glue:start],
    --[!glue:vars] and --[!glue:body] stand alone on their lines: what is before start is left out,
    and parameters and script take the places of the others.
    Example: camscript INTERVAL.LUA shots=5 mode.value=Slow -run -wait
    Example: camscript A/CHDK/SCRIPTS/INTERVAL.LUA -cfg=A/CHDK/DATA/INTERVAL.0 -save=lapse.lua
    """
    from pathlib import Path

    from chdkshell.chdk.transfer import write_whole
    from chdkshell.shell.luacheck import require_sound
    from chdkshell.shell.results.scripts import MadeScript
    from chdkshell.shell.shots.menuscripts import MenuFiles, encoded

    files = MenuFiles(context, script, cfg, tpl, load)
    made = files.script(parameter)
    chunk = made.chunk(files.template, files.loads)
    if not (run or save or savecfg):
        require_sound(chunk)
    if savecfg is not None:
        write_whole(Path(savecfg), encoded(made.settings()))
    if save is not None:
        write_whole(Path(save), encoded(made.text(files.template, files.loads)))
    saved = tuple(name for name in (savecfg, save) if name is not None)
    result = MadeScript(made.named_values, saved, ran=run, quiet=quiet)
    if not run:
        return result
    context.emit(result)
    if wait:
        _run_shown(context, chunk)
    else:
        from chdkshell.chdk.marks import Mark

        with _showing_the_line(context, chunk):
            context.camera.scripts.start(chunk, mark=Mark.USERS)
    return None


def _load(context: Context, code: RawText) -> str | bytes:
    """Return the Lua code; at a terminal, only where it compiles. Raises `LuaSyntaxError`."""
    source = code.load()
    if context.checks_lua:
        from chdkshell.shell.luacheck import require_sound

        require_sound(_as_text(source))
    return source


@contextmanager
def _showing_the_line(context: Context, source: str | bytes) -> Iterator[None]:
    """Give an error in the user's own code the line that it is about, for people."""
    try:
        yield
    except ScriptError as error:
        if error.line is not None and not error.source:
            from chdkshell.shell.luacheck import excerpt

            error.excerpt = excerpt(_as_text(source), error.line)
        raise


def _as_text(source: str | bytes) -> str:
    return source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")


@command("getm", topic="scripts", needs=Needs.CHDK)
def getm(context: Context) -> None:
    """Print the messages that scripts left.

    Example: getm
    """
    from chdkshell.chdk.constants import MessageType
    from chdkshell.shell.results.luasession import ScriptFailure
    from chdkshell.shell.results.scripts import Message

    scripts = context.camera.scripts
    while (message := scripts.read_message()) is not None:
        if message.type is not MessageType.ERROR:
            context.emit(Message(message))
        else:
            error = scripts.error_of(message)
            context.emit(
                ScriptFailure(
                    message.script_id, error.kind, error.position, error.message, error.line
                )
            )
        context.cancel.check()


@command("putm", topic="scripts", needs=Needs.CHDK)
def putm(context: Context, message: Arg[Message, "The text to send."]) -> None:
    """Send a message to the script that runs; it takes it with read_usb_msg.

    Example: putm go on
    """
    context.camera.scripts.send(message)


@command("killscript", topic="scripts", needs=Needs.CHDK, ignores_words=True)
def killscript(
    context: Context,
    *,
    noflush: Arg[bool, "Keep the messages that wait."] = False,
    force: Arg[bool, "Kill even where CHDK is too old to do it cleanly: likely a crash."] = False,
) -> None:
    """End the script that runs on the camera.

    Example: killscript
    """
    context.camera.scripts.kill(flush=not noflush, force=force)
