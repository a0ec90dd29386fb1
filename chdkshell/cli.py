"""The command line of the program: what to connect, what to run, and the exit status."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from chdkshell.errors import UsageError, printable
from chdkshell.shell import compat
from chdkshell.shell.command import Registry
from chdkshell.shell.console import is_git_bash, is_terminal
from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.linesource import standard_input
from chdkshell.shell.output.closed import OutputClosedError, reader_is_gone
from chdkshell.shell.output.errortext import error_text
from chdkshell.shell.output.render import Renderer, default_output, standard_streams
from chdkshell.shell.parse import quote
from chdkshell.shell.prefs import EXEC, OUTPUT_VARIABLE, OutputKind, Prefs, Trace
from chdkshell.shell.segments import line_of
from chdkshell.shell.settingsfolder import settings_folder
from chdkshell.shell.signals import EndedBySignal, Signals
from chdkshell.shell.streaming import line_streams

STARTUP_FILE = "startup.chdkshell"

GIT_BASH = (
    "this window is no console for programs of Windows: `winpty chdkshell` has history, completion "
    "and tables here"
)


class Options:
    """What the command line asks for."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.words: list[str] = []
        self.strict = False
        self.connect: str | None = None
        self.device: str | None = None
        self.count = 0
        self.trace = ""
        self.interactive = False
        self.startup: str | None = None
        self.no_startup = False
        self.json = False
        self.chdkptp = False
        self.lua = False
        self.shows = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    stdout, stderr = standard_streams()
    signals = Signals()
    if argv is None:
        atexit.register(signals.die)  # the first to be registered is the last to run
    try:
        if arguments[:1] == ["sim"]:
            from chdkshell.shell.simserver import run_sim

            return run_sim(arguments[1:])
        if arguments[:1] == ["share"]:
            from chdkshell.shell.shareserver import run_share

            return run_share(arguments[1:])
        if arguments[:1] == ["install-completions"]:
            from chdkshell.shell.completions import run_install

            return run_install(arguments[1:])
        options = parse_options(arguments)
        if options.shows:
            return _show(options.shows, stdout, stderr)
        as_chdkptp = compat.asked_for(sys.argv[0], options.chdkptp)
        if options.words and as_chdkptp:
            raise _unknown(options.words[0])
        prefs = Prefs(_output_kind(options, as_chdkptp, stdout), as_chdkptp)
        if options.lua or as_chdkptp:
            prefs.set(EXEC, "lua")
        if options.strict:
            prefs.set("cli_error_exit", "true")
        if os.environ.get("CHDKSHELL_TRACEBACK", "0") not in ("", "0"):
            prefs.set("err_trace", Trace.CRITICAL.value)
        with signals.watched():
            shell = Shell(prefs, Renderer(prefs, stdout, stderr), signals=signals)
            status = _run(options, shell)
            signals.require_going_on()
            return status
    except UsageError as error:
        stderr.write(f"chdkshell: {error_text(error)}\n")
        return Status.USAGE
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except EndedBySignal as ended:
        return int(ended.code or 0)
    except (OutputClosedError, OSError) as error:
        if not isinstance(error, OutputClosedError) and not reader_is_gone(error):
            raise
        signals.close_output()
        # Python flushes the streams again when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        return Status.OUTPUT_CLOSED
    finally:
        if argv is None:  # what Python does at its end would be broken off with a traceback
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def parse_options(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises `UsageError`."""
    options = Options()
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        name, equals, value = argument.partition("=")
        if argument in ("-h", "--help"):
            from chdkshell.shell.program import usage

            options.shows = usage()
        elif argument == "--version":
            options.shows = _version_text()
        elif argument == "--json":
            options.json = True
        elif argument == "--chdkptp":
            options.chdkptp = True
        elif argument == "--strict":
            options.strict = True
        elif argument == "--lua":
            options.lua = True
        elif argument == "--sim":
            options.device = "sim:"
        elif name == "--count":
            options.count = _number(value if equals else _next(rest, argument))
        elif name == "--device":
            options.device = value if equals else _next(rest, argument)
        elif name == "--trace":
            options.trace = value if equals else _next(rest, argument)
        elif argument == "-i":
            options.interactive = True
        elif argument.startswith("-e"):
            # `=` begins a command: it is short for luar
            options.commands.append(argument[2:] or _next(rest, argument))
        elif argument.startswith("-c"):
            options.connect = argument[2:].removeprefix("=")
        elif argument.startswith("-r"):
            options.startup = argument[2:].removeprefix("=") or None
            options.no_startup = options.startup is None
        elif argument in ("sim", "share", "install-completions"):
            raise UsageError(f"{argument} stands before all options", "`chdkshell -h` shows how")
        elif argument and not argument.startswith("-"):
            options.words, rest = [argument, *rest], []
        else:
            raise _unknown(argument)
    if options.count and options.device != "sim:":
        raise UsageError("--count is how many cameras --sim connects", "add --sim")
    return options


def _unknown(argument: str) -> UsageError:
    return UsageError(f"unknown argument '{argument}'", "`chdkshell -h` lists the options")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100):
        raise UsageError(f"'{printable(text)}' is no number of cameras", "1 to 99")
    return int(text)


def _next(rest: list[str], option: str) -> str:
    if not rest:
        raise UsageError(f"{option} needs a value", "`chdkshell -h` lists the options")
    return rest.pop(0)


def _version_text() -> str:
    from chdkshell.version import __version__

    return f"chdkshell {__version__}\n"


def _show(text: str, stdout: TextIO, stderr: TextIO) -> int:
    try:
        stdout.write(text)
        stdout.flush()
    except OSError as error:
        if reader_is_gone(error):
            raise
        stderr.write(f"chdkshell: cannot write to standard output: {error.strerror}\n")
        return Status.FAILED
    return Status.OK


def _run(options: Options, shell: Shell) -> int:
    """Run all that the command line asks for; return the exit status."""
    lines = list(options.commands)
    if options.words:
        _check_order(options.words, shell.registry)
        lines.append(line_of(options.words, shell.registry))
    stdin_is_terminal = is_terminal(sys.stdin) or is_git_bash(sys.stdin)
    prompts = stdin_is_terminal and (options.interactive or not lines)
    if prompts and is_git_bash(sys.stdin):
        shell.context.notice(GIT_BASH)
    talks = options.interactive or shell.context.compat
    shell.context.converses = talks and not stdin_is_terminal and not options.json
    if stdin_is_terminal and (is_terminal(sys.stderr) or is_git_bash(sys.stderr)):
        from chdkshell.shell.prompt.repl import ask

        shell.context.ask = ask
    # a file on stdout is alone there: what other commands of the line give goes to stderr
    shell.context.renderer.holds_data = any(line_streams(line, shell.registry) for line in lines)
    try:
        if options.trace and not shell.run(f"set trace={quote(options.trace)}"):
            return shell.exit_status
        if not _begin(options, shell, prompts):
            if not prompts:
                return shell.exit_status
        elif not run_batch(shell, lines):
            return shell.exit_status
        if prompts:
            from chdkshell.shell.prompt.repl import run_prompt

            run_prompt(shell, settings_folder())
        elif options.interactive or not lines:
            run_batch(shell, _stdin_lines(shell), keeps_on=False)
        return shell.exit_status
    finally:
        if not shell.context.signals.hurried:
            shell.close()


def _check_order(words: Sequence[str], registry: Registry) -> None:
    """Raise `UsageError` for an option of the program behind a command that has no such switch."""
    command = registry.get(words[0])
    if command is None or command.takes_raw or not any(w.startswith("--") for w in words):
        return
    from chdkshell.shell.program import OPTIONS

    switches = {param.name for param in command.switches}
    names = {option.name for option in OPTIONS} - {f"--{name}" for name in switches}
    for word in words[1:]:
        if word.startswith("--") and word.partition("=")[0] in names:
            raise UsageError(
                f"{printable(word)} is an option of the program", "it stands before the command"
            )


def _begin(options: Options, shell: Shell, prompts: bool) -> bool:
    """Run the startup file and connect. Returns False where the batch must not go on.

    chdkptp goes on whatever fails, and so do we in its place.
    """
    if shell.context.compat:
        _run_startup_file(options, shell)
        if not shell.stops:
            _connect(options, shell, prompts)
        return not shell.stops
    return _run_startup_file(options, shell) and _connect(options, shell, prompts)


def run_batch(shell: Shell, lines: Iterable[str], keeps_on: bool = True) -> bool:
    """Run lines in order. Returns False where one of them ended the batch before its end.

    `keeps_on`: as in chdkptp, where it is to be that, `quit` does not end them.
    """
    for line in lines:
        shell.run(line)
        if keeps_on and shell.context.compat:
            shell.context.quits = False
        if shell.stops:
            return False
    return True


def _stdin_lines(shell: Shell) -> Iterable[str]:
    """Yield the lines of standard input.

    A program that holds a conversation, as with chdkptp's `-i`, waits for prompts and echoes.
    """
    if shell.context.converses:
        from chdkshell.shell.prompt.lines import conversation

        yield from conversation(shell.context.connections, shell.context.renderer.stdout)
        return
    source = standard_input()
    while line := source.readline():
        yield line.rstrip("\r\n")


def _connect(options: Options, shell: Shell, prompts: bool) -> bool:
    """Connect what the command line names. A batch has nothing to say about success."""
    if options.connect is not None:
        return shell.run(f"connect {options.connect}")
    if options.device is None:
        return True
    several = [f"sim:number={number}" for number in range(1, options.count + 1)]
    for address in several or [options.device]:
        beside = "-nodis " if several else ""
        line = f"connect {beside}{quote(address)}"
        if not (shell.run(line) if prompts else shell.connect(address)):
            return False
    if several:
        connections = shell.context.connections
        connections.use(connections.known()[0])
    return True


def _run_startup_file(options: Options, shell: Shell) -> bool:
    """Run the startup file. One that was asked for must be there and work."""
    if options.no_startup:
        return True
    path = options.startup or _startup_file(shell)
    shell.context.starts_up = True
    try:
        if options.startup:
            return shell.run(f"source {quote(path)}")
        if path and os.path.isfile(path):  # noqa: PTH113
            if not shell.run(f"source {quote(path)}"):
                shell.context.warn(f"the startup file {path} failed")
            shell.status = Status.OK
        return True
    finally:
        shell.context.starts_up = False


def _startup_file(shell: Shell) -> str:
    """Return the path of the startup file; "" for one of chdkptp's that somebody else owns."""
    if not shell.context.compat:
        return os.path.join(settings_folder(), STARTUP_FILE)  # noqa: PTH118
    path = compat.startup_file()
    if os.path.exists(path) and not compat.is_own(path):  # noqa: PTH110
        shell.context.warn(f"the startup file {path} is not yours: it is left out")
        return ""
    return path


def _output_kind(options: Options, as_chdkptp: bool, stdout: TextIO) -> OutputKind:
    """Return how results look: as asked for, or as suits where they go. Raises `UsageError`."""
    if options.json:
        return OutputKind.JSON
    if as_chdkptp:
        return OutputKind.PLAIN
    asked = os.environ.get(OUTPUT_VARIABLE)
    if not asked:
        return default_output(stdout)
    try:
        return OutputKind(asked)
    except ValueError:
        allowed = ", ".join(kind.value for kind in OutputKind)
        raise UsageError(
            f"bad {OUTPUT_VARIABLE}: {printable(asked)}", f"allowed: {allowed}"
        ) from None
