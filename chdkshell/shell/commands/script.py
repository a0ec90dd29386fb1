"""Commands that run Lua on the camera and exchange messages with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import ScriptError
from chdkshell.shell.arguments import LuaCode, Message
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.chdk.messages import ScriptMessage
    from chdkshell.shell.context import Context
    from chdkshell.shell.parse import RawText


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
    from chdkshell.chdk.marks import Mark
    from chdkshell.shell.results.scripts import Message

    def show(message: ScriptMessage) -> None:
        context.emit(Message(message))

    source = _load(context, code)
    with _showing_the_line(context, source):
        scripts = context.camera.scripts
        done = scripts.run(source, on_message=show, mark=Mark.USERS, cancel=context.cancel)
    for message in done.returns:
        show(message)


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
