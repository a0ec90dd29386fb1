"""The man page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chdkshell.shell.command import Command
from chdkshell.shell.emit import GENERATED
from chdkshell.shell.parameters import Param
from chdkshell.shell.program import OPTIONS, VERBS, Option
from chdkshell.version import __version__

_PAGE = """\
.\\" {generated}
.TH CHDKSHELL 1 "" "chdkshell {version}" "User Commands"
.SH NAME
chdkshell \\- shell for Canon cameras that run CHDK
.SH SYNOPSIS
.B chdkshell
.RI [ options ]
.RI [ COMMAND
.RI [ word... ]]
.br
{verb_lines}
.SH DESCRIPTION
chdkshell runs Lua on a Canon PowerShot camera that has CHDK, moves files, takes pictures and shows
the viewfinder, over USB or PTP/IP.
All words after the name of a command are that command's. Without a command, and without
.BR \\-e ,
it reads commands from standard input, or from you at a prompt.
.B chdkshell help \\fICOMMAND\\fR
explains a command, and shows what the camera's Lua has by that name.
.SH OPTIONS
{options}
{verbs}
.SH COMMANDS
Switches are
.BI \\- name
or
.BI \\- name = value\\fR,
and stand anywhere after the command.
{commands}
.SH EXIT STATUS
0 success, 1 the last command failed, 2 wrong usage of the program, 70 a bug in it, 130 interrupted,
141 whoever read the output is gone.
.SH ENVIRONMENT
.TP
.B CHDKSHELL_HOME
the folder for the history and the startup file
.TP
.B CHDKSHELL_COMPAT
1: do as chdkptp where chdkshell differs on purpose
.TP
.B CHDKSHELL_OUTPUT
plain, rich or json: how results look; plain also makes a prompt without escapes
.TP
.B CHDKPTP_HOME
with CHDKSHELL_COMPAT, the folder of chdkptp's startup file
.TP
.B CHDKSHELL_TRACEBACK
1: show where in the program an error came up
.TP
.B NO_COLOR
no colors
.SH FILES
.TP
.I ~/.config/chdkshell/startup.chdkshell
commands that are run first
.SH SEE ALSO
.BR gphoto2 (1)
"""


def man(commands: Sequence[Command]) -> str:
    """Return the man page, in the language of man(7)."""
    topics = []
    for topic in dict.fromkeys(command.topic for command in commands):
        topics.append(f".SS {_text(topic)}")
        topics += [line for c in commands if c.topic == topic for line in _command(c)]
    verbs = []
    for verb in VERBS:
        verbs += [f".SH CHDKSHELL {_text(verb.name.upper())}", *_lines(verb.help)]
        verbs += _options(verb.options)
    return _PAGE.format(
        generated=GENERATED,
        version=__version__,
        verb_lines="\n.br\n".join(
            f".B chdkshell {_text(verb.name)}\n.RI [ options ]" for verb in VERBS
        ),
        options="\n".join(_options(OPTIONS)),
        verbs="\n".join(verbs),
        commands="\n".join(topics),
    )


def _options(options: Iterable[Option]) -> Iterable[str]:
    for option in options:
        value = f"[{option.value}]" if option.joined else option.value
        between = " " if option.value and not option.joined else ""
        yield ".TP"
        yield f"\\fB{_text(option.name)}\\fR{between}\\fI{_text(value)}\\fR"
        yield from _lines(option.help)


def _command(command: Command) -> Iterable[str]:
    """Yield the lines of a command: usage, what it does, arguments and examples."""
    yield ".TP"
    yield f"\\fB{_text(command.name)}\\fR {_text(command.arguments)}".rstrip()
    if command.names[1:]:
        yield f"(short: \\fB{_text(', '.join(command.names[1:]))}\\fR)"
    yield from _lines(command.summary)
    for paragraph in filter(None, command.detail.split("\n\n")):
        yield from (".IP", *_lines(paragraph))
    if command.params:
        yield ".RS"
        for param in (*command.words, *command.switches):
            yield from (".TP", f"\\fB{_text(_bare(param))}\\fR", *_lines(param.help))
        yield ".RE"
    yield from (".IP", "Example:")
    for example in command.examples:
        yield from (".br", f"\\fB{_text(example)}\\fR")


def _bare(param: Param) -> str:
    """Return a parameter's usage without the brackets that say it may be left out."""
    usage = param.usage
    return usage[1:-1] if usage.startswith("[") and usage.endswith("]") else usage


def _lines(text: str) -> list[str]:
    return [_text(line.strip()) for line in text.split("\n")]


def _text(text: str) -> str:
    """Escape what means something to troff: backslashes, hyphens, accents, and first characters."""
    for character, escaped in (("\\", "\\e"), ("-", "\\-"), ("`", "\\(ga"), ("~", "\\(ti")):
        text = text.replace(character, escaped)
    return f"\\&{text}" if text.startswith((".", "'")) else text
