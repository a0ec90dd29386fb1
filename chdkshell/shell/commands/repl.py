"""The command that keeps a Lua session on the camera."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, ChdkError, ChdkShellError, ScriptError
from chdkshell.shell.arguments import LuaCode
from chdkshell.shell.command import Needs, command
from chdkshell.shell.linesource import standard_input

if TYPE_CHECKING:
    from chdkshell.chdk.luasession import LuaSession, SessionValue
    from chdkshell.shell.context import Context
    from chdkshell.shell.parse import RawText


ENDS = ("quit", "exit")
"""What ends a session: in Lua these are names of nothing, and a line of a name does nothing."""


@command("repl", topic="scripts", needs=Needs.CHDK, interactive=True)
def repl(
    context: Context, code: Arg[LuaCode, "Lua to run at once; else it is read line by line."]
) -> None:
    """Keep a Lua session on the camera: variables and held keys live from line to line.

    A line is Lua or an expression, whose value is printed; a `=` before it does no harm. A line
    that is not finished goes on below. What is printed comes at once. Errors do not end the
    session. Ctrl-C interrupts what runs, Ctrl-D or `quit` ends the session, `help` and `help NAME`
    tell of functions, as outside of it.
    Example: repl
    Example: repl < session.lua
    """
    from chdkshell.chdk.luasession import LuaSession

    failed = 0
    with LuaSession(context.camera.scripts) as session:
        for chunk in _chunks(context, code):
            word, _, name = chunk.strip().partition(" ")
            if word in ENDS and not name:
                break
            if word == "help" and (not name or _is_name(name)):
                _show_help(context, name)
                continue
            failed += not _evaluate(context, session, chunk)
            if context.finished:
                break
    if failed and not _asks(context, code):
        what = "1 chunk" if failed == 1 else f"{failed} chunks"
        raise ChdkShellError(f"{what} failed", "the errors before tell why")


def _asks(context: Context, code: RawText) -> bool:
    return not code.text.strip() and code.file is None and context.renderer.at_prompt


def _is_name(text: str) -> bool:
    """Whether help may be asked for about a text: Lua begins otherwise, as in `help = 1`."""
    return text.strip().replace(".", "").replace("_", "").isalnum()


def _show_help(context: Context, name: str) -> None:
    """Answer `help` in a session, and go on with it."""
    context.run_line(f"help {name}" if name else "help repl")
    if not name:
        context.notice(
            "`help NAME` tells of a function, `help lua` of all; `quit` ends the session"
        )


def _chunks(context: Context, code: RawText) -> Iterator[str]:
    """Yield the chunks: from the person at the prompt, the line, the file, or standard input."""
    if code.text.strip():
        yield code.text
    elif code.file is not None:
        yield from _join_lines(code.load_text().splitlines())
    elif context.prompt is not None:
        yield from context.prompt.lua_lines()
    elif context.renderer.at_prompt:
        yield from _asked_chunks(context)
    else:
        yield from _join_lines(_piped_lines(context))


def _piped_lines(context: Context) -> Iterator[str]:
    source = standard_input()
    while True:
        with context.signals.waiting():
            line = source.readline()
        if not line:
            return
        yield line.rstrip("\r\n")


def _join_lines(lines: Iterable[str]) -> Iterator[str]:
    """Join the lines that belong together: one that is not finished goes on.

    Empty lines stand for those before a chunk, so that its errors tell the line of them all.
    """
    from chdkshell.lua.check import chunk_goes_on
    from chdkshell.shell.luacheck import without_equals

    before, chunk = "", ""
    for line in lines:
        chunk = f"{chunk}\n{line}" if chunk else line
        if not chunk_goes_on(without_equals(chunk)):
            yield before + without_equals(chunk)
            before += "\n" * (chunk.count("\n") + 1)
            chunk = ""
    if chunk:
        yield before + without_equals(chunk)


def _asked_chunks(context: Context) -> Iterator[str]:
    """Ask at a terminal that can only show letters. Ctrl-C drops what was begun."""
    from chdkshell.lua.check import chunk_goes_on
    from chdkshell.shell.linesource import typed_line
    from chdkshell.shell.luacheck import without_equals

    chunk = ""
    while True:
        try:
            with context.signals.waiting():
                line = typed_line("...> " if chunk else "lua> ", sys.stdout)
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()
            chunk = ""
            continue
        chunk = f"{chunk}\n{line}" if chunk else line
        if not chunk_goes_on(without_equals(chunk)):
            yield chunk
            chunk = ""


def _evaluate(context: Context, session: LuaSession, text: str) -> bool:
    """Run one chunk and show what comes of it. Returns whether it succeeded."""
    from chdkshell.flow import CancelToken
    from chdkshell.shell.luacheck import without_equals
    from chdkshell.shell.results import JsonOnly
    from chdkshell.shell.results.luasession import Printed, ScriptFailure

    code = without_equals(text)
    if not code.strip():
        return True
    session.lost_lines = 0
    try:
        _require_sound(context, code)
        cancel = CancelToken()
        with context.signals.cancelling(cancel):
            values = session.evaluate(code, lambda line: context.emit(Printed(line)), cancel)
    except Cancelled as error:
        if not context.renderer.at_prompt:
            raise
        context.renderer.error(error)
        return False
    except ScriptError as error:
        _show_error(context, error, session.code_of(error.source) if error.source else code)
        place = error.position, error.message, error.line
        context.emit(JsonOnly(ScriptFailure(session.script_id, error.kind, *place)))
        return False
    except ChdkError as error:
        context.renderer.error(error)
        return False
    finally:
        if session.lost_lines:
            from chdkshell.shell.scripting.output import tell_lost_lines

            tell_lost_lines(context, session.lost_lines)
    if values:
        _show(context, values)
    return True


def _show_error(context: Context, error: ScriptError, code: str) -> None:
    """Tell an error, with the line that it is about."""
    if error.line is not None and not error.excerpt:
        from chdkshell.shell.luacheck import excerpt

        error.excerpt = excerpt(code, error.line)
    context.renderer.error(error)


def _require_sound(context: Context, code: str) -> None:
    if context.checks_lua:
        from chdkshell.lua.check import check
        from chdkshell.shell.luacheck import require_sound

        if check(f"return {code}") is not None:
            require_sound(code)


def _show(context: Context, values: tuple[SessionValue, ...]) -> None:
    from chdkshell.chdk.luasession import Described
    from chdkshell.lua.literals import serialize
    from chdkshell.shell.results.luasession import LuaValues

    texts = [v.text if isinstance(v, Described) else serialize(v) for v in values]
    context.emit(LuaValues(values, "\t".join(texts)))
