"""The options of the program, declared once for its usage text and for completion."""

from __future__ import annotations

from typing import NamedTuple


class Option(NamedTuple):
    """An option of the program. `value` is what it takes, "" for nothing.

    `joined` options have their value in the same word, as in -cADDRESS. `values` are what
    completion offers; those that end in a colon are beginnings.
    """

    name: str
    value: str
    help: str
    joined: bool = False
    values: tuple[str, ...] = ()


class Verb(NamedTuple):
    """What the program does instead of running commands, where its first argument says so."""

    name: str
    help: str
    options: tuple[Option, ...]


USAGE = """\
chdkshell is a shell for Canon PowerShot cameras that run CHDK: it runs Lua on the camera, moves
files, takes pictures and shows the viewfinder, over USB or PTP/IP.

usage: chdkshell [options] [COMMAND [word...]]
       chdkshell sim [options]
       chdkshell share [CAMERA] [options]
       chdkshell install-completions [options]

With a COMMAND it runs that, as in `chdkshell ls -l DCIM`: all words after its name are the
command's. Without, and without -e, it reads commands from standard input, or from you at a prompt.

{options}

`chdkshell sim` serves a simulated camera by PTP/IP, `chdkshell share` a real one that is here.
`chdkshell install-completions` puts completion for bash, zsh, fish and PowerShell, and the man
page, in place. -h after them tells their options.
`chdkshell help` lists the commands, and `chdkshell --sim` tries them without a camera.
Exit status: 0 success, 1 the last command failed, 2 wrong usage of the program, 70 a bug in it,
130 interrupted, 141 whoever read the output is gone.
"""

OPTIONS = (
    Option("-e", "CMD", "run a command; many are run in order"),
    Option("-c", "ADDRESS", "connect first; takes all that the command connect does", joined=True),
    Option(
        "--device",
        "ADDRESS",
        "connect first: usb:, usb:001:004, usb:serial=S, ip:HOST, ssh:HOST, sim:",
        values=("usb:", "ip:", "ssh:", "sim:"),
    ),
    Option("--sim", "", "connect a simulated camera first"),
    Option("--count", "N", "after --sim: so many cameras, each with a clock of its own"),
    Option("--trace", "FILE", "write all PTP transactions; packets to FILE.pcapng, else text"),
    Option("-i", "", "go on at the prompt after -e"),
    Option("-r", "FILE", "run FILE as the startup file; -r alone runs none", joined=True),
    Option("--strict", "", "end at the first command that fails; `set cli_error_exit=true`"),
    Option("--chdkptp", "", "do as chdkptp where chdkshell differs on purpose"),
    Option("--lua", "", "exec and ! take Lua, as in chdkptp; the same as `set exec=lua`"),
    Option("--json", "", "print one JSON object for each command"),
    Option("--version", "", "print the version of the program"),
    Option("-h", "", "print this"),
)

SIM_OPTIONS = (
    Option("--port", "N", "TCP port, 0 for any free one; else 15740"),
    Option("--host", "H", "address to listen on; else 127.0.0.1"),
    Option("--card", "DIR", "folder that is the card; else a fresh one that is removed"),
    Option("--boot", "", "make CHDK's folders on the card; on an empty one they are made anyway"),
    Option("--no-chdk", "", "be a camera of the model on which CHDK was not started"),
    Option("--model", "NAME", "who it is, of those that --model list shows"),
    Option("--serial", "S", "the camera's serial number; of several, what their numbers follow"),
    Option("--count", "N", "so many cameras, at ports that follow each other; else 1"),
    Option("--processes", "N", "so many processes that share the cameras; else 1"),
    Option("--first", "N", "number of the first of several cameras, as in SIM0001; else 1"),
    Option("--drift", "PPM", "their clocks are fast or slow by up to that; else 50"),
    Option("--uptime", "SECONDS", "they have been on for up to so long; else 600"),
    Option("--latency", "MS[:MS]", "a transaction takes so long, or from one to the other; else 0"),
    Option("--shutter-lag", "MS[:MS]", "so long the shutter takes to open; else 0"),
    Option("--shutter-log", "FILE", "add a line for each exposure: monotonic ns, camera, number"),
    Option(
        "--edge", "PIPE", "a line written to the pipe takes the 5 V off all USB lines for a moment"
    ),
    Option(
        "--sensor",
        "BITS",
        "bits a pixel of the raw frame: 10, 12 or 14; else 12",
        values=("10", "12", "14"),
    ),
    Option("--native-calls", "", "let scripts call event procedures, as CHDK's setting does"),
    Option("--keys", "PIPE", "press the keys that lines written to the pipe name: press set 200"),
    Option("--craw", "", "make Canon's own raw files (CR2) too, with a preview alone"),
    Option("--lua-heap", "SIZE", "memory that scripts have, such as 500K; else 8M"),
    Option(
        "--pace",
        "PACE",
        "real: as quick as a camera; fast: as quick as it can; else real",
        values=("real", "fast"),
    ),
    Option(
        "--screen",
        "KIND",
        "frame buffers of the screen: yuv8, yuv8b or yuv8c; else yuv8",
        values=("yuv8", "yuv8b", "yuv8c"),
    ),
    Option("--margins", "L:T:R:B", "black borders of the viewport, in its pixels"),
    Option("--buffer", "N", "width of the viewport's buffer, of which 720 are seen; else 736"),
    Option(
        "--palette",
        "N",
        "palette type of the overlay, 0 to 5; else 3",
        values=("0", "1", "2", "3", "4", "5"),
    ),
    Option(
        "--lcd",
        "W:H",
        "shape of the screen: 4:3, 16:9 or 3:2; else 4:3",
        values=("4:3", "16:9", "3:2"),
    ),
)

SHARE_OPTIONS = (
    Option("--port", "N", "TCP port, 0 for any free one; else 15740"),
    Option("--host", "H", "address to listen on; else 127.0.0.1, for this computer alone"),
    Option("--stdio", "", "serve one client over standard input and output, as ssh: does"),
    Option("--list", "", "tell the cameras on USB in JSON, and end"),
)

INSTALL_OPTIONS = (
    Option("--pretend", "", "write nothing, say what would be written"),
    Option("--uninstall", "", "remove the files"),
    Option("--prefix", "DIR", "for all users, such as /usr/local; else for you alone"),
)

VERBS = (
    Verb("sim", "Serve a simulated camera by PTP/IP until it is stopped.", SIM_OPTIONS),
    Verb(
        "share",
        "Serve a camera that is here as a PTP/IP camera, until it is stopped.",
        SHARE_OPTIONS,
    ),
    Verb(
        "install-completions",
        "Put completion for bash, zsh, fish and PowerShell, and the man page, in place.",
        INSTALL_OPTIONS,
    ),
)


def usage() -> str:
    """Return what -h prints."""
    lines = []
    for option in OPTIONS:
        value = f"[{option.value}]" if option.joined else option.value
        written = f"{option.name}{'' if option.joined else ' '}{value}"
        lines.append(f"  {written:<17} {option.help}")
    return USAGE.format(options="\n".join(lines))
