"""Commands that run Lua on the camera and exchange messages with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ScriptError
from chdkshell.shell.arguments import LocalPath, LuaCode, MadePath, Message, Named, ScriptValue
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.scripts import MadeScript


@command("lua", ".", topic="scripts", needs=Needs.CHDK)
def lua(context: Context, code: Arg[LuaCode, "Lua code, or a file with it."]) -> None:
    """Start Lua on the camera and do not wait for it.

    What it returns and sends, and its errors, are read with getm.
    Example: lua sleep(2000) return get_zoom()
    """
    from chdkshell.chdk.marks import Mark

    source = code.load()
    _require_sound(context, source, code.file)
    libraries = ("print",) if context.prefs.get("lua_print") == "on" else ()
    with _showing_the_line(context, source, code.file):
        context.camera.scripts.start(source, libraries=libraries, mark=Mark.USERS)


@command("luar", "=", topic="scripts", needs=Needs.CHDK)
def luar(context: Context, code: Arg[LuaCode, "Lua code, or a file with it."]) -> None:
    """Run Lua on the camera, wait for it, and print what it sends and returns.

    At a terminal an expression may stand alone, and what `print` writes is shown; elsewhere after
    `set lua_print=on`. Ctrl-C ends the script.
    Example: luar return get_buildinfo()
    Example: =return get_zoom()
    Example: luar < script.lua
    """
    source = code.load()
    shown = _as_shown(context, source) if code.file is None else source
    if shown is source:
        _require_sound(context, source, code.file)
    with _showing_the_line(context, source, code.file):
        _run_shown(context, shown, ("show",) if shown is not source else ())


def _run_shown(context: Context, source: str | bytes, libraries: tuple[str, ...] = ()) -> None:
    """Run Lua to its end, and show what it prints, sends and returns."""
    from chdkshell.chdk.marks import Mark
    from chdkshell.shell.scripting.output import ScriptOutput

    wanted = context.prefs.get("lua_print")
    prints = wanted == "on" or (wanted == "auto" and context.renderer.for_people)
    if prints:
        from chdkshell.shell.scripting.counted import counting_lines

        source = counting_lines(_as_text(source))
    output = ScriptOutput(context)
    try:
        done = context.camera.scripts.run(
            source,
            libraries=("print", *libraries) if prints else libraries,
            on_message=output.receive,
            mark=Mark.USERS,
            watch_queue=True,
            cancel=context.cancel,
        )
    finally:
        output.finish()
    output.show_returns(done)


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
    save: Arg[MadePath | None, "Write what was made to a file."] = None,
    savecfg: Arg[MadePath | None, "Write the parameters as the menu keeps them."] = None,
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
        with _showing_the_line(context, chunk):
            _run_shown(context, chunk)
    else:
        from chdkshell.chdk.marks import Mark

        with _showing_the_line(context, chunk):
            context.camera.scripts.start(chunk, mark=Mark.USERS)
    return None


def _as_shown(context: Context, source: str | bytes) -> str | bytes:
    """Return code that returns the value of an expression; at a terminal, and else as it is."""
    if not context.renderer.for_people:
        return source
    from chdkshell.lua.check import check

    text = _as_text(source)
    shown = f"return chdkshell_show({text}\n)"  # the line break ends a comment
    # without a compiler here, everything compiles
    is_expression = text.strip() and check(shown) is None and check("=") is not None
    return shown if is_expression else source


def _require_sound(context: Context, source: str | bytes, file: str | None) -> None:
    """At a terminal, raise `LuaSyntaxError` for code that does not compile."""
    if context.checks_lua:
        from chdkshell.shell.luacheck import require_sound

        require_sound(_as_text(source), file or "")


@contextmanager
def _showing_the_line(
    context: Context, source: str | bytes, file: str | None = None
) -> Iterator[None]:
    """Give an error in the user's own code its file, and the line that it is about for people."""
    try:
        yield
    except ScriptError as error:
        if error.line is None or error.source:
            raise
        from chdkshell.shell.luacheck import excerpt

        if file is not None and not context.compat:
            error = ScriptError(error.kind, error.text, error.message, error.line, file)
        error.excerpt = excerpt(_as_text(source), error.line or 0)
        raise error from None


def _as_text(source: str | bytes) -> str:
    return source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")


@command("getm", topic="scripts", needs=Needs.CHDK)
def getm(context: Context) -> None:
    """Print the messages that scripts left.

    Example: getm
    """
    from chdkshell.chdk.constants import MessageType
    from chdkshell.shell.results.luasession import ScriptFailure
    from chdkshell.shell.scripting.output import ScriptOutput

    scripts = context.camera.scripts
    output = ScriptOutput(context, from_start=False)
    while (message := scripts.read_message()) is not None:
        if message.type is not MessageType.ERROR:
            output.receive(message)
        else:
            error = scripts.error_of(message)
            context.emit(
                ScriptFailure(
                    message.script_id, error.kind, error.position, error.message, error.line
                )
            )
        context.cancel.check()
    output.finish()


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
