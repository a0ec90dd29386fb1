"""Commands about the shell itself: help, options, scripts of commands, Python."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import Cancelled, ChdkShellError, UsageError, printable
from chdkshell.shell.arguments import (
    CommandName,
    Comment,
    LocalPath,
    PrefAssignment,
    PythonCode,
)
from chdkshell.shell.command import command
from chdkshell.shell.parse import did_you_mean
from chdkshell.shell.prefs import EXEC, PREFS, TIMEOUT, TRACE, find_pref, is_foreign, is_known
from chdkshell.shell.results.general import (
    HelpPage,
    HostLuaValues,
    PrefValues,
    PythonValue,
    SetForm,
)
from chdkshell.shell.signals import EndedBySignal

if TYPE_CHECKING:
    from types import CodeType

    from chdkshell.shell.context import Context
    from chdkshell.shell.results import Result


@command("help", "h", topic="general")
def help_(
    context: Context,
    *cmd: Arg[CommandName, "A command, a topic, a function of CHDK's Lua, or any word."],
    v: Arg[bool, "Give the full help on all commands."] = False,
) -> Result:
    """Help on one command or on all.

    Also on the commands of a topic, and on the functions of CHDK's Lua, which `help lua` lists by
    topic with examples. Another word is looked for in all that is known.
    Example: help download
    Example: help files
    Example: help lua
    Example: help shutter
    Example: help get_tv96
    """
    if not cmd:
        return HelpPage(tuple(context.registry), detailed=v)
    return _help_on(context, " ".join(cmd), v)


def _help_on(context: Context, cmd: str, v: bool) -> Result:
    from chdkshell.shell import knowledge

    command = context.registry.get(cmd)
    if cmd == "lua" and command is not None and not context.compat:
        from chdkshell.shell.helpsearch import functions_by_topic
        from chdkshell.shell.results.helpfound import LuaHelp

        return LuaHelp(command, functions_by_topic())
    if command is not None:
        function = knowledge.function_named(cmd)
        return HelpPage((command,), True, (function,) if function else ())
    of_topic = tuple(c for c in context.registry if cmd in (c.topic, c.topic.partition(" ")[0]))
    if of_topic:
        return HelpPage(of_topic, detailed=v)
    functions = tuple(knowledge.named(cmd))
    if functions:
        return HelpPage((), True, functions)
    from chdkshell.shell.helpsearch import mentions
    from chdkshell.shell.results.helpfound import FoundHelp

    found = mentions(cmd, context.registry)
    if not any(found) or not cmd.strip():
        known = [*context.registry.names(), *knowledge.functions()]
        hint = did_you_mean(cmd, known) or "`help` lists the commands"
        raise UsageError(f"unknown command '{printable(cmd)}'", hint)
    return FoundHelp(found)


@command("#", topic="general", keeps_status=True)
def comment(context: Context, text: Arg[Comment, "Anything."] = "") -> None:
    """Comment: the line is ignored.

    Example: # copy the pictures of today
    """


@command("quit", "q", "exit", topic="general", keeps_status=True)
def quit_(context: Context) -> None:
    """Quit the program.

    Example: quit
    """
    context.quits = True


@command("set", topic="general", raw=True)
def set_(
    context: Context,
    option: Arg[PrefAssignment | None, "An option to show, or option=value to change it."] = None,
    *,
    v: Arg[bool, "Show what each option means."] = False,
    c: Arg[bool, "Show options as commands that set them."] = False,
) -> PrefValues | None:
    """Show or set options.

    Example: set cli_error_exit=true
    Example: set output=plain
    Example: set trace=session.pcapng
    Example: set on_shot=./sort.sh "$ARGUMENT"
    """
    name, equals, value = (option or "").partition("=")
    if is_foreign(name):
        if not context.compat:
            context.warn(f"{name} is of chdkptp's windows, and changes nothing here")
        return None
    if equals and context.starts_up and not is_known(name):
        if not context.compat:
            context.warn(f"there is no option {printable(name)}: ignored")
        return None
    if equals:
        name = find_pref(name).name
        if name == TRACE:
            # one that cannot be made leaves none
            context.prefs.set(name, "")
            context.trace_to(value)
        context.prefs.set(name, value)
        if name == TIMEOUT:
            context.connections.set_timeout(context.prefs.number(TIMEOUT))
        return None
    prefs = [find_pref(name)] if name else list(PREFS.values())
    form = SetForm.DESCRIPTION if v else SetForm.VALUE
    form = SetForm.COMMAND if c else form
    return PrefValues(tuple((p, context.prefs.get(p.name)) for p in prefs), form)


@command("source", topic="general", interactive=True)
def source(context: Context, file: Arg[LocalPath, "A file with one command a line."]) -> None:
    """Run commands from a file, up to the first that fails.

    Example: source backup.chdk
    """
    run_file(context, file)


def run_file(context: Context, file: str) -> None:
    """Run the commands in a file. Raises `ChdkShellError` that names the line that failed."""
    if context.source_depth >= context.prefs.number("cli_source_max"):
        raise UsageError("too many nested source calls", "the limit is `set cli_source_max`")
    context.source_depth += 1
    try:
        with open(file, encoding="utf-8-sig", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                if not context.run_line(line.rstrip("\r\n")):
                    kind = Cancelled if context.cancel.is_set() else ChdkShellError
                    raise kind(f"error on line {number}", f"of {file}")
                if context.finished:
                    break
    finally:
        context.source_depth -= 1


@command("exec", "!", topic="general", interactive=True)
def exec_(
    context: Context, code: Arg[PythonCode, "Python code, or a file with it; Lua where set so."]
) -> PythonValue | HostLuaValues | None:
    """Run Python on this computer; after `set exec=lua`, or with --lua, Lua as in chdkptp.

    The variable con is the connected camera (see the package's documentation).
    Variables keep their values between calls. The value of a last expression is printed.
    Lua is 5.2. It finds chdkptp's own Lua files in the folder that `set lua_path=DIR` names.
    Example: !con.lua("return get_zoom()")
    Example: exec < report.py
    """
    if context.prefs.get(EXEC) == "lua":
        from chdkshell.shell.luahost import run_lua

        return run_lua(context, code)
    namespace = context.namespace
    namespace.setdefault("__name__", "__console__")
    namespace["con"] = context.connections.current
    statements, expression = _compile(code.load_text(), code.file or "<exec>")
    with context.renderer.beside_results():
        value = _run_python(statements, expression, namespace)
    return None if value is None else PythonValue(value)


LUA_INSTEAD = "`!` takes Python; `set exec=lua` has it take Lua"


def _compile(text: str, name: str) -> tuple[CodeType, CodeType | None]:
    """Compile the statements, and the expression at the end if there is one."""
    import ast

    try:
        tree = ast.parse(text.strip(), name)
        if any(isinstance(part, ast.AnnAssign) and part.value is None for part in tree.body):
            raise UsageError("this looks like Lua, and is an annotation in Python", LUA_INSTEAD)
        last = tree.body[-1] if tree.body else None
        if not isinstance(last, ast.Expr):
            return compile(tree, name, "exec"), None
        del tree.body[-1]
        return compile(tree, name, "exec"), compile(ast.Expression(last.value), name, "eval")
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"compile failed: {error}", LUA_INSTEAD) from None


def _run_python(
    statements: CodeType, expression: CodeType | None, namespace: dict[str, object]
) -> object:
    try:
        exec(statements, namespace)
        return None if expression is None else eval(expression, namespace)
    except ChdkShellError:
        raise
    except EndedBySignal:
        raise
    except (Exception, SystemExit) as error:
        text = f"{type(error).__name__}: {error}".replace("\n", " ")
        hint = "`quit` ends the program" if isinstance(error, SystemExit) else ""
        raise ChdkShellError(f"call failed: {text}", hint) from error
